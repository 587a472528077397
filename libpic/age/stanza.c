/* Owns: wrapping and unwrapping the file key. The nonce is zero, since each wrapping key is used once. */
#include "age/stanza.h"

#include <string.h>

#include "sys/aead.h"
#include "sys/cipher.h"
#include "sys/crypto.h"

static const uint8_t nonce[12];
static const char use_x25519[] = "age-encryption.org/v1/X25519", use_scrypt[] = "age-encryption.org/v1/scrypt";

/* The key that wraps: of what both sides share, bound to both their public keys. */
static void x25519_key(const uint8_t shared[32], const uint8_t share[32], const uint8_t recipient[32], uint8_t out[32])
{
        uint8_t salt[64];

        memcpy(salt, share, 32);
        memcpy(salt + 32, recipient, 32);
        pic__hkdf256(shared, 32, salt, sizeof(salt), use_x25519, out);
}

int pic__age_wrap_x25519(const uint8_t recipient[32], const uint8_t key[PIC__AGE_KEY], pic__age_stanza *ret,
                         pic_error **err)
{
        uint8_t secret[32], shared[32], wrap[32];
        int r = 0;

        ret->kind = PIC__AGE_X25519;
        pic__random(secret, sizeof(secret));
        pic__x25519_base(secret, ret->share);
        if (pic__x25519(secret, recipient, shared) < 0)
                r = pic__fail(err, PIC_VALUE, "a recipient is no key");
        x25519_key(shared, ret->share, recipient, wrap);
        if (r == 0)
                pic__aead_seal(wrap, nonce, key, PIC__AGE_KEY, ret->body);
        pic__wipe(secret, sizeof(secret));
        pic__wipe(shared, sizeof(shared));
        pic__wipe(wrap, sizeof(wrap));
        return r;
}

static int scrypt_key(const char *passphrase, const uint8_t *salt, unsigned log_n, uint8_t out[32], pic_error **err)
{
        uint8_t all[sizeof(use_scrypt) - 1 + PIC__AGE_SALT];

        memcpy(all, use_scrypt, sizeof(use_scrypt) - 1);
        memcpy(all + sizeof(use_scrypt) - 1, salt, PIC__AGE_SALT);
        return pic__scrypt(passphrase, strlen(passphrase), all, sizeof(all), log_n, out, err);
}

int pic__age_wrap_scrypt(const char *passphrase, unsigned log_n, const uint8_t key[PIC__AGE_KEY], pic__age_stanza *ret,
                         pic_error **err)
{
        uint8_t wrap[32] = { 0 };
        int r;

        ret->kind = PIC__AGE_SCRYPT;
        ret->log_n = log_n;
        pic__random(ret->share, PIC__AGE_SALT);
        r = scrypt_key(passphrase, ret->share, log_n, wrap, err);
        if (r == 0)
                pic__aead_seal(wrap, nonce, key, PIC__AGE_KEY, ret->body);
        pic__wipe(wrap, sizeof(wrap));
        return r;
}

static int unwrap_x25519(const pic__age_stanza *s, const struct pic__age_pair *pair, uint8_t key[PIC__AGE_KEY],
                         pic_error **err)
{
        uint8_t shared[32], wrap[32];
        int r;

        if (pic__x25519(pair->secret, s->share, shared) < 0)
                return pic__fail(err, PIC_SYNTAX, "the header is malformed: a share of low order");
        x25519_key(shared, s->share, pair->public_key, wrap);
        r = pic__aead_open(wrap, nonce, s->body, PIC__AGE_BODY, key) == 0;
        pic__wipe(shared, sizeof(shared));
        pic__wipe(wrap, sizeof(wrap));
        return r;
}

static int unwrap_scrypt(const pic__age_stanza *s, const char *passphrase, unsigned max_work, uint8_t key[PIC__AGE_KEY],
                         pic_error **err)
{
        uint8_t wrap[32] = { 0 };
        int r;

        if (s->log_n > max_work) {
                pic__fail(err, PIC_UNSUPPORTED, "the passphrase's work factor is over %u, the highest that is taken",
                          max_work);
                return PIC_UNSUPPORTED;
        }
        r = scrypt_key(passphrase, s->share, s->log_n, wrap, err);
        if (r == 0)
                r = pic__aead_open(wrap, nonce, s->body, PIC__AGE_BODY, key) == 0;
        pic__wipe(wrap, sizeof(wrap));
        return r;
}

int pic__age_unwrap(const pic__age_stanza *s, const pic__age_keys *keys, unsigned max_work, uint8_t key[PIC__AGE_KEY],
                    pic_error **err)
{
        size_t i;
        int r = 0;

        if (s->kind == PIC__AGE_SCRYPT)
                return keys->passphrase != NULL ? unwrap_scrypt(s, keys->passphrase, max_work, key, err) : 0;
        for (i = 0; i < keys->identity_count && r == 0; i++)
                r = unwrap_x25519(s, &keys->identities[i], key, err);
        return r;
}
