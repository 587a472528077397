/* Owns: what connections may not be to the rest of the cell: loops, keys of others, the same far end twice; and groups
 * that send one device two ways. */
#include <stdio.h>
#include <string.h>

#include "model/exit.h"
#include "model/snap_check.h"
#include "model/snap_impl.h"
#include "model/text.h"

/* --- where the far end is ------------------------------------------------------------------------------------- */

struct far {
        pic__check *c;
        const pic_obj *o;
        const char *field;
        const char *text; /* as it stands there */
        char host[256];
        pic__addr addr; /* family 0: a name */
};

static void loop(const struct far *f, const char *where, const char *with)
{
        pic_error **one = pic__check_found(f->c, PIC_CONFLICT, f->o, f->field, f->text,
                                           "is %s%s: its packets would come back here", where, with);

        if (one != NULL)
                pic__hint(one, "The far end must be outside: another machine, that is reached without this cell.");
}

static void against_nets(const struct far *f)
{
        static const char *const nets[] = { "net4", "net6" };
        pic__prefix net;
        size_t i;

        for (i = 0; i < PIC__COUNT(nets); i++) {
                const char *text = pic__obj_text(f->c->cell, nets[i]);

                if (pic__prefix_parse(text, &net) == 0 && pic__prefix_has(&net, &f->addr))
                        loop(f, "inside the cell's network ", text);
        }
}

static void against_subnets(const struct far *f)
{
        const pic__node *n;
        size_t at = 0;

        while ((n = pic__order_next(&f->c->s->routed, &at)) != NULL) {
                const char *list = pic__obj_text(n->o, "subnets");
                char item[PIC__PREFIX_TEXT];
                pic__prefix net;

                while (pic__list_next(&list, item, sizeof(item)))
                        if (pic__prefix_parse(item, &net) == 0 && pic__prefix_has(&net, &f->addr))
                                loop(f, "behind peer ", pic__obj_name(n->o));
        }
}

/* The cell's own name from outside, or a name that only it knows. */
static void against_names(const struct far *f)
{
        char own[256], zone[330];
        size_t len, tail;
        uint16_t port;

        if (pic__endpoint_parse(pic__obj_text(f->c->cell, "endpoint"), own, &port) == 0 && pic__same_name(own, f->host))
                loop(f, "the cell's own endpoint", "");
        snprintf(zone, sizeof(zone), ".%s.%s", pic__obj_name(f->c->cell), pic__obj_text(f->c->cell, "domain"));
        len = strlen(f->host);
        tail = strlen(zone);
        if (pic__same_name(f->host, zone + 1) || (len > tail && pic__same_name(f->host + len - tail, zone)))
                loop(f, "a name of this cell", "");
}

static void check_far(struct far *f, const char *endpoint)
{
        uint16_t port;

        if (f->c->cell == NULL || pic__endpoint_parse(endpoint, f->host, &port) < 0)
                return;
        if (pic__addr_parse(f->host, &f->addr) < 0)
                f->addr = (pic__addr){ .family = 0 };
        against_names(f);
        if (f->addr.family == 0)
                return;
        against_nets(f);
        against_subnets(f);
}

static void check_places(pic__check *c, const pic_obj *o)
{
        struct far f = { .c = c, .o = o, .field = "endpoint", .text = pic__obj_text(o, "endpoint") };
        const char *at = pic__obj_text(o, "remotes");
        char item[PIC__ITEM_MAX + 1], text[PIC__ITEM_MAX + 1];

        check_far(&f, f.text);
        f.field = "remotes";
        f.text = text;
        while (pic__list_next(&at, item, sizeof(item))) {
                char *slash = strrchr(item, '/');

                snprintf(text, sizeof(text), "%s", item);
                if (slash != NULL)
                        *slash = '\0';
                check_far(&f, item);
        }
}

/* --- keys ----------------------------------------------------------------------------------------------------- */

