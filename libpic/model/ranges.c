/* Owns: sets of ranges, and the sets of addresses that have a meaning: "internet", "lan", "never a device's". */
#include <stdlib.h>
#include <string.h>

#include "model/net.h"

#define V4(a, b, c, d)                     \
        {                                  \
                4,                         \
                {                          \
                        (a), (b), (c), (d) \
                }                          \
        }
#define REST 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff

/* All of IPv4 without 0/8, 10/8, 100.64/10, 127/8, 169.254/16, 172.16/12, 192.0.0/24, 192.168/16, 224/3. The blocks for
 * documentation and benchmarks stay in: they are plain unicast space that nobody routes. */
static const pic__range internet4[] = {
        { V4(1, 0, 0, 0), V4(9, 255, 255, 255) },       { V4(11, 0, 0, 0), V4(100, 63, 255, 255) },
        { V4(100, 128, 0, 0), V4(126, 255, 255, 255) }, { V4(128, 0, 0, 0), V4(169, 253, 255, 255) },
        { V4(169, 255, 0, 0), V4(172, 15, 255, 255) },  { V4(172, 32, 0, 0), V4(191, 255, 255, 255) },
        { V4(192, 0, 1, 0), V4(192, 167, 255, 255) },   { V4(192, 169, 0, 0), V4(223, 255, 255, 255) },
};
/* 64:ff9b::/96 (NAT64, RFC 6052) and 2000::/3 (global unicast). */
static const pic__range internet6[] = {
        { { 6, { 0x00, 0x64, 0xff, 0x9b } },
          { 6, { 0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff } } },
        { { 6, { 0x20 } }, { 6, { 0x3f, 0xff, 0xff, 0xff, REST } } },
};
static const pic__range lan4[] = {
        { V4(10, 0, 0, 0), V4(10, 255, 255, 255) },
        { V4(172, 16, 0, 0), V4(172, 31, 255, 255) },
        { V4(192, 168, 0, 0), V4(192, 168, 255, 255) },
};
static const pic__range lan6[] = {
        { { 6, { 0xfc } }, { 6, { 0xfd, 0xff, 0xff, 0xff, REST } } },
};

static const struct {
        pic__prefix prefix;
        const char *what;
} unusable[] = {
        { { V4(0, 0, 0, 0), 8 }, "\"this network\" space (0.0.0.0/8)" },
        { { V4(127, 0, 0, 0), 8 }, "loopback space (127.0.0.0/8)" },
        { { V4(169, 254, 0, 0), 16 }, "link-local space (169.254.0.0/16)" },
        { { V4(224, 0, 0, 0), 4 }, "multicast space (224.0.0.0/4)" },
        { { V4(240, 0, 0, 0), 4 }, "reserved space (240.0.0.0/4)" },
        { { { 6, { 0 } }, 8 }, "reserved space (::/8, with loopback and mapped IPv4)" },
        { { { 6, { 0xfe, 0x80 } }, 10 }, "link-local space (fe80::/10)" },
        { { { 6, { 0xff } }, 8 }, "multicast space (ff00::/8)" },
};

/* Private and shared space; what is the asking device itself (0.0.0.0 and :: are on Linux and macOS) and its
 * neighbours; and the same behind 64:ff9b::/96, and mapped. */
static const char *const inside[] = {
        "0.0.0.0/8",           "10.0.0.0/8",
        "100.64.0.0/10",       "127.0.0.0/8",
        "169.254.0.0/16",      "172.16.0.0/12",
        "192.168.0.0/16",      "::/96",
        "::ffff:0:0/96",       "64:ff9b::/104",
        "64:ff9b::a00:0/104",  "64:ff9b::6440:0/106",
        "64:ff9b::7f00:0/104", "64:ff9b::a9fe:0/112",
        "64:ff9b::ac10:0/108", "64:ff9b::c0a8:0/112",
        "64:ff9b:1::/48",      "fc00::/7",
        "fe80::/10",
};

