/* Owns: the sets of the table, and the texts of their elements as items. */
#include "backend/nft/elem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define CLASS "mark . "
#define RANGED "; flags interval"
/* A hash set with a size has fixed buckets (a megabyte for this one) and finds a source with two reads of memory; one
 * that grows needs three or four, seen as 5 % of a packet's whole way with 10,000 devices that talk at random, against
 * 3 to 4 % on the same busy machine. */
#define SIZED "; size 65536"

enum {
        MARK = PIC__NFT_HAS_MARK,
        ADDR = PIC__NFT_HAS_ADDR,
        FAMILY = PIC__NFT_HAS_FAMILY | ADDR,
        DEV = PIC__NFT_HAS_DEV,
        SERVICE = ADDR | PIC__NFT_HAS_PORT,
        TARGET = MARK | ADDR | PIC__NFT_HAS_PROTO | PIC__NFT_HAS_PORT
};

#define ROW(kind, form, family, key_len, data_len, keys, data, ranged, ...)                                    \
        {                                                                                                      \
                PIC__I_NFT_##kind, PIC__NFT_##form, family, key_len, data_len, keys, data, ranged, __VA_ARGS__ \
        }

const pic__nft_set pic__nft_sets[PIC__NFT_SETS] = {
        ROW(PEER4, PEER, 4, 4, 4, ADDR, MARK, 0, "peers4", "ipv4_addr : mark" SIZED, ""),
        ROW(PEER6, PEER, 6, 16, 4, ADDR, MARK, 0, "peers6", "ipv6_addr : mark" SIZED, ""),
        ROW(SUBNET4, SUBNET, 4, 8, 4, FAMILY, MARK, 1, "subnets4", "nf_proto . ipv4_addr : mark" RANGED, ""),
        ROW(SUBNET6, SUBNET, 6, 20, 4, FAMILY, MARK, 1, "subnets6", "nf_proto . ipv6_addr : mark" RANGED, ""),
        ROW(REACH4, REACH, 4, 8, 0, MARK | ADDR, 0, 0, "reach4", CLASS "ipv4_addr", "accept"),
        ROW(REACH6, REACH, 6, 20, 0, MARK | ADDR, 0, 0, "reach6", CLASS "ipv6_addr", "accept"),
        ROW(GRANT4, GRANT, 4, 16, 0, TARGET, 0, 1, "grants4", CLASS "ipv4_addr . inet_proto . inet_service" RANGED,
            "accept"),
        ROW(GRANT6, GRANT, 6, 28, 0, TARGET, 0, 1, "grants6", CLASS "ipv6_addr . inet_proto . inet_service" RANGED,
            "accept"),
        ROW(WIDE4, WIDE, 4, 8, 0, MARK | ADDR, 0, 1, "wide4", CLASS "ipv4_addr" RANGED, "accept"),
        ROW(WIDE6, WIDE, 6, 20, 0, MARK | ADDR, 0, 1, "wide6", CLASS "ipv6_addr" RANGED, "accept"),
        ROW(SERVED4, SERVED, 4, 8, 0, MARK | ADDR, 0, 0, "served4", CLASS "ipv4_addr", "accept"),
        ROW(SERVED6, SERVED, 6, 20, 0, MARK | ADDR, 0, 0, "served6", CLASS "ipv6_addr", "accept"),
        ROW(LOCAL4, LOCAL, 4, 8, 0, FAMILY, 0, 1, "local4", "nf_proto . ipv4_addr" RANGED, "local"),
        ROW(LOCAL6, LOCAL, 6, 20, 0, FAMILY, 0, 1, "local6", "nf_proto . ipv6_addr" RANGED, "local"),
        ROW(WAY, WAY, 0, 20, 0, MARK | DEV, 0, 0, "ways", "mark . ifname", "accept"),
        ROW(OPEN, OPEN, 0, 4, 0, MARK, 0, 0, "open", "mark", "open"),
        ROW(RESOLVER4, RESOLVER, 4, 4, 8, MARK, SERVICE, 0, "resolvers4", "mark : ipv4_addr . inet_service", ""),
        ROW(RESOLVER6, RESOLVER, 6, 4, 20, MARK, SERVICE, 0, "resolvers6", "mark : ipv6_addr . inet_service", ""),
        ROW(SPACE, SPACE, 0, 16, 4, DEV, MARK, 0, "spaces", "ifname : mark", ""),
        ROW(CARRIER4, CARRIER, 4, 16, 0, TARGET, 0, 1, "carriers4",
            CLASS "ipv4_addr . inet_proto . inet_service" RANGED, "accept"),
        ROW(CARRIER6, CARRIER, 6, 28, 0, TARGET, 0, 1, "carriers6",
            CLASS "ipv6_addr . inet_proto . inet_service" RANGED, "accept"),
        ROW(DOOR6, DOOR, 6, 16, 2, ADDR, PIC__NFT_HAS_PORT, 0, "doors6", "ipv6_addr : inet_service", ""),
};

