/* Owns: the whole of derive, and what its parts share. The parts: derive_cell.c, derive_peer.c, derive_class.c; delta.c
 * for some changes only. */
#include "plan/derive.h"

#include <string.h>

#include "base/map.h"
#include "model/blocklist.h"
#include "model/wgconf.h"
#include "plan/derive_in.h"

static int open_net(const pic_obj *cell, const char *field, pic__prefix *net, pic__addr *self, pic_error **err)
{
        if (pic__prefix_parse(pic__obj_text(cell, field), net) < 0 || pic__addr_add(&net->addr, 1, self) < 0)
                return pic__fail(err, PIC_CORRUPT, "cell: %s is no network", field);
        return 0;
}

static void find_fields(pic__derive *d)
{
        d->field.addr[PIC__V4] = pic__field_find(PIC__PEER, "address4");
        d->field.addr[PIC__V6] = pic__field_find(PIC__PEER, "address6");
        d->field.public_key = pic__field_find(PIC__PEER, "public_key");
        d->field.preshared = pic__field_find(PIC__PEER, "preshared");
        d->field.preshared_key = pic__field_find(PIC__PEER, "preshared_key");
        d->field.subnets = pic__field_find(PIC__PEER, "subnets");
}

int pic__derive_open(pic__derive *d, const pic__snap *s, const pic__secrets *secrets, pic__items *out, pic_error **err)
{
        const pic_obj *service;
        size_t at = 0;
        int r;

        memset(d, 0, sizeof(*d));
        d->snap = s;
        d->secrets = secrets;
        d->out = out;
        d->parts = PIC__ALL_PARTS;
        d->cell = pic__snap_cell(s);
        if (d->cell == NULL)
                return pic__fail(err, PIC_BADSTATE, "there is no cell yet");
        d->device = pic__obj_text(d->cell, "device");
        find_fields(d);
        r = open_net(d->cell, "net4", &d->net[PIC__V4], &d->self[PIC__V4], err);
        if (r < 0)
                return r;
        r = open_net(d->cell, "net6", &d->net[PIC__V6], &d->self[PIC__V6], err);
        if (r < 0)
                return r;
        pic__dns_name(d->cell, NULL, &d->zone);
        pic__buf_putc(&d->zone, '.');
        d->fronted = pic__derive_fronted(d);
        while ((service = pic__snap_next(s, PIC__SERVICE, &at)) != NULL)
                if (pic__derive_hide(d, service) < 0)
                        return pic__nomem(err);
        d->sieve = pic__names_filtered(s);
        d->views = pic__names_by_rights(s);
        return d->zone.failed ? pic__nomem(err) : 0;
}

void pic__derive_close(pic__derive *d)
{
        pic__buf_free(&d->zone);
        pic__buf_free(&d->key);
        pic__buf_free(&d->value);
        pic__buf_free(&d->name);
        pic__vec_free(&d->subnets[PIC__V4]);
        pic__vec_free(&d->subnets[PIC__V6]);
        pic__vec_free(&d->hidden[PIC__V4]);
        pic__vec_free(&d->hidden[PIC__V6]);
}

const char *pic__derive_text(const pic_obj *o, int field)
{
        const pic__val *v = pic__obj_val(o, field);

        return v->tag == PIC__V_TEXT ? v->s : "";
}

/* Enough to see that a secret is another one; the sealed text is random, so it gives nothing away. */
static void stand_in(const char *sealed, uint8_t out[32])
{
        uint64_t h[4] = { 0 };
        size_t i;

        h[0] = pic__hash(sealed, strlen(sealed));
        for (i = 1; i < PIC__COUNT(h); i++)
                h[i] = pic__hash(h, i * sizeof(h[0]));
        memcpy(out, h, 32);
}

int pic__derive_secret(pic__derive *d, const pic_obj *o, const char *field, uint8_t out[32], pic_error **err)
{
        const char *sealed = pic__obj_text(o, field);
        int r;

        if (sealed[0] == '\0')
                return 0;
        if (d->secrets == NULL) {
                stand_in(sealed, out);
                return 1;
        }
        r = d->secrets->open(o, field, out, d->secrets->data, err);
        return r < 0 ? r : 1;
}

int pic__derive_wants(const pic__derive *d, enum pic__backend_id id)
{
        return (d->parts & PIC__PART(id)) != 0;
}

int pic__derive_put(pic__derive *d, enum pic__item_kind kind, const uint8_t *secret, const char *why, pic_error **err)
{
        int r = 0;

        if (d->key.failed || d->value.failed)
                return pic__nomem(err);
        if (pic__derive_wants(d, pic__item_kinds[kind].backend))
                r = pic__items_add(d->out, kind, pic__buf_str(&d->key), pic__buf_str(&d->value), secret, why, err);
        pic__buf_clear(&d->key);
        pic__buf_clear(&d->value);
        return r;
}

