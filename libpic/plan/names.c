/* Owns: reverse names and reverse zones. */
#include "plan/names.h"

enum { ZONES_BITS = 4 }; /* at most 2^4 zones for one network */

/* The last `len` bits of detail first: "0.1.10" for 10.1.0.0/24. len is a multiple of 8 (IPv4) or 4 (IPv6). */
static void labels(const pic__addr *a, unsigned len, pic__buf *out)
{
        static const char hex[] = "0123456789abcdef";
        char text[72], *to = text;
        unsigned i;

        if (a->family == 6) {
                for (i = len / 4; i > 0; i--) {
                        unsigned byte = a->bytes[(i - 1) / 2];

                        *to++ = hex[i % 2 == 0 ? byte & 15 : byte >> 4];
                        *to++ = '.';
                }
        } else {
                for (i = len / 8; i > 0; i--) {
                        unsigned byte = a->bytes[i - 1];

                        if (byte >= 100)
                                *to++ = (char)('0' + byte / 100);
                        if (byte >= 10)
                                *to++ = (char)('0' + byte / 10 % 10);
                        *to++ = (char)('0' + byte % 10);
                        *to++ = '.';
                }
        }
        pic__buf_put(out, text, (size_t)(to - text));
        pic__buf_puts(out, a->family == 6 ? "ip6.arpa" : "in-addr.arpa");
}

void pic__ptr_name(const pic__addr *a, pic__buf *out)
{
        labels(a, a->family == 6 ? 128 : 32, out);
        pic__buf_putc(out, '.');
}

void pic__reverse_zones(const pic__prefix *net, pic__buf *out)
{
        unsigned step = net->addr.family == 6 ? 4 : 8;
        unsigned more = (step - net->len % step) % step, i;
        unsigned len = more <= ZONES_BITS ? net->len + more : net->len - net->len % step;
        pic__addr zone = net->addr;

        for (i = 0; i < (more <= ZONES_BITS ? 1u << more : 1u); i++) {
                unsigned low = step == 4 && len % 8 == 4 ? 4 : 0; /* where the zone's last label sits in its byte */

                if (len > 0 && more <= ZONES_BITS)
                        zone.bytes[(len - 1) / 8] = (uint8_t)(net->addr.bytes[(len - 1) / 8] | i << low);
                if (i > 0)
                        pic__buf_putc(out, ',');
                labels(&zone, len, out);
        }
}
