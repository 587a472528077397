/* Owns: what a class of rights means, in elements: GRANT (destinations, protocol, ports), REACH (single peers), WIDE
 * (internet, lan: only when forwarded), SERVED (services). README says why GRANTs are cut until none overlaps. */
#include <string.h>

#include "plan/derive_in.h"

static const struct {
        enum pic__item_kind reach, grant, wide, served;
        uint8_t family;
        const char *address;
} families[PIC__FAMILIES] = {
        { PIC__I_NFT_REACH4, PIC__I_NFT_GRANT4, PIC__I_NFT_WIDE4, PIC__I_NFT_SERVED4, 4, "address4" },
        { PIC__I_NFT_REACH6, PIC__I_NFT_GRANT6, PIC__I_NFT_WIDE6, PIC__I_NFT_SERVED6, 6, "address6" },
};

/* "access internet,peer:nas" */
static const char *class_why(pic__derive *d, const pic__class *class)
{
        return pic__derive_why(d, "access ", class->rights);
}

int pic__derive_reach(pic__derive *d, const pic__class *class, const pic_obj *target, pic_error **err)
{
        char mark[PIC__MARK_TEXT];
        const char *why;
        int i, r;

        if (!pic__snap_active(d->snap, target))
                return 0;
        why = pic__derive_why(d, "access to ", pic__obj_name(target));
        if (why == NULL)
                return pic__nomem(err);
        pic__derive_mark(class, mark);
        for (i = 0; i < PIC__FAMILIES; i++) {
                const char *address = pic__derive_text(target, d->field.addr[i]);

                if (address[0] == '\0')
                        continue;
                pic__buf_puts(&d->key, mark);
                pic__buf_putc(&d->key, ' ');
                pic__buf_puts(&d->key, address);
                pic__buf_puts(&d->value, "accept");
                r = pic__derive_put(d, families[i].reach, NULL, why, err);
                if (r == 0)
                        r = pic__derive_told_at(d, class, address, why, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void key_range(pic__derive *d, const pic__class *class, const pic__addr *first, const pic__addr *last)
{
        char text[PIC__ADDR_TEXT], mark[PIC__MARK_TEXT];

        pic__buf_puts(&d->key, pic__derive_mark(class, mark));
        pic__buf_putc(&d->key, ' ');
        pic__buf_puts(&d->key, pic__addr_print(first, text));
        pic__buf_putc(&d->key, '-');
        pic__buf_puts(&d->key, pic__addr_print(last, text));
}

static int put_grants(pic__derive *d, const pic__class *class, pic__boxes *boxes, int family, const char *why,
                      pic_error **err)
{
        size_t i;
        int r;

        if (pic__boxes_disjoint(boxes) < 0)
                return pic__nomem(err);
        for (i = 0; i < boxes->count; i++) {
                const pic__box *box = &boxes->at[i];
                pic__addr first, last;

                pic__addr_from_number(box->addr_lo, families[family].family, &first);
                pic__addr_from_number(box->addr_hi, families[family].family, &last);
                key_range(d, class, &first, &last);
                if (box->proto_lo == box->proto_hi)
                        pic__buf_putf(&d->key, " %u %u-%u", box->proto_lo, box->port_lo, box->port_hi);
                else
                        pic__buf_putf(&d->key, " %u-%u %u-%u", box->proto_lo, box->proto_hi, box->port_lo,
                                      box->port_hi);
                pic__buf_puts(&d->value, "accept");
                r = pic__derive_put(d, families[family].grant, NULL, why, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void free_ranges(pic__rangevec *v)
{
        pic__vec_free(v);
}

static int put_wide(pic__derive *d, const pic__class *class, const pic__rights *rights, int family, const char *why,
                    pic_error **err)
{
        PIC__AUTO(free_ranges) pic__rangevec left = PIC__VEC_INIT;
        size_t i;
        int r = pic__derive_wide(d, rights, family, &left, err);

        for (i = 0; i < left.count && r == 0; i++) {
                key_range(d, class, &left.at[i].first, &left.at[i].last);
                pic__buf_puts(&d->value, "accept");
                r = pic__derive_put(d, families[family].wide, NULL, why, err);
        }
        return r;
}

static int put_reach(pic__derive *d, const pic__class *class, const pic__rights *rights, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; i < rights->targets.count && r == 0; i++)
                r = pic__derive_reach(d, class, rights->targets.at[i], err);
        return r;
}

static int put_services(pic__derive *d, const pic__class *class, const pic__rights *rights, int family, const char *why,
                        pic_error **err)
{
        char mark[PIC__MARK_TEXT];
        size_t i;
        int r = 0;

        for (i = 0; i < rights->services.count && r == 0; i++) {
                const char *address = pic__obj_text(rights->services.at[i], families[family].address);

                if (address[0] == '\0')
                        continue;
                pic__buf_putf(&d->key, "%s %s", pic__derive_mark(class, mark), address);
                pic__buf_puts(&d->value, "accept");
                r = pic__derive_put(d, families[family].served, NULL, why, err);
                if (r == 0)
                        r = pic__derive_told_at(d, class, address, why, err);
        }
        return r;
}

int pic__derive_class(pic__derive *d, const pic__class *class, pic_error **err)
{
        PIC__AUTO(pic__rights_free) pic__rights rights = PIC__RIGHTS_INIT;
        const char *why = class_why(d, class);
        size_t i;
        int family, r = 0;

        if (why == NULL)
                return pic__nomem(err);
        for (i = 0; i < class->count && r == 0; i++)
                r = pic__derive_grant(d, &class->grants[i], &rights, err);
        if (r == 0)
                r = put_reach(d, class, &rights, err);
        if (r == 0)
                r = pic__derive_told(d, class, &rights, why, err);
        for (family = 0; family < PIC__FAMILIES && r == 0; family++) {
                r = put_grants(d, class, &rights.boxes[family], family, why, err);
                if (r == 0)
                        r = put_wide(d, class, &rights, family, why, err);
                if (r == 0)
                        r = put_services(d, class, &rights, family, why, err);
        }
        return r;
}
