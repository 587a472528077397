/* Owns: the reading of a profile as a whole, and the normalised text. */
#include "codec/ovpn.h"

#include <string.h>

#include "codec/ovpn_parts.h"
#include "model/text.h"

#define LINE_MAX_OUT 254 /* openvpn 2.6 takes no longer line in a file */

void pic__ovpn_put(pic__ovpn_reader *r, const char *text, size_t len)
{
        if (r->full || r->out.len + len > PIC__OVPN_PROFILE)
                r->full = 1;
        else
                pic__buf_put(&r->out, text, len);
}

void pic__ovpn_refuse(pic__ovpn_reader *r, pic__place at, const char *why, const char *hint)
{
        pic__import_wrong(&r->imp, at, PIC_UNSUPPORTED, hint, "%s: %s", r->imp.key, why);
}

/* A word as openvpn reads it back. */
static void put_word(pic__buf *line, const char *word)
{
        static const char plain[] = "_.:/@%+,=^!*~-[](){}|?";
        size_t i;

        for (i = 0; pic__is_alnum(word[i]) || (word[i] != '\0' && strchr(plain, word[i]) != NULL); i++)
                ;
        if (i > 0 && word[i] == '\0') {
                pic__buf_puts(line, word);
                return;
        }
        pic__buf_putc(line, '"');
        for (; *word != '\0'; word++) {
                if (*word == '"' || *word == '\\')
                        pic__buf_putc(line, '\\');
                pic__buf_putc(line, *word);
        }
        pic__buf_putc(line, '"');
}

/* 1 when the normalised text has this line (with its end) already. */
static int has_line(const pic__ovpn_reader *r, const pic__buf *line)
{
        const char *at = pic__buf_str(&r->out);

        while ((at = strstr(at, pic__buf_str(line))) != NULL) {
                if (at == r->out.data || at[-1] == '\n')
                        return 1;
                at++;
        }
        return 0;
}

void pic__ovpn_put_line(pic__ovpn_reader *r, pic__place at, const char *name, const char *const *argv, size_t argc)
{
        pic__auto_wipe pic__buf line = PIC__BUF_SECRET;
        size_t i;

        pic__buf_puts(&line, name);
        for (i = 0; i < argc; i++) {
                pic__buf_putc(&line, ' ');
                put_word(&line, argv[i]);
        }
        if (line.len > LINE_MAX_OUT) {
                pic__import_wrong(&r->imp, at, PIC_SYNTAX, NULL,
                                  "%s: the line is longer than the %d bytes that openvpn takes", name, LINE_MAX_OUT);
                return;
        }
        pic__buf_putc(&line, '\n');
        r->out.failed |= line.failed;
        if (!line.failed && !has_line(r, &line))
                pic__ovpn_put(r, line.data, line.len);
}

/* Says that the far end must have a server's certificate, or which one. */
static int checks_server(const char *name)
{
        static const char *const names[] = { "remote-cert-tls",  "remote-cert-ku", "remote-cert-eku",
                                             "verify-x509-name", "verify-hash",    "ns-cert-type" };
        size_t i;

        for (i = 0; i < PIC__COUNT(names); i++)
                if (strcmp(names[i], name) == 0)
                        return 1;
        return 0;
}

static void keep(pic__ovpn_reader *r, const pic__ovpn_item *item, const pic__ovpn_directive *d)
{
        pic__auto_buf pic__buf usage = PIC__BUF_INIT;

        if (pic__ovpn_words_fit(d, item->argv, item->argc)) {
                pic__ovpn_put_line(r, item->at, d->name, item->argv, item->argc);
                r->checks |= checks_server(d->name);
                return;
        }
        pic__ovpn_usage(d, &usage);
        pic__import_wrong(&r->imp, item->at, PIC_VALUE, NULL, "%s: it must be '%s'", d->name, pic__buf_str(&usage));
}

/* Only letters and '-' are shown: a line of a key that lost its tags is no directive. */
static int may_be_shown(const char *name)
{
        size_t n = 0;

        while ((pic__lower(name[n]) >= 'a' && pic__lower(name[n]) <= 'z') || name[n] == '-' || name[n] == '_')
                n++;
        return n > 0 && n <= 40 && name[n] == '\0';
}

static int may_be_unknown(const pic__ovpn_reader *r, const char *name)
{
        pic__auto_buf pic__buf word = PIC__BUF_INIT;

        pic__buf_putf(&word, " %s ", name);
        return r->forward || strstr(pic__buf_str(&r->ignored), pic__buf_str(&word)) != NULL;
}

