/* Owns: which networks of the machine count, and the set of them. */
#include "model/attached.h"

#include <stdio.h>
#include <string.h>

/* What is wider is a statement about routing, not a wire with hosts: halves of everything (0.0.0.0/1), all global
 * unicast (2000::/3), 6to4 (2002::/16). Taken for attached it would close the internet, or open it to `lan`. */
#define WIDEST4 8
#define WIDEST6 32

static int in_lan(const pic__prefix *p)
{
        const pic__range *lan;
        pic__range own;
        size_t count, i;

        pic__prefix_range(p, &own);
        lan = pic__ranges_lan(p->addr.family, &count);
        for (i = 0; i < count; i++)
                if (pic__addr_cmp(&lan[i].first, &own.first) <= 0 && pic__addr_cmp(&own.last, &lan[i].last) <= 0)
                        return 1;
        return 0;
}

int pic__attached_judge(const pic__prefix *p)
{
        if (p->len < (p->addr.family == 4 ? WIDEST4 : WIDEST6))
                return PIC__ATTACHED_WIDE;
        return pic__prefix_unusable(p) != NULL || in_lan(p) ? PIC__ATTACHED_PLAIN : PIC__ATTACHED_COUNTS;
}

static int compare(const pic__prefix *a, const pic__prefix *b)
{
        int c = pic__addr_cmp(&a->addr, &b->addr);

        return c != 0 ? c : (a->len > b->len) - (a->len < b->len);
}

int pic__attached_add(pic__attached *a, pic__prefix p)
{
        size_t at = 0;

        pic__prefix_mask(&p);
        if (pic__attached_judge(&p) != PIC__ATTACHED_COUNTS)
                return 0;
        while (at < a->count && compare(&a->at[at], &p) < 0)
                at++;
        if (at < a->count && compare(&a->at[at], &p) == 0)
                return 0;
        if (pic__vec_push(a, p) < 0)
                return -1;
        memmove(a->at + at + 1, a->at + at, (a->count - 1 - at) * sizeof(a->at[0]));
        a->at[at] = p;
        return 0;
}

const pic__prefix *pic__attached_find(const pic__attached *a, const pic__addr *addr)
{
        size_t i;

        for (i = 0; i < a->count; i++)
                if (pic__prefix_has(&a->at[i], addr))
                        return &a->at[i];
        return NULL;
}

int pic__attached_same(const pic__attached *a, const pic__attached *b)
{
        size_t i;

        for (i = 0; i < a->count && i < b->count; i++)
                if (compare(&a->at[i], &b->at[i]) != 0)
                        return 0;
        return a->count == b->count;
}

void pic__attached_print(const pic__attached *a, pic__buf *out)
{
        char text[PIC__PREFIX_TEXT];
        size_t i;

        for (i = 0; i < a->count; i++) {
                pic__buf_puts(out, pic__prefix_print(&a->at[i], text));
                pic__buf_putc(out, '\n');
        }
}

int pic__attached_parse(pic__attached *a, const char *text, pic_error **err)
{
        char line[PIC__PREFIX_TEXT];
        pic__prefix p;

        while (*text != '\0') {
                size_t len = strcspn(text, "\n");

                snprintf(line, sizeof(line), "%.*s", (int)(len < sizeof(line) ? len : sizeof(line) - 1), text);
                if (len >= sizeof(line) || pic__prefix_parse(line, &p) < 0)
                        return pic__fail(err, PIC_CORRUPT, "'%s' is no network", line);
                if (pic__attached_add(a, p) < 0)
                        return pic__nomem(err);
                text += len + (text[len] == '\n');
        }
        return 0;
}
