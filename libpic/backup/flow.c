/* Owns: the layers under tar on the way in, in a thread of their own. A window of 32 MiB is the most that is given to
 * zstd. */
#include "backup/flow.h"

#include <string.h>
#include <zstd.h>

#include "age/open.h"
#include "sys/crypto.h"
#include "sys/mill.h"

enum { WINDOW = 25 };
enum { UNKNOWN, PLAIN, TAR, AGE };
enum { MAGIC = 257, ENOUGH = MAGIC + 5 /* "ustar" */ };

struct pic__flow {
        pic__mill *mill; /* what follows is its thread's, but for what is known when bytes have come out */
        pic__flow_source source;
        void *arg;
        const pic__age_keys *keys;
        unsigned max_work;
        int form;
        int ended; /* the source is */
        pic__age_opener *age;
        ZSTD_DCtx *zstd;
        size_t hint;      /* 0: between two frames, or before the first one */
        pic__buf head;    /* the first bytes, where they come in small pieces */
        pic__buf packed;  /* out of age, not yet out of zstd */
        const char *from; /* the same, or the source's own bytes */
        size_t len;
        size_t at;
};

static int bad(pic_error **err, const char *what)
{
        int r = pic__fail(err, PIC_CORRUPT, "%s", what);

        pic__detail(err, "part", "zstd");
        return r;
}

static int keep(const void *data, size_t len, void *arg, pic_error **err)
{
        pic__flow *f = arg;

        pic__buf_put(&f->packed, data, len);
        return f->packed.failed ? pic__nomem(err) : 0;
}

/* zstd's magic, or a frame that is skipped; anything else is for age to judge. */
static int is_zstd(const void *bytes, size_t len)
{
        const uint8_t *data = bytes;

        return len >= 4 && (memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0 ||
                            ((data[0] & 0xf0) == 0x50 && memcmp(data + 1, "\x2a\x4d\x18", 3) == 0));
}

/* As it is handed out where another program compresses and encrypts (a restic repository). */
static int is_tar(const char *data, size_t len)
{
        return len >= ENOUGH && memcmp(data + MAGIC, "ustar", 5) == 0;
}

static int choose(pic__flow *f, const void *data, size_t len, pic_error **err)
{
        f->form = is_zstd(data, len) ? PLAIN : is_tar(data, len) ? TAR : AGE;
        if (f->form != AGE)
                return 0;
        if (f->keys == NULL) {
                pic__fail(err, PIC_DENIED, "it is encrypted, or no backup: a key or a passphrase is needed");
                pic__detail(err, "part", "header");
                return PIC_DENIED;
        }
        return pic__age_open_new(f->keys, f->max_work, keep, f, &f->age, err);
}

static int take(pic__flow *f, pic__mill *m, const void **ret_data, size_t *ret_len, pic_error **err)
{
        int r = pic__mill_take(m, ret_data, ret_len, err);

        f->ended = r == 0;
        if (r <= 0)
                *ret_len = 0;
        return r < 0 ? r : 0;
}

/* The first bytes, as many as it takes to know what it is. */
static int begin(pic__flow *f, pic__mill *m, const void **ret_data, size_t *ret_len, pic_error **err)
{
        int r;

        do {
                r = take(f, m, ret_data, ret_len, err);
                if (r < 0)
                        return r;
                if (f->head.len == 0 && (*ret_len >= ENOUGH || is_zstd(*ret_data, *ret_len)))
                        break;
                if (*ret_len > 0)
                        pic__buf_put(&f->head, *ret_data, *ret_len);
                if (f->head.failed)
                        return pic__nomem(err);
                *ret_data = f->head.data;
                *ret_len = f->head.len;
        } while (!f->ended && f->head.len < ENOUGH && !is_zstd(*ret_data, *ret_len));
        return *ret_len > 0 ? choose(f, *ret_data, *ret_len, err) : 0;
}

