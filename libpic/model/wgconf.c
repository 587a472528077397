/* Owns: a device's configuration as text, and DNS names. What stands in AllowedIPs is what the device is told to send
 * into the tunnel; what it may reach is decided on the cell. */
#include "model/wgconf.h"

#include <stdlib.h>
#include <string.h>

#include "model/snap_impl.h"
#include "model/text.h"

typedef PIC__VEC(pic__prefix) prefixes;

static void put_folded(pic__buf *out, const char *text)
{
        for (; *text != '\0'; text++)
                pic__buf_putc(out, pic__lower(*text));
}

void pic__dns_name(const pic_obj *cell, const pic_obj *peer, pic__buf *out)
{
        if (peer != NULL) {
                put_folded(out, pic__obj_name(peer));
                pic__buf_putc(out, '.');
        }
        put_folded(out, pic__obj_name(cell));
        pic__buf_putc(out, '.');
        put_folded(out, pic__obj_text(cell, "domain"));
}

static int add_list(const char *list, prefixes *out)
{
        char item[PIC__PREFIX_TEXT];

        while (pic__list_next(&list, item, sizeof(item))) {
                pic__prefix p;

                if (pic__prefix_parse(item, &p) == 0 && pic__vec_push(out, p) < 0)
                        return -1;
        }
        return 0;
}

/* Networks behind other peers: of all, of one, of a group. */
static int add_routed(const pic__snap *s, const pic_obj *me, const pic__grant *g, prefixes *out)
{
        const pic__node *n;
        const pic_obj *o;
        size_t at = 0;
        int r = 0;

        if (g->to == PIC__TO_PEER) {
                o = pic__snap_named(s, PIC__PEER, g->name);
                return o != NULL && o->id != me->id ? add_list(pic__obj_text(o, "subnets"), out) : 0;
        }
        if (g->to == PIC__TO_PEERS) {
                while (r == 0 && (n = pic__order_next(&s->routed, &at)) != NULL)
                        if (n->o->id != me->id)
                                r = add_list(pic__obj_text(n->o, "subnets"), out);
                return r;
        }
        while (r == 0 && (o = pic__snap_next_member(s, g->name, &at)) != NULL)
                if (o->id != me->id)
                        r = add_list(pic__obj_text(o, "subnets"), out);
        return r;
}

static int add_grant(const pic__snap *s, const pic_obj *me, const pic__grant *g, prefixes *out)
{
        if (g->to == PIC__TO_LAN) /* not the networks that the cell is attached to: its own endpoint lies in one */
                return add_list("10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7", out);
        if (g->to == PIC__TO_PREFIX)
                return pic__vec_push(out, g->prefix);
        if (g->to == PIC__TO_PEERS || g->to == PIC__TO_PEER || g->to == PIC__TO_GROUP)
                return add_routed(s, me, g, out);
        return 0;
}

static int by_place(const void *a, const void *b)
{
        const pic__prefix *x = a, *y = b;
        int c = pic__addr_cmp(&x->addr, &y->addr);

        return c != 0 ? c : (x->len > y->len) - (x->len < y->len);
}

static int holds(const pic__prefix *wide, const pic__prefix *narrow)
{
        return wide->len <= narrow->len && pic__prefix_has(wide, &narrow->addr);
}

/* Is it one of the device's own networks, or a part of one? Those are on its other side. */
static int is_own(const prefixes *own, const pic__prefix *p)
{
        size_t i;

        for (i = 0; i < own->count; i++)
                if (holds(&own->at[i], p))
                        return 1;
        return 0;
}

/* Sorted, without what is inside another or behind the device itself. */
static void tidy(prefixes *v, const prefixes *own)
{
        size_t i, n = 0;

        qsort(v->at, v->count, sizeof(v->at[0]), by_place);
        for (i = 0; i < v->count; i++)
                if (!is_own(own, &v->at[i]) && (n == 0 || !holds(&v->at[n - 1], &v->at[i])))
                        v->at[n++] = v->at[i];
        v->count = n;
}

static int split_prefixes(const pic__snap *s, const pic_obj *me, const pic__grants *rights, prefixes *out)
{
        prefixes own = PIC__VEC_INIT;
        size_t i;
        int r = add_list(pic__obj_text(me, "subnets"), &own);

        if (r == 0)
                r = add_list(pic__obj_text(s->cell, "net4"), out);
        if (r == 0)
                r = add_list(pic__obj_text(s->cell, "net6"), out);
        for (i = 0; r == 0 && i < rights->count; i++)
                r = add_grant(s, me, &rights->at[i], out);
        if (r == 0 && out->count > 0)
                tidy(out, &own);
        pic__vec_free(&own);
        return r;
}

static int is_full(const pic_obj *peer, const pic__grants *rights)
{
        const char *tunnel = pic__obj_text(peer, "tunnel");
        size_t i;

        if (tunnel[0] != '\0')
                return strcmp(tunnel, "full") == 0;
        for (i = 0; i < rights->count; i++)
                if (rights->at[i].to == PIC__TO_INTERNET)
                        return 1;
        return 0;
}

