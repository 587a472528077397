/* Owns: the checks that need more than one object: networks, addresses, names, keys, references. Routed networks are in
 * snap_routes.c. Findings are collected; after FINDINGS of them the rest is only counted. */
#include "model/snap_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/near.h"
#include "model/service.h"
#include "model/snap_impl.h"
#include "model/text.h"

#define FINDINGS 50

const char *pic__check_title(const pic_obj *o, char text[96])
{
        const char *name = pic__obj_name(o);

        snprintf(text, 96, "%s%s%s", pic__kinds[o->kind].name, name[0] != '\0' ? " " : "", name);
        return text;
}

pic_error **pic__check_found(pic__check *c, int code, const pic_obj *o, const char *field, const char *value,
                             const char *fmt, ...)
{
        char rule[256], object[96];
        pic_error *one = NULL;
        va_list ap;

        if (c->count++ == 0)
                c->code = code;
        if (c->count > FINDINGS)
                return NULL;
        va_start(ap, fmt);
        vsnprintf(rule, sizeof(rule), fmt, ap);
        va_end(ap);
        pic__check_title(o, object);
        pic__fail(&one, code, "%s: %s: '%s' %s", object, field, value, rule);
        pic__detail(&one, "object", object);
        pic__detail(&one, "field", field);
        pic__detail(&one, "value", value);
        pic__detail(&one, "rule", rule);
        pic__err_append(&c->list, one);
        if (pic_error_code(c->list) == PIC_NOMEM) /* then that is all the list says, and `one` is gone */
                return NULL;
        c->last = one;
        return &c->last;
}

void pic__check_against(pic_error **one, const pic_obj *other, const char *field)
{
        char object[96];

        if (one == NULL)
                return;
        pic__detail(one, "against", pic__check_title(other, object));
        pic__detail(one, "against_field", field);
}

/* The cell's prefix of a family; 0 without a cell. */
static int cell_net(const pic__check *c, int v4, pic__prefix *ret)
{
        return c->cell != NULL && pic__prefix_parse(pic__obj_text(c->cell, v4 ? "net4" : "net6"), ret) == 0;
}

static void check_place(pic__check *c, const pic_obj *o, const char *field, const pic__addr *a)
{
        const char *text = pic__obj_text(o, field);
        char net_text[PIC__PREFIX_TEXT];
        pic__prefix net;
        pic__range all;

        if (!cell_net(c, a->family == 4, &net))
                return;
        pic__prefix_range(&net, &all);
        if (!pic__prefix_has(&net, a)) {
                pic__check_found(c, PIC_VALUE, o, field, text, "is outside the cell's network %s",
                                 pic__prefix_print(&net, net_text));
                return;
        }
        if (pic__addr_cmp(a, &all.first) == 0)
                pic__check_found(c, PIC_VALUE, o, field, text, "is the address of the network itself");
        else if (a->family == 4 && pic__addr_cmp(a, &all.last) == 0)
                pic__check_found(c, PIC_VALUE, o, field, text, "is the broadcast address of the network");
        else if (pic__addr_sub(a, &all.first) == 1)
                pic__check_found(c, PIC_VALUE, o, field, text, "is the cell's own address");
}

/* Somebody else has the same. */
static void check_same(pic__check *c, const pic_obj *o, enum pic__index_key which, const void *key, size_t len,
                       const char *field)
{
        const pic__node *other =
                pic__index_find(&c->s->peers[which], which, key, len, o->kind == PIC__PEER ? o->id : -1);

        if (other != NULL)
                pic__check_found(c, PIC_EXISTS, o, field, pic__obj_text(o, field), "is taken by peer %s",
                                 pic__obj_name(other->o));
}

static void check_free(pic__check *c, const pic_obj *o, const char *field, const pic__addr *a)
{
        const pic_obj *service = pic__service_at(c->s, a);

        if (service != NULL && (o->kind != PIC__SERVICE || service->id != o->id))
                pic__check_found(c, PIC_EXISTS, o, field, pic__obj_text(o, field), "is taken by service %s",
                                 pic__obj_name(service));
}

static void check_addr(pic__check *c, const pic_obj *o, const char *field)
{
        pic__addr a;

        if (pic__addr_parse(pic__obj_text(o, field), &a) < 0)
                return;
        check_place(c, o, field, &a);
        check_free(c, o, field, &a);
        if (a.family == 4)
                check_same(c, o, PIC__BY_ADDR4, a.bytes, 4, field);
        else
                check_same(c, o, PIC__BY_ADDR6, a.bytes, 16, field);
}

static void check_key(pic__check *c, const pic_obj *o)
{
        const char *key = pic__obj_text(o, "public_key");

        check_same(c, o, PIC__BY_KEY, key, strlen(key), "public_key");
        if (key[0] != '\0' && c->cell != NULL && strcmp(pic__obj_text(c->cell, "public_key"), key) == 0)
                pic__check_found(c, PIC_EXISTS, o, "public_key", key, "is the cell's own key");
}

