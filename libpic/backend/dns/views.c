/* Owns: lines of the filter's rules about whom the cell's own names are told to: what names lead to is taken from the
 * picture of the name server's own records, whoever made them; who may know what, from items. */
#include <stdlib.h>
#include <string.h>

#include "backend/dns/inside.h"
#include "model/own.h"

static const struct {
        const char *name;
        unsigned number;
} leading[] = { { "CNAME", 5 }, { "PTR", 12 }, { "MX", 15 }, { "SRV", 33 } };

/* "10 mail.home.internal." leads to its last word. */
static void put_lead(pic__buf *out, const char *name, size_t len, unsigned type, const char *rdata)
{
        const char *space = strrchr(rdata, ' '), *to = space != NULL ? space + 1 : rdata;

        if (strspn(to, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.") == strlen(to) &&
            strlen(to) > 1)
                pic__buf_putf(out, "leads %.*s %u %s\n", (int)len, name, type, to);
}

static void put_datum(pic__buf *out, const char *name, size_t len, const char *type, const char *rdata)
{
        size_t i;

        if (strcmp(type, "A") == 0 || strcmp(type, "AAAA") == 0) {
                pic__buf_putf(out, "name %.*s %s\n", (int)len, name, rdata);
                return;
        }
        for (i = 0; i < PIC__COUNT(leading); i++)
                if (strcmp(type, leading[i].name) == 0) {
                        put_lead(out, name, len, leading[i].number, rdata);
                        return;
                }
        pic__buf_putf(out, "name %.*s -\n", (int)len, name);
}

static int put_record(const char *name, size_t len, enum pic__dns_type type, const char *value, void *data)
{
        pic__buf *out = data;
        char rdata[PIC__DNS_RDATA];
        unsigned ttl;

        while (pic__dns_value_next(&value, rdata, &ttl) > 0)
                put_datum(out, name, len, pic__dns_types[type], rdata);
        return out->failed ? -1 : 0;
}

/* The owner's records of names in somebody's zone. */
static void put_own(const pic__dns_server *s, pic__buf *out)
{
        pic__auto_free char *data = pic__alloc(PIC__OWN_DATA);
        char type[8];
        size_t i;

        if (data == NULL)
                out->failed = 1;
        for (i = 0; data != NULL && i < s->own.count; i++) {
                const char *at;
                pic__own o;

                if (pic__own_parse(s->own.at[i], &o) < 0)
                        continue;
                at = o.data;
                while (pic__own_next(&at, type, data) > 0)
                        put_datum(out, o.name, strlen(o.name), type, data);
        }
}

static void put_places(const pic__dns_server *s, pic__buf *out)
{
        char text[PIC__ADDR_TEXT];
        size_t i;

        for (i = 0; i < s->listen.count; i++) {
                pic__dns_upstream at = { .tls = "" };

                (void)pic__dns_upstream_parse(s->listen.at[i], &at);
                pic__addr_print(&at.addr, text);
                pic__buf_putf(out, "cell %s\nviewer %s all -\n", text, text); /* the machine itself asks so */
        }
        for (i = 0; i < s->allow.count; i++)
                pic__buf_putf(out, "inside %s\n", s->allow.at[i]);
        for (i = 0; pic__dns_server_zone_at(s, i) != NULL; i++)
                pic__buf_putf(out, "zone %s\n", pic__dns_server_zone_at(s, i));
}

int pic__dns_view_ok(const char *key, const char *value)
{
        const char *space = strchr(key, ' ');
        size_t i;

        for (i = 0; key[i] != '\0'; i++)
                if (strchr("0123456789abcdefx.:/- ", key[i]) == NULL)
                        return 0;
        if (space != NULL)
                return strcmp(value, "told") == 0 && strchr(space + 1, ' ') == NULL;
        return value[strspn(value, "0123456789abcdefx.:, ")] == '\0' && strchr(value, ' ') != NULL;
}

static void put_item(const char *key, const char *value, pic__buf *out)
{
        if (strchr(key, ' ') != NULL) {
                pic__buf_putf(out, "reach %s\n", key);
                return;
        }
        pic__buf_putf(out, "viewer %s %s\n", key, value);
}

int pic__dns_views_put(pic__dns *b, pic__buf *out, pic_error **err)
{
        const struct pic__dns_line *l;
        size_t at = 0;
        int r = b->server.views.count > 0 ? pic__dns_know_names(b, err) : 0;

        if (r < 0 || b->server.views.count == 0)
                return r;
        pic__buf_puts(out, "views\n");
        put_places(&b->server, out);
        while ((l = pic__map_next(&b->sieve.views, &at)) != NULL)
                put_item(l->key, l->value, out);
        put_own(&b->server, out);
        r = pic__dns_names_each(&b->names, NULL, 0, put_record, out);
        return r < 0 || out->failed ? pic__nomem(err) : 0;
}
