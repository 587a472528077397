/* Owns: providers that a program changes: a name server, by nsupdate(1) (RFC 2136), and the owner's own. */
#include <string.h>

#include "engine/acme_ask.h"
#include "engine/provider_i.h"
#include "model/domain.h"
#include "sys/rooted.h"

#define SCRIPT_PATIENCE 120000u /* it may wait until all servers have a record */

/* --- nsupdate ------------------------------------------------------------------------------------------------- */

static void put_addresses(const pic__provider_opts *o, pic__buf *out)
{
        const char *name = pic__obj_name(o->domain), *families = pic__obj_text(o->domain, "families");

        if (strcmp(families, "ipv6") != 0)
                pic__buf_putf(out, "update delete %s. A\n", name);
        if (strcmp(families, "ipv4") != 0)
                pic__buf_putf(out, "update delete %s. AAAA\n", name);
        if (o->ip4[0] != '\0')
                pic__buf_putf(out, "update add %s. %d A %s\n", name, PIC__PROVIDER_TTL, o->ip4);
        if (o->ip6[0] != '\0')
                pic__buf_putf(out, "update add %s. %d AAAA %s\n", name, PIC__PROVIDER_TTL, o->ip6);
}

int pic__provider_nsupdate(const pic__provider_opts *o, pic__buf *out, pic_error **err)
{
        const char *key = pic__buf_str(&o->by->secret), *zone = pic__obj_text(o->domain, "zone");
        const char *first = strchr(key, ':'), *last = first != NULL ? strchr(first + 1, ':') : NULL;
        char host[256];
        unsigned port;

        if (last == NULL || pic__domain_server(pic__obj_text(o->domain, "server"), host, &port) < 0)
                return pic__fail(err, PIC_VALUE, "domain %s: its key or its server is none", pic__obj_name(o->domain));
        pic__buf_putf(out, "server %s %u\n", host, port != 0 ? port : 53);
        pic__buf_putf(out, "key %.*s %s\n", (int)(last - key), key, last + 1);
        if (zone[0] != '\0')
                pic__buf_putf(out, "zone %s.\n", zone);
        if (o->errand == PIC__ERRAND_ADDRESSES)
                put_addresses(o, out);
        else if (o->errand == PIC__ERRAND_SET)
                pic__buf_putf(out, "update add %s. %d TXT \"%s\"\n", o->record, PIC__PROVIDER_TTL, o->text);
        else
                pic__buf_putf(out, "update delete %s. TXT \"%s\"\n", o->record, o->text);
        pic__buf_puts(out, "send\n");
        return out->failed ? pic__nomem(err) : 0;
}

static int begin_rfc2136(pic__provider *p, pic_error **err)
{
        static const char *const words[] = { "nsupdate", "-t", "15", NULL };
        pic__auto_wipe pic__buf input = PIC__BUF_SECRET;
        const pic__provider_opts o = { .errand = p->errand,
                                       .domain = p->domain,
                                       .ip4 = p->ip4,
                                       .ip6 = p->ip6,
                                       .record = p->record,
                                       .text = p->text,
                                       .by = &p->by };
        int r = pic__provider_nsupdate(&o, &input, err);

        return r < 0 ? r : pic__provider_run(p, words, &input, PIC__PROVIDER_PATIENCE, err);
}

static int answer_rfc2136(pic__provider *p, int status, const pic__buf *text, pic_error **err)
{
        static const struct {
                const char *said;
                int code;
                const char *means;
        } words[] = {
                { "BADKEY", PIC_DENIED, "the name server knows no such key" },
                { "BADSIG", PIC_DENIED, "the key's secret is wrong" },
                { "BADTIME", PIC_DENIED, "the clocks are too far apart (pic ntp status)" },
                { "NOTAUTH", PIC_DENIED, "the key is not taken there, or the server has not that zone" },
                { "REFUSED", PIC_DENIED, "that key may not change this name" },
                { "NOTZONE", PIC_NOTFOUND, "the name is not in that zone" },
                { "enclosing zone", PIC_NOTFOUND, "nobody tells which zone the name is in: --zone ZONE" },
        };
        size_t i;

        (void)p;
        if (status == 0)
                return 1;
        for (i = 0; i < PIC__COUNT(words); i++)
                if (strstr(pic__buf_str(text), words[i].said) != NULL)
                        return pic__fail(err, words[i].code, "the update is refused: %s", words[i].means);
        pic__fail(err, status == 127 ? PIC_UNSUPPORTED : PIC_BACKEND,
                  status == 127 ? "nsupdate is not here" : "the name server does not take the update");
        if (status == 127)
                pic__hint(err, "apt-get install bind9-dnsutils");
        return status == 127 ? PIC_UNSUPPORTED : PIC_BACKEND;
}

const struct pic__provider_way pic__provider_rfc2136 = {
        "rfc2136", PIC__CAN_ADDRESSES | PIC__CAN_TXT, "key", NULL, 2000, begin_rfc2136, answer_rfc2136
};

/* --- the owner's program -------------------------------------------------------------------------------------- */

/* SCRIPT update NAME IPV4|- IPV6|-, or SCRIPT txt-set|txt-clear NAME TEXT; its token on standard input. Who can write
 * the program, or a folder of its path, could as well be the agent: so root only, and what was looked at is what is
 * run. */
static int begin_exec(pic__provider *p, pic_error **err)
{
        int addresses = p->errand == PIC__ERRAND_ADDRESSES;
        pic__auto_free char *script = NULL;
        const char *words[] = { NULL,
                                "update",
                                pic__obj_name(p->domain),
                                p->ip4[0] != '\0' ? p->ip4 : "-",
                                p->ip6[0] != '\0' ? p->ip6 : "-",
                                NULL };
        pic__auto_wipe pic__buf input = PIC__BUF_SECRET;
        int r = pic__rooted(pic__obj_text(p->domain, "script"), &script, err);

        words[0] = script;
        if (!addresses) {
                words[1] = p->errand == PIC__ERRAND_SET ? "txt-set" : "txt-clear";
                words[2] = p->record;
                words[3] = p->text;
                words[4] = NULL;
        }
        pic__buf_putf(&input, "%s\n", pic__buf_str(&p->by.secret));
        if (r == 0 && input.failed)
                r = pic__nomem(err);
        return r < 0 ? r
                     : pic__provider_run(p, words, &input, addresses ? PIC__PROVIDER_PATIENCE : SCRIPT_PATIENCE, err);
}

/* What it said last is told: its writer knows what it means. */
static int answer_exec(pic__provider *p, int status, const pic__buf *text, pic_error **err)
{
        pic__auto_buf pic__buf last = PIC__BUF_INIT, shown = PIC__BUF_INIT;

        if (status == 0)
                return 1;
        if (text->len > 0)
                pic__acme_ask_explain(pic__buf_str(text), &last);
        pic__provider_shown(pic__buf_str(&last), pic__buf_str(&p->by.secret), "", &shown);
        (void)pic__fail(err, PIC_BACKEND, "%s ends with status %d%s%s", pic__obj_text(p->domain, "script"), status,
                        shown.len > 0 ? ": " : "", pic__buf_str(&shown));
        pic__hint(err, "It runs as user %u: are its folders open to all?", PIC__ACME_USER);
        return PIC_BACKEND;
}

const struct pic__provider_way pic__provider_exec = {
        "exec", PIC__CAN_ADDRESSES | PIC__CAN_TXT, "token", NULL, 0, begin_exec, answer_exec
};
