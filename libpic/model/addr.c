/* Owns: single addresses: their text and arithmetic on them. libc's inet_pton() and inet_ntop() do the text: they take
 * no leading zeros, no zone and no short IPv4 forms, and print what RFC 5952 asks for. */
#include <arpa/inet.h>
#include <string.h>

#include "model/net.h"

static size_t width(const pic__addr *a)
{
        return a->family == 4 ? 4 : 16;
}

int pic__addr_parse(const char *text, pic__addr *ret)
{
        pic__addr a = { 0 };

        if (inet_pton(AF_INET, text, a.bytes) == 1)
                a.family = 4;
        else if (inet_pton(AF_INET6, text, a.bytes) == 1)
                a.family = 6;
        else
                return -1;
        *ret = a;
        return 0;
}

const char *pic__addr_print(const pic__addr *a, char text[PIC__ADDR_TEXT])
{
        text[0] = '\0';
        if (a->family == 4)
                inet_ntop(AF_INET, a->bytes, text, PIC__ADDR_TEXT);
        else if (a->family == 6)
                inet_ntop(AF_INET6, a->bytes, text, PIC__ADDR_TEXT);
        return text;
}

int pic__addr_cmp(const pic__addr *a, const pic__addr *b)
{
        if (a->family != b->family)
                return a->family < b->family ? -1 : 1;
        return memcmp(a->bytes, b->bytes, width(a));
}

int pic__addr_add(const pic__addr *a, uint64_t n, pic__addr *ret)
{
        pic__addr sum = *a;
        size_t i = width(a);
        unsigned carry = 0;

        while (i > 0) {
                unsigned byte;

                i--;
                byte = sum.bytes[i] + (unsigned)(n & 0xff) + carry;
                sum.bytes[i] = (uint8_t)byte;
                carry = byte >> 8;
                n >>= 8;
        }
        if (carry != 0 || n != 0)
                return -1;
        *ret = sum;
        return 0;
}

uint64_t pic__addr_sub(const pic__addr *a, const pic__addr *b)
{
        size_t i, n = width(a);
        uint64_t diff = 0;
        int borrow = 0;
        uint8_t bytes[16];

        if (pic__addr_cmp(a, b) < 0)
                return UINT64_MAX;
        for (i = n; i > 0; i--) {
                int byte = a->bytes[i - 1] - b->bytes[i - 1] - borrow;

                borrow = byte < 0;
                bytes[i - 1] = (uint8_t)byte;
        }
        for (i = 0; i < n; i++) {
                if (diff >> 56 != 0)
                        return UINT64_MAX;
                diff = diff << 8 | bytes[i];
        }
        return diff;
}
