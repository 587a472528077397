/* What the tests of certificates share: a root, leaves, files for other programs to judge. */
#ifndef TEST_X509_WORLD_H
#define TEST_X509_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "sys/crypto.h"
#include "sys/x509.h"

#define DAY (86400 * PIC__SECOND)

static const char *const zones[] = { "home.internal", "lan", NULL }, *const nets[] = { "10.86.0.0/16", "fd00:86::/64",
                                                                                       NULL };
static const pic__x509_scope scope = { zones, nets };

static inline pic_time now(void)
{
        return (pic_time)time(NULL) * PIC__SECOND;
}

struct ca {
        pic__x509_key *key;
        pic__buf root;
        pic__x509_issuer *issuer;
};

static inline struct ca ca_new(void)
{
        struct ca ca = { NULL, PIC__BUF_INIT, NULL };

        assert_int_equal(pic__crypto_start(NULL), 0);
        assert_int_equal(pic__x509_key_new(&ca.key, NULL), 0);
        assert_int_equal(
                pic__x509_root(ca.key, "home.internal", &scope, now() - DAY, now() + 3650 * DAY, &ca.root, NULL), 0);
        assert_int_equal(pic__x509_issuer_new(pic__der_of(&ca.root), ca.key, &ca.issuer, NULL), 0);
        return ca;
}

static inline void ca_free(struct ca *ca)
{
        ca->issuer = pic__x509_issuer_unref(ca->issuer);
        ca->key = pic__x509_key_unref(ca->key);
        pic__buf_free(&ca->root);
}

/* A leaf for one name, or two. */
static inline pic__buf leaf_of(const struct ca *ca, const char *name, const char *other)
{
        const char *const names[] = { name, other, NULL };
        pic__buf out = PIC__BUF_INIT;
        pic__x509_key *key = NULL;

        assert_int_equal(pic__x509_key_new(&key, NULL), 0);
        assert_int_equal(
                pic__x509_leaf(ca->issuer, key, names, now() - 3600 * PIC__SECOND, now() + 30 * DAY, &out, NULL), 0);
        pic__x509_key_unref(key);
        return out;
}

static inline void put_pem(const char *path, const char *label, const pic__buf *der, const char *mode)
{
        pic__buf pem = PIC__BUF_INIT;
        FILE *f = fopen(path, mode);

        assert_non_null(f);
        pic__x509_pem_put(label, pic__der_of(der), &pem);
        assert_int_equal(fwrite(pem.data, 1, pem.len, f), pem.len);
        fclose(f);
        pic__buf_free(&pem);
}

static inline void hex_bytes(const pic__buf *from, pic__buf *to, size_t at, uint8_t flip)
{
        pic__buf_put(to, from->data, from->len);
        to->data[at] = (char)(to->data[at] ^ flip);
}

#endif
