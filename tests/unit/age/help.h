/* What the tests of this room share: a sink that collects, keys made of a byte, and both machines in one call. */
#ifndef PIC_TEST_AGE_H
#define PIC_TEST_AGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "age/open.h"
#include "age/seal.h"
#include "sys/crypto.h"

static inline int collect(const void *data, size_t len, void *arg, pic_error **err)
{
        pic__buf_put(arg, data, len);
        return ((pic__buf *)arg)->failed ? pic__nomem(err) : 0;
}

static inline int start(void **state)
{
        (void)state;
        return pic__crypto_start(NULL);
}

/* Its own recipient and identity. */
static inline void own_keys(pic__age_keys *keys)
{
        pic__auto_buf pic__buf identity = PIC__BUF_INIT, recipient = PIC__BUF_INIT;

        pic__age_keygen(&identity, &recipient);
        assert_int_equal(pic__age_keys_identity(keys, identity.data, identity.len, NULL), 0);
        assert_int_equal(pic__age_keys_recipient(keys, recipient.data, recipient.len, NULL), 0);
}

/* In pieces of `piece` bytes. */
static inline void seal_all(const pic__age_keys *keys, int armor, const void *data, size_t len, size_t piece,
                            pic__buf *out)
{
        pic__age_sealer *s = NULL;
        size_t at, n;

        assert_int_equal(pic__age_seal_new(keys, 1, armor, collect, out, &s, NULL), 0);
        for (at = 0; at < len; at += n) {
                n = len - at < piece ? len - at : piece;
                assert_int_equal(pic__age_seal_put(s, (const char *)data + at, n, NULL), 0);
        }
        assert_int_equal(pic__age_seal_end(s, NULL), 0);
        pic__age_seal_free(s);
}

static inline int open_all(const pic__age_keys *keys, const void *data, size_t len, size_t piece, pic__buf *out,
                           pic_error **err)
{
        pic__age_opener *o = NULL;
        size_t at, n;
        int r = 0;

        assert_int_equal(pic__age_open_new(keys, 0, collect, out, &o, NULL), 0);
        for (at = 0; at < len && r == 0; at += n) {
                n = len - at < piece ? len - at : piece;
                r = pic__age_open_put(o, (const char *)data + at, n, err);
        }
        if (r == 0)
                r = pic__age_open_end(o, err);
        else
                assert_int_equal(pic__age_open_put(o, "x", 1, NULL), PIC_BADSTATE);
        assert_int_equal(pic__age_open_end(o, NULL), PIC_BADSTATE);
        pic__age_open_free(o);
        return r;
}

#endif
