/* Owns: the owner's own names in a snapshot: which records have an address, or lead to a name, without looking at all
 * of them; and what needs more than one object to judge a record, or
 * a zone of others. */
#include <stdio.h>
#include <string.h>

#include "model/domain.h"
#include "model/own.h"
#include "model/public.h"
#include "model/record.h"
#include "model/service.h"
#include "model/snap_check.h"
#include "model/snap_impl.h"
#include "model/text.h"
#include "model/wgconf.h"

/* What records point at, "10.1.0.2" or ">nas", and which do. */
typedef struct pointed {
        pic__order records; /* pic__node by id */
        char key[];
} pointed;

static int each_key(const pic_obj *o, int (*fn)(const char *key, void *data), void *data)
{
        const char *at = pic__obj_text(o, "addresses"), *cname = pic__obj_text(o, "cname");
        char key[PIC__RDATA_TEXT];
        int r = 0;

        while (r == 0 && pic__list_next(&at, key, sizeof(key)))
                r = fn(key, data);
        if (r == 0 && cname[0] != '\0') {
                key[0] = '>';
                strncpy(key + 1, cname, sizeof(key) - 2);
                key[sizeof(key) - 1] = '\0';
                r = fn(key, data);
        }
        return r;
}

struct pointing {
        pic__snap *s;
        pic__node *n;
};

static int reserve(const char *key, void *data)
{
        struct pointing *p = data;
        size_t len = strlen(key);
        pointed *there = pic__map_get(&p->s->pointed, key, len);

        if (there == NULL) {
                there = pic__alloc(sizeof(*there) + len + 1);
                if (there == NULL)
                        return -1;
                memcpy(there->key, key, len + 1);
                if (pic__map_set(&p->s->pointed, there->key, len, there) < 0) {
                        pic__free(there);
                        return -1;
                }
        }
        return pic__order_reserve(&there->records);
}

static void tidy(pic__snap *s, pointed *there)
{
        if (there == NULL || there->records.live > 0)
                return;
        pic__map_remove(&s->pointed, there->key, strlen(there->key));
        pic__order_free(&there->records);
        pic__free(there);
}

static int forsake(const char *key, void *data)
{
        struct pointing *p = data;

        tidy(p->s, pic__map_get(&p->s->pointed, key, strlen(key)));
        return 0;
}

static int enter(const char *key, void *data)
{
        struct pointing *p = data;
        pointed *there = pic__map_get(&p->s->pointed, key, strlen(key));

        pic__order_put(&there->records, p->n->o->id, p->n);
        return 0;
}

/* Where a newer state of the same record has its place already, that one stays. */
static int leave(const char *key, void *data)
{
        struct pointing *p = data;
        pointed *there = pic__map_get(&p->s->pointed, key, strlen(key));

        if (there != NULL && pic__order_find(&there->records, p->n->o->id) == p->n)
                pic__order_drop(&there->records, p->n->o->id);
        tidy(p->s, there);
        return 0;
}

int pic__pointed_reserve(pic__snap *s, const pic_obj *record)
{
        struct pointing p = { s, NULL };

        if (each_key(record, reserve, &p) == 0)
                return 0;
        (void)each_key(record, forsake, &p);
        return -1;
}

void pic__pointed_enter(pic__snap *s, pic__node *record)
{
        struct pointing p = { s, record };

        (void)each_key(record->o, enter, &p);
}

void pic__pointed_leave(pic__snap *s, pic__node *record)
{
        struct pointing p = { s, record };

        (void)each_key(record->o, leave, &p);
}

void pic__pointed_free(pic__snap *s)
{
        pointed *there;
        size_t at = 0;

        while ((there = pic__map_next(&s->pointed, &at)) != NULL) {
                pic__order_free(&there->records);
                pic__free(there);
        }
        pic__map_free(&s->pointed);
}

const pic_obj *pic__snap_next_pointing(const pic__snap *s, const char *key, size_t *at)
{
        const pointed *there = pic__map_get(&s->pointed, key, strlen(key));
        const pic__node *n = there != NULL ? pic__order_next(&there->records, at) : NULL;

        return n != NULL ? n->o : NULL;
}

/* --- checks --------------------------------------------------------------------------------------------------- */

