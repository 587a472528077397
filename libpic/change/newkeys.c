/* Owns: the making of keys. The clear secret lives in this file's stack for some microseconds and nowhere else. */
#include "change/newkeys.h"

#include <inttypes.h>
#include <stdio.h>

#include "change/secret.h"
#include "model/key.h"
#include "sys/crypto.h"
#include "sys/hash.h"

int pic__newkeys_sealed(pic_obj *o, const char *field, const uint8_t seal_key[32], const void *secret, size_t len,
                        pic_error **err)
{
        pic__auto_free char *sealed = NULL;
        char context[96];
        int r;

        snprintf(context, sizeof(context), "%s/%" PRId64 "/%s", pic__kinds[o->kind].name, o->id, field);
        r = pic__seal(seal_key, context, secret, len, &sealed, err);
        return r < 0 ? r : pic__obj_set(o, field, sealed, 1, err);
}

static int set_sealed(pic_obj *o, const char *field, const uint8_t seal_key[32], const uint8_t secret[32],
                      pic_error **err)
{
        return pic__newkeys_sealed(o, field, seal_key, secret, 32, err);
}

int pic__newkeys_pair(pic_obj *o, const uint8_t seal_key[32], pic_error **err)
{
        uint8_t secret[32], public_key[32];
        char text[PIC__KEY_TEXT];
        int r = pic__crypto_start(err);

        if (r < 0)
                return r;
        pic__wg_keypair(secret, public_key);
        r = set_sealed(o, "private_key", seal_key, secret, err);
        pic__wipe(secret, sizeof(secret));
        if (r < 0)
                return r;
        pic__key_encode(public_key, text);
        return pic__obj_set(o, "public_key", text, 1, err);
}

int pic__newkeys_connection(pic_obj *o, const uint8_t seal_key[32], pic_error **err)
{
        pic__auto_free char *sealed = NULL;
        uint8_t secret[32], public_key[32];
        char text[PIC__KEY_TEXT];
        int r = pic__crypto_start(err);

        if (r < 0)
                return r;
        pic__wg_keypair(secret, public_key);
        pic__key_encode(secret, text);
        r = pic__secret_box(seal_key, o->kind, "private_key", text, &sealed, err);
        pic__wipe(secret, sizeof(secret));
        pic__wipe(text, sizeof(text));
        if (r == 0)
                r = pic__obj_set(o, "private_key", sealed, 1, err);
        if (r < 0)
                return r;
        pic__key_encode(public_key, text);
        return pic__obj_set(o, "public_key", text, 1, err);
}

int pic__newkeys_identity(pic_obj *cell, const uint8_t seal_key[32], pic_error **err)
{
        uint8_t seed[32], public_key[32], secret[64];
        char text[PIC__KEY_TEXT];
        int r = pic__crypto_start(err);

        if (r < 0)
                return r;
        pic__random(seed, sizeof(seed));
        pic__sign_pair(seed, public_key, secret);
        pic__wipe(secret, sizeof(secret));
        r = set_sealed(cell, "identity_secret", seal_key, seed, err);
        pic__wipe(seed, sizeof(seed));
        if (r < 0)
                return r;
        pic__key_encode(public_key, text);
        return pic__obj_set(cell, "identity_key", text, 1, err);
}

int pic__newkeys_preshared(pic_obj *o, const uint8_t seal_key[32], pic_error **err)
{
        uint8_t secret[32];
        int r = pic__crypto_start(err);

        if (r < 0)
                return r;
        pic__random(secret, sizeof(secret));
        r = set_sealed(o, "preshared_key", seal_key, secret, err);
        pic__wipe(secret, sizeof(secret));
        return r;
}
