/* Owns: what follows from connections: for each one its closed table (floor and rule), its namespace, where its
 * programs may go, and by whom its packets are carried now. A group has no namespace: its table leads into its
 * member's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "model/exit.h"
#include "model/words.h"
#include "plan/derive_in.h"
#include "plan/names.h"

static const struct {
        enum pic__item_kind local, resolver, carrier;
        uint8_t family;
} families[PIC__FAMILIES] = {
        { PIC__I_NFT_LOCAL4, PIC__I_NFT_RESOLVER4, PIC__I_NFT_CARRIER4, 4 },
        { PIC__I_NFT_LOCAL6, PIC__I_NFT_RESOLVER6, PIC__I_NFT_CARRIER6, 6 },
};

static void free_ranges(pic__rangevec *v)
{
        pic__vec_free(v);
}

/* --- once, when there are connections ------------------------------------------------------------------------- */

static int gather_local(pic__derive *d, int family, pic__rangevec *to)
{
        pic__range net;
        size_t i;

        pic__prefix_range(&d->net[family], &net);
        if (pic__vec_push(to, net) < 0)
                return -1;
        for (i = 0; i < d->subnets[family].count; i++)
                if (pic__vec_push(to, d->subnets[family].at[i]) < 0)
                        return -1;
        if (pic__derive_lan(d, family, to) < 0)
                return -1;
        to->count = (size_t)pic__ranges_normalize(to->at, to->count);
        return 0;
}

static int put_local(pic__derive *d, int family, pic_error **err)
{
        PIC__AUTO(free_ranges) pic__rangevec all = PIC__VEC_INIT;
        char text[PIC__ADDR_TEXT];
        size_t i;
        int r = pic__derive_subnets(d, err);

        if (r == 0 && gather_local(d, family, &all) < 0)
                r = pic__nomem(err);
        for (i = 0; i < all.count && r == 0; i++) {
                pic__buf_puts(&d->key, pic__addr_print(&all.at[i].first, text));
                pic__buf_putc(&d->key, '-');
                pic__buf_puts(&d->key, pic__addr_print(&all.at[i].last, text));
                pic__buf_puts(&d->value, "local");
                r = pic__derive_put(d, families[family].local, NULL, "connections", err);
        }
        return r;
}

/* So that the rule for packets without a class does not apply to the check of answers' way back: see backend/nft. Then
 * the check of a device's own packets asks with their marks too, and would want them to come from their exit: it may
 * only ask whether there is a way (backend/nft knows better who sends). */
static int put_settings(pic__derive *d, pic_error **err)
{
        const char *p;
        int r;

        pic__buf_puts(&d->key, "net.ipv4.conf.all.src_valid_mark");
        pic__buf_putc(&d->value, '1');
        r = pic__derive_put(d, PIC__I_ROUTE_SYSCTL, NULL, "connections", err);
        if (r < 0)
                return r;
        pic__buf_puts(&d->key, "net.ipv4.conf.");
        for (p = d->device; *p != '\0'; p++)
                pic__buf_putc(&d->key, *p == '.' ? '/' : *p);
        pic__buf_puts(&d->key, ".rp_filter");
        pic__buf_putc(&d->value, '2');
        return pic__derive_put(d, PIC__I_ROUTE_SYSCTL, NULL, "connections", err);
}

/* IPv4's kernel asks of each packet where its source would be answered to, here with the packet's mark: it would be
 * told the exit, and look all through the rules a second time. No packet of a device itself goes by this rule: what is
 * near has lost its mark, and a name asked of the cell's network is led to the exit's resolver first. */
static int put_way_back(pic__derive *d, pic_error **err)
{
        char text[PIC__PREFIX_TEXT];

        pic__buf_putf(&d->key, "%d 4", PIC__EXIT_BACK_PRIORITY);
        pic__buf_putf(&d->value, "mark=0x%x/0x%x to=%s table=254", pic__exit_mark(0), PIC__EXIT_KINDS,
                      pic__prefix_print(&d->net[PIC__V4], text));
        return pic__derive_put(d, PIC__I_ROUTE_RULE, NULL, "connections", err);
}

