/* Certificates that others made: PEM of a chain, DER of one, keys. The first byte says which. What is read is read
 * again the same, its texts are harmless, and no root of ours vouches for any of it. */
#include "fuzz.h"

#include <ctype.h>

#include "base/time.h"
#include "sys/crypto.h"
#include "sys/x509.h"

static pic__buf root;

static void make_root(void)
{
        static const char *const zones[] = { "home.internal", NULL }, *const nets[] = { "10.1.0.0/16", NULL };
        const pic__x509_scope scope = { zones, nets };
        pic__x509_key *key = NULL;

        if (root.len > 0)
                return;
        must(pic__crypto_start(NULL) == 0 && pic__x509_key_new(&key, NULL) == 0);
        must(pic__x509_root(key, "cell", &scope, PIC__SECOND, 4102444800 * PIC__SECOND, &root, NULL) == 0);
        pic__x509_key_unref(key);
}

static void harmless(const char *text)
{
        for (; *text != '\0'; text++)
                must(isprint((unsigned char)*text));
}

static int one(pic__der der, void *data)
{
        pic__auto_buf pic__buf names = PIC__BUF_INIT;
        pic__x509_info a, b;
        pic__der anchor = pic__der_of(&root);

        (void)data;
        must(pic__x509_read(der, &a, &names, NULL) == 0 && pic__x509_read(der, &b, NULL, NULL) == 0);
        must(memcmp(&a, &b, sizeof(a)) == 0);
        harmless(a.subject);
        harmless(a.issuer);
        harmless(pic__buf_str(&names));
        must(pic__x509_verify(&anchor, 1, &der, 1, 1795704000 * PIC__SECOND, NULL, NULL) < 0);
        return 0;
}

static void read_key(const uint8_t *data, size_t size)
{
        pic__auto_wipe pic__buf out = PIC__BUF_SECRET;
        pic__x509_key *key = NULL;
        pic__der der = { data, size };

        if (pic__x509_key_read(der, &key, NULL) < 0 && pic__x509_key_pem((const char *)data, size, &key, NULL) < 0)
                return;
        must(pic__x509_key_write(key, &out, NULL) <= 0);
        pic__x509_key_unref(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        unsigned mode = next_byte(&data, &size);
        pic__der der = { data, size };
        pic__auto_err pic_error *err = NULL;
        pic__x509_info info;

        make_root();
        if (mode % 4 == 0) {
                (void)pic__x509_pem_each((const char *)data, size, one, NULL, &err);
        } else if (mode % 4 == 1) {
                if (pic__x509_read(der, &info, NULL, NULL) == 0)
                        one(der, NULL);
        } else if (mode % 4 == 2) {
                must(pic__x509_crl_has(der, pic__der_of(&root), "01", &err) < 0);
        } else {
                read_key(data, size);
        }
        return 0;
}