static void check_name(pic__check *c, const pic_obj *o)
{
        const pic__index *x = o->kind == PIC__PEER ? &c->s->peers[PIC__BY_NAME] : &c->s->names[o->kind];
        char folded[PIC__INDEX_KEY_MAX];

        pic__fold(pic__obj_name(o), folded, sizeof(folded));
        if (pic__index_find(x, PIC__BY_NAME, folded, strlen(folded), o->id) != NULL)
                pic__check_found(c, PIC_EXISTS, o, "name", pic__obj_name(o), "is the name of another %s",
                                 pic__kinds[o->kind].name);
}

struct ref_check {
        pic__check *c;
        const pic_obj *o;
};

static void hint_near(const pic__snap *s, enum pic__kind kind, const char *name, pic_error **err)
{
        pic__near near = PIC__NEAR(name);
        const pic_obj *o;
        size_t at = 0;

        while ((o = pic__snap_next(s, kind, &at)) != NULL)
                pic__near_try(&near, pic__obj_name(o));
        pic__near_hint(&near, NULL, err);
}

static int check_ref(enum pic__kind kind, const char *name, const char *field, void *data)
{
        struct ref_check *rc = data;
        pic_error **one;

        /* An object may point at itself before it is put. */
        if (kind == rc->o->kind && pic__same_name(name, pic__obj_name(rc->o)))
                return 0;
        if (pic__snap_named(rc->c->s, kind, name) != NULL)
                return 0;
        one = pic__check_found(rc->c, PIC_NOTFOUND, rc->o, field, name, "is no %s of this cell", pic__kinds[kind].name);
        if (one != NULL)
                hint_near(rc->c->s, kind, name, one);
        if (one != NULL && kind == PIC__PEER && pic__snap_named(rc->c->s, PIC__GROUP, name) != NULL)
                pic__hint(one, "There is a group of that name: group:%s", name);
        return 0;
}

static void check_refs(pic__check *c, const pic_obj *o)
{
        struct ref_check rc = { c, o };

        pic__obj_refs(o, check_ref, &rc);
}

static void check_one(pic__check *c, const pic_obj *o)
{
        if (o->kind == PIC__CELL) {
                check_refs(c, o);
                return;
        }
        check_name(c, o);
        check_refs(c, o);
        if (o->kind == PIC__CONNECTION)
                pic__check_connection(c, o);
        if (o->kind == PIC__RECORD || o->kind == PIC__PEER || o->kind == PIC__SERVICE)
                pic__check_record(c, o);
        if (o->kind == PIC__SERVICE)
                pic__check_service(c, o);
        if (o->kind == PIC__FORWARD)
                pic__check_forward(c, o);
        if (o->kind == PIC__DOMAIN)
                pic__check_domain(c, o);
        if (o->kind == PIC__BLOCKLIST)
                pic__check_blocklist(c, o);
        if (o->kind == PIC__ALERT)
                pic__check_alert(c, o);
        if (o->kind == PIC__TARGET)
                pic__check_target(c, o);
        if (o->kind != PIC__PEER && o->kind != PIC__SERVICE)
                return;
        check_addr(c, o, "address4");
        check_addr(c, o, "address6");
        if (o->kind == PIC__SERVICE)
                return;
        pic__check_exit(c, o);
        check_key(c, o);
}

/* More devices than addresses (one of them is the cell's). */
static void check_capacity(pic__check *c)
{
        size_t peers = c->s->nodes[PIC__PEER].live + c->s->nodes[PIC__SERVICE].live;
        int v4;

        for (v4 = 0; v4 < 2; v4++) {
                pic__prefix net;
                uint64_t hosts;

                if (!cell_net(c, v4, &net))
                        continue;
                hosts = pic__prefix_hosts(&net);
                hosts -= hosts > 0;
                if (peers > hosts)
                        pic__check_found(c, PIC_CONFLICT, c->cell, v4 ? "net4" : "net6",
                                         pic__obj_text(c->cell, v4 ? "net4" : "net6"),
                                         "has room for %llu devices, but there are %zu", (unsigned long long)hosts,
                                         peers);
        }
}

static void check_all(pic__check *c)
{
        const pic_obj *o;
        int kind;

        check_capacity(c);
        for (kind = 0; kind < PIC__KINDS; kind++) {
                size_t at = 0;

                while ((o = pic__snap_next(c->s, (enum pic__kind)kind, &at)) != NULL)
                        check_one(c, o);
        }
}

int pic__snap_check(const pic__snap *s, const pic_obj *o, pic_error **err)
{
        pic__check c = { .s = s, .cell = s->cell };
        int whole = o == NULL || o->kind == PIC__CELL, r;

        if (o != NULL && o->kind == PIC__CELL)
                c.cell = o;
        if (whole)
                check_all(&c);
        else
                check_one(&c, o);
        r = pic__check_routes(&c, whole ? NULL : o);
        if (r < 0) {
                pic_error_free(c.list);
                return pic__nomem(err);
        }
        if (c.count > FINDINGS) {
                pic_error *more = NULL;

                pic__fail(&more, c.code, "and %zu findings more", c.count - FINDINGS);
                pic__err_append(&c.list, more);
        }
        c.code = pic_error_code(c.list); /* may have become "out of memory" on the way */
        if (err == NULL) {
                pic_error_free(c.list);
        } else if (c.list != NULL) {
                pic_error_free(*err);
                *err = c.list;
        }
        return c.code;
}