/* The kernel asks one rule after the other, two or three times for each packet that it forwards. Carriers' packets,
 * answers and whatever else has no exit would be held against each exit's. */
static int put_past(pic__derive *d, int family, pic_error **err)
{
        pic__buf_putf(&d->key, "%d %u", PIC__EXIT_PAST_PRIORITY, families[family].family);
        pic__buf_putf(&d->value, "mark=0x0/0x%x goto=%d", pic__exit_mark(0) | PIC__EXIT_NEAR,
                      PIC__EXIT_UNMARKED_PRIORITY);
        return pic__derive_put(d, PIC__I_ROUTE_RULE, NULL, "connections", err);
}

static int put_shared_rules(pic__derive *d, int family, pic_error **err)
{
        int r = put_past(d, family, err);

        if (r < 0)
                return r;
        pic__buf_putf(&d->key, "%d %u", PIC__EXIT_NEAR_PRIORITY, families[family].family);
        /* No default route, nor the halves of one that VPNs of the machine lay over it; 10.0.0.0/8 and fc00::/7 are
         * routes. */
        pic__buf_putf(&d->value, "mark=0x%x/0x%x table=254 suppress=%d", PIC__EXIT_NEAR, PIC__EXIT_NEAR,
                      family == PIC__V4 ? 7 : 6);
        r = pic__derive_put(d, PIC__I_ROUTE_RULE, NULL, "connections", err);
        if (r < 0)
                return r;
        pic__buf_putf(&d->key, "%d %u", PIC__EXIT_NEAR_END, families[family].family);
        pic__buf_putf(&d->value, "mark=0x%x/0x%x unreachable", PIC__EXIT_NEAR, PIC__EXIT_NEAR);
        r = pic__derive_put(d, PIC__I_ROUTE_RULE, NULL, "connections", err);
        if (r == 0 && family == PIC__V4)
                r = put_way_back(d, err);
        if (r < 0)
                return r;
        pic__buf_putf(&d->key, "%d %u", PIC__EXIT_END, families[family].family);
        pic__buf_putf(&d->value, "iif=%s mark=0x%x/0x%x unreachable", d->device, pic__exit_mark(0), PIC__EXIT_KINDS);
        r = pic__derive_put(d, PIC__I_ROUTE_RULE, NULL, "connections", err);
        if (r < 0)
                return r;
        pic__buf_putf(&d->key, "%d %u", PIC__EXIT_UNMARKED_PRIORITY, families[family].family);
        pic__buf_putf(&d->value, "iif=%s mark=0x0/0x%x unreachable", d->device, PIC__CLASS_MASK);
        return pic__derive_put(d, PIC__I_ROUTE_RULE, NULL, "connections", err);
}

/* --- the table: closed, and where it leads -------------------------------------------------------------------- */

static int put_closed(pic__derive *d, unsigned slot, int family, const char *why, pic_error **err)
{
        int r;

        pic__buf_putf(&d->key, "%u %u", pic__exit_table(slot), families[family].family);
        pic__buf_puts(&d->value, "unreachable");
        r = pic__derive_put(d, PIC__I_ROUTE_FLOOR, NULL, why, err);
        if (r < 0)
                return r;
        pic__buf_putf(&d->key, "%u %u", pic__exit_priority(slot), families[family].family);
        pic__buf_putf(&d->value, "mark=0x%x/0x%x table=%u", pic__exit_mark(slot), PIC__EXIT_MASK,
                      pic__exit_table(slot));
        return pic__derive_put(d, PIC__I_ROUTE_RULE, NULL, why, err);
}

