/* Door to libfido2: the public key in what an authenticator says of a new credential, and whether a signature is of
 * such a key. Nothing else of it is used: no device is looked for. It is not linked, because few cells need it and it
 * brings OpenSSL, which costs megabytes: it is loaded when somebody first needs it. */
#ifndef PIC_ENGINE_FIDO_H
#define PIC_ENGINE_FIDO_H

#include "base/err.h"

typedef struct pic__bytes {
        const uint8_t *data;
        size_t len;
} pic__bytes;

/* Algorithms as COSE numbers them, those that libfido2 and browsers have in common. */
enum { PIC__COSE_ES256 = -7, PIC__COSE_EDDSA = -8, PIC__COSE_RS256 = -257 };

#define PIC__FIDO_ID 1023
#define PIC__FIDO_KEY 512

typedef struct pic__fido_key {
        int alg;
        uint8_t id[PIC__FIDO_ID];
        size_t id_len;
        uint8_t bytes[PIC__FIDO_KEY]; /* as libfido2 has it */
        size_t len;
} pic__fido_key;

typedef struct pic__fido_signed {
        const pic__fido_key *key;
        const char *rp;
        pic__bytes auth; /* authenticator data, as it was signed */
        pic__bytes signature;
        uint8_t client_hash[32]; /* SHA-256 of clientDataJSON */
} pic__fido_signed;

/* 0. PIC_UNSUPPORTED: libfido2 is not installed; PIC_VALUE: no key of an algorithm that is allowed; PIC_NOMEM. soname
 * NULL: the usual one. */
int pic__fido_load(const char *soname, pic_error **err);
/* auth: looked through already (codec/webauthn.h). */
int pic__fido_key_of(pic__bytes auth, pic__fido_key *ret, pic_error **err);
/* 1: it is signed by this key, for this page, with the owner there and verified; 0: it is not. */
int pic__fido_check(const pic__fido_signed *s, pic_error **err);

#endif
