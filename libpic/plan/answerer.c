/* Owns: whose word an answer is. */
#include "plan/answerer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/blocklist.h"
#include "model/domain.h"
#include "model/exit.h"
#include "model/record.h"
#include "model/service.h"
#include "model/text.h"
#include "model/wgconf.h"
#include "plan/leave.h"
#include "plan/names.h"

#define FROM4 ".in-addr.arpa."
#define FROM6 ".ip6.arpa."

const char *const pic__answerer_kinds[PIC__ANSWERER_KINDS] = { "cell",    "device",   "record",  "service",
                                                               "nothing", "domain",   "forward", "exit",
                                                               "closed",  "upstream", "root" };

static int name_ok(const char *name)
{
        size_t label = 0, i;

        for (i = 0; name[i] != '\0'; i++) {
                if (name[i] <= ' ' || name[i] > '~' || (name[i] == '.' && label == 0 && name[1] != '\0'))
                        return 0;
                label = name[i] == '.' ? 0 : label + 1;
                if (label > 63)
                        return 0;
        }
        return i > 0 && i < 254;
}

int pic__answerer_name(const pic__snap *s, const char *text, pic__buf *out, pic_error **err)
{
        pic__addr a;

        if (pic__addr_parse(text, &a) == 0) {
                pic__ptr_name(&a, out);
                return out->failed ? pic__nomem(err) : 0;
        }
        if (!name_ok(text))
                return pic__fail(err, PIC_VALUE, "'%.64s' is no name: nas, www.example.org, or an address", text);
        pic__buf_puts(out, text);
        if (strchr(text, '.') == NULL) {
                pic__buf_putc(out, '.');
                pic__dns_name(pic__snap_cell(s), NULL, out);
        }
        if (out->len > 0 && out->data[out->len - 1] != '.')
                pic__buf_putc(out, '.');
        return out->failed ? pic__nomem(err) : 0;
}

/* Where `zone`, without a dot at its end, begins in a whole name; NULL: the name is not in it. */
static const char *within(const char *name, const char *zone)
{
        size_t len = strlen(name) - 1, zone_len = strlen(zone);
        const char *at;

        if (len < zone_len)
                return NULL;
        at = name + len - zone_len;
        return strncasecmp(at, zone, zone_len) == 0 && (at == name || at[-1] == '.') ? at : NULL;
}

/* --- what the cell holds ---------------------------------------------------------------------------------------- */

/* The owner's record of a name in the zone, or the wildcard nearest above it. */
static const pic_obj *record_of(const pic__snap *s, const char *name)
{
        const pic_obj *o = pic__snap_named(s, PIC__RECORD, name[0] != '\0' ? name : "@");
        char star[PIC__RECORD_NAME_MAX + 3] = "*.";
        const char *dot = name;

        while (o == NULL && (dot = strchr(dot, '.')) != NULL) {
                dot++;
                if (strlen(dot) > PIC__RECORD_NAME_MAX)
                        continue;
                memcpy(star + 2, dot, strlen(dot) + 1);
                o = pic__snap_named(s, PIC__RECORD, star);
        }
        return o != NULL || name[0] == '\0' ? o : pic__snap_named(s, PIC__RECORD, "*");
}

static void in_zone(const pic__snap *s, const char *name, size_t len, pic__answerer *ret)
{
        char inner[256];

        memcpy(inner, name, len);
        inner[len] = '\0';
        ret->kind = PIC__ANSWERER_CELL;
        if (len == 0 || strcasecmp(inner, "cell") == 0 ||
            (strcasecmp(inner, "ntp") == 0 && pic__obj_int(pic__snap_cell(s), "ntp") != 0))
                return;
        ret->kind = PIC__ANSWERER_DEVICE;
        ret->object = pic__snap_named(s, PIC__PEER, inner);
        if (ret->object != NULL && pic__snap_active(s, ret->object))
                return;
        ret->kind = PIC__ANSWERER_SERVICE;
        ret->object = pic__snap_named(s, PIC__SERVICE, inner);
        if (ret->object != NULL && pic__service_on(s, ret->object))
                return;
        ret->kind = PIC__ANSWERER_RECORD;
        ret->object = record_of(s, inner);
        if (ret->object == NULL)
                ret->kind = PIC__ANSWERER_NOTHING;
}

