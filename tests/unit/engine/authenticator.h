/* An authenticator made of libsodium: keys of Ed25519, and every field of what it says may be bent. */
#ifndef PIC_TEST_AUTHENTICATOR_H
#define PIC_TEST_AUTHENTICATOR_H

#include <stdio.h>
#include <string.h>

#include "sys/crypto.h"
#include "sys/hash.h"

typedef struct soft {
        const char *origin;
        const char *rp;
        const char *challenge;
        const char *type;  /* NULL: the right one */
        const char *extra; /* more of clientDataJSON, ",…" */
        uint8_t flags;     /* 0: present and verified */
        uint32_t count;
        uint8_t id[16];
        uint8_t seed; /* of the key */
        const char *fmt;
        int bend; /* a byte of the signature is another one */
} soft;

/* What it said last. */
typedef struct said {
        char client[1024];
        uint8_t auth[512];
        size_t auth_len;
        uint8_t object[768];
        size_t object_len;
        uint8_t signature[64];
} said;

static inline void soft_pair(const soft *s, uint8_t public_key[32], uint8_t secret[64])
{
        uint8_t seed[32] = { s->seed };

        pic__sign_pair(seed, public_key, secret);
}

static inline void soft_client(const soft *s, const char *type, said *to)
{
        snprintf(to->client, sizeof(to->client), "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\"%s}",
                 s->type != NULL ? s->type : type, s->challenge, s->origin,
                 s->extra != NULL ? s->extra : ",\"crossOrigin\":false");
}

static inline size_t soft_head(const soft *s, uint8_t more, uint8_t *to)
{
        pic__sha256(s->rp, strlen(s->rp), to);
        to[32] = (uint8_t)((s->flags != 0 ? s->flags : 5) | more);
        to[33] = (uint8_t)(s->count >> 24);
        to[34] = (uint8_t)(s->count >> 16);
        to[35] = (uint8_t)(s->count >> 8);
        to[36] = (uint8_t)s->count;
        return 37;
}

/* The answer of navigator.credentials.create(). */
static inline void soft_create(const soft *s, said *to)
{
        static const uint8_t cose[] = { 0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32 };
        const char *fmt = s->fmt != NULL ? s->fmt : "none";
        uint8_t secret[64], *at = to->auth + soft_head(s, 0x40, to->auth);

        soft_client(s, "webauthn.create", to);
        memset(at, 0, 18);
        at[17] = sizeof(s->id);
        memcpy(at + 18, s->id, sizeof(s->id));
        at += 18 + sizeof(s->id);
        memcpy(at, cose, sizeof(cose));
        soft_pair(s, at + sizeof(cose), secret);
        to->auth_len = (size_t)(at + sizeof(cose) + 32 - to->auth);
        at = to->object;
        *at++ = 0xa3;
        memcpy(at, "cfmt", 4);
        at[4] = (uint8_t)(0x60 | strlen(fmt));
        memcpy(at + 5, fmt, strlen(fmt));
        at += 5 + strlen(fmt);
        memcpy(at, "gattStmt\xa0hauthData\x58", 19);
        at[19] = (uint8_t)to->auth_len;
        memcpy(at + 20, to->auth, to->auth_len);
        at[0] = 0x67; /* heads of the two texts */
        at[9] = 0x68;
        to->object_len = (size_t)(at + 20 + to->auth_len - to->object);
}

/* The answer of navigator.credentials.get(). */
static inline void soft_get(const soft *s, said *to)
{
        uint8_t public_key[32], secret[64], text[512 + 32];

        soft_client(s, "webauthn.get", to);
        to->auth_len = soft_head(s, 0, to->auth);
        memcpy(text, to->auth, to->auth_len);
        pic__sha256(to->client, strlen(to->client), text + to->auth_len);
        soft_pair(s, public_key, secret);
        pic__sign(text, to->auth_len + 32, secret, to->signature);
        if (s->bend)
                to->signature[7] ^= 1;
}

#endif
