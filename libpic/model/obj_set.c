/* Owns: changing an object by field name, and the checks of an object by itself. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "model/alert.h"
#include "model/blocklist.h"
#include "model/connection.h"
#include "model/domain.h"
#include "model/near.h"
#include "model/net.h"
#include "model/obj.h"
#include "model/record.h"
#include "model/service.h"
#include "model/target.h"

static int unknown_field(const pic_obj *o, const char *field, pic_error **err)
{
        const pic__kind_info *k = &pic__kinds[o->kind];
        pic__near near = PIC__NEAR(field);
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;
        size_t i;

        for (i = 0; i < k->count; i++)
                pic__near_try(&near, k->fields[i].name);
        pic__buf_put_shown(&shown, field, 64);
        pic__fail(err, PIC_NOTFOUND, "a %s has no field '%s'", k->name, pic__buf_str(&shown));
        pic__detail(err, "field", pic__buf_str(&shown));
        pic__near_hint(&near, NULL, err);
        return PIC_NOTFOUND;
}

int pic__obj_set(pic_obj *o, const char *field, const char *text, int system, pic_error **err)
{
        int i = pic__field_find(o->kind, field), r;
        pic__val v = PIC__VAL_NONE;
        const pic__field *f;

        if (i < 0)
                return unknown_field(o, field, err);
        f = &pic__kinds[o->kind].fields[i];
        if ((f->flags & PIC__F_SYSTEM) != 0 && !system && (text != NULL || (f->flags & PIC__F_GIVEN_UP) == 0)) {
                pic__fail(err, PIC_DENIED, "%s: is set by the cell itself", f->name);
                pic__detail(err, "field", f->name);
                pic__detail(err, "rule", "is set by the cell itself");
                return PIC_DENIED;
        }
        if (text != NULL) {
                r = pic__field_parse(f, text, &v, err);
                if (r < 0)
                        return r;
        }
        if ((f->flags & PIC__F_FIXED) != 0 && o->id != 0 && o->vals[i].tag != PIC__V_NONE &&
            !pic__val_equal(&v, &o->vals[i])) {
                pic__val_clear(&v);
                return pic__fail(err, PIC_DENIED, "%s: cannot change after creation", f->name);
        }
        pic__val_clear(&o->vals[i]);
        o->vals[i] = v;
        return 0;
}

int pic__obj_set_int(pic_obj *o, const char *field, int64_t value, pic_error **err)
{
        int i = pic__field_find(o->kind, field);
        const pic__field *f;

        if (i < 0)
                return unknown_field(o, field, err);
        f = &pic__kinds[o->kind].fields[i];
        if (f->type != PIC__T_INT && f->type != PIC__T_BOOL && f->type != PIC__T_TIME)
                return pic__fail(err, PIC_INVALID, "%s: is not a number", f->name);
        if (f->type == PIC__T_TIME)
                value -= value % PIC__SECOND; /* canonical: what its text says, to the second */
        pic__val_clear(&o->vals[i]);
        o->vals[i].tag = PIC__V_INT;
        o->vals[i].i = value;
        return 0;
}

/* "peer anna", for messages. */
static const char *title(const pic_obj *o, char text[96])
{
        const char *name = pic__obj_name(o);

        snprintf(text, 96, "%s%s%s", pic__kinds[o->kind].name, name[0] != '\0' ? " " : "", name);
        return text;
}

static void found_hint(const pic_obj *o, const char *field, const char *rule, const char *hint, pic_error **list)
{
        const char *value = pic__obj_text(o, field);
        pic_error *one = NULL;
        char object[96];

        pic__fail_value(&one, title(o, object), field, value[0] != '\0' ? value : NULL, rule);
        if (hint != NULL)
                pic__hint(&one, "%s", hint);
        pic__err_append(list, one);
}

static void found(const pic_obj *o, const char *field, const char *rule, pic_error **list)
{
        found_hint(o, field, rule, NULL, list);
}

static void check_required(const pic_obj *o, pic_error **list)
{
        const pic__kind_info *k = &pic__kinds[o->kind];
        size_t i;

        for (i = 0; i < k->count; i++)
                if ((k->fields[i].flags & PIC__F_REQUIRED) != 0 && o->vals[i].tag == PIC__V_NONE)
                        found_hint(o, k->fields[i].name, "is required", k->fields[i].hint, list);
}

/* A network in space where no device can live. */
static void check_space(const pic_obj *o, const char *field, const char *text, pic_error **list)
{
        int one_of = strcmp(text, pic__obj_text(o, field)) != 0; /* of several: then it is named */
        const char *item = one_of ? text : "", *space = one_of ? " " : "", *what;
        char rule[160];
        pic__prefix p;

        if (pic__prefix_parse(text, &p) != 0)
                return;
        what = pic__prefix_unusable(&p);
        if (p.len == 0)
                snprintf(rule, sizeof(rule), "%s%sis a default route: it must have a length", item, space);
        else if (what != NULL)
                snprintf(rule, sizeof(rule), "%s%sis in %s, where no device can have an address", item, space, what);
        else
                return;
        found(o, field, rule, list);
}

