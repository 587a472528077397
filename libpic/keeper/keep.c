/* Owns: what all orders do alike: the place is opened, what is ours is found in it; the answer. */
#include "keeper/keep.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"

int pic__keep_canceled(const pic__order *o)
{
        return o->spec.ended != NULL && *o->spec.ended != 0;
}

/* --- what passes by ---------------------------------------------------------------------------------------------- */

int pic__passed_start(pic__passed *p, const pic__keeper *k, const char *what, pic_error **err)
{
        *p = (pic__passed){ .k = k, .what = what };
        return pic__digesting_new(&p->digest, err);
}

int pic__passed_put(pic__passed *p, const void *data, size_t len, pic_error **err)
{
        p->bytes += len;
        if (p->k->progress != NULL)
                p->k->progress(p->what, p->bytes);
        return pic__digesting_put(p->digest, data, len, err);
}

int pic__passed_end(pic__passed *p, char hex[65], pic_error **err)
{
        uint8_t digest[32];
        size_t i;
        int r = pic__digesting_end(p->digest, digest, err);

        for (i = 0; r == 0 && i < sizeof(digest); i++)
                snprintf(hex + 2 * i, 3, "%02x", digest[i]);
        pic__digesting_free(p->digest);
        p->digest = NULL;
        return r;
}

/* --- what is there ----------------------------------------------------------------------------------------------- */

static int take(const char *name, uint64_t size, void *arg)
{
        pic__keeper *k = arg;
        pic__kept one = { .size = size };

        if (!(k->order->bare ? pic__backup_named_tar(name, k->order->id, &one.created)
                             : pic__backup_named(name, k->order->id, &one.created, &one.part)))
                return 0;
        snprintf(one.name, sizeof(one.name), "%s", name);
        return pic__vec_push(&k->list, one);
}

int pic__keep_list(pic__keeper *k, pic_error **err)
{
        k->list.count = 0;
        return k->far->ops->list(k->far, take, k, err);
}

const pic__kept *pic__keep_one(const pic__keeper *k, const char *name, pic_error **err)
{
        const pic__kept *best = NULL;
        size_t i;

        for (i = 0; i < k->list.count; i++) {
                const pic__kept *one = &k->list.at[i];

                if (one->part || (name != NULL && strcmp(one->name, name) != 0))
                        continue;
                if (best == NULL || one->created > best->created)
                        best = one;
        }
        if (best == NULL && name != NULL)
                pic__fail(err, PIC_NOTFOUND, "there is no backup '%s'", name);
        else if (best == NULL)
                pic__fail(err, PIC_NOTFOUND, "there is no backup of this cell");
        return best;
}

static void put_held(const pic__keeper *k, pic__json *j)
{
        char when[PIC__TIME_TEXT];
        size_t i;

        pic__json_key(j, "held");
        pic__json_open(j, '[');
        for (i = 0; i < k->list.count; i++) {
                const pic__kept *one = &k->list.at[i];

                if (one->part)
                        continue;
                pic__json_open(j, '{');
                pic__json_kstr(j, "name", one->name);
                pic__json_kint(j, "size", (int64_t)one->size);
                pic__json_kstr(j, "created", pic__time_print(one->created, when));
                pic__json_close(j, '}');
        }
        pic__json_close(j, ']');
}

/* --- orders ------------------------------------------------------------------------------------------------------ */

#define SEALED "age-encryption.org/v1\n"

struct sending {
        int fd;
        const char *begins; /* what is still to come first: who asks may have what is encrypted alone */
        pic__passed passed;
};

static int send_on(const void *data, size_t len, void *arg, pic_error **err)
{
        struct sending *s = arg;
        const char *at = data;
        size_t left = len, i;

        for (i = 0; i < len && *s->begins != '\0'; i++)
                if (at[i] != *s->begins++)
                        return pic__fail(err, PIC_DENIED, "it is not encrypted: the cell's key is in it");
        while (left > 0) {
                ssize_t n = write(s->fd, at, left);

                if (n < 0 && errno == EINTR && !pic__keep_canceled(s->passed.k->order))
                        continue;
                if (n <= 0)
                        return pic__fail_errno(err, errno, "it cannot be handed on");
                at += n;
                left -= (size_t)n;
        }
        return pic__passed_put(&s->passed, data, len, err);
}

static int fetch(pic__keeper *k, int fd, pic__json *j, pic_error **err)
{
        const pic__kept *one = pic__keep_one(k, k->order->name, err);
        struct sending s = { .fd = fd, .begins = k->order->op == PIC__ORDER_FETCH_SEALED ? SEALED : "" };
        char hex[65] = "";
        int r;

        if (one == NULL)
                return PIC_NOTFOUND;
        r = pic__passed_start(&s.passed, k, "fetch", err);
        if (r < 0)
                return r;
        r = k->far->ops->get(k->far, one->name, send_on, &s, err);
        if (pic__passed_end(&s.passed, hex, r == 0 ? err : NULL) < 0 && r == 0)
                r = PIC_BACKEND;
        if (r == 0 && s.passed.bytes != one->size && one->size != 0)
                r = pic__fail(err, PIC_CORRUPT, "%s: %llu bytes came of %llu", one->name,
                              (unsigned long long)s.passed.bytes, (unsigned long long)one->size);
        pic__json_kstr(j, "name", one->name);
        pic__json_kint(j, "size", (int64_t)s.passed.bytes);
        pic__json_kstr(j, "sha256", hex);
        return r;
}

static int obey(pic__keeper *k, int fd, pic__json *j, pic_error **err)
{
        int r = pic__keep_list(k, err);

        if (r < 0)
                return r;
        switch (k->order->op) {
        case PIC__ORDER_RUN: r = pic__keep_run(k, j, err); break;
        case PIC__ORDER_VERIFY: r = pic__keep_verify(k, j, err); break;
        case PIC__ORDER_FETCH:
        case PIC__ORDER_FETCH_SEALED: return fetch(k, fd, j, err);
        case PIC__ORDER_LIST:
        case PIC__ORDERS: break;
        }
        if (r == 0)
                put_held(k, j);
        return r;
}

int pic__keep(const pic__order *o, int fd, void (*progress)(const char *what, uint64_t bytes), pic__buf *out,
              pic_error **err)
{
        pic__keeper k = { .order = o, .progress = progress, .out = out };
        pic__json j = PIC__JSON(out);
        int r = pic__far_open(&o->spec, &k.far, err);

        if (r < 0)
                return r;
        pic__json_open(&j, '{');
        pic__json_kbool(&j, "ok", 1);
        r = obey(&k, fd, &j, err);
        pic__json_close(&j, '}');
        pic__far_close(k.far);
        pic__vec_free(&k.list);
        return r == 0 && out->failed ? pic__nomem(err) : r;
}
