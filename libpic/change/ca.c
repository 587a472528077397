/* Owns: the making of a root, and lists of serial numbers. */
#include "change/ca.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "change/newkeys.h"
#include "model/cert.h"
#include "model/wgconf.h"
#include "sys/crypto.h"
#include "sys/x509.h"

#define DAY (86400 * PIC__SECOND)
#define ROOT_DAYS 3650
#define LIST_MAX 16

/* Texts of a list as x509.h wants them. */
struct list {
        char text[LIST_MAX][PIC__CERT_NAME];
        const char *at[LIST_MAX + 1];
};

static void split(const char *text, struct list *ret)
{
        size_t n = 0;

        while (n < LIST_MAX && pic__list_next(&text, ret->text[n], sizeof(ret->text[n]))) {
                ret->at[n] = ret->text[n];
                n++;
        }
        ret->at[n] = NULL;
}

void pic__ca_scope(const pic_obj *cell, pic__buf *out)
{
        pic__cert_zones(cell, out);
        pic__buf_putc(out, ' ');
        pic__cert_nets(cell, out);
}

static int make(const pic_obj *cell, const pic__x509_key *key, pic_time now, pic__buf *out, pic_error **err)
{
        pic__auto_buf pic__buf zones = PIC__BUF_INIT, nets = PIC__BUF_INIT, label = PIC__BUF_INIT;
        pic__auto_free struct list *z = pic__alloc(sizeof(*z)), *n = pic__alloc(sizeof(*n));
        pic__x509_scope scope;

        pic__cert_zones(cell, &zones);
        pic__cert_nets(cell, &nets);
        pic__dns_name(cell, NULL, &label);
        if (z == NULL || n == NULL || zones.failed || nets.failed || label.failed)
                return pic__nomem(err);
        split(pic__buf_str(&zones), z);
        split(pic__buf_str(&nets), n);
        scope = (pic__x509_scope){ z->at, n->at };
        return pic__x509_root(key, pic__buf_str(&label), &scope, now - DAY, now + ROOT_DAYS * DAY, out, err);
}

int pic__ca_make(pic_obj *cell, const uint8_t seal_key[32], pic_time now, pic_error **err)
{
        PIC__AUTO(pic__x509_key_unref_p) pic__x509_key *key = NULL;
        pic__auto_buf pic__buf der = PIC__BUF_INIT, text = PIC__BUF_INIT, scope = PIC__BUF_INIT;
        pic__auto_wipe pic__buf secret = PIC__BUF_SECRET;
        int r = pic__crypto_start(err);

        if (now < PIC__CA_EPOCH)
                now = PIC__CA_EPOCH;
        if (r == 0)
                r = pic__x509_key_new(&key, err);
        if (r == 0)
                r = make(cell, key, now, &der, err);
        if (r == 0)
                r = pic__x509_key_write(key, &secret, err);
        if (r < 0)
                return r;
        pic__x509_text_put(pic__der_of(&der), &text);
        pic__ca_scope(cell, &scope);
        if (text.failed || scope.failed)
                return pic__nomem(err);
        r = pic__obj_set(cell, "ca_certificate", pic__buf_str(&text), 1, err);
        if (r == 0)
                r = pic__obj_set(cell, "ca_scope", pic__buf_str(&scope), 1, err);
        if (r == 0)
                r = pic__newkeys_sealed(cell, "ca_secret", seal_key, secret.data, secret.len, err);
        return r;
}

/* --- serial numbers ------------------------------------------------------------------------------------------- */

int pic__serial_next(const char **at, pic__serial *ret)
{
        while (**at != '\0') {
                const char *text = *at;
                size_t n = strcspn(text, " "), hex = strspn(text, "0123456789abcdef");

                *at += n + (text[n] == ' ');
                if (hex == 0 || hex >= sizeof(ret->hex) || text[hex] != ':')
                        continue;
                memcpy(ret->hex, text, hex);
                ret->hex[hex] = '\0';
                ret->until = (pic_time)strtoll(text + hex + 1, NULL, 10) * PIC__SECOND;
                return 1;
        }
        return 0;
}

void pic__serial_put(const pic__serial *s, pic__buf *out)
{
        pic__buf_putf(out, "%s%s:%" PRId64, out->len > 0 ? " " : "", s->hex, s->until / PIC__SECOND);
}

/* --- what is owed ----------------------------------------------------------------------------------------------- */

/* A number up to ':'. */
static int take_number(const char **at, int64_t *ret)
{
        char *end;

        errno = 0;
        *ret = strtoll(*at, &end, 10);
        if (errno != 0 || end == *at || *end != ':' || *ret < 0)
                return 0;
        *at = end + 1;
        return 1;
}

/* A word up to ':'. */
static int take_word(const char **at, char *out, size_t size)
{
        size_t n = strcspn(*at, ": ");

        if (n == 0 || n >= size || (*at)[n] != ':')
                return 0;
        memcpy(out, *at, n);
        out[n] = '\0';
        *at += n + 1;
        return 1;
}

int pic__owed_next(const char **at, pic__owed *ret)
{
        while (**at != '\0') {
                const char *text = *at;
                size_t n = strcspn(text, " ");
                int64_t id, until;

                *at += n + (text[n] == ' ');
                ret->text = text;
                if (!take_number(&ret->text, &id) || !take_word(&ret->text, ret->issuer, sizeof(ret->issuer)) ||
                    !take_number(&ret->text, &until) || !take_word(&ret->text, ret->name, sizeof(ret->name)) ||
                    until > INT64_MAX / PIC__SECOND || ret->text >= text + n)
                        continue;
                ret->id = id;
                ret->until = until * PIC__SECOND;
                ret->len = (size_t)(text + n - ret->text);
                return 1;
        }
        return 0;
}

void pic__owed_put(const pic__owed *o, pic__buf *out)
{
        pic__buf_putf(out, "%s%" PRId64 ":%s:%" PRId64 ":%s:%.*s", out->len > 0 ? " " : "", o->id, o->issuer,
                      o->until / PIC__SECOND, o->name, (int)o->len, o->text);
}

int pic__owed_of(const pic_obj *cert, pic_time now, pic__owed *ret)
{
        const char *name = pic__obj_name(cert), *issuer = pic__obj_text(cert, "issuer_key");

        memset(ret, 0, sizeof(*ret));
        if (strcmp(pic__obj_text(cert, "issuer"), "acme") != 0 || !pic__obj_has(cert, "chain") ||
            pic__obj_int(cert, "not_after") <= now || strlen(issuer) >= sizeof(ret->issuer) ||
            strlen(name) >= sizeof(ret->name))
                return 0;
        ret->id = cert->id;
        ret->until = pic__obj_int(cert, "not_after");
        memcpy(ret->issuer, issuer, strlen(issuer) + 1);
        memcpy(ret->name, name, strlen(name) + 1);
        ret->text = pic__obj_text(cert, "chain");
        ret->len = strcspn(ret->text, " ");
        return 1;
}