static void unknown(pic__ovpn_reader *r, const pic__ovpn_item *item, int optional)
{
        pic__near near = PIC__NEAR(item->name);
        pic_error *err = NULL;

        if (optional || may_be_unknown(r, item->name)) {
                pic__import_warn(&r->imp, item->at, NULL,
                                 "%s: passed over: unknown, and the profile says that it may be",
                                 may_be_shown(item->name) ? item->name : "a directive");
                return;
        }
        if (pic__import_full(&r->imp))
                return;
        if (!may_be_shown(item->name)) {
                pic__import_wrong(&r->imp, item->at, PIC_SYNTAX, NULL, "the line does not begin with a directive");
                return;
        }
        (void)pic__fail(&err, PIC_SYNTAX, "openvpn has no directive '%s'", item->name);
        pic__detail(&err, "field", item->name);
        pic__ovpn_near(&near);
        pic__near_hint(&near, "take the line out if the connection can do without it", &err);
        pic__import_take(&r->imp, item->at, err);
}

static int may_be_block(const pic__ovpn_directive *d)
{
        return d->verdict != PIC__OVPN_KEEP &&
               (d->verdict != PIC__OVPN_SPECIAL || strcmp(d->name, "auth-user-pass") == 0 ||
                strcmp(d->name, "peer-fingerprint") == 0);
}

static void judge(pic__ovpn_reader *r, const pic__ovpn_item *item, const pic__ovpn_directive *d)
{
        r->imp.key = d->name;
        if (item->block != NULL && !may_be_block(d)) {
                pic__import_wrong(&r->imp, item->at, PIC_SYNTAX, NULL, "%s: it cannot be a block", d->name);
                return;
        }
        switch (d->verdict) {
        case PIC__OVPN_KEEP: keep(r, item, d); break;
        case PIC__OVPN_DROP: pic__import_warn(&r->imp, item->at, NULL, "%s: passed over: %s", d->name, d->why); break;
        case PIC__OVPN_QUIET: break;
        case PIC__OVPN_REFUSE: pic__ovpn_refuse(r, item->at, d->why, d->hint); break;
        case PIC__OVPN_SPECIAL: pic__ovpn_special_of(d->name)(r, item); break;
        case PIC__OVPN_FILE: pic__ovpn_material(r, item); break;
        }
}

static void read_item(pic__ovpn_reader *r, pic__ovpn_item *item)
{
        const pic__ovpn_directive *d;
        int optional = 0;

        if (item->ends) {
                pic__ovpn_end_block(r, item);
                return;
        }
        if (strcmp(item->name, "setenv") == 0 && item->argc >= 2 && strcmp(item->argv[0], "opt") == 0) {
                pic__ovpn_shift(item, 2);
                optional = 1;
        }
        d = pic__ovpn_find(item->name);
        if (d == NULL)
                unknown(r, item, optional);
        else
                judge(r, item, d);
        r->imp.key = NULL;
}

static void lacks(pic__ovpn_reader *r, const char *hint, const char *what)
{
        pic__import_wrong(&r->imp, (pic__place){ 0, 0 }, PIC_SYNTAX, hint, "%s", what);
}

static void check_dev(pic__ovpn_reader *r)
{
        enum pic__ovpn_dev dev = r->dev_type != PIC__OVPN_NO_DEV ? r->dev_type : r->dev;

        r->imp.key = "dev";
        if (dev == PIC__OVPN_TAP)
                pic__ovpn_refuse(r, r->dev_at, "tap carries a whole network; only tun can be a way out",
                                 "ask the provider for a profile with 'dev tun'");
        else if (dev == PIC__OVPN_OTHER_DEV)
                pic__ovpn_refuse(r, r->dev_at, "it does not say whether it is tun or tap", "make it 'dev tun'");
        r->imp.key = NULL;
}

