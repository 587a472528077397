/* Owns: what follows from one active peer: its rights' mark, its key, its routes, its names. The hot loop of derive:
 * 10,000 peers make 70,000 items here, so nothing in it is printed with formats. */
#include <stdlib.h>
#include <string.h>

#include "model/exit.h"
#include "model/wgconf.h"
#include "plan/derive_in.h"
#include "plan/names.h"

enum { SUBNETS_MAX = 64 }; /* more than the field table allows */

static const struct {
        enum pic__item_kind peer, subnet;
        const char *record; /* behind the name in a record's key */
        const char *host;   /* behind an address in a list of prefixes */
} families[PIC__FAMILIES] = {
        { PIC__I_NFT_PEER4, PIC__I_NFT_SUBNET4, " A", "/32" },
        { PIC__I_NFT_PEER6, PIC__I_NFT_SUBNET6, " AAAA", "/128" },
};

/* There, and back by PTR. d->name is the full name. */
static int put_names(pic__derive *d, int family, const char *address, const char *why, pic_error **err)
{
        pic__addr a;
        int r;

        if (address[0] == '\0')
                return 0;
        if (pic__addr_parse(address, &a) < 0)
                return pic__fail(err, PIC_CORRUPT, "%s: %s is no address", why, address);
        pic__buf_put(&d->key, d->name.data, d->name.len);
        pic__buf_puts(&d->key, families[family].record);
        pic__buf_puts(&d->value, address);
        r = pic__derive_put(d, PIC__I_DNS_RECORD, NULL, why, err);
        if (r < 0)
                return r;
        pic__ptr_name(&a, &d->key);
        pic__buf_puts(&d->key, " PTR");
        pic__buf_put(&d->value, d->name.data, d->name.len);
        return pic__derive_put(d, PIC__I_DNS_RECORD, NULL, why, err);
}

