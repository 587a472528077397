/* Owns: what follows from block lists: each one by its number, and for devices of groups which of them hold beside
 * those for all. Where nobody has such a group nothing is said of anybody. */
#include <inttypes.h>
#include <string.h>

#include "model/blocklist.h"
#include "plan/derive_in.h"

int pic__derive_lists(pic__derive *d, pic_error **err)
{
        const pic_obj *o;
        size_t at = 0;
        int r = 0;

        while (r == 0 && (o = pic__snap_next(d->snap, PIC__BLOCKLIST, &at)) != NULL) {
                const char *why = pic__derive_why(d, "blocklist ", pic__obj_name(o));

                if (pic__obj_int(o, "enabled") == 0)
                        continue;
                if (why == NULL)
                        return pic__nomem(err);
                pic__buf_putf(&d->key, "%" PRId64, o->id);
                pic__buf_puts(&d->value, pic__obj_name(o));
                if (pic__blocklist_for_all(o))
                        pic__buf_puts(&d->value, " all");
                if (pic__obj_text(o, "allow")[0] != '\0')
                        pic__buf_putf(&d->value, " allow=%s", pic__obj_text(o, "allow"));
                r = pic__derive_put(d, PIC__I_DNS_LIST, NULL, why, err);
        }
        return r;
}

static int put_place(pic__derive *d, const char *place, const char *lists, const char *why, pic_error **err)
{
        if (place[0] == '\0')
                return 0;
        pic__buf_puts(&d->key, place);
        pic__buf_puts(&d->value, lists);
        return pic__derive_put(d, PIC__I_DNS_BARRED, NULL, why, err);
}

int pic__derive_barred(pic__derive *d, const pic_obj *peer, const char *why, pic_error **err)
{
        pic__auto_buf pic__buf lists = PIC__BUF_INIT;
        const char *subnets = pic__derive_text(peer, d->field.subnets);
        char one[PIC__PREFIX_TEXT];
        const pic_obj *o;
        size_t at = 0;
        int i, r = 0;

        while ((o = pic__snap_next(d->snap, PIC__BLOCKLIST, &at)) != NULL)
                if (!pic__blocklist_for_all(o) && pic__blocklist_holds(o, peer))
                        pic__buf_putf(&lists, "%s%" PRId64, lists.len > 0 ? "," : "", o->id);
        if (lists.failed)
                return pic__nomem(err);
        if (lists.len == 0)
                return 0;
        for (i = 0; i < PIC__FAMILIES && r == 0; i++)
                r = put_place(d, pic__derive_text(peer, d->field.addr[i]), pic__buf_str(&lists), why, err);
        while (r == 0 && pic__list_next(&subnets, one, sizeof(one)))
                r = put_place(d, one, pic__buf_str(&lists), why, err);
        return r;
}