/* "2.0.1.10.in-addr.arpa." -> 10.1.0.2; -1: no whole address. */
static int back4(const char *name, pic__addr *ret)
{
        int i;

        *ret = (pic__addr){ .family = 4 };
        for (i = 3; i >= 0; i--) {
                char *end;
                unsigned long n = strtoul(name, &end, 10);

                if (end == name || *end != '.' || n > 255)
                        return -1;
                ret->bytes[i] = (uint8_t)n;
                name = end + (i > 0);
        }
        return strcasecmp(name, FROM4);
}

static int back6(const char *name, pic__addr *ret)
{
        static const char digits[] = "0123456789abcdef";
        int i;

        *ret = (pic__addr){ .family = 6 };
        for (i = 31; i >= 0; i--, name += 2) {
                const char *digit = name[0] != '\0' ? strchr(digits, name[0] | 0x20) : NULL;

                if (name[0] >= '0' && name[0] <= '9')
                        digit = digits + (name[0] - '0');
                if (digit == NULL || name[1] != '.')
                        return -1;
                ret->bytes[i / 2] |= (uint8_t)((digit - digits) << (i % 2 == 0 ? 4 : 0));
        }
        return strcasecmp(name - 1, FROM6);
}

/* 1: the cell answers for what leads back from that address. */
static int leads_back(const pic__snap *s, const char *name, pic__answerer *ret)
{
        const pic_obj *cell = pic__snap_cell(s);
        char text[PIC__ADDR_TEXT];
        pic__addr a, self;
        pic__prefix net;
        size_t at = 0;

        if (back4(name, &a) != 0 && back6(name, &a) != 0)
                return 0;
        ret->kind = PIC__ANSWERER_DEVICE;
        ret->object = pic__snap_by_addr(s, &a);
        if (ret->object != NULL && pic__snap_active(s, ret->object))
                return 1;
        ret->kind = PIC__ANSWERER_SERVICE;
        ret->object = pic__service_at(s, &a);
        if (ret->object != NULL && pic__service_on(s, ret->object))
                return 1;
        ret->kind = PIC__ANSWERER_RECORD;
        ret->object = pic__snap_next_pointing(s, pic__addr_print(&a, text), &at);
        if (ret->object != NULL)
                return 1;
        if (pic__prefix_parse(pic__obj_text(cell, a.family == 4 ? "net4" : "net6"), &net) < 0 ||
            !pic__prefix_has(&net, &a))
                return 0;
        ret->kind = pic__addr_add(&net.addr, 1, &self) == 0 && pic__addr_cmp(&self, &a) == 0 ? PIC__ANSWERER_CELL
                                                                                             : PIC__ANSWERER_NOTHING;
        return 1;
}

static const pic_obj *domain_of(const pic__snap *s, const char *name)
{
        char bare[256];
        const pic_obj *o;
        size_t at = 0;

        if (strlen(name) >= sizeof(bare))
                return NULL;
        pic__fold(name, bare, sizeof(bare));
        while ((o = pic__snap_next(s, PIC__DOMAIN, &at)) != NULL)
                if (pic__obj_int(o, "enabled") != 0 && pic__domain_has(o, bare))
                        return o;
        return NULL;
}

/* The longest zone of others that holds it. */
static const pic_obj *forward_of(const pic__snap *s, const char *name)
{
        const pic_obj *best = NULL, *o;
        size_t at = 0;

        while ((o = pic__snap_next(s, PIC__FORWARD, &at)) != NULL)
                if (pic__obj_int(o, "enabled") != 0 && within(name, pic__obj_name(o)) != NULL &&
                    (best == NULL || strlen(pic__obj_name(o)) > strlen(pic__obj_name(best))))
                        best = o;
        return best;
}

/* --- and what it does not --------------------------------------------------------------------------------------- */

