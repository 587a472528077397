/* Owns: SHA-256 of what does not fit into memory. */
#include "sys/digest.h"

#include <openssl/evp.h>

struct pic__digesting {
        EVP_MD_CTX *md;
};

static int failed(pic_error **err)
{
        return pic__fail(err, PIC_UNSUPPORTED, "libcrypto has no SHA-256");
}

int pic__digesting_new(pic__digesting **ret, pic_error **err)
{
        pic__digesting *d = pic__alloc(sizeof(*d));
        int r;

        if (d == NULL)
                return pic__nomem(err);
        d->md = EVP_MD_CTX_new();
        r = d->md != NULL ? pic__digesting_start(d, err) : pic__nomem(err);
        if (r < 0)
                pic__digesting_free(d);
        else
                *ret = d;
        return r;
}

int pic__digesting_start(pic__digesting *d, pic_error **err)
{
        return EVP_DigestInit_ex(d->md, EVP_sha256(), NULL) == 1 ? 0 : failed(err);
}

int pic__digesting_put(pic__digesting *d, const void *data, size_t len, pic_error **err)
{
        return EVP_DigestUpdate(d->md, data, len) == 1 ? 0 : failed(err);
}

int pic__digesting_end(pic__digesting *d, uint8_t out[32], pic_error **err)
{
        return EVP_DigestFinal_ex(d->md, out, NULL) == 1 ? 0 : failed(err);
}

void pic__digesting_free(pic__digesting *d)
{
        if (d == NULL)
                return;
        EVP_MD_CTX_free(d->md);
        pic__free(d);
}