/* Networks behind the peer have its rights. */
static int mark_subnets(pic__derive *d, const pic_obj *peer, const char *mark, const char *why, pic_error **err)
{
        const char *list = pic__derive_text(peer, d->field.subnets);
        char one[PIC__PREFIX_TEXT];
        int r;

        while (pic__list_next(&list, one, sizeof(one))) {
                int family = strchr(one, ':') != NULL ? PIC__V6 : PIC__V4;

                r = pic__items_add(d->out, families[family].subnet, one, mark, NULL, why, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int has_route(const pic__derive *d, const pic_obj *peer)
{
        return pic__derive_text(peer, d->field.subnets)[0] != '\0';
}

static int put_routes(pic__derive *d, const pic_obj *peer, const char *why, pic_error **err)
{
        const char *list = pic__derive_text(peer, d->field.subnets);
        char one[PIC__PREFIX_TEXT];
        int r;

        while (pic__list_next(&list, one, sizeof(one))) {
                pic__buf_puts(&d->key, one);
                pic__buf_puts(&d->value, "dev=");
                pic__buf_puts(&d->value, d->device);
                r = pic__derive_put(d, PIC__I_ROUTE_ROUTE, NULL, why, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int by_network(const void *a, const void *b)
{
        const pic__prefix *left = a, *right = b;
        int c = pic__addr_cmp(&left->addr, &right->addr);

        return c != 0 ? c : (left->len > right->len) - (left->len < right->len);
}

/* The peer's addresses and its subnets, in order of family, address and length, as the device is read back. */
static int put_networks(pic__derive *d, const pic_obj *peer, pic_error **err)
{
        const char *list = pic__derive_text(peer, d->field.subnets);
        pic__prefix all[PIC__FAMILIES + SUBNETS_MAX];
        char one[PIC__PREFIX_TEXT];
        size_t count = 0, i;

        for (i = 0; i < PIC__FAMILIES; i++) {
                if (pic__addr_parse(pic__derive_text(peer, d->field.addr[i]), &all[count].addr) < 0)
                        continue;
                all[count].len = i == PIC__V4 ? 32 : 128;
                count++;
        }
        while (pic__list_next(&list, one, sizeof(one))) {
                if (count == PIC__COUNT(all) || pic__prefix_parse(one, &all[count]) < 0)
                        return pic__fail(err, PIC_CORRUPT, "peer %s: subnet %s is no network", pic__obj_name(peer),
                                         one);
                count++;
        }
        qsort(all, count, sizeof(all[0]), by_network);
        for (i = 0; i < count; i++) {
                if (i > 0)
                        pic__buf_putc(&d->value, ',');
                pic__buf_puts(&d->value, pic__prefix_print(&all[i], one));
        }
        return 0;
}

/* The same for a peer that has no subnets, which is nearly every one: without reading the addresses again. */
static void put_addresses(pic__derive *d, const pic_obj *peer)
{
        const char *comma = "";
        int i;

        for (i = 0; i < PIC__FAMILIES; i++) {
                const char *address = pic__derive_text(peer, d->field.addr[i]);

                if (address[0] == '\0')
                        continue;
                pic__buf_puts(&d->value, comma);
                pic__buf_puts(&d->value, address);
                pic__buf_puts(&d->value, families[i].host);
                comma = ",";
        }
}

/* "allowed=10.1.0.2/32,192.168.9.0/24,fd00::2/128 keepalive=0": the device keeps the way open, the cell never has to.
 */
static int put_allowed(pic__derive *d, const pic_obj *peer, pic_error **err)
{
        int r = 0;

        pic__buf_puts(&d->value, "allowed=");
        if (has_route(d, peer))
                r = put_networks(d, peer, err);
        else
                put_addresses(d, peer);
        pic__buf_puts(&d->value, " keepalive=0");
        return r;
}

static int open_preshared(pic__derive *d, const pic_obj *peer, uint8_t secret[32], const char *why, pic_error **err)
{
        const pic__val *preshared = pic__obj_val(peer, d->field.preshared);
        int r;

        if (preshared->tag != PIC__V_NONE && preshared->i == 0)
                return 0;
        r = pic__derive_secret(d, peer, "preshared_key", secret, err);
        if (r < 0)
                pic__wrap(err, "%s", why);
        return r;
}

static int put_key(pic__derive *d, const pic_obj *peer, const char *why, pic_error **err)
{
        uint8_t secret[32];
        int r;

        pic__buf_puts(&d->key, pic__derive_text(peer, d->field.public_key));
        r = put_allowed(d, peer, err);
        if (r < 0)
                return r;
        r = open_preshared(d, peer, secret, why, err);
        if (r < 0)
                return r;
        r = pic__derive_put(d, PIC__I_WG_PEER, r > 0 ? secret : NULL, why, err);
        explicit_bzero(secret, sizeof(secret));
        return r;
}

static int put_marks(pic__derive *d, const pic_obj *peer, const pic__class *class, const char *why, pic_error **err)
{
        char mark[PIC__MARK_TEXT];
        int i, r;

        pic__derive_hex((uint32_t) class->number << 16 | pic__exit_peer_mark(d->snap, peer), mark);
        for (i = 0; i < PIC__FAMILIES; i++) {
                const char *address = pic__derive_text(peer, d->field.addr[i]);

                if (address[0] == '\0')
                        continue;
                r = pic__items_add(d->out, families[i].peer, address, mark, NULL, why, err);
                if (r < 0)
                        return r;
        }
        return mark_subnets(d, peer, mark, why, err);
}

int pic__derive_marks(pic__derive *d, const pic_obj *peer, pic_error **err)
{
        const pic__class *class = pic__snap_class(d->snap, peer);
        const char *why;
        int r;

        if (class == NULL)
                return 0;
        why = pic__derive_why(d, "peer ", pic__obj_name(peer));
        if (why == NULL)
                return pic__nomem(err);
        r = put_marks(d, peer, class, why, err);
        return r < 0 ? r : pic__derive_viewer(d, peer, why, err);
}

static int put_all_names(pic__derive *d, const pic_obj *peer, const char *why, pic_error **err)
{
        int i, r = 0;

        pic__buf_clear(&d->name);
        pic__dns_name(d->cell, peer, &d->name);
        pic__buf_putc(&d->name, '.');
        if (d->name.failed)
                return pic__nomem(err);
        for (i = 0; i < PIC__FAMILIES && r == 0; i++)
                r = put_names(d, i, pic__derive_text(peer, d->field.addr[i]), why, err);
        if (r == 0)
                r = pic__derive_viewer(d, peer, why, err);
        return r == 0 && d->sieve ? pic__derive_barred(d, peer, why, err) : r;
}

static int put_asker(pic__derive *d, const pic_obj *peer, const char *why, pic_error **err)
{
        int i, r = 0;

        for (i = 0; i < PIC__FAMILIES && r == 0; i++)
                r = pic__derive_fronted_peer(d, pic__derive_text(peer, d->field.addr[i]), pic__obj_name(peer), why,
                                             err);
        return r;
}

int pic__derive_peer(pic__derive *d, const pic_obj *peer, pic_error **err)
{
        const pic__class *class = pic__snap_class(d->snap, peer);
        const char *why;
        int r = 0;

        if (class == NULL || (d->parts == PIC__PART(PIC__B_ROUTE) && !has_route(d, peer)))
                return 0;
        why = pic__derive_why(d, "peer ", pic__obj_name(peer));
        if (why == NULL)
                return pic__nomem(err);
        if (pic__derive_wants(d, PIC__B_NFT))
                r = put_marks(d, peer, class, why, err);
        if (r == 0 && pic__derive_wants(d, PIC__B_DNS))
                r = put_all_names(d, peer, why, err);
        if (r == 0 && d->fronted)
                r = put_asker(d, peer, why, err);
        if (r == 0 && pic__derive_wants(d, PIC__B_ROUTE))
                r = put_routes(d, peer, why, err);
        if (r == 0 && pic__derive_wants(d, PIC__B_WG) && pic__derive_text(peer, d->field.public_key)[0] != '\0')
                r = put_key(d, peer, why, err);
        return r;
}