const pic__nft_set *pic__nft_set_of(enum pic__item_kind kind)
{
        if (kind < PIC__I_NFT_PEER4 || kind > PIC__I_NFT_DOOR6)
                return NULL;
        return &pic__nft_sets[kind - PIC__I_NFT_PEER4];
}

int pic__nft_dev_ok(const char *name, size_t len)
{
        size_t i;

        if (len == 0 || len >= PIC__NFT_DEV || name[0] == '.' || name[0] == '-')
                return 0;
        for (i = 0; i < len; i++)
                if (!isalnum((unsigned char)name[i]) && strchr("._-", name[i]) == NULL)
                        return 0;
        return 1;
}

/* --- item text ---------------------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "0x00230000": exactly eight digits. Moves *at behind it. */
static int take_mark(const char **at, uint32_t *ret)
{
        const char *p = *at;
        uint32_t mark = 0;
        int i;

        if (p[0] != '0' || p[1] != 'x')
                return -1;
        for (i = 2; i < 10; i++) {
                int digit = hex_digit(p[i]);

                if (digit < 0)
                        return -1;
                mark = mark << 4 | (uint32_t)digit;
        }
        *ret = mark;
        *at = p + 10;
        return 0;
}

static int take_space(const char **at)
{
        if (**at != ' ')
                return -1;
        (*at)++;
        return 0;
}

/* A decimal number without leading zeros, up to max. */
static int take_number(const char **at, unsigned max, unsigned *ret)
{
        const char *p = *at;
        unsigned n = 0;

        if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9'))
                return -1;
        for (; *p >= '0' && *p <= '9'; p++) {
                n = n * 10 + (unsigned)(*p - '0');
                if (n > max)
                        return -1;
        }
        *ret = n;
        *at = p;
        return 0;
}

static int take_addr(const char **at, uint8_t family, pic__addr *ret)
{
        char text[PIC__ADDR_TEXT];
        size_t len = strcspn(*at, " -");

        if (len >= sizeof(text))
                return -1;
        memcpy(text, *at, len);
        text[len] = '\0';
        if (pic__addr_parse(text, ret) < 0 || ret->family != family)
                return -1;
        *at += len;
        return 0;
}

/* "a-b", a not above b. */
static int take_addrs(const char **at, uint8_t family, pic__range *ret)
{
        if (take_addr(at, family, &ret->first) < 0 || *(*at)++ != '-' || take_addr(at, family, &ret->last) < 0)
                return -1;
        return pic__addr_cmp(&ret->first, &ret->last) <= 0 ? 0 : -1;
}

/* "6" or "0-255". */
static int take_protos(const char **at, pic__nft_elem *e)
{
        unsigned lo, hi;

        if (take_number(at, 255, &lo) < 0)
                return -1;
        hi = lo;
        if (**at == '-') {
                (*at)++;
                if (take_number(at, 255, &hi) < 0)
                        return -1;
        }
        e->proto_lo = (uint8_t)lo;
        e->proto_hi = (uint8_t)hi;
        return lo <= hi ? 0 : -1;
}

static int take_ports(const char **at, pic__nft_elem *e)
{
        unsigned lo, hi;

        if (take_number(at, 65535, &lo) < 0 || *(*at)++ != '-' || take_number(at, 65535, &hi) < 0)
                return -1;
        e->port_lo = (uint16_t)lo;
        e->port_hi = (uint16_t)hi;
        return lo <= hi ? 0 : -1;
}