/* Whether somebody else would answer to the name. */
static void check_taken(pic__check *c, const pic_obj *o)
{
        static const struct {
                enum pic__kind kind;
                const char *word;
        } others[] = { { PIC__PEER, "device" }, { PIC__RECORD, "record" }, { PIC__SERVICE, "service" } };
        size_t i;

        for (i = 0; i < PIC__COUNT(others); i++)
                if (others[i].kind != o->kind && pic__snap_named(c->s, others[i].kind, pic__obj_name(o)) != NULL)
                        pic__check_found(c, PIC_EXISTS, o, "name", pic__obj_name(o),
                                         "is the name of a %s: both would answer", others[i].word);
}

/* An alias has to end at something that is none. */
static void check_alias(pic__check *c, const pic_obj *o)
{
        const char *cname = pic__obj_text(o, "cname");
        const pic_obj *at = o;
        char name[PIC__RDATA_TEXT];
        int steps;

        for (steps = 0; at != NULL && pic__obj_text(at, "cname")[0] != '\0'; steps++) {
                if (!pic__record_inside(c->cell, pic__obj_text(at, "cname"), name, sizeof(name))) {
                        if (at == o)
                                pic__check_found(c, PIC_VALUE, o, "cname", cname,
                                                 "leads out of the cell's zone: an alias may lead to a name of the "
                                                 "cell only");
                        return;
                }
                if (steps == PIC__ALIAS_MAX) {
                        pic__check_found(c, PIC_VALUE, o, "cname", cname,
                                         "leads in a circle, or over more than %d aliases", PIC__ALIAS_MAX);
                        return;
                }
                at = pic__snap_named(c->s, PIC__RECORD, name);
        }
}

/* 1: `name` (with its dot) is the zone or stands in it. */
static int stands_in(const char *name, const char *zone)
{
        size_t len = strlen(name) - 1, zone_len = strlen(zone);

        return len >= zone_len && strncasecmp(name + len - zone_len, zone, zone_len) == 0 &&
               (len == zone_len || name[len - zone_len - 1] == '.');
}

/* Of names in somebody's zone: nobody else answers for it here. */
static void check_outside(pic__check *c, const pic_obj *o)
{
        static const struct {
                enum pic__kind kind;
                const char *rule;
        } others[] = { { PIC__FORWARD, "is in a zone of others whose servers are asked for it (pic dns forward): " },
                       { PIC__DOMAIN, "is in a public name of the cell, which leads to it (pic domain): " } };
        char inside[PIC__RDATA_TEXT];
        const pic_obj *other;
        size_t i, at, count = 0;

        if (c->cell != NULL && pic__record_inside(c->cell, pic__obj_name(o), inside, sizeof(inside)))
                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o),
                                 "is in the cell's own zone: there it is called %s", inside);
        for (i = 0; i < PIC__COUNT(others); i++)
                for (at = 0; (other = pic__snap_next(c->s, others[i].kind, &at)) != NULL;)
                        if (stands_in(pic__obj_name(o), pic__obj_name(other)))
                                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o), "%s%s", others[i].rule,
                                                 pic__obj_name(other));
        for (at = 0; (other = pic__snap_next(c->s, PIC__RECORD, &at)) != NULL;)
                count += pic__own_is(pic__obj_name(other)) != 0;
        if (count > PIC__OWN_MAX)
                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o),
                                 "is one too many: there may be %d of names outside of the cell's zone", PIC__OWN_MAX);
}

/* "nas.home.internal" in home.internal would be nas.home.internal.home.internal. */
static void check_doubled(pic__check *c, const pic_obj *o)
{
        char whole[PIC__RECORD_NAME_MAX + 2], inside[PIC__RDATA_TEXT];

        snprintf(whole, sizeof(whole), "%s.", pic__obj_name(o));
        if (pic__record_inside(c->cell, whole, inside, sizeof(inside)))
                pic__check_found(c, PIC_VALUE, o, "name", pic__obj_name(o),
                                 "ends in the cell's own zone, which is added by itself: did you mean %s?", inside);
}

void pic__check_record(pic__check *c, const pic_obj *o)
{
        check_taken(c, o);
        if (o->kind == PIC__RECORD && pic__own_is(pic__obj_name(o)))
                check_outside(c, o);
        if (o->kind == PIC__RECORD && c->cell != NULL)
                check_alias(c, o);
        if (o->kind == PIC__RECORD && c->cell != NULL && !pic__own_is(pic__obj_name(o)))
                check_doubled(c, o);
}

