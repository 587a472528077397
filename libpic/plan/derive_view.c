/* Owns: who is told which of the cell's own names, where that follows rights: each place with its class and the
 * device's addresses, and of each class where what it reaches lies, by whatever protocol. Names themselves are records;
 * the filter puts both together. */
#include <stdio.h>

#include "plan/derive_in.h"

static int put_place(pic__derive *d, const pic_obj *peer, const char *place, const char *why, pic_error **err)
{
        const char *four = pic__derive_text(peer, d->field.addr[PIC__V4]),
                   *six = pic__derive_text(peer, d->field.addr[PIC__V6]);
        char mark[PIC__MARK_TEXT];

        if (place[0] == '\0')
                return 0;
        pic__buf_puts(&d->key, place);
        pic__buf_puts(&d->value, pic__derive_mark(pic__snap_class(d->snap, peer), mark));
        pic__buf_putc(&d->value, ' ');
        pic__buf_puts(&d->value, four);
        if (four[0] != '\0' && six[0] != '\0')
                pic__buf_putc(&d->value, ',');
        pic__buf_puts(&d->value, six);
        return pic__derive_put(d, PIC__I_DNS_VIEW, NULL, why, err);
}

int pic__derive_viewer(pic__derive *d, const pic_obj *peer, const char *why, pic_error **err)
{
        const char *subnets = pic__derive_text(peer, d->field.subnets);
        char one[PIC__PREFIX_TEXT];
        int i, r = 0;

        if (!d->views)
                return 0;
        for (i = 0; i < PIC__FAMILIES && r == 0; i++)
                r = put_place(d, peer, pic__derive_text(peer, d->field.addr[i]), why, err);
        while (r == 0 && pic__list_next(&subnets, one, sizeof(one)))
                r = put_place(d, peer, one, why, err);
        return r;
}

int pic__derive_told_at(pic__derive *d, const pic__class *class, const char *address, const char *why, pic_error **err)
{
        char mark[PIC__MARK_TEXT];

        if (!d->views)
                return 0;
        pic__buf_puts(&d->key, pic__derive_mark(class, mark));
        pic__buf_putc(&d->key, ' ');
        pic__buf_puts(&d->key, address);
        pic__buf_puts(&d->value, "told");
        return pic__derive_put(d, PIC__I_DNS_VIEW, NULL, why, err);
}

static int add_ranges(const pic__boxes *boxes, uint8_t family, pic__rangevec *to)
{
        size_t i;

        for (i = 0; i < boxes->count; i++) {
                pic__range r;

                pic__addr_from_number(boxes->at[i].addr_lo, family, &r.first);
                pic__addr_from_number(boxes->at[i].addr_hi, family, &r.last);
                if (pic__vec_push(to, r) < 0)
                        return -1;
        }
        to->count = (size_t)pic__ranges_normalize(to->at, to->count);
        return 0;
}

static int put_ranges(pic__derive *d, const pic__class *class, const pic__rangevec *ranges, const char *why,
                      pic_error **err)
{
        char first[PIC__ADDR_TEXT], both[2 * PIC__ADDR_TEXT + 2], last[PIC__ADDR_TEXT];
        size_t i;
        int r = 0;

        for (i = 0; i < ranges->count && r == 0; i++) {
                snprintf(both, sizeof(both), "%s-%s", pic__addr_print(&ranges->at[i].first, first),
                         pic__addr_print(&ranges->at[i].last, last));
                r = pic__derive_told_at(d, class, both, why, err);
        }
        return r;
}

int pic__derive_told(pic__derive *d, const pic__class *class, const pic__rights *rights, const char *why,
                     pic_error **err)
{
        static const uint8_t families[PIC__FAMILIES] = { 4, 6 };
        int i, r = 0;

        for (i = 0; i < PIC__FAMILIES && r == 0 && d->views; i++) {
                pic__rangevec ranges = PIC__VEC_INIT;

                r = add_ranges(&rights->boxes[i], families[i], &ranges) < 0 ? pic__nomem(err)
                                                                            : put_ranges(d, class, &ranges, why, err);
                pic__vec_free(&ranges);
        }
        return r;
}