/* Asking itself, the cell would ask for ever. Another program may answer on another port. */
static void check_upstream(const pic_obj *o, const char *item, pic_error **list)
{
        static const char *const nets[] = { "net4", "net6" };
        char text[PIC__ADDR_TEXT];
        size_t len = strcspn(item, "@#"), i;
        pic__prefix net;
        pic__addr a, self;

        if (len >= sizeof(text) || (item[len] != '\0' && strcmp(item + len, "@53") != 0))
                return;
        memcpy(text, item, len);
        text[len] = '\0';
        for (i = 0; pic__addr_parse(text, &a) == 0 && i < PIC__COUNT(nets); i++)
                if (pic__prefix_parse(pic__obj_text(o, nets[i]), &net) == 0 &&
                    pic__addr_add(&net.addr, 1, &self) == 0 && pic__addr_cmp(&a, &self) == 0)
                        found(o, "upstreams", "has the cell's own address: it would ask itself", list);
}

/* Devices would have to be inside to come in. */
static void check_endpoint(const pic_obj *o, pic_error **list)
{
        static const char *const nets[] = { "net4", "net6" };
        char host[256], rule[96];
        pic__prefix net;
        uint16_t port;
        pic__addr a;
        size_t i;

        if (pic__endpoint_parse(pic__obj_text(o, "endpoint"), host, &port) < 0 || pic__addr_parse(host, &a) < 0)
                return;
        for (i = 0; i < PIC__COUNT(nets); i++) {
                const char *text = pic__obj_text(o, nets[i]);

                if (pic__prefix_parse(text, &net) < 0 || !pic__prefix_has(&net, &a))
                        continue;
                snprintf(rule, sizeof(rule), "is inside the cell's own network %s: it must be where devices come from",
                         text);
                found(o, "endpoint", rule, list);
        }
}

static void check_services(const pic_obj *o, pic_error **list)
{
        const char *at = pic__obj_text(o, "address_services");
        char item[PIC__ITEM_MAX];

        while (pic__list_next(&at, item, sizeof(item)))
                if ((strncmp(item, "https://", 8) != 0 && strncmp(item, "http://127.", 11) != 0) ||
                    strpbrk(item, " \t\"\\") != NULL)
                        found(o, "address_services", "must be addresses of the web: https://…", list);
}

static void check_cell(const pic_obj *o, pic_error **list)
{
        const char *at = pic__obj_text(o, "upstreams");
        int tls = 0, plain = 0;
        char item[320];

        check_services(o, list);
        check_endpoint(o, list);

        while (pic__list_next(&at, item, sizeof(item))) {
                check_upstream(o, item, list);
                tls += strchr(item, '#') != NULL;
                plain += strchr(item, '#') == NULL;
        }
        if (tls > 0 && plain > 0)
                found(o, "upstreams",
                      "must all have a TLS name, or none: what one is asked in secret another is asked in clear", list);
        check_space(o, "net4", pic__obj_text(o, "net4"), list);
        check_space(o, "net6", pic__obj_text(o, "net6"), list);
        /* A device's name has up to 64 bytes and a dot; a DNS name has at most 253. */
        if (strlen(pic__obj_name(o)) + 1 + strlen(pic__obj_text(o, "domain")) > 253 - 65)
                found(o, "domain",
                      "is too long: with the cell's name it may have 188 bytes, for names of devices to fit", list);
}

static void check_peer(const pic_obj *o, pic_error **list)
{
        const char *at = pic__obj_text(o, "subnets");
        int client = strcmp(pic__obj_text(o, "key_mode"), "client") == 0;
        char item[PIC__PREFIX_TEXT];

        if (client && !pic__obj_has(o, "public_key"))
                found(o, "public_key", "is required when the device makes its own key (key_mode client)", list);
        if (client && pic__obj_has(o, "private_key"))
                found(o, "key_mode", "cannot be client: the cell has the private key", list);
        while (pic__list_next(&at, item, sizeof(item)))
                check_space(o, "subnets", item, list);
}

int pic__obj_check(const pic_obj *o, pic_error **err)
{
        pic__auto_err pic_error *list = NULL;
        int code;

        check_required(o, &list);
        if (o->kind == PIC__CELL)
                check_cell(o, &list);
        else if (o->kind == PIC__PEER)
                check_peer(o, &list);
        else if (o->kind == PIC__CONNECTION)
                pic__connection_check(o, &list);
        else if (o->kind == PIC__RECORD)
                pic__record_check(o, &list);
        else if (o->kind == PIC__FORWARD)
                pic__forward_check(o, &list);
        else if (o->kind == PIC__DOMAIN)
                pic__domain_check(o, &list);
        else if (o->kind == PIC__SERVICE)
                pic__service_check(o, &list);
        else if (o->kind == PIC__BLOCKLIST)
                pic__blocklist_check(o, &list);
        else if (o->kind == PIC__ALERT)
                pic__alert_check(o, &list);
        else if (o->kind == PIC__TARGET)
                pic__target_check(o, &list);
        code = pic_error_code(list);
        if (err != NULL && list != NULL) {
                pic_error_free(*err);
                *err = pic__take(list);
        }
        return code;
}
