/* Owns: where a service is: the text of its target, and whom the cell knows by the host in it. */
#include "model/service.h"

#include <stdio.h>
#include <string.h>

#include "model/record.h"
#include "model/text.h"

#define FORM "must be http:// or https://, a host, and perhaps a port, as in http://NAME:8080"

static int parse_port(const char *text, uint16_t *ret, const char **rule)
{
        long port;

        *rule = "has a bad port: must be 1 to 65535";
        if (pic__decimal(text, 1, 65535, &port) < 0)
                return -1;
        *ret = (uint16_t)port;
        return 0;
}

/* HOST[:PORT], of IPv6 in brackets. */
static int parse_place(char *text, pic__target *t, const char **rule)
{
        int bracket = text[0] == '[';
        char *end = bracket ? strchr(text, ']') : text + strcspn(text, ":"), *port = NULL;
        pic__addr a;

        *rule = FORM;
        if (end == NULL || (bracket && end[1] != ':' && end[1] != '\0'))
                return -1;
        if (end[bracket] == ':')
                port = end + bracket + 1;
        *end = '\0';
        text += bracket;
        if (strlen(text) >= sizeof(t->host))
                return -1;
        memcpy(t->host, text, strlen(text) + 1);
        *rule = "has a host that is neither an address nor a name (IPv6 needs brackets)";
        if (pic__addr_parse(t->host, &a) == 0 ? a.family != (bracket ? 6 : 4) : bracket || !pic__hostname_ok(t->host))
                return -1;
        return port != NULL ? parse_port(port, &t->port, rule) : 0;
}

int pic__target_parse(const char *text, pic__target *ret, const char **ret_rule)
{
        char folded[330];
        size_t skip;

        memset(ret, 0, sizeof(*ret));
        *ret_rule = FORM;
        if (pic__fold(text, folded, sizeof(folded)) < 0)
                return -1;
        ret->tls = strncmp(folded, "https://", 8) == 0;
        skip = ret->tls ? 8 : 7;
        if (!ret->tls && strncmp(folded, "http://", 7) != 0)
                return -1;
        ret->port = ret->tls ? 443 : 80;
        if (folded[skip] != '\0' && folded[strlen(folded) - 1] == '/') /* as browsers show it */
                folded[strlen(folded) - 1] = '\0';
        if (strpbrk(folded + skip, "/?#") != NULL) {
                *ret_rule = "must have no path: all of a service is at its own name";
                return -1;
        }
        return parse_place(folded + skip, ret, ret_rule);
}

static void found(const pic_obj *o, const char *field, const char *rule, pic_error **list)
{
        pic_error *one = NULL;
        char object[96];

        snprintf(object, sizeof(object), "service %s", pic__obj_name(o));
        pic__fail_value(&one, object, field, pic__obj_text(o, field), rule);
        pic__err_append(list, one);
}

/* What would leave no machine, or be many. */
static const char *odd_address(const pic__target *t)
{
        pic__addr a;

        if (pic__addr_parse(t->host, &a) < 0)
                return NULL;
        if (a.family == 4 && (a.bytes[0] == 0 || a.bytes[0] >= 224))
                return "leads nowhere: that is no address of a machine";
        if (a.family == 6 &&
            (a.bytes[0] == 0xff || (a.bytes[0] == 0xfe && (a.bytes[1] & 0xc0) == 0x80) || strcmp(t->host, "::") == 0))
                return "leads nowhere: that is no address of a machine";
        return NULL;
}

void pic__service_check(const pic_obj *o, pic_error **list)
{
        const char *text = pic__obj_text(o, "target"), *rule;
        pic__target t;

        if (pic__obj_name(o)[0] != '\0' && !pic__hostname_ok(pic__obj_name(o)))
                found(o, "name", "must be a host name: letters, digits and '-', not digits alone", list);
        if (text[0] == '\0')
                return;
        if (pic__target_parse(text, &t, &rule) < 0) {
                found(o, "target", rule, list);
                return;
        }
        rule = odd_address(&t);
        if (rule != NULL)
                found(o, "target", rule, list);
        if (t.tls && pic__obj_int(o, "verify") != 0 && strpbrk(t.host, ":abcdefghijklmnopqrstuvwxyz") == NULL)
                found(o, "target", "must have a name when its certificate is verified: certificates are for names",
                      list);
}

/* --- whom the cell knows --------------------------------------------------------------------------------------- */

static int first_address(const char *list, pic__addr *ret)
{
        char one[PIC__ADDR_TEXT];

        return pic__list_next(&list, one, sizeof(one)) && pic__addr_parse(one, ret) == 0;
}

static int device_address(const pic__snap *s, const pic_obj *peer, pic__addr *ret)
{
        if (!pic__snap_active(s, peer))
                return 0;
        return pic__addr_parse(pic__obj_text(peer, "address4"), ret) == 0 ||
               pic__addr_parse(pic__obj_text(peer, "address6"), ret) == 0;
}

static int by_name(const pic__snap *s, const char *name, pic__addr *ret)
{
        char at[PIC__RDATA_TEXT], inside[PIC__RDATA_TEXT];
        int steps;

        snprintf(at, sizeof(at), "%s", name);
        for (steps = 0; steps <= PIC__ALIAS_MAX; steps++) {
                const pic_obj *peer = pic__snap_named(s, PIC__PEER, at), *record;

                if (peer != NULL)
                        return device_address(s, peer, ret);
                record = pic__snap_named(s, PIC__RECORD, at);
                if (record == NULL || pic__obj_text(record, "cname")[0] == '\0')
                        return record != NULL && first_address(pic__obj_text(record, "addresses"), ret);
                if (!pic__record_inside(pic__snap_cell(s), pic__obj_text(record, "cname"), inside, sizeof(inside)))
                        return 0;
                snprintf(at, sizeof(at), "%s", inside);
        }
        return 0;
}

int pic__target_find(const pic__snap *s, const pic__target *t, pic__addr *ret)
{
        char full[sizeof(t->host) + 1], inside[PIC__RDATA_TEXT];

        if (pic__addr_parse(t->host, ret) == 0)
                return 1;
        if (strcmp(t->host, "localhost") == 0)
                return pic__addr_parse("127.0.0.1", ret) == 0;
        if (by_name(s, t->host, ret))
                return 1;
        snprintf(full, sizeof(full), "%s.", t->host);
        return pic__record_inside(pic__snap_cell(s), full, inside, sizeof(inside)) && by_name(s, inside, ret);
}

/* --- services in a snapshot ------------------------------------------------------------------------------------- */

const pic_obj *pic__service_at(const pic__snap *s, const pic__addr *a)
{
        const char *field = a->family == 4 ? "address4" : "address6";
        const pic_obj *o;
        size_t at = 0;
        pic__addr own;

        while ((o = pic__snap_next(s, PIC__SERVICE, &at)) != NULL)
                if (pic__addr_parse(pic__obj_text(o, field), &own) == 0 && pic__addr_cmp(&own, a) == 0)
                        return o;
        return NULL;
}

int pic__service_door(const pic_obj *service)
{
        int64_t door = pic__obj_int(service, "door");

        return door >= 1 && door <= PIC__SERVICES_MAX ? PIC__SERVICE_DOORS + (int)door - 1 : 0;
}

int pic__front_on(const pic_obj *cell)
{
        return cell != NULL && pic__obj_int(cell, "front") != 0 && pic__obj_has(cell, "ca_certificate");
}

int pic__service_on(const pic__snap *s, const pic_obj *service)
{
        return pic__obj_int(service, "enabled") != 0 && pic__front_on(pic__snap_cell(s));
}
