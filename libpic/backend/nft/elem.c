/* Owns: the sets of the table and the forms of their elements. The order of bytes in a key is what nft 1.0.6 compiles
 * the rules to: a mark is in host order in a hash set, but in network order where a field may be a range (it puts a
 * byteorder expression there). */
#include "backend/nft/elem.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <string.h>

#define CLASS "mark . "
#define RANGED "; flags interval"
/* A hash set with a size has fixed buckets (a megabyte for this one) and finds a source with two reads of memory; one
 * that grows needs three or four, seen as 5 % of a packet's whole way with 10,000 devices that talk at random, against
 * 3 to 4 % on the same busy machine. */
#define SIZED "; size 65536"

const pic__nft_set pic__nft_sets[PIC__NFT_SETS] = {
        { PIC__I_NFT_PEER4, PIC__NFT_PEER, 4, 4, "peers4", "ipv4_addr : mark" SIZED },
        { PIC__I_NFT_PEER6, PIC__NFT_PEER, 6, 16, "peers6", "ipv6_addr : mark" SIZED },
        { PIC__I_NFT_SUBNET4, PIC__NFT_SUBNET, 4, 8, "subnets4", "nf_proto . ipv4_addr : mark" RANGED },
        { PIC__I_NFT_SUBNET6, PIC__NFT_SUBNET, 6, 20, "subnets6", "nf_proto . ipv6_addr : mark" RANGED },
        { PIC__I_NFT_REACH4, PIC__NFT_REACH, 4, 8, "reach4", CLASS "ipv4_addr" },
        { PIC__I_NFT_REACH6, PIC__NFT_REACH, 6, 20, "reach6", CLASS "ipv6_addr" },
        { PIC__I_NFT_GRANT4, PIC__NFT_GRANT, 4, 16, "grants4", CLASS "ipv4_addr . inet_proto . inet_service" RANGED },
        { PIC__I_NFT_GRANT6, PIC__NFT_GRANT, 6, 28, "grants6", CLASS "ipv6_addr . inet_proto . inet_service" RANGED },
        { PIC__I_NFT_WIDE4, PIC__NFT_WIDE, 4, 8, "wide4", CLASS "ipv4_addr" RANGED },
        { PIC__I_NFT_WIDE6, PIC__NFT_WIDE, 6, 20, "wide6", CLASS "ipv6_addr" RANGED },
};

const pic__nft_set *pic__nft_set_of(enum pic__item_kind kind)
{
        if (kind < PIC__I_NFT_PEER4 || kind > PIC__I_NFT_WIDE6)
                return NULL;
        return &pic__nft_sets[kind - PIC__I_NFT_PEER4];
}

static int is_map(const pic__nft_set *set)
{
        return set->form == PIC__NFT_PEER || set->form == PIC__NFT_SUBNET;
}

