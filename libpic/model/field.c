/* Owns: finding kinds and fields, values as such, and the words for a field's rule. */
#include "model/field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "model/record.h"

int pic__kind_find(const char *name)
{
        int k;

        for (k = 0; k < PIC__KINDS; k++)
                if (strcmp(pic__kinds[k].name, name) == 0)
                        return k;
        return -1;
}

static int same_field(const char *a, const char *b)
{
        while (*a != '\0' && (*a == *b || (*a == '_' && *b == '-'))) {
                a++;
                b++;
        }
        return *a == *b;
}

int pic__field_find(enum pic__kind kind, const char *name)
{
        const pic__kind_info *k = &pic__kinds[kind];
        size_t i;

        for (i = 0; i < k->count; i++)
                if (same_field(k->fields[i].name, name))
                        return (int)i;
        return -1;
}

void pic__val_clear(pic__val *v)
{
        if (v->tag == PIC__V_TEXT)
                pic__free(v->s);
        *v = (pic__val)PIC__VAL_NONE;
}

int pic__val_copy(const pic__val *from, pic__val *to)
{
        pic__val copy = *from;

        if (from->tag == PIC__V_TEXT) {
                copy.s = pic__strdup(from->s);
                if (copy.s == NULL)
                        return -1;
        }
        *to = copy;
        return 0;
}

int pic__val_equal(const pic__val *a, const pic__val *b)
{
        if (a->tag != b->tag)
                return 0;
        if (a->tag == PIC__V_INT)
                return a->i == b->i;
        return a->tag == PIC__V_NONE || strcmp(a->s, b->s) == 0;
}

char *pic__field_print(const pic__field *f, const pic__val *v)
{
        char text[PIC__TIME_TEXT];

        if (v->tag == PIC__V_NONE)
                return NULL;
        if (v->tag == PIC__V_TEXT)
                return pic__strdup(v->s);
        if (f->type == PIC__T_BOOL)
                return pic__strdup(v->i != 0 ? "true" : "false");
        if (f->type == PIC__T_TIME)
                return pic__strdup(pic__time_print(v->i, text));
        snprintf(text, sizeof(text), "%" PRId64, v->i);
        return pic__strdup(text);
}

/* Where a rule has numbers or words of the table in it, there is a function below instead. */
static const char *const plain_rules[] = {
        [PIC__T_NAME] = "a name: 1 to 64 letters, digits, '_', '-' or '.'",
        [PIC__T_DOMAIN] = "a domain name: words of letters, digits and '-', joined by '.'",
        [PIC__T_BOOL] = "true or false",
        [PIC__T_TIME] = "a date (2027-01-31) or a time in UTC (2027-01-31T23:59:59Z)",
        [PIC__T_ADDR4] = "an IPv4 address",
        [PIC__T_ADDR6] = "an IPv6 address",
        [PIC__T_PREFIX] = "a network ADDRESS/LENGTH of either family",
        [PIC__T_KEY] = "a WireGuard key: 32 bytes in base64, 44 characters",
        [PIC__T_SECRET] = "sealed bytes in base64",
        [PIC__T_ENDPOINT] = "HOST:PORT, or [IPV6]:PORT",
        [PIC__T_RESOLVER] = "ADDRESS[@PORT][#TLSNAME]",
        [PIC__T_GRANT] = "internet, lan, peers, peer:NAME, group:NAME, service:ID, PREFIX or PREFIX:PROTO/PORT[-PORT]",
        [PIC__T_SERVER] = "a server's name or address",
        [PIC__T_IFNAME] = "an interface name: a letter, then up to 14 letters, digits, '_', '-' or '.'",
        [PIC__T_RULE] = "never FROM -> TO, or always FROM -> TO; FROM: NAME, group:NAME or peers; TO: a grant; behind "
                        "it perhaps via CONNECTION, via direct or (never) unless via CONNECTION",
        [PIC__T_HOST] = "a DNS name, perhaps with '*.' before it, or an address",
};

static void put_choices(pic__buf *b, const char *choices)
{
        pic__buf_puts(b, "one of ");
        for (; *choices != '\0'; choices++) {
                if (*choices == '|')
                        pic__buf_puts(b, ", ");
                else
                        pic__buf_putc(b, *choices);
        }
}

static void put_rule(const pic__field *f, pic__buf *b)
{
        if (f->type == PIC__T_TEXT && f->min == f->max) /* of one length: what stands where tells more than how much */
                pic__buf_puts(b, f->placeholder);
        else if (f->type == PIC__T_TEXT)
                pic__buf_putf(b, "printable text of %" PRId64 " to %" PRId64 " bytes", f->min,
                              (f->flags & PIC__F_LIST) != 0 ? PIC__ITEM_MAX : f->max);
        else if (f->type == PIC__T_INT)
                pic__buf_putf(b, "a whole number from %" PRId64 " to %" PRId64, f->min, f->max);
        else if (f->type == PIC__T_ENUM)
                put_choices(b, f->choices);
        else if (f->type == PIC__T_PREFIX4 || f->type == PIC__T_PREFIX6)
                pic__buf_putf(b, "an %s network ADDRESS/LENGTH with a length from %" PRId64 " to %" PRId64,
                              f->type == PIC__T_PREFIX4 ? "IPv4" : "IPv6", f->min, f->max);
        else if (f->type == PIC__T_REF)
                pic__buf_putf(b, "the name of a %s", pic__kinds[f->ref].name);
        else if ((f->flags & PIC__F_LABEL) != 0)
                pic__buf_puts(b, "a name without dots: 1 to 63 letters, digits, '_' or '-'");
        else if (f->type == PIC__T_DNS)
                pic__buf_puts(b, pic__rdata_rule(f->choices));
        else
                pic__buf_puts(b, plain_rules[f->type]);
}

void pic__field_rule(const pic__field *f, char *text, size_t size)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;

        if ((f->flags & PIC__F_LIST) != 0)
                pic__buf_putf(&b, "up to %" PRId64 " items with commas between, each ", f->max);
        put_rule(f, &b);
        if (size > 0)
                snprintf(text, size, "%s", pic__buf_str(&b));
}