/* Each of them is told to every exit's resolver. */
static void check_public(pic__check *c, const pic_obj *o)
{
        if (pic__public_count(c->s) > PIC__PUBLIC_MAX)
                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o),
                                 "is one too many: services have a name below each domain, and there may be %d in all",
                                 PIC__PUBLIC_MAX);
}

void pic__check_service(pic__check *c, const pic_obj *o)
{
        pic__auto_buf pic__buf zone = PIC__BUF_INIT;
        const char *rule;
        pic__target t;
        pic__addr a;

        if (pic__snap_count(c->s, PIC__SERVICE) > PIC__SERVICES_MAX)
                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o), "is one too many: there may be %d",
                                 PIC__SERVICES_MAX);
        check_public(c, o);
        if (c->cell == NULL || pic__target_parse(pic__obj_text(o, "target"), &t, &rule) < 0)
                return;
        pic__dns_name(c->cell, NULL, &zone);
        if (pic__same_name(t.host, pic__buf_str(&zone)) || pic__same_name(t.host, "cell") ||
            pic__snap_named(c->s, PIC__SERVICE, t.host) != NULL ||
            (pic__addr_parse(t.host, &a) == 0 && pic__service_at(c->s, &a) != NULL))
                pic__check_found(c, PIC_VALUE, o, "target", pic__obj_text(o, "target"),
                                 "leads back to the cell's own front");
}

/* Asked for names, the cell would ask itself. */
static void check_server(pic__check *c, const pic_obj *o, const char *server)
{
        static const char *const nets[] = { "net4", "net6" };
        char text[PIC__ADDR_TEXT];
        size_t len = strcspn(server, "@#"), i;
        pic__addr a, self;
        pic__prefix net;

        if (len >= sizeof(text))
                return;
        memcpy(text, server, len);
        text[len] = '\0';
        for (i = 0; pic__addr_parse(text, &a) == 0 && i < PIC__COUNT(nets); i++)
                if (pic__prefix_parse(pic__obj_text(c->cell, nets[i]), &net) == 0 &&
                    pic__addr_add(&net.addr, 1, &self) == 0 && pic__addr_cmp(&a, &self) == 0)
                        pic__check_found(c, PIC_VALUE, o, "servers", server, "is the cell itself: it would ask itself");
}

void pic__check_forward(pic__check *c, const pic_obj *o)
{
        const char *at = pic__obj_text(o, "servers");
        char server[PIC__ITEM_MAX], zone[PIC__RECORD_NAME_MAX + 2], name[PIC__RDATA_TEXT];

        if (pic__snap_count(c->s, PIC__FORWARD) > PIC__FORWARDS_MAX)
                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o), "is one too many: there may be %d",
                                 PIC__FORWARDS_MAX);
        if (c->cell == NULL)
                return;
        snprintf(zone, sizeof(zone), "%s.", pic__obj_name(o));
        if (pic__record_inside(c->cell, zone, name, sizeof(name)))
                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o),
                                 "is in the cell's own zone: the cell alone answers for that");
        while (pic__list_next(&at, server, sizeof(server)))
                check_server(c, o, server);
}

/* Of the public names the cell's zone may be one; what stands in that zone is the zone's. */
void pic__check_domain(pic__check *c, const pic_obj *o)
{
        char name[PIC__RECORD_NAME_MAX + 2], inside[PIC__RDATA_TEXT];

        if (pic__snap_count(c->s, PIC__DOMAIN) > PIC__DOMAINS_MAX)
                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o), "is one too many: there may be %d",
                                 PIC__DOMAINS_MAX);
        check_public(c, o);
        if (pic__snap_named(c->s, PIC__FORWARD, pic__obj_name(o)) != NULL)
                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o),
                                 "is a zone of others as well, whose servers are asked for it (pic dns forward)");
        snprintf(name, sizeof(name), "%s.", pic__obj_name(o));
        if (c->cell != NULL && pic__record_inside(c->cell, name, inside, sizeof(inside)) && strcmp(inside, "@") != 0)
                pic__check_found(c, PIC_CONFLICT, o, "name", pic__obj_name(o),
                                 "is in the cell's own zone: the cell alone answers for that");
}
