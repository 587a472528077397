/* Sealed boxes. The first byte says: a text as it may stand in a column, which must not open; or a context and a secret
 * (behind a NUL byte) that are sealed, which open at their place, at no other, and into no smaller room. */
#include "fuzz.h"

#include "sys/crypto.h"

static uint8_t key[32] = { 8, 9, 10, 11 }, public_key[32];

static int open_at(const char *context, const char *text, uint8_t *plain, size_t max, size_t *ret_len)
{
        pic__auto_err pic_error *err = NULL;
        int r = pic__unseal_pair(public_key, key, context, text, plain, max, ret_len, &err);

        must(r == 0 || (r == PIC_CORRUPT && pic_error_code(err) == r));
        must(r != 0 || *ret_len <= max);
        return r;
}

static void stored(const char *text)
{
        uint8_t plain[32];
        size_t len = 0;

        must(open_at("peer/7/private_key", text, plain, sizeof(plain), &len) == PIC_CORRUPT);
}

static void sealed(const char *context, const uint8_t *plain, size_t len)
{
        uint8_t *again = bytes_of(plain, len);
        pic__auto_free char *text = NULL;
        size_t got = 0, half;

        must(pic__seal(public_key, context, plain, len, &text, NULL) == 0);
        must(open_at(context, text, again, len, &got) == 0 && got == len && memcmp(again, plain, len) == 0);
        must(len == 0 || open_at(context, text, again, len - 1, &got) == PIC_CORRUPT);
        if (strcmp(context, "peer/7/private_key") != 0)
                must(open_at("peer/7/private_key", text, again, len, &got) == PIC_CORRUPT);
        half = strlen(text) / 2;
        text[half] = text[half] == 'A' ? 'B' : 'A';
        must(open_at(context, text, again, len, &got) == PIC_CORRUPT);
        free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        unsigned mode = next_byte(&data, &size);
        char *text = text_of(data, size);
        size_t head = strlen(text);

        must(pic__crypto_start(NULL) == 0);
        pic__wg_public(key, public_key);
        if (mode % 2 == 0)
                stored(text);
        else
                sealed(text, (const uint8_t *)text + (head < size ? head + 1 : head),
                       head < size ? size - head - 1 : 0);
        free(text);
        return 0;
}
