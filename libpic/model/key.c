/* Owns: base64 of keys, without a branch or a table look-up that depends on the key (secret keys pass through here),
 * and the list of points that make every shared secret the same: a peer with such a key has no privacy at all. */
#include "model/key.h"

#include <stddef.h>
#include <string.h>

/* Six bits to a character: the ranges A-Z a-z 0-9 + / by arithmetic. */
static char to_char(unsigned v)
{
        unsigned c = v + 'A';

        c += ((25 - v) >> 8) & 6;
        c -= ((51 - v) >> 8) & 75;
        c -= ((61 - v) >> 8) & 15;
        c += ((62 - v) >> 8) & 3;
        return (char)c;
}

/* A character to six bits; a negative number for one that is not in the alphabet. */
static int from_char(char ch)
{
        int c = (unsigned char)ch, v = -1;

        v += ((('A' - 1) - c) & (c - ('Z' + 1))) >> 8 & (c - 64);
        v += ((('a' - 1) - c) & (c - ('z' + 1))) >> 8 & (c - 70);
        v += ((('0' - 1) - c) & (c - ('9' + 1))) >> 8 & (c + 5);
        v += ((('+' - 1) - c) & (c - ('+' + 1))) >> 8 & 63;
        v += ((('/' - 1) - c) & (c - ('/' + 1))) >> 8 & 64;
        return v;
}

void pic__key_encode(const uint8_t key[32], char text[PIC__KEY_TEXT])
{
        uint8_t padded[33] = { 0 };
        unsigned i;

        memcpy(padded, key, 32);
        for (i = 0; i < 11; i++) {
                const uint8_t *b = padded + i * 3;
                char *c = text + (size_t)i * 4;

                c[0] = to_char(b[0] >> 2);
                c[1] = to_char((b[0] & 3u) << 4 | b[1] >> 4);
                c[2] = to_char((b[1] & 15u) << 2 | b[2] >> 6);
                c[3] = to_char(b[2] & 63u);
        }
        text[43] = '=';
        text[44] = '\0';
        explicit_bzero(padded, sizeof(padded));
}

int pic__key_decode(const char *text, uint8_t key[32])
{
        uint8_t out[33];
        int bad = 0, r;
        unsigned i, j;

        if (strnlen(text, PIC__KEY_TEXT) != PIC__KEY_TEXT - 1 || text[43] != '=')
                return -1;
        for (i = 0; i < 11; i++) {
                int v = 0;

                for (j = 0; j < 4; j++) {
                        int six = from_char(i == 10 && j == 3 ? 'A' : text[i * 4 + j]);

                        bad |= six;
                        v = v << 6 | (six & 63);
                }
                out[i * 3] = (uint8_t)(v >> 16);
                out[i * 3 + 1] = (uint8_t)(v >> 8);
                out[i * 3 + 2] = (uint8_t)v;
        }
        /* The last character carries two bits that belong to no byte: they are zero in the canonical form. */
        r = bad < 0 || out[32] != 0 ? -1 : 0;
        if (r == 0)
                memcpy(key, out, 32);
        explicit_bzero(out, sizeof(out));
        return r;
}

int pic__key_zero(const uint8_t key[32])
{
        uint8_t any = 0;
        size_t i;

        for (i = 0; i < 32; i++)
                any |= key[i];
        return any == 0;
}

#define FF8 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
#define FF30 FF8, FF8, FF8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff

/* u coordinates, little endian: 0, 1, two of order 8, p-1, p, p+1 (with the top bit clear: X25519 ignores it), and the
 * five that only an implementation which does not ignore it would take for them. */
static const uint8_t low_order[][32] = {
        { 0 },
        { 1 },
        { 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
          0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
        { 0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
          0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57 },
        { 0xec, FF30, 0x7f },
        { 0xed, FF30, 0x7f },
        { 0xee, FF30, 0x7f },
        { 0xcd, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
          0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x80 },
        { 0x4c, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
          0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0xd7 },
        { 0xd9, FF30, 0xff },
        { 0xda, FF30, 0xff },
        { 0xdb, FF30, 0xff },
};

int pic__key_low_order(const uint8_t key[32])
{
        uint8_t masked[32];
        size_t i;

        memcpy(masked, key, 32);
        masked[31] &= 0x7f;
        for (i = 0; i < sizeof(low_order) / sizeof(low_order[0]); i++)
                if (memcmp(key, low_order[i], 32) == 0 || memcmp(masked, low_order[i], 32) == 0)
                        return 1;
        return 0;
}
