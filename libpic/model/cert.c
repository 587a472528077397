/* Owns: the names of certificates. A person says "nas", "nas.home" or "nas.home.internal" and means the same. */
#include "model/cert.h"

#include <stdio.h>
#include <string.h>

#include "model/net.h"
#include "model/text.h"
#include "model/wgconf.h"

void pic__cert_zones(const pic_obj *cell, pic__buf *out)
{
        const char *more = pic__obj_text(cell, "ca_zones");

        pic__dns_name(cell, NULL, out);
        if (more[0] != '\0')
                pic__buf_putf(out, ",%s", more);
}

void pic__cert_nets(const pic_obj *cell, pic__buf *out)
{
        pic__buf_putf(out, "%s,%s", pic__obj_text(cell, "net4"), pic__obj_text(cell, "net6"));
}

int pic__cert_is_own(const pic_obj *cert)
{
        return strcmp(pic__obj_text(cert, "issuer"), "own") == 0 && pic__obj_int(cert, "revoked") == 0;
}

/* The zone itself, or below it. */
static int is_below(const char *name, const char *zone)
{
        size_t n = strlen(name), z = strlen(zone);

        return n >= z && strcmp(name + n - z, zone) == 0 && (n == z || name[n - z - 1] == '.');
}

static int is_inside(const pic_obj *cell, const char *name)
{
        pic__auto_buf pic__buf zones = PIC__BUF_INIT;
        char zone[PIC__CERT_NAME];
        const char *at;

        pic__cert_zones(cell, &zones);
        at = pic__buf_str(&zones);
        while (pic__list_next(&at, zone, sizeof(zone)))
                if (is_below(name, zone))
                        return 1;
        return 0;
}

static const char *full_address(const pic_obj *cell, const pic__addr *a, char out[PIC__CERT_NAME])
{
        pic__prefix net;
        char text[PIC__ADDR_TEXT];

        if (pic__prefix_parse(pic__obj_text(cell, a->family == 4 ? "net4" : "net6"), &net) < 0 ||
            !pic__prefix_has(&net, a))
                return "is an address outside of the cell's networks: the cell's CA may not vouch for it";
        snprintf(out, PIC__CERT_NAME, "%s", pic__addr_print(a, text));
        return NULL;
}

/* 1 when it fits and is inside. */
static int joined(const pic_obj *cell, const char *name, const char *to, char out[PIC__CERT_NAME])
{
        int n = snprintf(out, PIC__CERT_NAME, "%s.%s", name, to);

        return n > 0 && n < 254 && is_inside(cell, out);
}

/* A single word is the cell's own. */
static const char *of_zone(const pic_obj *cell, char out[PIC__CERT_NAME])
{
        pic__auto_buf pic__buf zone = PIC__BUF_INIT;
        size_t len = strlen(out);

        pic__dns_name(cell, NULL, &zone);
        if (zone.failed || len + 1 + zone.len > 253)
                return "is too long";
        out[len] = '.';
        memcpy(out + len + 1, pic__buf_str(&zone), zone.len + 1);
        return NULL;
}

const char *pic__cert_full(const pic_obj *cell, const char *name, char out[PIC__CERT_NAME])
{
        char short_name[PIC__CERT_NAME], *word;
        size_t len;
        pic__addr a;

        if (pic__addr_parse(name, &a) == 0)
                return full_address(cell, &a, out);
        if (pic__fold(name, out, PIC__CERT_NAME) < 0)
                return "is too long";
        word = strncmp(out, "*.", 2) == 0 ? out + 2 : out;
        len = strlen(out);
        if (len > 0 && out[len - 1] == '.')
                out[--len] = '\0';
        else
                len = 0; /* not said to be whole */
        if (!pic__hostname_ok(word))
                return "is no DNS name";
        if (is_inside(cell, out))
                return NULL;
        if (len == 0 && strchr(word, '.') == NULL)
                return of_zone(cell, out);
        memcpy(short_name, out, sizeof(short_name));
        if (len == 0 && joined(cell, short_name, pic__obj_text(cell, "domain"), out))
                return NULL;
        return "is outside of the domains that the cell's CA may vouch for";
}

static int add_one(const pic_obj *cell, const pic_obj *cert, const char *name, pic__buf *out, pic_error **err)
{
        int own = strcmp(pic__obj_text(cert, "issuer"), "own") == 0;
        const char *why = NULL;
        char full[PIC__CERT_NAME];
        pic__addr a;

        if (own)
                why = pic__cert_full(cell, name, full);
        else
                snprintf(full, sizeof(full), "%.*s", (int)(strlen(name) - (name[strlen(name) - 1] == '.')), name);
        if (why == NULL) {
                if (!pic__list_has(pic__buf_str(out), full))
                        pic__buf_putf(out, "%s%s", out->len > 0 ? "," : "", full);
                return 0;
        }
        (void)pic__fail_value(err, NULL, "names", name, why);
        if (pic__addr_parse(name, &a) < 0)
                pic__hint(err, "Another domain of your own (home, lan) is allowed by: pic cell set --ca-zones DOMAIN");
        return PIC_VALUE;
}

int pic__cert_subjects(const pic_obj *cell, const pic_obj *cert, pic__buf *out, pic_error **err)
{
        const char *at = pic__obj_text(cert, "names");
        pic__auto_err pic_error *list = NULL;
        char name[PIC__ITEM_MAX];
        int code;

        if (at[0] == '\0')
                at = pic__obj_name(cert);
        while (pic__list_next(&at, name, sizeof(name))) {
                pic_error *bad = NULL;

                if (add_one(cell, cert, name, out, &bad) < 0)
                        pic__err_append(&list, bad);
        }
        if (list == NULL)
                return out->failed ? pic__nomem(err) : 0;
        code = pic_error_code(list);
        if (err != NULL)
                *err = pic__take(list);
        return code;
}
