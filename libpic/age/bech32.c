/* Owns: Bech32. The checksum is that of the lower case text; a text is all of one case. */
#include "age/bech32.h"

#include <string.h>

static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
enum { CHECK = 6 };

static uint32_t mix(uint32_t sum, unsigned value)
{
        static const uint32_t generators[5] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
        uint32_t top = sum >> 25;
        unsigned i;

        sum = (sum & 0x1ffffff) << 5 ^ value;
        for (i = 0; i < 5; i++)
                if ((top >> i & 1) != 0)
                        sum ^= generators[i];
        return sum;
}

static unsigned char lower(char c)
{
        return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static uint32_t mix_prefix(const char *prefix)
{
        uint32_t sum = 1;
        size_t i;

        for (i = 0; prefix[i] != '\0'; i++)
                sum = mix(sum, lower(prefix[i]) >> 5);
        sum = mix(sum, 0);
        for (i = 0; prefix[i] != '\0'; i++)
                sum = mix(sum, lower(prefix[i]) & 31);
        return sum;
}

static int is_upper(const char *prefix)
{
        return prefix[0] >= 'A' && prefix[0] <= 'Z';
}

static void put_value(pic__buf *out, unsigned value, int upper)
{
        char c = letters[value & 31];

        pic__buf_putc(out, (char)(upper && c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
}

void pic__bech32_put(const char *prefix, const uint8_t *data, size_t len, pic__buf *out)
{
        size_t bit, i;
        int upper = is_upper(prefix);
        uint32_t sum = mix_prefix(prefix);

        pic__buf_puts(out, prefix);
        pic__buf_putc(out, '1');
        for (bit = 0; bit < len * 8; bit += 5) { /* the last group is filled up with zeros */
                unsigned two = (unsigned)data[bit / 8] << 8 | (bit / 8 + 1 < len ? data[bit / 8 + 1] : 0U);
                unsigned value = two >> (11 - bit % 8) & 31;

                sum = mix(sum, value);
                put_value(out, value, upper);
        }
        for (i = 0; i < CHECK; i++)
                sum = mix(sum, 0);
        sum ^= 1;
        for (i = 0; i < CHECK; i++)
                put_value(out, sum >> 5 * (CHECK - 1 - i), upper);
}

/* The value of a letter of that case; -1: it is none. */
static int value_of(char c, int upper)
{
        const char *at;

        if (c == '\0' || (upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z'))
                return -1;
        at = strchr(letters, lower(c));
        return at != NULL ? (int)(at - letters) : -1;
}

int pic__bech32_get(const char *prefix, const char *text, size_t text_len, uint8_t *data, size_t len)
{
        size_t head = strlen(prefix) + 1, groups = (len * 8 + 4) / 5, i;
        uint32_t sum = mix_prefix(prefix), bits = 0;
        unsigned have = 0;

        if (text_len != head + groups + CHECK || memcmp(text, prefix, head - 1) != 0 || text[head - 1] != '1')
                return -1;
        for (i = 0; i < groups + CHECK; i++) {
                int value = value_of(text[head + i], is_upper(prefix));

                if (value < 0)
                        return -1;
                sum = mix(sum, (unsigned)value);
                if (i >= groups)
                        continue;
                bits = (bits << 5 | (unsigned)value) & 0xfff;
                have += 5;
                if (have >= 8) {
                        have -= 8;
                        *data++ = (uint8_t)(bits >> have);
                }
        }
        return sum == 1 && (bits & ((1U << have) - 1)) == 0 ? 0 : -1;
}