static int same(const pic_obj *a, const char *field, const pic_obj *b, const char *other)
{
        const char *x = pic__obj_text(a, field);

        return x[0] != '\0' && strcmp(x, pic__obj_text(b, other)) == 0;
}

/* A key with two owners: WireGuard would send to whoever spoke last. */
static void check_keys(pic__check *c, const pic_obj *o)
{
        static const char *const fields[] = { "peer_key", "public_key" };
        size_t i;

        for (i = 0; i < PIC__COUNT(fields); i++) {
                const char *key = pic__obj_text(o, fields[i]);
                const pic__node *n;

                if (key[0] == '\0')
                        continue;
                if (c->cell != NULL && same(o, fields[i], c->cell, "public_key"))
                        pic__check_found(c, PIC_CONFLICT, o, fields[i], key, "is the key of this cell itself");
                n = pic__index_find(&c->s->peers[PIC__BY_KEY], PIC__BY_KEY, key, strlen(key), 0);
                if (n != NULL)
                        pic__check_against(pic__check_found(c, PIC_CONFLICT, o, fields[i], key, "is the key of peer %s",
                                                            pic__obj_name(n->o)),
                                           n->o, "public_key");
        }
}

/* Two of the same: the far end would answer the one that spoke last, and both would fail in turns. */
static void check_twice(pic__check *c, const pic_obj *o)
{
        const pic_obj *other;
        size_t at = 0;

        while ((other = pic__snap_next(c->s, PIC__CONNECTION, &at)) != NULL) {
                pic_error **one;

                if (other->id >= o->id || !same(o, "peer_key", other, "peer_key") ||
                    !same(o, "public_key", other, "public_key"))
                        continue;
                one = pic__check_found(c, PIC_EXISTS, o, "peer_key", pic__obj_text(o, "peer_key"),
                                       "is, with the same private key, that of connection %s", pic__obj_name(other));
                pic__check_against(one, other, "peer_key");
                if (one != NULL)
                        pic__hint(one, "Use that one (--exit %s), or have the provider make a second key.",
                                  pic__obj_name(other));
        }
}

static void check_members(pic__check *c, const pic_obj *o)
{
        const char *at = pic__obj_text(o, "members");
        char name[80];

        while (pic__list_next(&at, name, sizeof(name))) {
                const pic_obj *member = pic__snap_named(c->s, PIC__CONNECTION, name);

                if (member != NULL && member->id != o->id && pic__exit_is(member, "group"))
                        pic__check_found(c, PIC_VALUE, o, "members", name,
                                         "is a group itself: name its members one by one");
        }
}

void pic__check_connection(pic__check *c, const pic_obj *o)
{
        check_places(c, o);
        check_keys(c, o);
        check_twice(c, o);
        check_members(c, o);
}

/* --- exits of devices ----------------------------------------------------------------------------------------- */

void pic__check_exit(pic__check *c, const pic_obj *peer)
{
        const char *at = pic__obj_text(peer, "groups"), *exit = NULL;
        const pic_obj *first = NULL;
        char name[80];

        while (!pic__obj_has(peer, "exit") && pic__list_next(&at, name, sizeof(name))) {
                const pic_obj *group = pic__snap_named(c->s, PIC__GROUP, name);
                const char *its = group != NULL ? pic__obj_text(group, "exit") : "";
                pic_error **one;

                if (its[0] == '\0')
                        continue;
                if (first == NULL) {
                        first = group;
                        exit = its;
                }
                if (strcmp(exit, its) == 0)
                        continue;
                one = pic__check_found(c, PIC_CONFLICT, peer, "groups", name,
                                       "has the exit %s, but group %s has %s: a device leaves by one", its,
                                       pic__obj_name(first), exit);
                pic__check_against(one, group, "exit");
                if (one != NULL)
                        pic__hint(one, "Say which: pic peer set %s --exit %s", pic__obj_name(peer), exit);
        }
}
