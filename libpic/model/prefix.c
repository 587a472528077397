/* Owns: prefixes: an address and a length, host bits zero. */
#include <stdio.h>
#include <string.h>

#include "model/net.h"

#define HOSTS_MAX ((uint64_t)1 << 40) /* more devices than anyone has; keeps host numbers small */

static unsigned bits_of(uint8_t family)
{
        return family == 4 ? 32 : 128;
}

/* The bits of byte `i` that belong to the network. */
static uint8_t net_mask(unsigned len, unsigned i)
{
        if (len >= (i + 1) * 8)
                return 0xff;
        if (len <= i * 8)
                return 0;
        return (uint8_t)(0xff << (8 - (len - i * 8)));
}

/* Decimal, 0..128, no leading zero; -1 for anything else. */
static int parse_len(const char *s)
{
        int n = 0;
        const char *p;

        if (*s == '\0' || (s[0] == '0' && s[1] != '\0'))
                return -1;
        for (p = s; *p != '\0'; p++) {
                if (*p < '0' || *p > '9' || p - s >= 3)
                        return -1;
                n = n * 10 + (*p - '0');
        }
        return n;
}

int pic__prefix_parse(const char *text, pic__prefix *ret)
{
        const char *slash = strchr(text, '/');
        char addr[PIC__ADDR_TEXT];
        pic__prefix p;
        int len, r;

        if (slash == NULL || (size_t)(slash - text) >= sizeof(addr))
                return -1;
        memcpy(addr, text, (size_t)(slash - text));
        addr[slash - text] = '\0';
        len = parse_len(slash + 1);
        if (len < 0 || pic__addr_parse(addr, &p.addr) < 0 || len > (int)bits_of(p.addr.family))
                return -1;
        p.len = (uint8_t)len;
        *ret = p;
        pic__prefix_mask(&p);
        r = pic__addr_cmp(&p.addr, &ret->addr) == 0 ? 0 : -2;
        return r;
}

void pic__prefix_mask(pic__prefix *p)
{
        unsigned i;

        for (i = 0; i < bits_of(p->addr.family) / 8; i++)
                p->addr.bytes[i] &= net_mask(p->len, i);
}

const char *pic__prefix_print(const pic__prefix *p, char text[PIC__PREFIX_TEXT])
{
        char addr[PIC__ADDR_TEXT];

        snprintf(text, PIC__PREFIX_TEXT, "%s/%u", pic__addr_print(&p->addr, addr), p->len);
        return text;
}

int pic__prefix_has(const pic__prefix *p, const pic__addr *a)
{
        unsigned i;

        if (p->addr.family != a->family)
                return 0;
        for (i = 0; i < bits_of(a->family) / 8; i++)
                if ((a->bytes[i] & net_mask(p->len, i)) != p->addr.bytes[i])
                        return 0;
        return 1;
}

int pic__prefix_overlaps(const pic__prefix *a, const pic__prefix *b)
{
        return a->len <= b->len ? pic__prefix_has(a, &b->addr) : pic__prefix_has(b, &a->addr);
}

void pic__prefix_range(const pic__prefix *p, pic__range *ret)
{
        unsigned i;

        ret->first = p->addr;
        ret->last = p->addr;
        for (i = 0; i < bits_of(p->addr.family) / 8; i++)
                ret->last.bytes[i] |= (uint8_t)~net_mask(p->len, i);
}

uint64_t pic__prefix_hosts(const pic__prefix *p)
{
        unsigned host_bits = bits_of(p->addr.family) - p->len;
        uint64_t all = host_bits > 40 ? HOSTS_MAX : (uint64_t)1 << host_bits;

        if (p->addr.family == 4)
                return all > 2 ? all - 2 : 0;
        return host_bits > 40 ? HOSTS_MAX : all - 1;
}