static int take_prefix(const char **at, uint8_t family, pic__range *ret)
{
        pic__prefix p;

        if (pic__prefix_parse(*at, &p) != 0 || p.addr.family != family)
                return -1;
        pic__prefix_range(&p, ret);
        *at += strlen(*at);
        return 0;
}

static int take_one(const char **at, uint8_t family, pic__range *ret)
{
        if (take_addr(at, family, &ret->first) < 0)
                return -1;
        ret->last = ret->first;
        return 0;
}

static int take_port(const char **at, pic__nft_elem *e)
{
        unsigned port;

        if (take_number(at, 65535, &port) < 0)
                return -1;
        e->port_lo = e->port_hi = (uint16_t)port;
        return 0;
}

static int take_dev(const char **at, pic__nft_elem *e)
{
        size_t len = strcspn(*at, " ");

        if (!pic__nft_dev_ok(*at, len))
                return -1;
        memcpy(e->dev, *at, len);
        *at += len;
        return 0;
}

/* "a-b 6 445-445" */
static int take_target(const char **at, pic__nft_elem *e)
{
        if (take_addrs(at, e->set->family, &e->to) < 0 || take_space(at) < 0 || take_protos(at, e) < 0 ||
            take_space(at) < 0)
                return -1;
        return take_ports(at, e);
}

static int is_right(const pic__nft_set *set)
{
        return (PIC__NFT_FORM(set->form) & PIC__NFT_RIGHTS) != 0;
}

static int take_key(const char **at, pic__nft_elem *e)
{
        uint8_t family = e->set->family;

        if ((e->set->keys & PIC__NFT_HAS_MARK) != 0) {
                if (take_mark(at, &e->mark) < 0 || (is_right(e->set) && (e->mark & ~PIC__NFT_CLASS_MASK) != 0))
                        return -1;
                if (e->set->keys != PIC__NFT_HAS_MARK && take_space(at) < 0)
                        return -1;
        }
        switch (e->set->form) {
        case PIC__NFT_PEER:
        case PIC__NFT_SERVED:
        case PIC__NFT_DOOR:
        case PIC__NFT_REACH: return take_one(at, family, &e->to);
        case PIC__NFT_SUBNET: return take_prefix(at, family, &e->to);
        case PIC__NFT_WIDE:
        case PIC__NFT_LOCAL: return take_addrs(at, family, &e->to);
        case PIC__NFT_GRANT:
        case PIC__NFT_CARRIER: return take_target(at, e);
        case PIC__NFT_WAY:
        case PIC__NFT_SPACE: return take_dev(at, e);
        case PIC__NFT_OPEN:
        case PIC__NFT_RESOLVER:
        case PIC__NFT_FORMS: break;
        }
        return 0;
}

/* "10.1.0.1 53", the address as we would print it */
static int take_service(const char **at, pic__nft_elem *e)
{
        const char *from = *at;
        char text[PIC__ADDR_TEXT];

        if (take_one(at, e->set->family, &e->to) < 0)
                return -1;
        pic__addr_print(&e->to.first, text);
        if (strncmp(text, from, strlen(text)) != 0 || take_space(at) < 0)
                return -1;
        return take_port(at, e);
}

/* A mark, or a service; of a set its word. */
static int take_value(const char **at, pic__nft_elem *e)
{
        size_t len = strlen(e->set->word);

        if (e->set->data == PIC__NFT_HAS_MARK)
                return take_mark(at, &e->mark);
        if (e->set->data == PIC__NFT_HAS_PORT)
                return take_port(at, e);
        if (e->set->data != 0)
                return take_service(at, e);
        if (strncmp(*at, e->set->word, len) != 0)
                return -1;
        *at += len;
        return 0;
}

int pic__nft_elem_parse(const pic__item *item, pic__nft_elem *ret, pic_error **err)
{
        pic__nft_elem e = { .set = pic__nft_set_of(item->kind) };
        const char *key = item->key, *value = item->value;

        if (e.set == NULL)
                return pic__fail(err, PIC_INVALID, "nft: item '%s' is no element", item->key);
        if (take_key(&key, &e) < 0 || *key != '\0' || take_value(&value, &e) < 0 || *value != '\0')
                return pic__fail(err, PIC_INVALID, "nft: '%s' -> '%s' is no element of %s", item->key, item->value,
                                 e.set->name);
        *ret = e;
        return 0;
}

