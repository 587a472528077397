/* Owns: what follows from a service but the rights to it (derive_class.c): its names, and what the front is told of it.
 * Nothing does while it is turned off, or while there is no front. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/public.h"
#include "model/service.h"
#include "model/wgconf.h"
#include "plan/derive_in.h"
#include "plan/names.h"

static const struct {
        const char *field, *record;
} families[PIC__FAMILIES] = { { "address4", " A" }, { "address6", " AAAA" } };

static int put_door(pic__derive *d, const pic_obj *o, const char *address, const char *why, pic_error **err)
{
        int r, door = pic__service_door(o);

        if (door == 0)
                return pic__fail(err, PIC_CORRUPT, "%s has no door", why);
        pic__buf_puts(&d->key, address);
        pic__buf_putf(&d->value, "%d", door);
        r = pic__derive_put(d, PIC__I_NFT_DOOR6, NULL, why, err);
        if (r < 0)
                return r;
        pic__buf_putf(&d->key, "%d", door);
        pic__buf_puts(&d->value, pic__obj_name(o));
        return pic__derive_put(d, PIC__I_FRONT_DOOR, NULL, why, err);
}

/* There, and back; and for the front whose it is. d->name is the full name, with its dot. */
static int put_address(pic__derive *d, const pic_obj *o, int family, const char *why, pic_error **err)
{
        const char *address = pic__obj_text(o, families[family].field);
        pic__addr a;
        int r;

        if (address[0] == '\0')
                return 0;
        if (pic__addr_parse(address, &a) < 0)
                return pic__fail(err, PIC_CORRUPT, "%s: %s is no address", why, address);
        pic__buf_put(&d->key, d->name.data, d->name.len);
        pic__buf_puts(&d->key, families[family].record);
        pic__buf_puts(&d->value, address);
        r = pic__derive_put(d, PIC__I_DNS_RECORD, NULL, why, err);
        if (r < 0)
                return r;
        pic__ptr_name(&a, &d->key);
        pic__buf_puts(&d->key, " PTR");
        pic__buf_put(&d->value, d->name.data, d->name.len);
        r = pic__derive_put(d, PIC__I_DNS_RECORD, NULL, why, err);
        if (r < 0)
                return r;
        if (family == PIC__V6)
                return put_door(d, o, address, why, err);
        pic__buf_puts(&d->key, address);
        pic__buf_puts(&d->value, pic__obj_name(o));
        return pic__derive_put(d, PIC__I_FRONT_PLACE, NULL, why, err);
}

/* "http/192.168.1.10/8080": an address, since the front asks no names; where the host is nobody's, "nowhere". */
static int put_target(pic__derive *d, const pic_obj *o, const char *why, pic_error **err)
{
        int verify = pic__obj_int(o, "verify") != 0;
        char text[PIC__ADDR_TEXT];
        const char *rule;
        pic__addr a, host;
        pic__target t;

        pic__buf_puts(&d->key, pic__obj_name(o));
        if (pic__target_parse(pic__obj_text(o, "target"), &t, &rule) < 0 || !pic__target_find(d->snap, &t, &a)) {
                pic__buf_puts(&d->value, "nowhere");
        } else {
                pic__buf_putf(&d->value, "%s/%s/%u",
                              !t.tls   ? "http"
                              : verify ? "verified"
                                       : "https",
                              pic__addr_print(&a, text), t.port);
                if (t.tls && pic__addr_parse(t.host, &host) < 0) /* it may be one of many there */
                        pic__buf_putf(&d->value, "/%s", t.host);
        }
        return pic__derive_put(d, PIC__I_FRONT_SERVICE, NULL, why, err);
}

/* The cell's root may not vouch for public names: it shows its own certificate for the name in the zone, unless that is
 * a public one too and has another. */
static int put_own(pic__derive *d, const pic_obj *o, const char *why, pic_error **err)
{
        size_t len = d->name.len - 1;

        pic__buf_putf(&d->key, "_%s", pic__obj_name(o)); /* no certificate of the store has such a name */
        pic__buf_putf(&d->value, "own names=%.*s root=%016" PRIx64, (int)len, pic__buf_str(&d->name),
                      pic__derive_root(d));
        return pic__derive_put(d, PIC__I_FRONT_CERT, NULL, why, err);
}

static int put_name(pic__derive *d, const pic_obj *o, const char *name, const char *cert, const char *why,
                    pic_error **err)
{
        int r;

        pic__buf_puts(&d->key, name);
        pic__buf_puts(&d->value, pic__obj_name(o));
        r = pic__derive_put(d, PIC__I_FRONT_NAME, NULL, why, err);
        if (r < 0 || cert == NULL)
                return r;
        pic__buf_puts(&d->key, name);
        pic__buf_puts(&d->value, cert);
        return pic__derive_put(d, PIC__I_FRONT_SHOWN, NULL, why, err);
}

/* For everybody on the internet. */
static int put_outside(pic__derive *d, const pic_obj *o, const char *name, const char *cert, const char *why,
                       pic_error **err)
{
        int r;

        pic__buf_puts(&d->key, name);
        pic__buf_puts(&d->value, pic__obj_name(o));
        r = pic__derive_put(d, PIC__I_FRONT_OUTNAME, NULL, why, err);
        if (r < 0)
                return r;
        pic__buf_putf(&d->key, "outside/%s", name);
        pic__buf_puts(&d->value, cert);
        return pic__derive_put(d, PIC__I_FRONT_SHOWN, NULL, why, err);
}

/* A name that nobody has a certificate for is none: nothing could be said under it. */
static int put_names(pic__derive *d, const pic_obj *o, const char *why, pic_error **err)
{
        const pic_obj *domain, *cert, *shown = NULL;
        char name[PIC__PUBLIC_NAME];
        size_t at = 0;
        int r = 0;

        while (r == 0 && (domain = pic__public_next(d->snap, o, &at, name)) != NULL) {
                cert = pic__public_cert(d->snap, name);
                if (pic__public_is_zone(d->cell, domain))
                        shown = cert;
                else if (cert != NULL)
                        r = put_name(d, o, name, pic__obj_name(cert), why, err);
                if (r == 0 && cert != NULL && pic__public_open(d->snap, o))
                        r = put_outside(d, o, name, pic__obj_name(cert), why, err);
        }
        if (r < 0)
                return r;
        snprintf(name, sizeof(name), "%.*s", (int)d->name.len - 1, d->name.data);
        r = put_name(d, o, name, shown != NULL ? pic__obj_name(shown) : NULL, why, err);
        return r < 0 || shown != NULL ? r : put_own(d, o, why, err);
}

int pic__derive_service(pic__derive *d, const pic_obj *o, pic_error **err)
{
        const char *why;
        int i, r;

        if (!pic__service_on(d->snap, o))
                return 0;
        why = pic__derive_why(d, "service ", pic__obj_name(o));
        pic__buf_clear(&d->name);
        pic__dns_name(d->cell, o, &d->name);
        pic__buf_putc(&d->name, '.');
        if (why == NULL || d->name.failed)
                return pic__nomem(err);
        r = put_target(d, o, why, err);
        if (r == 0)
                r = put_names(d, o, why, err);
        for (i = 0; i < PIC__FAMILIES && r == 0; i++)
                r = put_address(d, o, i, why, err);
        return r;
}
