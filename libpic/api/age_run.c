/* Owns: files and descriptors through the two machines of `age`. */
#include "age/open.h"
#include "age/seal.h"
#include "api/age.h"
#include "api/fdio.h"
#include "sys/newfile.h"

static int encrypt(pic__fdio *x, const pic__age_keys *keys, const pic_age_opts *o, pic_error **err)
{
        pic__age_sealer *s = NULL;
        const void *data = NULL;
        size_t len = 0;
        int r = pic__age_seal_new(keys, o->work_factor, (o->flags & PIC_AGE_ARMOR) != 0, pic__fdio_put, x, &s, err);

        if (r < 0)
                return r;
        while ((r = pic__fdio_next(x, &data, &len, err)) > 0) {
                r = pic__age_seal_put(s, data, len, err);
                if (r < 0)
                        break;
        }
        if (r == 0)
                r = pic__age_seal_end(s, err);
        pic__age_seal_free(s);
        return r;
}

static int decrypt(pic__fdio *x, const pic__age_keys *keys, const pic_age_opts *o, pic_error **err)
{
        pic__age_opener *s = NULL;
        const void *data = NULL;
        size_t len = 0;
        int r = pic__age_open_new(keys, o->work_factor, pic__fdio_put, x, &s, err);

        if (r < 0)
                return r;
        while ((r = pic__fdio_next(x, &data, &len, err)) > 0) {
                r = pic__age_open_put(s, data, len, err);
                if (r < 0)
                        break;
        }
        if (r == 0)
                r = pic__age_open_end(s, err);
        pic__age_open_free(s);
        return r;
}

typedef int (*machine)(pic__fdio *x, const pic__age_keys *keys, const pic_age_opts *o, pic_error **err);

static int pump(machine go, pic__fdio *x, const pic__age_keys *keys, const pic_age_opts *o, pic_error **err)
{
        int r = pic__fdio_start(x, err);

        if (r < 0)
                return r;
        r = go(x, keys, o, err);
        if (r == 0)
                return pic__fdio_flush(x, err);
        (void)pic__fdio_flush(x, NULL); /* authentic all the same */
        return r;
}

static int run(machine go, const char *call, const pic_age_keys *keys, pic__fdio *x, const pic_age_opts *opts,
               pic_error **err)
{
        pic__auto_newfile pic__newfile file = PIC__NEWFILE_INIT;
        pic_age_opts o = PIC_AGE_OPTS_INIT;
        int r = pic__api_opts(opts, &o, sizeof(o), call, err);

        if (r < 0)
                return r;
        if (pic__age_keys_of(keys) == NULL || !pic__fdio_is_open(x->in_fd) ||
            (o.output == NULL) != pic__fdio_is_open(x->out_fd))
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
        PIC__AUTO(pic__fdio_free) pic__fdio x = { .in_fd = in_fd, .out_fd = out_fd };

        return run(encrypt, "pic_age_encrypt", keys, &x, opts, err);
}

int pic_age_decrypt(const pic_age_keys *keys, int in_fd, int out_fd, const pic_age_opts *opts, pic_error **err)
{
        PIC__AUTO(pic__fdio_free) pic__fdio x = { .in_fd = in_fd, .out_fd = out_fd };

        return run(decrypt, "pic_age_decrypt", keys, &x, opts, err);
}