const char *pic__prefix_inside(size_t index)
{
        return index < sizeof(inside) / sizeof(inside[0]) ? inside[index] : NULL;
}

const char *pic__prefix_unusable(const pic__prefix *p)
{
        size_t i;

        for (i = 0; i < sizeof(unusable) / sizeof(unusable[0]); i++)
                if (pic__prefix_overlaps(p, &unusable[i].prefix))
                        return unusable[i].what;
        return NULL;
}

const pic__range *pic__ranges_internet(uint8_t family, size_t *ret_count)
{
        *ret_count = family == 4 ? sizeof(internet4) / sizeof(internet4[0]) : sizeof(internet6) / sizeof(internet6[0]);
        return family == 4 ? internet4 : internet6;
}

const pic__range *pic__ranges_lan(uint8_t family, size_t *ret_count)
{
        *ret_count = family == 4 ? sizeof(lan4) / sizeof(lan4[0]) : sizeof(lan6) / sizeof(lan6[0]);
        return family == 4 ? lan4 : lan6;
}

static int by_first(const void *a, const void *b)
{
        const pic__range *x = a, *y = b;

        return pic__addr_cmp(&x->first, &y->first);
}

/* Does b begin inside a, or right behind its end? */
static int touches(const pic__range *a, const pic__range *b)
{
        pic__addr next;

        if (pic__addr_cmp(&b->first, &a->last) <= 0)
                return 1;
        return pic__addr_add(&a->last, 1, &next) == 0 && pic__addr_cmp(&next, &b->first) == 0;
}

int pic__ranges_normalize(pic__range *ranges, size_t count)
{
        size_t i, n = 0;

        if (count == 0)
                return 0;
        qsort(ranges, count, sizeof(*ranges), by_first);
        for (i = 1; i < count; i++) {
                if (!touches(&ranges[n], &ranges[i]))
                        ranges[++n] = ranges[i];
                else if (pic__addr_cmp(&ranges[i].last, &ranges[n].last) > 0)
                        ranges[n].last = ranges[i].last;
        }
        return (int)n + 1;
}

/* The address before `a`, which is not the first of its family. */
static pic__addr before(const pic__addr *a)
{
        pic__addr r = *a;
        size_t i = a->family == 4 ? 4 : 16;

        while (i > 0 && r.bytes[--i]-- == 0)
                ;
        return r;
}

/* What of `rest` lies before `hole` goes to `out`; rest becomes what lies behind it. Returns 0 when nothing does. */
static int cut(pic__range *rest, const pic__range *hole, pic__range *out, int *ret_emitted)
{
        *ret_emitted = 0;
        if (pic__addr_cmp(&hole->first, &rest->first) > 0) {
                out->first = rest->first;
                out->last = before(&hole->first);
                *ret_emitted = 1;
        }
        if (pic__addr_cmp(&hole->last, &rest->last) >= 0)
                return 0;
        pic__addr_add(&hole->last, 1, &rest->first);
        return 1;
}

int pic__ranges_subtract(const pic__range *a, size_t na, const pic__range *b, size_t nb, pic__range *out, size_t max)
{
        size_t i, j, n = 0;

        for (i = 0; i < na; i++) {
                pic__range rest = a[i], piece;
                int left = 1, emitted;

                for (j = 0; j < nb && left; j++) {
                        if (pic__addr_cmp(&b[j].last, &rest.first) < 0)
                                continue;
                        if (pic__addr_cmp(&b[j].first, &rest.last) > 0)
                                break;
                        left = cut(&rest, &b[j], &piece, &emitted);
                        if (emitted && n >= max)
                                return -1;
                        if (emitted)
                                out[n++] = piece;
                }
                if (left && n >= max)
                        return -1;
                if (left)
                        out[n++] = rest;
        }
        return (int)n;
}
