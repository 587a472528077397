/* Owns: which networks a cell gets or may have, with regard to those that the host uses already. */
#include <stdio.h>
#include <string.h>

#include "base/vec.h"
#include "engine/hostnet.h"
#include "engine/newcell.h"
#include "model/net.h"
#include "sys/crypto.h"

struct host_net {
        pic__prefix prefix;
        char ifname[32];
};

typedef PIC__VEC(struct host_net) host_net_vec;

typedef struct host_nets {
        host_net_vec list;
} host_nets;

static void nets_free(host_nets *nets)
{
        pic__vec_free(&nets->list);
}

static int take_net(const char *prefix, const char *ifname, void *data)
{
        host_nets *nets = data;
        struct host_net n;

        memset(&n, 0, sizeof(n));
        if (pic__prefix_parse(prefix, &n.prefix) == -1)
                return 0;
        if (n.prefix.len == 0) /* the default route is no network of the host's */
                return 0;
        snprintf(n.ifname, sizeof(n.ifname), "%s", ifname);
        return pic__vec_push(&nets->list, n) < 0 ? PIC_NOMEM : 0;
}

static int read_nets(host_nets *nets, pic_error **err)
{
        int r = pic__engine_host_prefixes(take_net, nets, err);

        return r == PIC_NOMEM ? pic__nomem(err) : r;
}

static const struct host_net *in_the_way(const host_nets *nets, const pic__prefix *p)
{
        size_t i;

        for (i = 0; i < nets->list.count; i++)
                if (pic__prefix_overlaps(&nets->list.at[i].prefix, p))
                        return &nets->list.at[i];
        return NULL;
}

static void check_net(const host_nets *nets, const char *field, const char *text, pic_error **list)
{
        const struct host_net *other;
        char shown[PIC__PREFIX_TEXT];
        pic_error *one = NULL;
        pic__prefix p;

        if (pic__prefix_parse(text, &p) < 0)
                return;
        other = in_the_way(nets, &p);
        if (other == NULL)
                return;
        pic__prefix_print(&other->prefix, shown);
        (void)pic__fail(&one, PIC_CONFLICT, "%s: %s overlaps %s, which this host uses%s%s", field, text, shown,
                        other->ifname[0] != '\0' ? " on " : "", other->ifname);
        pic__detail(&one, "field", field);
        pic__detail(&one, "value", text);
        pic__detail(&one, "object", other->ifname);
        pic__detail(&one, "rule", "must not overlap an address or route of the host");
        if (strcmp(field, "subnets") == 0)
                pic__hint(&one, "What this host reaches by itself cannot be behind a device; see 'ip route'.");
        else
                pic__hint(
                        &one,
                        "Choose another ('ip route' tells what is used). At pic init: leave %s out, and a free one is "
                        "taken.",
                        field);
        pic__err_append(list, one);
}

int pic__newcell_check_host(const pic_obj *o, pic_error **err)
{
        PIC__AUTO(nets_free) host_nets nets = { PIC__VEC_INIT };
        const char *subnets = o->kind == PIC__PEER ? pic__obj_text(o, "subnets") : "";
        char item[PIC__PREFIX_TEXT];
        pic_error *list = NULL;
        int r;

        if (o->kind == PIC__PEER && subnets[0] == '\0')
                return 0;
        r = read_nets(&nets, err);
        if (r < 0)
                return r;
        while (pic__list_next(&subnets, item, sizeof(item)))
                check_net(&nets, "subnets", item, &list);
        if (o->kind == PIC__CELL) {
                check_net(&nets, "net4", pic__obj_text(o, "net4"), &list);
                check_net(&nets, "net6", pic__obj_text(o, "net6"), &list);
        }
        r = pic_error_code(list);
        if (err != NULL && list != NULL)
                pic__err_append(err, list);
        else
                pic_error_free(list);
        return r;
}

/* RFC 4193: fd, 40 random bits, subnet 0. */
static int pick6(const host_nets *nets, char text[PIC__PREFIX_TEXT], pic_error **err)
{
        int tries;

        for (tries = 0; tries < 64; tries++) {
                pic__prefix p = { { 6, { 0xfd } }, 48 };

                pic__random(p.addr.bytes + 1, 5);
                if (in_the_way(nets, &p) != NULL)
                        continue;
                pic__prefix_print(&p, text);
                return 0;
        }
        return pic__fail(err, PIC_CONFLICT, "net6: no network of fd00::/8 is free on this host");
}

/* A /16 of 10.0.0.0/8 by chance; where the host uses all of that, of 172.16.0.0/12; at last 192.168.0.0/16. */
static int pick4(const host_nets *nets, char text[PIC__PREFIX_TEXT], pic_error **err)
{
        unsigned i;
        uint8_t from;

        pic__random(&from, 1);
        for (i = 0; i < 256 + 16 + 1; i++) {
                pic__prefix p = { { 4, { 10 } }, 16 };

                p.addr.bytes[1] = (uint8_t)(from + i * 101); /* odd: all 256 come once */
                if (i >= 256) {
                        p.addr.bytes[0] = 172;
                        p.addr.bytes[1] = (uint8_t)(16 + (from + i) % 16);
                }
                if (i == 256 + 16) {
                        p.addr.bytes[0] = 192;
                        p.addr.bytes[1] = 168;
                }
                if (in_the_way(nets, &p) != NULL)
                        continue;
                pic__prefix_print(&p, text);
                return 0;
        }
        (void)pic__fail(err, PIC_CONFLICT, "net4: no private /16 is free on this host");
        pic__hint(err, "Give one yourself: --net4 PREFIX");
        return PIC_CONFLICT;
}

int pic__newcell_networks(pic_obj *cell, int fake, pic_error **err)
{
        PIC__AUTO(nets_free) host_nets nets = { PIC__VEC_INIT };
        char text[PIC__PREFIX_TEXT];
        int r = pic__crypto_start(err);

        if (r == 0 && !fake)
                r = read_nets(&nets, err);
        if (r == 0 && !pic__obj_has(cell, "net4")) {
                r = pick4(&nets, text, err);
                if (r == 0)
                        r = pic__obj_set(cell, "net4", text, 0, err);
        }
        if (r == 0 && !pic__obj_has(cell, "net6")) {
                r = pick6(&nets, text, err);
                if (r == 0)
                        r = pic__obj_set(cell, "net6", text, 0, err);
        }
        return r;
}
