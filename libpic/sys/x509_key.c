/* Owns: keys, and what all of the door to OpenSSL needs: its errors in our words. */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "sys/x509_i.h"

int pic__x509_failed(int code, const char *what, pic_error **err)
{
        unsigned long e = ERR_peek_last_error();
        const char *why = e != 0 ? ERR_reason_error_string(e) : NULL;
        int lack = ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE;

        ERR_clear_error();
        if (lack)
                return pic__nomem(err);
        return why != NULL ? pic__fail(err, code, "%s: %s", what, why) : pic__fail(err, code, "%s", what);
}

int pic__x509_address(const char *text, uint8_t bytes[16])
{
        if (inet_pton(AF_INET, text, bytes) == 1)
                return 4;
        return inet_pton(AF_INET6, text, bytes) == 1 ? 6 : 0;
}

/* Takes pkey. */
static int give(EVP_PKEY *pkey, const char *what, int code, pic__x509_key **ret, pic_error **err)
{
        pic__x509_key *key;

        if (pkey == NULL)
                return pic__x509_failed(code, what, err);
        key = pic__alloc(sizeof(*key));
        if (key == NULL) {
                EVP_PKEY_free(pkey);
                return pic__nomem(err);
        }
        key->pkey = pkey;
        *ret = key;
        return 0;
}

int pic__x509_key_new(pic__x509_key **ret, pic_error **err)
{
        return give(EVP_EC_gen("P-256"), "a key cannot be made", PIC_UNSUPPORTED, ret, err);
}

static void free_pkcs8(PKCS8_PRIV_KEY_INFO **p8)
{
        PKCS8_PRIV_KEY_INFO_free(*p8);
}

int pic__x509_key_read(pic__der der, pic__x509_key **ret, pic_error **err)
{
        const unsigned char *at = der.data;
        PIC__AUTO(free_pkcs8) PKCS8_PRIV_KEY_INFO *p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.len);

        if (p8 == NULL || at != der.data + der.len)
                return pic__x509_failed(PIC_SYNTAX, "that is no private key", err);
        return give(EVP_PKCS82PKEY(p8), "that is no private key", PIC_SYNTAX, ret, err);
}

int pic__x509_key_write(const pic__x509_key *key, pic__buf *out, pic_error **err)
{
        PIC__AUTO(free_pkcs8) PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(key->pkey);

        if (p8 == NULL || !PIC__I2D(i2d_PKCS8_PRIV_KEY_INFO, p8, out))
                return out->failed ? pic__nomem(err)
                                   : pic__x509_failed(PIC_UNSUPPORTED, "a key cannot be written", err);
        return 0;
}

/* Nobody is there who could type a password. */
static int no_password(char *text, int size, int writing, void *data)
{
        (void)text, (void)size, (void)writing, (void)data;
        return -1;
}

int pic__x509_key_pem(const char *text, size_t len, pic__x509_key **ret, pic_error **err)
{
        BIO *in = len <= PIC__X509_MAX ? BIO_new_mem_buf(text, (int)len) : NULL;
        EVP_PKEY *pkey = in != NULL ? PEM_read_bio_PrivateKey(in, NULL, no_password, NULL) : NULL;

        BIO_free(in);
        return give(pkey, "that is no private key in PEM without a password", PIC_SYNTAX, ret, err);
}

int pic__x509_key_of(pic__der certificate, pic__x509_key **ret, pic_error **err)
{
        pic__auto_x509 X509 *x = NULL;
        int r = pic__x509_parse(certificate, &x, err);

        return r < 0 ? r : give(X509_get_pubkey(x), "the certificate's key cannot be read", PIC_SYNTAX, ret, err);
}

int pic__x509_key_fits(const pic__x509_key *key, pic__der certificate)
{
        pic__auto_x509 X509 *x = NULL;
        int same = pic__x509_parse(certificate, &x, NULL) == 0 && EVP_PKEY_eq(X509_get0_pubkey(x), key->pkey) == 1;

        ERR_clear_error();
        return same;
}

pic__x509_key *pic__x509_key_unref(pic__x509_key *key)
{
        if (key != NULL)
                EVP_PKEY_free(key->pkey); /* OpenSSL wipes what is private of it */
        pic__free(key);
        return NULL;
}