/* Also of a family that it does not carry: its resolver is asked by that, and its rules refuse the rest at once. */
static int put_default(pic__derive *d, unsigned slot, const pic_obj *carrier, int family, const char *why,
                       pic_error **err)
{
        char dev[PIC__EXIT_DEV], text[PIC__ADDR_TEXT];
        pic__addr cell, exit;

        if (carrier == NULL)
                return 0;
        pic__exit_link(pic__exit_slot(carrier), families[family].family, &cell, &exit);
        pic__buf_putf(&d->key, "%u %u", pic__exit_table(slot), families[family].family);
        pic__buf_putf(&d->value, "dev=%s via=%s", pic__exit_dev(pic__exit_slot(carrier), dev),
                      pic__addr_print(&exit, text));
        return pic__derive_put(d, PIC__I_ROUTE_DEFAULT, NULL, why, err);
}

/* Without anybody who carries: only the cell's own names. */
static int put_resolver(pic__derive *d, unsigned slot, const pic_obj *carrier, int family, const char *why,
                        pic_error **err)
{
        char mark[PIC__MARK_TEXT], text[PIC__ADDR_TEXT];
        pic__addr cell, to = d->self[family];
        unsigned port = PIC__EXIT_PORT;

        if (carrier != NULL) {
                pic__exit_link(pic__exit_slot(carrier), families[family].family, &cell, &to);
                port = d->sieve ? PIC__SIEVED_PORT : 53;
        }
        pic__buf_puts(&d->key, pic__derive_hex(pic__exit_mark(slot), mark));
        pic__buf_putf(&d->value, "%s %u", pic__addr_print(&to, text), port);
        return pic__derive_put(d, families[family].resolver, NULL, why, err);
}

static int put_way(pic__derive *d, unsigned slot, const pic_obj *carrier, const char *why, pic_error **err)
{
        char mark[PIC__MARK_TEXT], dev[PIC__EXIT_DEV];

        if (carrier == NULL)
                return 0;
        pic__buf_puts(&d->key, pic__derive_hex(pic__exit_mark(slot), mark));
        pic__buf_putc(&d->key, ' ');
        pic__buf_puts(&d->key, pic__exit_dev(pic__exit_slot(carrier), dev));
        pic__buf_puts(&d->value, "accept");
        return pic__derive_put(d, PIC__I_NFT_WAY, NULL, why, err);
}

/* Only what failed opens: who turned a connection off, or chose `block`, wants it closed. */
static int put_open(pic__derive *d, const pic_obj *c, unsigned slot, const char *why, pic_error **err)
{
        char mark[PIC__MARK_TEXT];

        if (!pic__snap_exits(d->snap)->at[slot].down || pic__obj_int(c, "enabled") == 0 || pic__exit_is(c, "block"))
                return 0;
        pic__buf_puts(&d->key, pic__derive_hex(pic__exit_mark(slot) | PIC__EXIT_OPEN, mark));
        pic__buf_puts(&d->value, "open");
        return pic__derive_put(d, PIC__I_NFT_OPEN, NULL, why, err);
}

/* --- the namespace -------------------------------------------------------------------------------------------- */

/* A field, when it is secret and the connection has it; else NULL. */
static const pic__field *secret_field(const pic_obj *c, size_t i)
{
        const pic__field *f = &pic__kinds[PIC__CONNECTION].fields[i];

        return (f->flags & PIC__F_SECRET) != 0 && pic__obj_has(c, f->name) ? f : NULL;
}

static void put_field(const pic_obj *c, const pic__field *f, pic__buf *out)
{
        char number[24];

        if (f->type == PIC__T_INT) {
                snprintf(number, sizeof(number), "%" PRId64, pic__obj_int(c, f->name));
                pic__word_put(out, f->name, pic__obj_has(c, f->name) || f->def != NULL ? number : "");
                return;
        }
        pic__word_put(out, f->name, pic__obj_text(c, f->name));
}

