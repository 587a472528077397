/* Owns: the tale of an import as JSON. */
#include "household/report.h"

#include <stdio.h>
#include <string.h>

const char *pic__tale_word(enum pic__tale tale)
{
        static const char *const words[] = { "unsafe", "lost", "changed", "note" };

        return words[tale];
}

size_t pic__household_count(const pic__household *h, enum pic__tale tale)
{
        size_t i, n = 0;

        for (i = 0; i < h->findings.count; i++)
                n += h->findings.at[i].tale == tale;
        return n;
}

const char *pic__household_endpoint_text(const pic__household *h, char text[300])
{
        int64_t port = h->host_port != 0 ? h->host_port : h->listen_port != 0 ? h->listen_port : 51820;

        if (h->host == NULL)
                return NULL;
        snprintf(text, 300, strchr(h->host, ':') != NULL ? "[%s]:%lld" : "%s:%lld", h->host, (long long)port);
        return text;
}

static void put_net(const pic__household *h, int i, const char *key, pic__json *j)
{
        char text[PIC__PREFIX_TEXT];

        pic__json_kstr(j, key, h->net[i].addr.family != 0 ? pic__prefix_print(&h->net[i], text) : NULL);
}

static void put_cell(const pic__household *h, pic__json *j)
{
        char text[300];
        size_t i;

        pic__json_key(j, "cell");
        pic__json_open(j, '{');
        pic__json_kstr(j, "public_key", h->public_key);
        put_net(h, 0, "net4", j);
        put_net(h, 1, "net6", j);
        pic__json_key(j, "listen_port");
        if (h->listen_port > 0)
                pic__json_int(j, h->listen_port);
        else
                pic__json_null(j);
        pic__json_kstr(j, "endpoint", pic__household_endpoint_text(h, text));
        pic__json_key(j, "upstreams");
        pic__json_open(j, '[');
        for (i = 0; i < h->dns_count; i++)
                pic__json_str(j, h->dns[i]);
        pic__json_close(j, ']');
        pic__json_close(j, '}');
}

static void put_address(const pic__device *d, int i, const char *key, pic__json *j)
{
        char text[PIC__ADDR_TEXT];

        pic__json_kstr(j, key, d->address[i].family != 0 ? pic__addr_print(&d->address[i], text) : NULL);
}

static void put_device(const pic__device *d, int takes_over, pic__json *j)
{
        pic__json_open(j, '{');
        pic__json_kstr(j, "name", d->name);
        pic__json_kstr(j, "was", d->was);
        pic__json_kstr(j, "public_key", d->public_key);
        put_address(d, 0, "address4", j);
        put_address(d, 1, "address6", j);
        pic__json_kstr(j, "subnets", d->subnets);
        pic__json_kstr(j, "access", d->access);
        pic__json_kstr(j, "expires", d->expires);
        pic__json_kbool(j, "enabled", !d->disabled);
        pic__json_kbool(j, "private_key", d->private_key != NULL);
        pic__json_kbool(j, "preshared", d->preshared != NULL);
        pic__json_kbool(j, "untouched", takes_over && !d->changed);
        pic__json_kstr(j, "file", d->at.file);
        pic__json_kint(j, "line", d->at.line);
        pic__json_close(j, '}');
}

static void put_finding(const pic__finding *f, pic__json *j)
{
        pic__json_open(j, '{');
        pic__json_kstr(j, "tale", pic__tale_word(f->tale));
        pic__json_kstr(j, "file", f->at.file);
        pic__json_key(j, "line");
        if (f->at.line > 0)
                pic__json_int(j, f->at.line);
        else
                pic__json_null(j);
        pic__json_kstr(j, "device", f->device);
        pic__json_kstr(j, "field", f->field);
        pic__json_kstr(j, "message", f->message);
        pic__json_kstr(j, "hint", f->hint);
        pic__json_close(j, '}');
}

static void put_counts(const pic__household *h, pic__json *j)
{
        size_t i, out = 0;
        int tale;

        for (i = 0; i < h->devices.count; i++)
                out += h->devices.at[i]->dropped != 0;
        pic__json_key(j, "counts");
        pic__json_open(j, '{');
        pic__json_kint(j, "devices", (int64_t)(h->devices.count - out));
        pic__json_kint(j, "left_out", (int64_t)out);
        for (tale = PIC__TALE_UNSAFE; tale <= PIC__TALE_NOTE; tale++)
                pic__json_kint(j, pic__tale_word((enum pic__tale)tale),
                               (int64_t)pic__household_count(h, (enum pic__tale)tale));
        pic__json_kint(j, "untold", (int64_t)h->untold);
        pic__json_close(j, '}');
}

void pic__household_report(const pic__household *h, const char *path, int takes_over, pic__json *j)
{
        size_t i;

        pic__json_open(j, '{');
        pic__json_kstr(j, "product", h->product);
        pic__json_kstr(j, "path", path);
        pic__json_kbool(j, "takes_over", takes_over);
        put_cell(h, j);
        pic__json_key(j, "devices");
        pic__json_open(j, '[');
        for (i = 0; i < h->devices.count; i++)
                if (!h->devices.at[i]->dropped)
                        put_device(h->devices.at[i], takes_over, j);
        pic__json_close(j, ']');
        put_counts(h, j);
        pic__json_key(j, "findings");
        pic__json_open(j, '[');
        for (i = 0; i < h->findings.count; i++)
                put_finding(&h->findings.at[i], j);
        pic__json_close(j, ']');
        pic__json_close(j, '}');
}