static size_t addr_len(const pic__nft_set *set)
{
        return set->family == 4 ? 4 : 16;
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

static int take_key(const char **at, pic__nft_elem *e)
{
        uint8_t family = e->set->family;

        if (e->set->form == PIC__NFT_PEER)
                return take_one(at, family, &e->to);
        if (e->set->form == PIC__NFT_SUBNET)
                return take_prefix(at, family, &e->to);
        if (take_mark(at, &e->mark) < 0 || (e->mark & ~PIC__NFT_CLASS_MASK) != 0 || take_space(at) < 0)
                return -1;
        if (e->set->form == PIC__NFT_REACH)
                return take_one(at, family, &e->to);
        if (take_addrs(at, family, &e->to) < 0)
                return -1;
        if (e->set->form == PIC__NFT_WIDE)
                return 0;
        if (take_space(at) < 0 || take_protos(at, e) < 0 || take_space(at) < 0)
                return -1;
        return take_ports(at, e);
}

int pic__nft_elem_parse(const pic__item *item, pic__nft_elem *ret, pic_error **err)
{
        pic__nft_elem e = { .set = pic__nft_set_of(item->kind) };
        const char *key = item->key, *value = item->value;
        int bad;

        if (e.set == NULL)
                return pic__fail(err, PIC_INVALID, "nft: item '%s' is no element", item->key);
        bad = take_key(&key, &e) < 0 || *key != '\0';
        if (is_map(e.set))
                bad = bad || take_mark(&value, &e.mark) < 0 || *value != '\0';
        else
                bad = bad || strcmp(value, "accept") != 0;
        if (bad)
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

static void put_proto_ports(char *to, const pic__nft_elem *e)
{
        if (e->proto_lo == e->proto_hi)
                snprintf(to, TAIL, " %u %u-%u", e->proto_lo, e->port_lo, e->port_hi);
        else
                snprintf(to, TAIL, " %u-%u %u-%u", e->proto_lo, e->proto_hi, e->port_lo, e->port_hi);
}

void pic__nft_elem_item(const pic__nft_elem *e, char key[PIC__NFT_ITEM_TEXT], char value[PIC__NFT_ITEM_TEXT])
{
        char *to = key;

        if (is_map(e->set)) {
                put_mark(value, e->mark);
        } else {
                memcpy(value, "accept", sizeof("accept"));
                to = put_mark(to, e->mark);
                *to++ = ' ';
        }
        if (e->set->form == PIC__NFT_PEER || e->set->form == PIC__NFT_REACH)
                put_addr(to, &e->to.first);
        else if (e->set->form == PIC__NFT_SUBNET)
                put_subnet(to, &e->to);
        else
                to = put_range(to, &e->to);
        if (e->set->form == PIC__NFT_GRANT)
                put_proto_ports(to, e);
}

/* --- kernel bytes ------------------------------------------------------------------------------------------- */

static int is_ranged(const pic__nft_set *set)
{
        return set->form != PIC__NFT_PEER && set->form != PIC__NFT_REACH;
}

/* What stands before the address: nothing, the family, or the class. */
static size_t put_head(const pic__nft_elem *e, uint8_t *to)
{
        uint32_t mark = is_ranged(e->set) ? htonl(e->mark) : e->mark;

        if (e->set->form == PIC__NFT_PEER)
                return 0;
        if (e->set->form == PIC__NFT_SUBNET)
                to[0] = e->set->family == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
        else
                memcpy(to, &mark, sizeof(mark));
        return 4;
}

static void put_key(const pic__nft_elem *e, const pic__addr *a, uint8_t proto, uint16_t port, uint8_t *to)
{
        uint16_t net_port = htons(port);
        size_t at;

        memset(to, 0, PIC__NFT_KEY_MAX);
        at = put_head(e, to);
        memcpy(to + at, a->bytes, addr_len(e->set));
        at += addr_len(e->set);
        if (e->set->form != PIC__NFT_GRANT)
                return;
        to[at] = proto;
        memcpy(to + at + 4, &net_port, sizeof(net_port));
}

int pic__nft_elem_bytes(const pic__nft_elem *e, uint8_t *key, uint8_t *end)
{
        put_key(e, &e->to.first, e->proto_lo, e->port_lo, key);
        if (!is_ranged(e->set))
                return 0;
        put_key(e, &e->to.last, e->proto_hi, e->port_hi, end);
        return 1;
}

static void read_tail(const uint8_t *at, uint8_t *proto, uint16_t *port)
{
        *proto = at[0];
        memcpy(port, at + 4, sizeof(*port));
        *port = ntohs(*port);
}

int pic__nft_elem_read(const pic__nft_set *set, const uint8_t *key, size_t len, const uint8_t *end, uint32_t value,
                       pic__nft_elem *ret)
{
        size_t at = set->form == PIC__NFT_PEER ? 0 : 4;
        pic__nft_elem e = { .set = set, .mark = value };

        if (len != set->key_len)
                return -1;
        if (end == NULL)
                end = key;
        if (!is_map(set)) {
                memcpy(&e.mark, key, sizeof(e.mark));
                e.mark = is_ranged(set) ? ntohl(e.mark) : e.mark;
        }
        e.to.first.family = e.to.last.family = set->family;
        memcpy(e.to.first.bytes, key + at, addr_len(set));
        memcpy(e.to.last.bytes, end + at, addr_len(set));
        if (set->form == PIC__NFT_GRANT) {
                read_tail(key + at + addr_len(set), &e.proto_lo, &e.port_lo);
                read_tail(end + at + addr_len(set), &e.proto_hi, &e.port_hi);
        }
        *ret = e;
        return 0;
}

/* --- nft language ------------------------------------------------------------------------------------------- */

void pic__nft_elem_text(const pic__nft_elem *e, pic__buf *out)
{
        char text[PIC__NFT_ITEM_TEXT], *to = text;

        if (e->set->form == PIC__NFT_SUBNET)
                to += snprintf(to, TAIL, "ipv%u . ", e->set->family);
        else if (e->set->form != PIC__NFT_PEER)
                to += snprintf(to, TAIL, "0x%08x . ", e->mark);
        to = is_ranged(e->set) ? put_range(to, &e->to) : put_addr(to, &e->to.first);
        if (e->set->form == PIC__NFT_GRANT)
                to += snprintf(to, TAIL, " . %u-%u . %u-%u", e->proto_lo, e->proto_hi, e->port_lo, e->port_hi);
        if (is_map(e->set))
                to += snprintf(to, TAIL, " : 0x%08x", e->mark);
        pic__buf_put(out, text, (size_t)(to - text));
}