static void put_link(unsigned slot, const char *name, uint8_t family, pic__buf *out)
{
        char a[PIC__ADDR_TEXT], b[PIC__ADDR_TEXT], text[2 * PIC__ADDR_TEXT];
        pic__addr cell, exit;

        pic__exit_link(slot, family, &cell, &exit);
        snprintf(text, sizeof(text), "%s,%s", pic__addr_print(&cell, a), pic__addr_print(&exit, b));
        pic__word_put(out, name, text);
}

/* The zones that the cell answers for: the exit's own resolver asks the cell for them. Zones of others are the owner's
 * own, in private networks: an exit would not find them. */
static void put_zones(pic__derive *d, pic__buf *out)
{
        pic__auto_buf pic__buf zones = PIC__BUF_INIT;
        const pic_obj *forward;
        size_t at = 0;

        pic__buf_put(&zones, d->zone.data, d->zone.len - 1);
        pic__buf_putc(&zones, ',');
        pic__reverse_zones(&d->net[PIC__V4], &zones);
        pic__buf_putc(&zones, ',');
        pic__reverse_zones(&d->net[PIC__V6], &zones);
        while ((forward = pic__snap_next(d->snap, PIC__FORWARD, &at)) != NULL)
                if (pic__obj_int(forward, "enabled") != 0)
                        pic__buf_putf(&zones, ",%s", pic__obj_name(forward));
        pic__word_put(out, "zones", pic__buf_str(&zones));
        out->failed |= zones.failed;
}

/* They lead to the cell, whoever asks: answered by the exit's resolver itself, so that it asks nobody for what stands
 * beside them. */
static void put_public(pic__derive *d, pic__buf *out)
{
        pic__auto_buf pic__buf names = PIC__BUF_INIT;

        pic__derive_public(d, &names);
        if (names.len > 0)
                pic__word_put(out, "public", pic__buf_str(&names));
        out->failed |= names.failed;
}

static int put_own(pic__derive *d, pic__buf *out, pic_error **err)
{
        pic__auto_buf pic__buf names = PIC__BUF_INIT;
        int r = pic__derive_own(d, &names, err);

        if (names.len > 0)
                pic__word_put(out, "own", pic__buf_str(&names));
        out->failed |= names.failed;
        return r;
}

/* Where the far end is now: as the agent found out, or the endpoint itself when it is an address. */
static const char *remote_of(const pic__derive *d, const pic_obj *c, char host[256 + 8])
{
        const char *known = pic__snap_exits(d->snap)->at[pic__exit_slot(c)].remote, *endpoint;
        pic__addr a;
        uint16_t port;

        if (known != NULL)
                return known;
        endpoint = pic__obj_text(c, "endpoint");
        return pic__endpoint_parse(endpoint, host, &port) == 0 && pic__addr_parse(host, &a) == 0 ? endpoint : "";
}

static int put_secrets(pic__derive *d, const pic_obj *c, pic__buf *out, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        size_t i;
        int r = 0;

        for (i = 0; i < pic__kinds[PIC__CONNECTION].count && r == 0; i++) {
                const pic__field *f = secret_field(c, i);

                if (f == NULL)
                        continue;
                pic__buf_clear(&text);
                r = d->secrets->open_text(c, f->name, &text, d->secrets->data, err);
                if (r == 0)
                        pic__word_put(out, f->name, pic__buf_str(&text));
        }
        return r < 0 ? r : out->failed ? pic__nomem(err) : 0;
}

/* Nobody opened them (no key here): enough to see that one is another. */
static int put_stand_in(const pic_obj *c, pic__buf *out)
{
        uint64_t h = 0;
        size_t i;

        for (i = 0; i < pic__kinds[PIC__CONNECTION].count; i++) {
                const pic__field *f = secret_field(c, i);
                const char *sealed = f != NULL ? pic__obj_text(c, f->name) : "";

                h = h * 31 + (f != NULL ? pic__hash(sealed, strlen(sealed)) : 0);
        }
        pic__buf_put(out, &h, sizeof(h));
        for (i = 0; i < 3; i++)
                pic__buf_put(out, &h, sizeof(h));
        return h != 0;
}