/* Without these openvpn does not start, or trusts whoever answers. */
static void check_keys(pic__ovpn_reader *r)
{
        int pkcs12 = pic__ovpn_material_line(r, "pkcs12") != 0;
        int cert = pic__ovpn_material_line(r, "cert") != 0, key = pic__ovpn_material_line(r, "key") != 0;
        int control = (pic__ovpn_material_line(r, "tls-auth") != 0) + (pic__ovpn_material_line(r, "tls-crypt") != 0) +
                      (pic__ovpn_material_line(r, "tls-crypt-v2") != 0);

        if (!pkcs12 && pic__ovpn_material_line(r, "ca") == 0 &&
            strstr(pic__buf_str(&r->out), "\npeer-fingerprint ") == NULL)
                lacks(r, "ask the provider for its certificate",
                      "the profile has no <ca>: the far end could be anybody");
        if (pkcs12 && (cert || key))
                lacks(r, NULL, "the profile has pkcs12, and a cert or key beside it");
        else if (cert != key)
                lacks(r, "both belong together",
                      cert ? "the profile has a cert and no key" : "the profile has a key and no cert");
        else if (!pkcs12 && !cert && !r->login)
                lacks(r, "the provider gives user and password (auth-user-pass), or a cert and a key",
                      "the profile does not say who we are");
        if (control > 1)
                lacks(r, NULL, "the profile has more than one of tls-auth, tls-crypt and tls-crypt-v2");
        if (!r->checks && r->imp.count == 0)
                pic__import_warn(&r->imp, (pic__place){ 0, 0 }, "add 'remote-cert-tls server'",
                                 "nothing says that the far end must have the certificate of a server: another "
                                 "customer of the provider could pass for it");
}

static void give_all(pic__ovpn_reader *r)
{
        char direction[2] = { r->direction, '\0' };
        const char *words[1] = { direction };
        pic_error *err = NULL;

        pic__ovpn_give_remotes(r);
        if (r->dns.len > 0)
                pic__import_give(&r->imp, r->dns_at, "dns", pic__buf_str(&r->dns), 0);
        if (r->direction != '\0' && pic__ovpn_material_line(r, "tls-auth") != 0)
                pic__ovpn_put_line(r, (pic__place){ 0, 0 }, "key-direction", words, 1);
        if (r->full)
                lacks(r, NULL, "with its files the profile is longer than 256 KiB");
        if (r->out.failed || r->dns.failed || r->ignored.failed) {
                pic__nomem_set(&err);
                pic__import_take(&r->imp, (pic__place){ 0, 0 }, err);
        }
        if (r->imp.count == 0) /* half a profile is none */
                pic__import_give(&r->imp, (pic__place){ 1, 1 }, "profile", pic__buf_str(&r->out), 1);
}

/* Quoting can make a word twice as long. Files come on top of it. */
static size_t room_for(const pic__import *in)
{
        size_t most = in->len * 2 + 4096;

        return in->file != NULL || most > PIC__OVPN_PROFILE ? PIC__OVPN_PROFILE : most;
}

static void read_all(pic__ovpn_reader *r)
{
        static const char head[] = "client\ndev tun\nnobind\n";
        pic__ovpn_item item;
        size_t items = 0;

        pic__import_give(&r->imp, (pic__place){ 1, 1 }, "type", "openvpn", 0);
        (void)pic__buf_room(&r->out, room_for(r->imp.in)); /* at once: growing would leave copies of keys */
        pic__ovpn_put(r, head, sizeof(head) - 1);
        r->scan.imp = &r->imp;
        while (pic__ovpn_next(&r->scan, &item)) {
                if (++items > PIC__OVPN_ITEMS) {
                        pic__import_wrong(&r->imp, item.at, PIC_SYNTAX, NULL, "more than %d directives",
                                          PIC__OVPN_ITEMS);
                        break;
                }
                read_item(r, &item);
        }
        if (!r->client)
                lacks(r, "a profile for a client has the line 'client'", "the profile is not for a client");
        check_dev(r);
        check_keys(r);
        give_all(r);
}

int pic__ovpn_read(const pic__import *in, pic__imported *told, pic_error **err)
{
        pic__ovpn_reader *r = pic__alloc(sizeof(*r));
        int code;

        if (told != NULL)
                *told = (pic__imported){ NULL, 0 };
        if (r == NULL)
                return pic__nomem(err);
        r->out.secret = 1; /* the profile */
        if (pic__import_start(&r->imp, in, PIC__OVPN_TEXT) == 0)
                read_all(r);
        if (told != NULL)
                told->login = r->login;
        code = pic__import_finish(&r->imp, told, err);
        pic__buf_wipe(&r->out);
        pic__buf_free(&r->dns);
        pic__buf_free(&r->ignored);
        explicit_bzero(r, sizeof(*r));
        pic__free(r);
        return code;
}
