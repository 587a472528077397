/* What the tests of this room share: a manifest of texts, a backup of them in memory, and reading one back. */
#ifndef PIC_TEST_BACKUP_H
#define PIC_TEST_BACKUP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "backup/pack.h"
#include "backup/unpack.h"
#include "base/time.h"
#include "sys/crypto.h"
#include "sys/hash.h"

static inline int start(void **state)
{
        (void)state;
        return pic__crypto_start(NULL);
}

static inline int collect(const void *data, size_t len, void *arg, pic_error **err)
{
        (void)err;
        pic__buf_put(arg, data, len);
        return 0;
}

/* A text as a source, once; and as one that gives a byte at a time. */
struct text {
        const char *data;
        size_t len;
        size_t piece;
};

static inline int next(void *arg, const void **ret_data, size_t *ret_len, pic_error **err)
{
        struct text *t = arg;
        size_t n = t->len < t->piece ? t->len : t->piece;

        (void)err;
        *ret_data = t->data;
        *ret_len = n;
        t->data += n;
        t->len -= n;
        return n > 0;
}

/* name, content, …, NULL */
static inline void describe(const char *const *members, pic__manifest *m)
{
        uint8_t sha256[32];

        *m = (pic__manifest){ .created = 1700000000 * PIC__SECOND, .revision = 7 };
        m->version = pic__strdup("0.1.0");
        m->cell = pic__strdup("home");
        for (; members[0] != NULL; members += 2) {
                pic__sha256(members[1], strlen(members[1]), sha256);
                assert_int_equal(pic__manifest_add(m, members[0], strlen(members[1]), sha256, NULL), 0);
        }
}

static inline void pack_as(const pic__pack_opts *o, const char *const *members, pic__buf *out)
{
        pic__manifest m;
        pic__pack *p = NULL;

        describe(members, &m);
        assert_int_equal(pic__pack_new(o, &m, collect, out, &p, NULL), 0);
        for (; members[0] != NULL; members += 2) {
                struct text t = { members[1], strlen(members[1]), 100000 };

                assert_int_equal(pic__pack_put(p, next, &t, NULL), 0);
        }
        assert_int_equal(pic__pack_end(p, NULL), 0);
        pic__pack_free(p);
        pic__manifest_clear(&m);
}

static inline void pack_all(const char *const *members, const pic__age_keys *keys, pic__buf *out)
{
        const pic__pack_opts o = { .keys = keys, .log_n = 1, .threads = 0 };

        pack_as(&o, members, out);
}

/* 0 when all of it is well; *all gets "name=content;" of each member. */
static inline int unpack_all(const char *data, size_t len, size_t piece, const pic__age_keys *keys, pic__buf *all,
                             pic_error **err)
{
        struct text t = { data, len, piece };
        const pic__member *m;
        pic__unpack *u = NULL;
        const void *bytes;
        size_t n;
        int r = pic__unpack_new(keys, 0, 0, next, &t, &u, err);

        if (r < 0)
                return r;
        while ((r = pic__unpack_next(u, &m, err)) > 0) {
                pic__buf_putf(all, "%s=", m->name);
                while ((r = pic__unpack_read(u, &bytes, &n, err)) > 0)
                        pic__buf_put(all, bytes, n);
                pic__buf_putc(all, ';');
                if (r < 0)
                        break;
        }
        pic__unpack_free(u);
        return r;
}

#endif