static void describe(pic__derive *d, const pic_obj *c, pic__buf *out)
{
        unsigned slot = pic__exit_slot(c);
        char dev[PIC__EXIT_DEV], host[256 + 8];
        size_t i;

        for (i = 0; i < pic__kinds[PIC__CONNECTION].count; i++)
                if ((pic__kinds[PIC__CONNECTION].fields[i].flags & PIC__F_CARRIED) != 0)
                        put_field(c, &pic__kinds[PIC__CONNECTION].fields[i], out);
        snprintf(host, sizeof(host), "%" PRId64, (int64_t)c->id);
        pic__word_put(out, "id", host); /* whose slot it was before may be another's */
        pic__word_put(out, "dev", pic__exit_dev(slot, dev));
        put_link(slot, "link4", 4, out);
        put_link(slot, "link6", 6, out);
        pic__word_put(out, "families",
                      pic__exit_carries(c, 4)   ? pic__exit_carries(c, 6) ? "46" : "4"
                      : pic__exit_carries(c, 6) ? "6"
                                                : "");
        put_zones(d, out);
        put_public(d, out);
        if (d->sieve)
                pic__word_put(out, "sieve", "yes");
        pic__word_put(out, "remote", remote_of(d, c, host));
}

static int put_space(pic__derive *d, const pic_obj *c, const char *why, pic_error **err)
{
        pic__auto_wipe pic__buf hidden = PIC__BUF_SECRET;
        pic__item item = { .kind = PIC__I_EXIT_SPACE, .why = why };
        char key[8];
        int r = 0, some;

        if (!pic__derive_wants(d, PIC__B_EXIT))
                return 0;
        describe(d, c, &d->value);
        r = put_own(d, &d->value, err);
        if (r < 0)
                return r;
        if (d->secrets == NULL) {
                some = put_stand_in(c, &hidden);
        } else {
                r = put_secrets(d, c, &hidden, err);
                some = hidden.len > 0;
        }
        snprintf(key, sizeof(key), "%u", pic__exit_slot(c));
        item.key = key;
        item.value = pic__buf_str(&d->value);
        if (some) {
                item.secret = (const uint8_t *)hidden.data;
                item.secret_len = hidden.len;
        }
        if (r == 0)
                r = d->value.failed || hidden.failed ? pic__nomem(err) : pic__items_add_long(d->out, &item, err);
        pic__buf_clear(&d->value);
        return r;
}

/* --- where its programs may go -------------------------------------------------------------------------------- */

static int put_carrier(pic__derive *d, unsigned slot, const pic__range *to, const char *rest, const char *why,
                       pic_error **err)
{
        char mark[PIC__MARK_TEXT], text[PIC__ADDR_TEXT];

        pic__buf_puts(&d->key, pic__derive_hex(pic__exit_carrier_mark(slot), mark));
        pic__buf_putc(&d->key, ' ');
        pic__buf_puts(&d->key, pic__addr_print(&to->first, text));
        pic__buf_putc(&d->key, '-');
        pic__buf_puts(&d->key, pic__addr_print(&to->last, text));
        pic__buf_puts(&d->key, rest);
        pic__buf_puts(&d->value, "accept");
        return pic__derive_put(d, families[to->first.family == 4 ? PIC__V4 : PIC__V6].carrier, NULL, why, err);
}

/* "ADDR:PORT" or "ADDR:PORT/udp" of a list. */
static int put_remote(pic__derive *d, const pic_obj *c, char *one, const char *why, pic_error **err)
{
        char *slash = strchr(one, '/'), host[256], rest[32];
        int udp = pic__exit_is(c, "wireguard");
        pic__range to;
        uint16_t port;

        if (slash != NULL) {
                udp = strncmp(slash + 1, "udp", 3) == 0;
                *slash = '\0';
        }
        if (pic__endpoint_parse(one, host, &port) < 0 || pic__addr_parse(host, &to.first) < 0)
                return 0; /* a name that is not known yet: nothing may go there */
        to.last = to.first;
        snprintf(rest, sizeof(rest), " %d %u-%u", udp ? 17 : 6, port, port);
        return put_carrier(d, pic__exit_slot(c), &to, rest, why, err);
}

