/* Owns: files and descriptors through the two machines of `age`. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "age/open.h"
#include "age/seal.h"
#include "api/age.h"
#include "base/buf.h"
#include "sys/crypto.h"
#include "sys/newfile.h"

enum { PIECE = 256 << 10 };

struct run {
        int in_fd;
        int out_fd;
        const pic_cancel *cancel;
        uint8_t *piece;
        uint8_t *out; /* what is not written yet */
        size_t have;
};

static void run_free(struct run *x)
{
        if (x->piece != NULL)
                pic__wipe(x->piece, PIECE);
        if (x->out != NULL)
                pic__wipe(x->out, PIECE);
        pic__free(x->piece);
        pic__free(x->out);
}

static int write_all(int fd, const uint8_t *data, size_t len, pic_error **err)
{
        while (len > 0) {
                ssize_t n = write(fd, data, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return pic__fail_errno(err, errno, "the output cannot be written");
                data += n;
                len -= (size_t)n;
        }
        return 0;
}

static int flush(struct run *x, pic_error **err)
{
        size_t len = x->have;

        x->have = 0;
        return write_all(x->out_fd, x->out, len, err);
}

static int sink(const void *data, size_t len, void *arg, pic_error **err)
{
        struct run *x = arg;

        int large = len >= PIECE / 8; /* not worth a copy; what waits goes first */

        if (large || x->have + len > PIECE) {
                int r = flush(x, err);

                if (r < 0 || large)
                        return r < 0 ? r : write_all(x->out_fd, data, len, err);
        }
        memcpy(x->out + x->have, data, len);
        x->have += len;
        return 0;
}

/* 1: a piece; 0: the end. */
static int next(struct run *x, size_t *ret_len, pic_error **err)
{
        ssize_t n;

        if (pic_cancel_raised(x->cancel))
                return pic__fail(err, PIC_CANCELED, "canceled");
        do {
                n = read(x->in_fd, x->piece, PIECE);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return pic__fail_errno(err, errno, "the input cannot be read");
        *ret_len = (size_t)n;
        return n > 0;
}

static int encrypt(struct run *x, const pic__age_keys *keys, const pic_age_opts *o, pic_error **err)
{
        pic__age_sealer *s = NULL;
        size_t len = 0;
        int r = pic__age_seal_new(keys, o->work_factor, (o->flags & PIC_AGE_ARMOR) != 0, sink, x, &s, err);

        if (r < 0)
                return r;
        while ((r = next(x, &len, err)) > 0) {
                r = pic__age_seal_put(s, x->piece, len, err);
                if (r < 0)
                        break;
        }
        if (r == 0)
                r = pic__age_seal_end(s, err);
        pic__age_seal_free(s);
        return r;
}

static int decrypt(struct run *x, const pic__age_keys *keys, const pic_age_opts *o, pic_error **err)
{
        pic__age_opener *s = NULL;
        size_t len = 0;
        int r = pic__age_open_new(keys, o->work_factor, sink, x, &s, err);

        if (r < 0)
                return r;
        while ((r = next(x, &len, err)) > 0) {
                r = pic__age_open_put(s, x->piece, len, err);
                if (r < 0)
                        break;
        }
        if (r == 0)
                r = pic__age_open_end(s, err);
        pic__age_open_free(s);
        return r;
}

typedef int (*machine)(struct run *x, const pic__age_keys *keys, const pic_age_opts *o, pic_error **err);

static int pump(machine go, struct run *x, const pic__age_keys *keys, const pic_age_opts *o, pic_error **err)
{
        int r;

        x->piece = pic__alloc(PIECE);
        x->out = pic__alloc(PIECE);
        if (x->piece == NULL || x->out == NULL)
                return pic__nomem(err);
        r = go(x, keys, o, err);
        if (r == 0)
                return flush(x, err);
        (void)flush(x, NULL); /* authentic all the same */
        return r;
}

static int is_open(int fd)
{
        return fd >= 0 && fcntl(fd, F_GETFD) >= 0;
}

static int run(machine go, const char *call, const pic_age_keys *keys, struct run *x, const pic_age_opts *opts,
               pic_error **err)
{
        pic__auto_newfile pic__newfile file = PIC__NEWFILE_INIT;
        pic_age_opts o = PIC_AGE_OPTS_INIT;
        int r = pic__api_opts(opts, &o, sizeof(o), call, err);

        if (r < 0)
                return r;
        if (pic__age_keys_of(keys) == NULL || !is_open(x->in_fd) || (o.output == NULL) != is_open(x->out_fd))
                return pic__api_bad(err, call, "keys, in_fd or out_fd is not valid");
        if ((o.flags & ~(uint32_t)PIC_AGE_ARMOR) != 0 || o.work_factor > 30)
                return pic__api_bad(err, call, "flags or work_factor is not valid");
        x->cancel = o.cancel;
        if (o.output != NULL) {
                r = pic__newfile_begin(&file, o.output, 0600, err);
                x->out_fd = file.fd;
        }
        if (r == 0)
                r = pump(go, x, pic__age_keys_of(keys), &o, err);
        return r == 0 && o.output != NULL ? pic__newfile_commit(&file, err) : r;
}

int pic_age_encrypt(const pic_age_keys *keys, int in_fd, int out_fd, const pic_age_opts *opts, pic_error **err)
{
        PIC__AUTO(run_free) struct run x = { .in_fd = in_fd, .out_fd = out_fd };

        return run(encrypt, "pic_age_encrypt", keys, &x, opts, err);
}

int pic_age_decrypt(const pic_age_keys *keys, int in_fd, int out_fd, const pic_age_opts *opts, pic_error **err)
{
        PIC__AUTO(run_free) struct run x = { .in_fd = in_fd, .out_fd = out_fd };

        return run(decrypt, "pic_age_decrypt", keys, &x, opts, err);
}