static int put_allowed(const pic__snap *s, const pic_obj *peer, pic__buf *out, pic_error **err)
{
        pic__grants rights = PIC__VEC_INIT;
        prefixes all = PIC__VEC_INIT;
        char text[PIC__PREFIX_TEXT];
        size_t i;
        int r = pic__rights_collect(s, peer, &rights, err);

        if (r == 0)
                r = is_full(peer, &rights) ? add_list("0.0.0.0/0,::/0", &all) : split_prefixes(s, peer, &rights, &all);
        if (r == 0)
                pic__buf_puts(out, "AllowedIPs = ");
        for (i = 0; r == 0 && i < all.count; i++)
                pic__buf_putf(out, "%s%s", i > 0 ? ", " : "", pic__prefix_print(&all.at[i], text));
        pic__vec_free(&rights);
        pic__vec_free(&all);
        if (r < 0)
                return pic__nomem(err);
        pic__buf_putc(out, '\n');
        return 0;
}

/* "a, b" of what there is. */
static void put_item(pic__buf *out, size_t start, const char *text)
{
        if (text[0] == '\0')
                return;
        if (out->len > start)
                pic__buf_puts(out, ", ");
        pic__buf_puts(out, text);
}

static void put_address(const pic_obj *peer, pic__buf *out)
{
        static const char *const fields[] = { "address4", "address6" };
        size_t start, i;

        pic__buf_puts(out, "Address = ");
        start = out->len;
        for (i = 0; i < PIC__COUNT(fields); i++) {
                const char *text = pic__obj_text(peer, fields[i]);

                put_item(out, start, text);
                if (text[0] != '\0')
                        pic__buf_puts(out, i == 0 ? "/32" : "/128");
        }
        pic__buf_putc(out, '\n');
}

/* The cell answers for names on its first address of each network. */
static void put_dns(const pic_obj *cell, pic__buf *out)
{
        static const char *const fields[] = { "net4", "net6" };
        char text[PIC__ADDR_TEXT];
        pic__prefix net;
        pic__addr own;
        size_t start, i;

        pic__buf_puts(out, "DNS = ");
        start = out->len;
        for (i = 0; i < PIC__COUNT(fields); i++)
                if (pic__prefix_parse(pic__obj_text(cell, fields[i]), &net) == 0 &&
                    pic__addr_add(&net.addr, 1, &own) == 0)
                        put_item(out, start, pic__addr_print(&own, text));
        if (out->len > start)
                pic__buf_puts(out, ", ");
        pic__dns_name(cell, NULL, out);
        pic__buf_putc(out, '\n');
}

static void put_interface(const pic_obj *cell, const pic_obj *peer, const char *private_key, pic__buf *out)
{
        pic__buf_putf(out, "# %s @ %s (pic)\n[Interface]\n", pic__obj_name(peer), pic__obj_name(cell));
        if (private_key != NULL)
                pic__buf_putf(out, "PrivateKey = %s\n", private_key);
        else
                pic__buf_puts(out, "# PrivateKey = the device's own key goes here\n");
        put_address(peer, out);
        put_dns(cell, out);
        pic__buf_putf(out, "MTU = %lld\n", (long long)pic__obj_int(cell, "mtu"));
}

/* A cell that nobody could connect to has no configuration to give. */
static int check_cell(const pic_obj *cell, pic_error **err)
{
        if (cell == NULL)
                return pic__fail(err, PIC_BADSTATE, "there is no cell");
        if (!pic__obj_has(cell, "endpoint")) {
                pic__fail(err, PIC_BADSTATE, "the cell has no endpoint: a device could not find it");
                pic__hint(err, "pic cell set --endpoint HOST:PORT");
                return PIC_BADSTATE;
        }
        if (!pic__obj_has(cell, "public_key"))
                return pic__fail(err, PIC_BADSTATE, "the cell has no key yet");
        return 0;
}

int pic__wgconf_client(const pic__snap *s, const pic_obj *peer, const char *private_key, const char *preshared_key,
                       pic__buf *out, pic_error **err)
{
        int64_t keepalive = pic__obj_int(peer, "keepalive");
        int r = check_cell(s->cell, err);

        if (r < 0)
                return r;
        put_interface(s->cell, peer, private_key, out);
        pic__buf_putf(out, "\n[Peer]\nPublicKey = %s\n", pic__obj_text(s->cell, "public_key"));
        if (preshared_key != NULL)
                pic__buf_putf(out, "PresharedKey = %s\n", preshared_key);
        r = put_allowed(s, peer, out, err);
        if (r < 0)
                return r;
        pic__buf_putf(out, "Endpoint = %s\n", pic__obj_text(s->cell, "endpoint"));
        if (keepalive != 0)
                pic__buf_putf(out, "PersistentKeepalive = %lld\n", (long long)keepalive);
        return out->failed ? pic__nomem(err) : 0;
}
