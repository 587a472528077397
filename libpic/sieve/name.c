/* Owns: what number a name has. The number of a name is made of its parent's and its first label, so that all of them
 * come in one pass from the end. Files hold them: another way of counting is another version of those. */
#include "sieve/name.h"

#include <string.h>

static uint64_t mix(uint64_t h)
{
        h ^= h >> 33;
        h *= 0xff51afd7ed558ccdu;
        h ^= h >> 33;
        h *= 0xc4ceb9fe1a85ec53u;
        return h ^ h >> 33;
}

static unsigned char lower(unsigned char c)
{
        return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

static uint64_t step(uint64_t above, const unsigned char *label, size_t len)
{
        uint64_t h = above ^ 0xcbf29ce484222325u;
        size_t i;

        for (i = 0; i < len; i++)
                h = (h ^ lower(label[i])) * 0x100000001b3u;
        return mix(h ^ len) & ~(uint64_t)PIC__SIEVE_HOW;
}

static int label_ok(const char *label, size_t len)
{
        size_t i;

        if (len == 0 || len > 63)
                return 0;
        for (i = 0; i < len; i++) {
                unsigned char c = lower((unsigned char)label[i]);

                if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
                        return 0;
        }
        return 1;
}

int pic__sieve_name_text(const char *text, size_t len, pic__sieve_name *ret)
{
        uint64_t above = 0;

        ret->count = 0;
        if (len > 0 && text[len - 1] == '.')
                len--;
        if (len == 0 || len > PIC__SIEVE_NAME_MAX)
                return -1;
        for (;;) {
                size_t from = len;

                while (from > 0 && text[from - 1] != '.')
                        from--;
                if (!label_ok(text + from, len - from) || ret->count == PIC__SIEVE_LABELS)
                        return -1;
                /* 10.0.0.256 is a mistyped address. */
                if (ret->count == 0 && strspn(text + from, "0123456789") >= len - from)
                        return -1;
                above = step(above, (const unsigned char *)text + from, len - from);
                ret->at[ret->count++] = above;
                if (from == 0)
                        return 0;
                len = from - 1;
        }
}

size_t pic__sieve_name_wire(const uint8_t *m, size_t len, size_t at, pic__sieve_name *ret)
{
        size_t label[PIC__SIEVE_LABELS], n = 0, from = at;
        uint64_t above = 0;

        ret->count = 0;
        for (; at < len && m[at] != 0; at += 1u + m[at]) {
                if (m[at] > 63 || n == PIC__SIEVE_LABELS || at + 1u + m[at] >= len || at + 1u + m[at] - from > 254)
                        return 0;
                label[n++] = at;
        }
        if (at >= len)
                return 0;
        while (n-- > 0) {
                above = step(above, m + label[n] + 1, m[label[n]]);
                ret->at[ret->count++] = above;
        }
        return at + 1;
}
