/* Owns: chunks and their nonces. */
#include "age/payload.h"

#include "sys/aead.h"
#include "sys/cipher.h"

void pic__age_stream_start(pic__age_stream *s, const uint8_t key[PIC__AGE_KEY], const uint8_t nonce[PIC__AGE_NONCE])
{
        pic__hkdf256(key, PIC__AGE_KEY, nonce, PIC__AGE_NONCE, "payload", s->key);
        s->number = 0;
}

/* Eleven bytes of a counter, which no file reaches the eighth of, and one that marks the last. */
static void place(const pic__age_stream *s, int last, uint8_t nonce[12])
{
        unsigned i;

        for (i = 0; i < 3; i++)
                nonce[i] = 0;
        for (i = 0; i < 8; i++)
                nonce[3 + i] = (uint8_t)(s->number >> 8 * (7 - i));
        nonce[11] = last ? 1 : 0;
}

void pic__age_stream_seal(pic__age_stream *s, const uint8_t *plain, size_t len, int last, uint8_t *box)
{
        uint8_t nonce[12];

        place(s, last, nonce);
        pic__aead_seal(s->key, nonce, plain, len, box);
        s->number++;
}

int pic__age_stream_open(pic__age_stream *s, const uint8_t *box, size_t len, int last, uint8_t *plain)
{
        uint8_t nonce[12];

        place(s, last, nonce);
        if (pic__aead_open(s->key, nonce, box, len, plain) < 0)
                return -1;
        s->number++;
        return 0;
}
