/* The file key, wrapped for one recipient or for a passphrase. */
#ifndef PIC_AGE_STANZA_H
#define PIC_AGE_STANZA_H

#include "age/keys.h"

enum { PIC__AGE_KEY = 16, PIC__AGE_BODY = 32 /* a file key with its tag */ };
enum pic__age_kind { PIC__AGE_X25519, PIC__AGE_SCRYPT };

typedef struct pic__age_stanza {
        enum pic__age_kind kind;
        unsigned log_n;    /* scrypt: the work factor */
        uint8_t share[32]; /* X25519: the ephemeral share; scrypt: the salt, 16 bytes */
        uint8_t body[PIC__AGE_BODY];
} pic__age_stanza;

enum { PIC__AGE_SALT = 16 };

int pic__age_wrap_x25519(const uint8_t recipient[32], const uint8_t key[PIC__AGE_KEY], pic__age_stanza *ret,
                         pic_error **err);
int pic__age_wrap_scrypt(const char *passphrase, unsigned log_n, const uint8_t key[PIC__AGE_KEY], pic__age_stanza *ret,
                         pic_error **err);
/* 1: the file key; 0: none of the keys opens it. PIC_SYNTAX: its share is of low order; PIC_UNSUPPORTED: a work factor
 * over max_work; PIC_NOMEM. */
int pic__age_unwrap(const pic__age_stanza *s, const pic__age_keys *keys, unsigned max_work, uint8_t key[PIC__AGE_KEY],
                    pic_error **err);

#endif