/* Written by hand: an observation prints twenty thousand of them. */
static char *put_mark(char *to, uint32_t mark)
{
        int shift;

        *to++ = '0';
        *to++ = 'x';
        for (shift = 28; shift >= 0; shift -= 4)
                *to++ = "0123456789abcdef"[mark >> shift & 0xf];
        *to = '\0';
        return to;
}

static char *put_addr(char *to, const pic__addr *a)
{
        pic__addr_print(a, to);
        return to + strlen(to);
}

static int bit(const pic__addr *a, int i)
{
        return a->bytes[i / 8] >> (7 - i % 8) & 1;
}

/* The length of the prefix that this range is, or -1: what the ends have in common, then all zeros in one and all ones
 * in the other. */
static int prefix_len(const pic__range *r)
{
        int bits = r->first.family == 4 ? 32 : 128, len = 0, i;

        while (len < bits && bit(&r->first, len) == bit(&r->last, len))
                len++;
        for (i = len; i < bits; i++)
                if (bit(&r->first, i) != 0 || bit(&r->last, i) != 1)
                        return -1;
        return len;
}

/* Room for any of the texts below beside addresses; PIC__NFT_ITEM_TEXT holds two addresses and more of these than one
 * element has. */
#define TAIL 48

static char *put_range(char *to, const pic__range *r)
{
        to = put_addr(to, &r->first);
        *to++ = '-';
        return put_addr(to, &r->last);
}

static char *put_subnet(char *to, const pic__range *r)
{
        int len = prefix_len(r);

        if (len < 0)
                return put_range(to, r); /* not made by us: has to differ from any wish */
        to = put_addr(to, &r->first);
        return to + snprintf(to, TAIL, "/%d", len);
}

static char *put_target(char *to, const pic__nft_elem *e)
{
        to = put_range(to, &e->to);
        if (e->proto_lo == e->proto_hi)
                return to + snprintf(to, TAIL, " %u %u-%u", e->proto_lo, e->port_lo, e->port_hi);
        return to + snprintf(to, TAIL, " %u-%u %u-%u", e->proto_lo, e->proto_hi, e->port_lo, e->port_hi);
}

static void put_value(char *to, const pic__nft_elem *e)
{
        if (e->set->data == PIC__NFT_HAS_MARK)
                put_mark(to, e->mark);
        else if (e->set->data == PIC__NFT_HAS_PORT)
                snprintf(to, TAIL, "%u", e->port_lo);
        else if (e->set->data != 0)
                snprintf(put_addr(to, &e->to.first), TAIL, " %u", e->port_lo);
        else
                memcpy(to, e->set->word, strlen(e->set->word) + 1);
}

void pic__nft_elem_item(const pic__nft_elem *e, char key[PIC__NFT_ITEM_TEXT], char value[PIC__NFT_ITEM_TEXT])
{
        char *to = key;

        put_value(value, e);
        if ((e->set->keys & PIC__NFT_HAS_MARK) != 0) {
                to = put_mark(to, e->mark);
                if (e->set->keys != PIC__NFT_HAS_MARK)
                        *to++ = ' ';
        }
        switch (e->set->form) {
        case PIC__NFT_PEER:
        case PIC__NFT_SERVED:
        case PIC__NFT_DOOR:
        case PIC__NFT_REACH: put_addr(to, &e->to.first); break;
        case PIC__NFT_SUBNET: put_subnet(to, &e->to); break;
        case PIC__NFT_WIDE:
        case PIC__NFT_LOCAL: put_range(to, &e->to); break;
        case PIC__NFT_GRANT:
        case PIC__NFT_CARRIER: put_target(to, e); break;
        case PIC__NFT_WAY:
        case PIC__NFT_SPACE: snprintf(to, TAIL, "%.*s", PIC__NFT_DEV - 1, e->dev); break;
        case PIC__NFT_OPEN:
        case PIC__NFT_RESOLVER:
        case PIC__NFT_FORMS: break;
        }
}