/* 1: more is at hand; 0: the end. */
static int fill(pic__flow *f, pic__mill *m, pic_error **err)
{
        const void *data = NULL;
        size_t len = 0;
        int r = f->form == UNKNOWN ? begin(f, m, &data, &len, err) : take(f, m, &data, &len, err);

        if (r < 0)
                return r;
        pic__buf_clear(&f->packed);
        f->at = 0;
        f->from = data;
        f->len = len;
        if (f->form == AGE) {
                r = len > 0 ? pic__age_open_put(f->age, data, len, err) : 0;
                if (r >= 0 && f->ended)
                        r = pic__age_open_end(f->age, err);
                f->from = f->packed.data;
                f->len = f->packed.len;
        }
        return r < 0 ? r : !f->ended || f->len > 0;
}

/* Into the mill. 1: bytes came out; 0: more has to come in first. */
static int decompress(pic__flow *f, pic__mill *m, pic_error **err)
{
        ZSTD_inBuffer in = { f->from, f->len, f->at };
        ZSTD_outBuffer to = { NULL, 0, 0 };
        int r = pic__mill_room(m, &to.dst, &to.size, err);

        if (r < 0)
                return r;
        if (f->form == TAR) {
                to.pos = to.size < f->len - f->at ? to.size : f->len - f->at;
                memcpy(to.dst, f->from + f->at, to.pos);
                f->at += to.pos;
                pic__mill_made(m, to.pos);
                return 1;
        }
        f->hint = ZSTD_decompressStream(f->zstd, &to, &in);
        if (ZSTD_isError(f->hint))
                return bad(err, "what is compressed in it is damaged, or wants more memory than is given");
        f->at = in.pos;
        pic__mill_made(m, to.pos);
        return to.pos > 0;
}

static int work(pic__mill *m, void *arg, pic_error **err)
{
        pic__flow *f = arg;
        int r;

        for (;;) {
                /* zstd may hold back what did not fit, also when all of the input was taken */
                r = f->at < f->len || f->hint != 0 ? decompress(f, m, err) : 0;
                if (r < 0)
                        return r;
                if (r > 0 || f->at < f->len)
                        continue;
                if (f->ended && f->hint != 0)
                        return bad(err, "it is cut off");
                if (f->ended)
                        return f->form == UNKNOWN ? bad(err, "it is empty") : 0;
                r = fill(f, m, err);
                if (r < 0)
                        return r;
        }
}

int pic__flow_new(const pic__age_keys *keys, unsigned max_work, pic__flow_source source, void *arg, pic__flow **ret,
                  pic_error **err)
{
        pic__flow *f = pic__alloc(sizeof(*f));
        int r;

        if (f == NULL)
                return pic__nomem(err);
        f->keys = keys;
        f->max_work = max_work;
        f->source = source;
        f->arg = arg;
        f->zstd = ZSTD_createDCtx();
        if (f->zstd != NULL)
                (void)ZSTD_DCtx_setParameter(f->zstd, ZSTD_d_windowLogMax, WINDOW);
        r = f->zstd != NULL ? pic__mill_new(work, f, &f->mill, err) : pic__nomem(err);
        if (r < 0)
                pic__flow_free(f);
        else
                *ret = f;
        return r;
}

int pic__flow_next(pic__flow *f, const void **ret_data, size_t *ret_len, pic_error **err)
{
        return pic__mill_next(f->mill, f->source, f->arg, ret_data, ret_len, err);
}

int pic__flow_encrypted(const pic__flow *f)
{
        return f->form == AGE;
}

void pic__flow_free(pic__flow *f)
{
        if (f == NULL)
                return;
        pic__mill_free(f->mill);
        pic__age_open_free(f->age);
        ZSTD_freeDCtx(f->zstd);
        pic__buf_wipe(&f->head);
        pic__buf_wipe(&f->packed);
        pic__free(f);
}
