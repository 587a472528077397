/* Owns: the door to libsodium. Keys as WireGuard has them, digests, and sealed boxes whose place is inside. */
#include "sys/crypto.h"

#include <sodium.h>
#include <string.h>

#define BASE64 sodium_base64_VARIANT_ORIGINAL

int pic__crypto_start(pic_error **err)
{
        /* sodium_init() takes its own lock and answers 1 when it was done before. */
        if (sodium_init() < 0)
                return pic__fail(err, PIC_UNSUPPORTED, "libsodium does not start: the system gives no random numbers");
        return 0;
}

void pic__random(void *to, size_t len)
{
        randombytes_buf(to, len);
}

void pic__wg_keypair(uint8_t secret[32], uint8_t public_key[32])
{
        randombytes_buf(secret, 32);
        secret[0] &= 248;
        secret[31] = (uint8_t)((secret[31] & 127) | 64);
        pic__wg_public(secret, public_key);
}

void pic__wg_public(const uint8_t secret[32], uint8_t public_key[32])
{
        /* Fails for no input: the base point has the full order. */
        (void)crypto_scalarmult_base(public_key, secret);
}

void pic__digest(const void *data, size_t len, uint8_t out[32])
{
        (void)crypto_generichash(out, 32, data, len, NULL, 0);
}

void pic__wipe(void *mem, size_t len)
{
        sodium_memzero(mem, len);
}

int pic__same(const void *a, const void *b, size_t len)
{
        return sodium_memcmp(a, b, len) == 0;
}

void pic__hex(const void *data, size_t len, char *text)
{
        sodium_bin2hex(text, 2 * len + 1, data, len);
}

/* What is inside a box: the context, a NUL byte, the plain bytes. */
static uint8_t *pack(const char *context, const uint8_t *plain, size_t len, size_t *ret_len)
{
        size_t head = strlen(context) + 1;
        uint8_t *inner = pic__alloc(head + len);

        if (inner == NULL)
                return NULL;
        memcpy(inner, context, head);
        if (len > 0)
                memcpy(inner + head, plain, len);
        *ret_len = head + len;
        return inner;
}

int pic__seal(const uint8_t to[32], const char *context, const uint8_t *plain, size_t len, char **ret_text,
              pic_error **err)
{
        pic__auto_free uint8_t *box = NULL;
        pic__auto_free char *text = NULL;
        size_t inner_len = 0, box_len, room;
        uint8_t *inner;
        int r = 0;

        inner = pack(context, plain, len, &inner_len);
        if (inner == NULL)
                return pic__nomem(err);
        box_len = inner_len + crypto_box_SEALBYTES;
        room = sodium_base64_ENCODED_LEN(box_len, BASE64);
        box = pic__alloc(box_len);
        text = pic__alloc(room);
        if (box != NULL && text != NULL)
                r = crypto_box_seal(box, inner, inner_len, to);
        sodium_memzero(inner, inner_len);
        pic__free(inner);
        if (box == NULL || text == NULL)
                return pic__nomem(err);
        if (r != 0)
                return pic__fail(err, PIC_INVALID, "%s: cannot be sealed: the agent's key is no X25519 key", context);
        sodium_bin2base64(text, room, box, box_len, BASE64);
        *ret_text = pic__take(text);
        return 0;
}

/* Compares the context inside with the one of the place it was found at, and copies the rest out. */
static int unpack(const char *context, const uint8_t *inner, size_t inner_len, uint8_t *plain, size_t max,
                  size_t *ret_len, pic_error **err)
{
        size_t head = strlen(context) + 1;

        if (inner_len < head || memcmp(inner, context, head) != 0)
                return pic__fail(err, PIC_CORRUPT, "%s: the sealed value belongs to another place", context);
        if (inner_len - head > max)
                return pic__fail(err, PIC_CORRUPT, "%s: the sealed value is longer than %zu bytes", context, max);
        if (inner_len > head)
                memcpy(plain, inner + head, inner_len - head);
        *ret_len = inner_len - head;
        return 0;
}

int pic__unseal_pair(const uint8_t public_key[32], const uint8_t key[32], const char *context, const char *text,
                     uint8_t *plain, size_t max, size_t *ret_len, pic_error **err)
{
        size_t text_len = strlen(text), box_len = 0;
        pic__auto_free uint8_t *box = NULL;
        uint8_t *inner;
        int r;

        box = pic__alloc(text_len + 1);
        inner = pic__alloc(text_len + 1);
        if (box == NULL || inner == NULL) {
                pic__free(inner);
                return pic__nomem(err);
        }
        if (sodium_base642bin(box, text_len + 1, text, text_len, NULL, &box_len, NULL, BASE64) != 0 ||
            box_len < crypto_box_SEALBYTES)
                r = pic__fail(err, PIC_CORRUPT, "%s: this is no sealed value", context);
        else if (crypto_box_seal_open(inner, box, box_len, public_key, key) != 0)
                r = pic__fail(err, PIC_CORRUPT, "%s: the sealed value does not open with this key", context);
        else
                r = unpack(context, inner, box_len - crypto_box_SEALBYTES, plain, max, ret_len, err);
        sodium_memzero(inner, text_len + 1);
        pic__free(inner);
        return r;
}

int pic__unseal(const uint8_t key[32], const char *context, const char *text, uint8_t *plain, size_t max,
                size_t *ret_len, pic_error **err)
{
        uint8_t public_key[32];

        (void)crypto_scalarmult_base(public_key, key);
        return pic__unseal_pair(public_key, key, context, text, plain, max, ret_len, err);
}
