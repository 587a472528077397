/* Owns: what follows for the front: that it is there, by which names it is asked, with which certificates, and by whom.
 * There is none before the cell's CA has a root: nobody could trust it. */
#include <inttypes.h>
#include <string.h>

#include "base/map.h"
#include "model/public.h"
#include "model/service.h"
#include "plan/derive_in.h"

static const char why_cell[] = "cell";

int pic__derive_fronted(const pic__derive *d)
{
        return pic__derive_wants(d, PIC__B_FRONT) && pic__front_on(d->cell);
}

/* Of public names it is known that they are nobody else's: browsers are told to come by HTTPS alone. */
static int put_domains(pic__derive *d, pic_error **err)
{
        const pic_obj *o;
        size_t at = 0;
        int r = 0;

        while (r == 0 && (o = pic__snap_next(d->snap, PIC__DOMAIN, &at)) != NULL) {
                const char *name = pic__obj_name(o);

                if (pic__obj_int(o, "enabled") == 0 || pic__public_is_zone(d->cell, o))
                        continue; /* the cell's zone has it already */
                pic__buf_puts(&d->key, name);
                pic__buf_puts(&d->value, "public");
                r = pic__derive_put(d, PIC__I_FRONT_HOST, NULL, pic__derive_why(d, "domain ", name), err);
        }
        return r;
}

static int put_host(pic__derive *d, const char *before, const char *name, size_t len, const char *behind,
                    pic_error **err)
{
        pic__buf_puts(&d->key, before);
        pic__buf_put(&d->key, name, len);
        pic__buf_puts(&d->key, behind);
        pic__buf_puts(&d->value, "page");
        return pic__derive_put(d, PIC__I_FRONT_HOST, NULL, why_cell, err);
}

uint64_t pic__derive_root(const pic__derive *d)
{
        const char *root = pic__obj_text(d->cell, "ca_certificate"), *cross = pic__obj_text(d->cell, "ca_cross");

        return pic__hash(root, strlen(root)) + 3 * pic__hash(cross, strlen(cross));
}

/* Issued by the agent, when the front asks for it; another root, or another chain to a former one, makes another one.
 */
static int put_own(pic__derive *d, const char *a4, const char *a6, pic_error **err)
{
        uint64_t which = pic__derive_root(d);
        int len = (int)d->zone.len - 1;

        pic__buf_puts(&d->key, "front");
        pic__buf_putf(&d->value, "own names=%.*s,cell.%.*s,%s,%s root=%016" PRIx64, len, pic__buf_str(&d->zone), len,
                      pic__buf_str(&d->zone), a4, a6, which);
        return pic__derive_put(d, PIC__I_FRONT_CERT, NULL, why_cell, err);
}

static int any_open(const pic__snap *s)
{
        const pic_obj *o;
        size_t at = 0;

        while ((o = pic__snap_next(s, PIC__SERVICE, &at)) != NULL)
                if (pic__public_open(s, o))
                        return 1;
        return 0;
}

int pic__derive_front(pic__derive *d, pic_error **err)
{
        char a4[PIC__ADDR_TEXT], a6[PIC__ADDR_TEXT];
        int r;

        if (!d->fronted)
                return 0;
        pic__addr_print(&d->self[PIC__V4], a4);
        pic__addr_print(&d->self[PIC__V6], a6);
        pic__buf_puts(&d->key, "main");
        pic__buf_putf(&d->value, "listen=%s,%s%s", a4, a6, any_open(d->snap) ? " outside=yes" : "");
        r = pic__derive_put(d, PIC__I_FRONT_SERVER, NULL, why_cell, err);
        if (r == 0)
                r = put_own(d, a4, a6, err);
        if (r == 0)
                r = put_host(d, "", d->zone.data, d->zone.len - 1, "", err);
        if (r == 0)
                r = put_host(d, "cell.", d->zone.data, d->zone.len - 1, "", err);
        if (r == 0)
                r = put_host(d, "", a4, strlen(a4), "", err);
        if (r == 0)
                r = put_host(d, "[", a6, strlen(a6), "]", err);
        return r < 0 ? r : put_domains(d, err);
}

int pic__derive_fronted_peer(pic__derive *d, const char *address, const char *name, const char *why, pic_error **err)
{
        if (!d->fronted || address[0] == '\0')
                return 0;
        pic__buf_puts(&d->key, address);
        pic__buf_puts(&d->value, name);
        return pic__derive_put(d, PIC__I_FRONT_PEER, NULL, why, err);
}

/* The chain in a line, and the key. */
static int put_secret(pic__derive *d, const pic_obj *cert, pic__buf *out, pic_error **err)
{
        uint8_t stand_in[32];
        int r;

        if (d->secrets == NULL) {
                r = pic__derive_secret(d, cert, "key", stand_in, err);
                pic__buf_put(out, stand_in, sizeof(stand_in));
                return r < 0 ? r : 0;
        }
        pic__buf_puts(out, pic__obj_text(cert, "chain"));
        pic__buf_putc(out, '\n');
        return d->secrets->open_text(cert, "key", out, d->secrets->data, err);
}

int pic__derive_certificate(pic__derive *d, const pic_obj *cert, pic_error **err)
{
        pic__auto_wipe pic__buf hidden = PIC__BUF_SECRET;
        pic__item item = { .kind = PIC__I_FRONT_CERT, .key = pic__obj_name(cert) };
        int r;

        if (!d->fronted || !pic__public_is_shown(cert))
                return 0;
        r = put_secret(d, cert, &hidden, err);
        pic__buf_putf(&d->value, "serial=%s", pic__obj_text(cert, "serial"));
        item.value = pic__buf_str(&d->value);
        item.secret = (const uint8_t *)hidden.data;
        item.secret_len = hidden.len;
        item.why = pic__derive_why(d, "certificate ", pic__obj_name(cert));
        if (r == 0)
                r = d->value.failed || hidden.failed || item.why == NULL ? pic__nomem(err)
                                                                         : pic__items_add_long(d->out, &item, err);
        pic__buf_clear(&d->value);
        return r;
}
