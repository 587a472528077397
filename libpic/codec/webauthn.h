/* What a browser hands over when a passkey is made or used (W3C WebAuthn level 2, sections 5.8.1, 6.1, 6.5): taken
 * apart, and held to its form. Strict: CBOR of definite lengths only, four levels at most, nothing behind the end. So
 * what libfido2 gets to read, in a process with privileges, is known to be whole. Whether it is true is engine's. */
#ifndef PIC_CODEC_WEBAUTHN_H
#define PIC_CODEC_WEBAUTHN_H

#include "codec/doc.h"

#define PIC__CLIENT_DATA_MAX 4096
#define PIC__ATTESTATION_MAX 8192
#define PIC__AUTH_DATA_MAX 4096
#define PIC__SIGNED_MAX 1024 /* a signature */
#define PIC__RP_TEXT 254     /* the name of a host, NUL included */

/* The page's name, of its origin: what a passkey is bound to. PIC_BADSTATE, with a hint: browsers know no passkeys
 * there (an address instead of a name, or no HTTPS and not this machine). PIC_VALUE: it is no origin. */
int pic__rp_of(const char *origin, char rp[PIC__RP_TEXT], pic_error **err);

/* clientDataJSON. Texts are borrowed from the document. */
typedef struct pic__client_data {
        pic__doc *doc;
        const char *type;
        const char *challenge;
        const char *origin;
        int cross; /* a page of another origin has this one inside */
} pic__client_data;

int pic__client_data_read(const uint8_t *json, size_t len, pic__client_data *ret, pic_error **err); /* PIC_SYNTAX */
void pic__client_data_free(pic__client_data *c);

enum {
        PIC__AUTH_PRESENT = 0x01,    /* somebody was there */
        PIC__AUTH_VERIFIED = 0x04,   /* and it was the owner: a PIN, a finger, a face */
        PIC__AUTH_CREDENTIAL = 0x40, /* a new credential is inside */
        PIC__AUTH_EXTENSIONS = 0x80
};

typedef struct pic__auth_data {
        uint8_t rp[32]; /* SHA-256 of the page's name */
        uint8_t flags;
        uint32_t count;
} pic__auth_data;

/* Authenticator data, looked through to its end. PIC_SYNTAX. */
int pic__auth_data_read(const uint8_t *data, size_t len, pic__auth_data *ret, pic_error **err);
/* The authenticator data inside an attestation object, which must attest nothing ("none"), as we asked. PIC_SYNTAX;
 * PIC_UNSUPPORTED: it attests something. */
int pic__attestation_read(const uint8_t *data, size_t len, const uint8_t **ret_auth, size_t *ret_len, pic_error **err);

#endif
