/* Owns: the bytes of an element's key and data, and its words in the nft language. The order of bytes is what nft 1.0.6
 * compiles the rules to: a mark is in host order in a hash set, but in network order where a field may be a range (it
 * puts a byteorder expression there). Data of a map is in host order always. */
#include "backend/nft/elem_raw.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <string.h>

/* Of a range one end. */
struct ends {
        const pic__addr *addr;
        uint8_t proto;
        uint16_t port;
};

static struct ends low(const pic__nft_elem *e)
{
        return (struct ends){ &e->to.first, e->proto_lo, e->port_lo };
}

static struct ends high(const pic__nft_elem *e)
{
        return (struct ends){ &e->to.last, e->proto_hi, e->port_hi };
}

static size_t addr_len(const pic__nft_set *set)
{
        return set->family == 4 ? 4 : 16;
}

static uint8_t *put(uint8_t *to, const void *from, size_t len)
{
        memcpy(to, from, len);
        return to + (len + 3) / 4 * 4;
}

/* `to` is all zero. */
static void put_fields(const pic__nft_elem *e, uint8_t fields, struct ends end, uint8_t *to)
{
        uint32_t mark = e->set->ranged && e->set->data == 0 ? htonl(e->mark) : e->mark;
        uint8_t family = e->set->family == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
        uint16_t port = htons(end.port);

        if ((fields & PIC__NFT_HAS_MARK) != 0)
                to = put(to, &mark, sizeof(mark));
        if ((fields & PIC__NFT_HAS_FAMILY) != 0)
                to = put(to, &family, sizeof(family));
        if ((fields & PIC__NFT_HAS_ADDR) != 0)
                to = put(to, end.addr->bytes, addr_len(e->set));
        if ((fields & PIC__NFT_HAS_PROTO) != 0)
                to = put(to, &end.proto, sizeof(end.proto));
        if ((fields & PIC__NFT_HAS_PORT) != 0)
                to = put(to, &port, sizeof(port));
        if ((fields & PIC__NFT_HAS_DEV) != 0)
                put(to, e->dev, sizeof(e->dev));
}

int pic__nft_elem_bytes(const pic__nft_elem *e, uint8_t *key, uint8_t *end)
{
        memset(key, 0, PIC__NFT_KEY_MAX);
        put_fields(e, e->set->keys, low(e), key);
        if (!e->set->ranged)
                return 0;
        memset(end, 0, PIC__NFT_KEY_MAX);
        put_fields(e, e->set->keys, high(e), end);
        return 1;
}

void pic__nft_elem_data(const pic__nft_elem *e, uint8_t data[PIC__NFT_DATA_MAX])
{
        memset(data, 0, PIC__NFT_DATA_MAX);
        put_fields(e, e->set->data, low(e), data);
}

/* --- back --------------------------------------------------------------------------------------------------- */

static const uint8_t *take(const uint8_t *from, void *to, size_t len)
{
        memcpy(to, from, len);
        return from + (len + 3) / 4 * 4;
}

static void take_fields(pic__nft_elem *e, uint8_t fields, const uint8_t *from, pic__addr *addr, uint8_t *proto,
                        uint16_t *port)
{
        uint8_t family;

        if ((fields & PIC__NFT_HAS_MARK) != 0) {
                from = take(from, &e->mark, sizeof(e->mark));
                if (e->set->ranged && e->set->data == 0)
                        e->mark = ntohl(e->mark);
        }
        if ((fields & PIC__NFT_HAS_FAMILY) != 0)
                from = take(from, &family, sizeof(family));
        if ((fields & PIC__NFT_HAS_ADDR) != 0) {
                addr->family = e->set->family;
                from = take(from, addr->bytes, addr_len(e->set));
        }
        if ((fields & PIC__NFT_HAS_PROTO) != 0)
                from = take(from, proto, sizeof(*proto));
        if ((fields & PIC__NFT_HAS_PORT) != 0) {
                from = take(from, port, sizeof(*port));
                *port = ntohs(*port);
        }
        if ((fields & PIC__NFT_HAS_DEV) != 0)
                take(from, e->dev, sizeof(e->dev));
}

static int has_name(const pic__nft_elem *e)
{
        size_t len = strnlen(e->dev, sizeof(e->dev)), i;

        for (i = len; i < sizeof(e->dev); i++)
                if (e->dev[i] != '\0')
                        return 0;
        return pic__nft_dev_ok(e->dev, len);
}

int pic__nft_elem_read(const pic__nft_set *set, const uint8_t *key, size_t len, const uint8_t *end, const uint8_t *data,
                       pic__nft_elem *ret)
{
        pic__nft_elem e = { .set = set };

        if (len != set->key_len || (set->data != 0 && data == NULL))
                return -1;
        take_fields(&e, set->keys, key, &e.to.first, &e.proto_lo, &e.port_lo);
        take_fields(&e, set->keys, end != NULL ? end : key, &e.to.last, &e.proto_hi, &e.port_hi);
        if (set->data != 0)
                take_fields(&e, set->data, data, &e.to.first, &e.proto_lo, &e.port_lo);
        if ((set->data & PIC__NFT_HAS_ADDR) != 0)
                e.to.last = e.to.first;
        if ((set->data & PIC__NFT_HAS_PORT) != 0)
                e.port_hi = e.port_lo;
        if ((set->keys & PIC__NFT_HAS_DEV) != 0 && !has_name(&e))
                return -1;
        *ret = e;
        return 0;
}

/* --- nft language ------------------------------------------------------------------------------------------- */

static void put_addrs(const pic__nft_elem *e, pic__buf *out)
{
        char text[PIC__ADDR_TEXT];

        pic__buf_puts(out, pic__addr_print(&e->to.first, text));
        if (!e->set->ranged)
                return;
        pic__buf_putc(out, '-');
        pic__buf_puts(out, pic__addr_print(&e->to.last, text));
}

static void put_ports(const pic__nft_elem *e, pic__buf *out)
{
        if (e->set->ranged)
                pic__buf_putf(out, "%u-%u", e->port_lo, e->port_hi);
        else
                pic__buf_putf(out, "%u", e->port_lo);
}

static void words(const pic__nft_elem *e, uint8_t fields, pic__buf *out)
{
        uint8_t field;

        for (field = 1; field <= PIC__NFT_HAS_DEV; field = (uint8_t)(field << 1)) {
                if ((fields & field) == 0)
                        continue;
                switch (field) {
                case PIC__NFT_HAS_MARK: pic__buf_putf(out, "0x%08x", e->mark); break;
                case PIC__NFT_HAS_FAMILY: pic__buf_putf(out, "ipv%u", e->set->family); break;
                case PIC__NFT_HAS_ADDR: put_addrs(e, out); break;
                case PIC__NFT_HAS_PROTO: pic__buf_putf(out, "%u-%u", e->proto_lo, e->proto_hi); break;
                case PIC__NFT_HAS_PORT: put_ports(e, out); break;
                default: pic__buf_putf(out, "\"%.*s\"", PIC__NFT_DEV - 1, e->dev); break;
                }
                if (fields >> 1 >= field) /* more to come */
                        pic__buf_puts(out, " . ");
        }
}

void pic__nft_elem_text(const pic__nft_elem *e, pic__buf *out)
{
        words(e, e->set->keys, out);
        if (e->set->data == 0)
                return;
        pic__buf_puts(out, " : ");
        words(e, e->set->data, out);
}