const char *pic__derive_mark(const pic__class *class, char text[PIC__MARK_TEXT])
{
        return pic__derive_hex((uint32_t) class->number << 16, text);
}

const char *pic__derive_hex(uint32_t mark, char text[PIC__MARK_TEXT])
{
        static const char hex[] = "0123456789abcdef";
        int i;

        text[0] = '0';
        text[1] = 'x';
        for (i = 0; i < 8; i++)
                text[2 + i] = hex[mark >> (28 - 4 * i) & 15];
        text[10] = '\0';
        return text;
}

const char *pic__derive_why(pic__derive *d, const char *what, const char *name)
{
        size_t len = strlen(what);
        char text[160];

        memcpy(text, what, len + 1);
        strncat(text, name, sizeof(text) - len - 1);
        return pic__arena_dup(&d->out->arena, text, strlen(text));
}

static int add_subnet(pic__derive *d, const char *text, pic_error **err)
{
        pic__prefix p;
        pic__range range;

        if (pic__prefix_parse(text, &p) < 0)
                return pic__fail(err, PIC_CORRUPT, "subnet %s is no network", text);
        pic__prefix_range(&p, &range);
        return pic__vec_push(&d->subnets[p.addr.family == 4 ? PIC__V4 : PIC__V6], range) < 0 ? pic__nomem(err) : 0;
}

int pic__derive_subnets(pic__derive *d, pic_error **err)
{
        const pic_obj *peer;
        size_t at = 0;
        int i, r;

        if (d->subnets_known)
                return 0;
        while ((peer = pic__snap_next_routed(d->snap, &at)) != NULL) {
                const char *list = pic__derive_text(peer, d->field.subnets);
                char one[PIC__PREFIX_TEXT];

                while (pic__list_next(&list, one, sizeof(one))) {
                        r = add_subnet(d, one, err);
                        if (r < 0)
                                return r;
                }
        }
        for (i = 0; i < PIC__FAMILIES; i++)
                d->subnets[i].count = (size_t)pic__ranges_normalize(d->subnets[i].at, d->subnets[i].count);
        d->subnets_known = 1;
        return 0;
}

static int all_classes(pic__derive *d, pic_error **err)
{
        const pic__class *class;
        size_t at = 0;
        int r = 0;

        while (r == 0 && (class = pic__snap_next_class(d->snap, &at)) != NULL)
                r = pic__derive_class(d, class, err);
        return r;
}

static int everything(pic__derive *d, pic_error **err)
{
        const pic_obj *peer, *record, *cert, *service;
        size_t at = 0;
        int r;

        r = pic__derive_cell(d, err);
        if (r == 0)
                r = pic__derive_connections(d, err);
        if (r < 0)
                return r;
        while ((peer = pic__snap_next(d->snap, PIC__PEER, &at)) != NULL) {
                r = pic__derive_peer(d, peer, err);
                if (r < 0)
                        return r;
        }
        for (at = 0; (record = pic__snap_next(d->snap, PIC__RECORD, &at)) != NULL;) {
                r = pic__derive_record(d, record, err);
                if (r < 0)
                        return r;
        }
        for (at = 0; (service = pic__snap_next(d->snap, PIC__SERVICE, &at)) != NULL;) {
                r = pic__derive_service(d, service, err);
                if (r < 0)
                        return r;
        }
        for (at = 0; d->fronted && (cert = pic__snap_next(d->snap, PIC__CERTIFICATE, &at)) != NULL;) {
                r = pic__derive_certificate(d, cert, err);
                if (r < 0)
                        return r;
        }
        return pic__derive_wants(d, PIC__B_NFT) ? all_classes(d, err) : 0;
}

int pic__derive_all(const pic__snap *s, const pic__secrets *secrets, pic__items *out, pic_error **err)
{
        return pic__derive_parts(s, PIC__ALL_PARTS, secrets, out, err);
}

int pic__derive_parts(const pic__snap *s, unsigned parts, const pic__secrets *secrets, pic__items *out, pic_error **err)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        int r;

        if (pic__snap_cell(s) == NULL || parts == 0)
                return 0;
        r = pic__derive_open(&d, s, secrets, out, err);
        d.parts = parts;
        d.fronted = d.fronted && pic__derive_wants(&d, PIC__B_FRONT);
        return r < 0 ? r : everything(&d, err);
}

int pic__derive_exits(const pic__snap *s, const pic__secrets *secrets, pic__items *out, pic_error **err)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        int r;

        if (pic__snap_cell(s) == NULL)
                return 0;
        r = pic__derive_open(&d, s, secrets, out, err);
        return r < 0 ? r : pic__derive_connections(&d, err);
}

int pic__derive_classes(const pic__snap *s, pic__items *out, pic_error **err)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        int r;

        if (pic__snap_cell(s) == NULL)
                return 0;
        r = pic__derive_open(&d, s, NULL, out, err);
        return r < 0 ? r : all_classes(&d, err);
}
