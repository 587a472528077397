/* The door to OpenSSL from inside: shared by the files x509*.c. */
#ifndef PIC_SYS_X509_I_H
#define PIC_SYS_X509_I_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "sys/x509.h"

struct pic__x509_key {
        EVP_PKEY *pkey;
};

struct pic__x509_issuer {
        X509 *cert;
        EVP_PKEY *pkey;
};

static inline void pic__x509_free_p(X509 **x)
{
        X509_free(*x);
        *x = NULL;
}
#define pic__auto_x509 PIC__AUTO(pic__x509_free_p)

/* What OpenSSL says why it failed, and forgets. `what`: "a key cannot be made". */
int pic__x509_failed(int code, const char *what, pic_error **err);
/* All of der is one certificate. PIC_SYNTAX. */
int pic__x509_parse(pic__der der, X509 **ret, pic_error **err);
/* Appends what an i2d function writes of a thing. */
#define PIC__I2D(fn, thing, out)                                                    \
        ({                                                                          \
                int len_ = fn((thing), NULL);                                       \
                char *room_ = len_ > 0 ? pic__buf_room((out), (size_t)len_) : NULL; \
                unsigned char *at_ = (unsigned char *)room_;                        \
                                                                                    \
                if (room_ != NULL && fn((thing), &at_) == len_)                     \
                        pic__buf_added((out), (size_t)len_);                        \
                else                                                                \
                        room_ = NULL;                                               \
                room_ != NULL;                                                      \
        })
/* 4, 6: an address, in bytes (4 or 16); 0: it is none. */
int pic__x509_address(const char *text, uint8_t bytes[16]);

#endif