static void outside(const pic__snap *s, const pic_obj *peer, pic__answerer *ret)
{
        pic__leave l = { .exit = NULL };
        pic__addr cell;

        if (peer != NULL)
                pic__leave_of(s, peer, &l);
        if (pic__leave_direct(&l)) {
                ret->kind = pic__obj_text(pic__snap_cell(s), "upstreams")[0] != '\0' ? PIC__ANSWERER_UPSTREAM
                                                                                     : PIC__ANSWERER_ROOT;
                return;
        }
        ret->kind = l.carrier != NULL ? PIC__ANSWERER_EXIT : PIC__ANSWERER_CLOSED;
        ret->object = l.carrier != NULL ? l.carrier : l.exit;
        ret->at.family = 0;
        ret->port = pic__names_filtered(s) ? PIC__SIEVED_PORT : 53;
        if (l.carrier != NULL)
                pic__exit_link(pic__exit_slot(l.carrier), 4, &cell, &ret->at);
}

int pic__answerer_of(const pic__snap *s, const char *name, const pic_obj *peer, pic__answerer *ret, pic_error **err)
{
        pic__auto_buf pic__buf zone = PIC__BUF_INIT;
        const pic_obj *cell = pic__snap_cell(s);
        const char *at;
        pic__prefix net;

        memset(ret, 0, sizeof(*ret));
        if (pic__prefix_parse(pic__obj_text(cell, "net4"), &net) < 0 || pic__addr_add(&net.addr, 1, &ret->at) < 0)
                return pic__fail(err, PIC_BADSTATE, "the cell has no network");
        ret->port = PIC__FULL_PORT;
        pic__dns_name(cell, NULL, &zone);
        if (zone.failed)
                return pic__nomem(err);
        at = within(name, pic__buf_str(&zone));
        if (at != NULL) {
                in_zone(s, name, at > name ? (size_t)(at - name) - 1 : 0, ret);
        } else if ((ret->object = pic__snap_named(s, PIC__RECORD, name)) != NULL) {
                ret->kind = PIC__ANSWERER_RECORD;
        } else if ((ret->object = domain_of(s, name)) != NULL) {
                ret->kind = PIC__ANSWERER_DOMAIN;
        } else if (!leads_back(s, name, ret)) {
                ret->kind = PIC__ANSWERER_FORWARD;
                ret->object = forward_of(s, name);
                if (ret->object == NULL)
                        outside(s, peer, ret);
        }
        return 0;
}

void pic__answerer_text(const pic__snap *s, const pic__answerer *a, pic__buf *out)
{
        const char *name = a->object != NULL ? pic__obj_name(a->object) : "";

        switch (a->kind) {
        case PIC__ANSWERER_CELL: pic__buf_puts(out, "the cell's own name"); break;
        case PIC__ANSWERER_DEVICE: pic__buf_putf(out, "the device %s", name); break;
        case PIC__ANSWERER_SERVICE: pic__buf_putf(out, "the cell's service %s", name); break;
        case PIC__ANSWERER_RECORD: pic__buf_putf(out, "the owner's record %s", name); break;
        case PIC__ANSWERER_NOTHING: pic__buf_puts(out, "the cell's own zone, where nobody has that name"); break;
        case PIC__ANSWERER_DOMAIN: pic__buf_putf(out, "the cell's public name %s, as it is inside", name); break;
        case PIC__ANSWERER_FORWARD:
                pic__buf_putf(out, "the zone of others %s: %s", name, pic__obj_text(a->object, "servers"));
                break;
        case PIC__ANSWERER_EXIT: pic__buf_putf(out, "the resolver of its exit %s", name); break;
        case PIC__ANSWERER_CLOSED: pic__buf_putf(out, "nobody: nothing carries its exit %s", name); break;
        case PIC__ANSWERER_UPSTREAM:
                pic__buf_putf(out, "the cell's upstreams: %s", pic__obj_text(pic__snap_cell(s), "upstreams"));
                break;
        case PIC__ANSWERER_ROOT: pic__buf_puts(out, "the internet, asked from the root on"); break;
        case PIC__ANSWERER_KINDS: break;
        }
}