/* Tor's relays may be anywhere in the internet. */
static int put_anywhere(pic__derive *d, const pic_obj *c, const char *why, pic_error **err)
{
        int family, r = 0;

        for (family = 0; family < PIC__FAMILIES && r == 0; family++) {
                PIC__AUTO(free_ranges) pic__rangevec all = PIC__VEC_INIT;
                size_t i;

                if (pic__derive_internet(d, family, &all) < 0)
                        return pic__nomem(err);
                for (i = 0; i < all.count && r == 0; i++)
                        r = put_carrier(d, pic__exit_slot(c), &all.at[i], " 6 1-65535", why, err);
        }
        return r;
}

static int put_carriers(pic__derive *d, const pic_obj *c, const char *why, pic_error **err)
{
        char one[PIC__ADDR_TEXT + 32], host[256 + 8];
        const char *list;
        int r = 0;

        if (pic__exit_is(c, "tor"))
                return put_anywhere(d, c, why, err);
        list = remote_of(d, c, host);
        while (r == 0 && pic__list_next(&list, one, sizeof(one)))
                r = put_remote(d, c, one, why, err);
        return r;
}

static int put_mark_of_space(pic__derive *d, const pic_obj *c, const char *why, pic_error **err)
{
        char mark[PIC__MARK_TEXT], dev[PIC__EXIT_DEV];

        pic__buf_puts(&d->key, pic__exit_dev(pic__exit_slot(c), dev));
        pic__buf_puts(&d->value, pic__derive_hex(pic__exit_carrier_mark(pic__exit_slot(c)), mark));
        return pic__derive_put(d, PIC__I_NFT_SPACE, NULL, why, err);
}

/* --- one connection ------------------------------------------------------------------------------------------- */

static int has_space(const pic_obj *c)
{
        return pic__obj_int(c, "enabled") != 0 && !pic__exit_is(c, "group") && !pic__exit_is(c, "block");
}

static int one_connection(pic__derive *d, const pic_obj *c, pic_error **err)
{
        const pic_obj *carrier = pic__exit_carried_by(d->snap, c);
        const char *why = pic__derive_why(d, "connection ", pic__obj_name(c));
        unsigned slot = pic__exit_slot(c);
        int family, r = why != NULL ? 0 : pic__nomem(err);

        if (r < 0 || slot == 0)
                return r;
        for (family = 0; family < PIC__FAMILIES && r == 0; family++) {
                r = put_closed(d, slot, family, why, err);
                if (r == 0)
                        r = put_default(d, slot, carrier, family, why, err);
                if (r == 0)
                        r = put_resolver(d, slot, carrier, family, why, err);
        }
        if (r == 0)
                r = put_way(d, slot, carrier, why, err);
        if (r == 0)
                r = put_open(d, c, slot, why, err);
        if (r < 0 || !has_space(c))
                return r;
        r = put_space(d, c, why, err);
        if (r == 0)
                r = put_mark_of_space(d, c, why, err);
        return r < 0 ? r : put_carriers(d, c, why, err);
}

int pic__derive_connections(pic__derive *d, pic_error **err)
{
        const pic_obj *c;
        size_t at = 0;
        int family, r = 0;

        if (pic__snap_count(d->snap, PIC__CONNECTION) == 0)
                return 0;
        for (family = 0; family < PIC__FAMILIES && r == 0; family++) {
                r = put_local(d, family, err);
                if (r == 0)
                        r = put_shared_rules(d, family, err);
        }
        if (r == 0)
                r = put_settings(d, err);
        while (r == 0 && (c = pic__snap_next(d->snap, PIC__CONNECTION, &at)) != NULL)
                r = one_connection(d, c, err);
        return r;
}
