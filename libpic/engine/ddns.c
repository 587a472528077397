/* Owns: publications: what is asked of whom, and what the answer means. Cloudflare and pic.ngo have files of their own.
 * Written from the providers' public documentation: DuckDNS (www.duckdns.org/spec.jsp), dyndns2 (help.dyn.com, "Remote
 * Access API": also no-ip and many others), nsupdate(1). */
#include "engine/ddns.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/acme_ask.h"
#include "engine/ddns_i.h"
#include "model/domain.h"
#include "model/text.h"
#include "sys/crypto.h"

#define PATIENCE 20000

/* --- texts ---------------------------------------------------------------------------------------------------- */

void pic__ddns_encode(const char *text, pic__buf *out)
{
        for (; *text != '\0'; text++) {
                if (pic__is_alnum(*text) || strchr("-._~:", *text) != NULL)
                        pic__buf_putc(out, *text);
                else
                        pic__buf_putf(out, "%%%02X", (unsigned)(unsigned char)*text);
        }
}

void pic__ddns_fill(const char *url, const pic__ddns_opts *o, pic__buf *out)
{
        const struct {
                const char *word, *value;
        } words[] = {
                { "{name}", pic__obj_name(o->domain) },
                { "{ip}", o->ip4[0] != '\0' ? o->ip4 : o->ip6 },
                { "{ip4}", o->ip4 },
                { "{ip6}", o->ip6 },
                { "{user}", pic__obj_text(o->domain, "user") },
                { "{password}", o->secret },
                { "{token}", o->second },
        };
        size_t i;

        while (*url != '\0') {
                for (i = 0; i < PIC__COUNT(words) && strncmp(url, words[i].word, strlen(words[i].word)) != 0; i++)
                        ;
                if (i == PIC__COUNT(words)) {
                        pic__buf_putc(out, *url++);
                        continue;
                }
                pic__ddns_encode(words[i].value, out);
                url += strlen(words[i].word);
        }
}

static void put_without(const char *text, const char *secret, pic__buf *out)
{
        size_t len = strlen(secret);

        while (*text != '\0') {
                if (len >= 4 && strncmp(text, secret, len) == 0) {
                        pic__buf_puts(out, "(secret)");
                        text += len;
                } else {
                        pic__buf_putc(out, *text++);
                }
        }
}

/* As it is, and as it stands in a query. */
static void take_out(pic__buf *text, const char *secret)
{
        pic__auto_wipe pic__buf encoded = PIC__BUF_SECRET, one = PIC__BUF_SECRET, two = PIC__BUF_SECRET;

        pic__ddns_encode(secret, &encoded);
        put_without(pic__buf_str(text), secret, &one);
        put_without(pic__buf_str(&one), pic__buf_str(&encoded), &two);
        pic__buf_clear(text);
        pic__buf_puts(text, pic__buf_str(&two));
}

void pic__ddns_shown(const char *text, const char *secret, const char *second, pic__buf *out)
{
        pic__auto_wipe pic__buf all = PIC__BUF_SECRET, line = PIC__BUF_SECRET;
        const char *at, *last = strrchr(secret, ':'); /* ALGORITHM:NAME:SECRET */

        pic__buf_puts(&all, text);
        take_out(&all, secret);
        take_out(&all, last != NULL ? last + 1 : "");
        take_out(&all, second);
        for (at = pic__buf_str(&all); *at != '\0'; at++)
                if (!pic__is_space(*at))
                        pic__buf_putc(&line, *at);
                else if (line.len > 0 && line.data[line.len - 1] != ' ')
                        pic__buf_putc(&line, ' ');
        pic__buf_put_shown(out, pic__buf_str(&line), PIC__DDNS_SAID_MAX);
}

/* --- asking --------------------------------------------------------------------------------------------------- */

void pic__ddns_base(const pic__ddns *d, pic__buf *url)
{
        const char *server = pic__obj_text(d->domain, "server");
        int here = strncmp(server, "127.", 4) == 0 || strncmp(server, "[::1]", 5) == 0;

        pic__buf_putf(url, "http%s://%s", here ? "" : "s",
                      server[0] != '\0' ? server : pic__domain_mode(d->domain)->server);
}

/* A provider's name that leads into a private network is none of theirs; the owner's own server may be anywhere. */
static int may_go(int family, const uint8_t *bytes, void *data)
{
        const pic__ddns *d = data;
        pic__addr a = { .family = (uint8_t)family };
        const pic__range *internet;
        size_t count, i;

        if (pic__obj_has(d->domain, "server") || pic__obj_has(d->domain, "url"))
                return 1;
        memcpy(a.bytes, bytes, family == 4 ? 4 : 16);
        internet = pic__ranges_internet((uint8_t)family, &count);
        for (i = 0; i < count; i++)
                if (pic__addr_cmp(&a, &internet[i].first) >= 0 && pic__addr_cmp(&a, &internet[i].last) <= 0)
                        return 1;
        return 0;
}

int pic__ddns_fetch(pic__ddns *d, const char *url, const pic__http_opts *more, pic_error **err)
{
        pic__http_opts o = *more;

        o.timeout_ms = PATIENCE;
        o.ca_file = d->ca_file;
        o.may = may_go;
        o.data = d;
        d->http = pic__http_unref(d->http);
        return pic__http_start(url, &o, &d->http, err);
}

/* --- DuckDNS -------------------------------------------------------------------------------------------------- */

static int begin_duckdns(pic__ddns *d, pic_error **err)
{
        pic__auto_wipe pic__buf url = PIC__BUF_SECRET;
        const char *name = pic__obj_name(d->domain);
        const pic__http_opts plain = { .method = NULL };

        pic__ddns_base(d, &url);
        pic__buf_putf(&url, "/update?domains=%.*s&token=", (int)strcspn(name, "."), name);
        pic__ddns_encode(pic__buf_str(&d->secret), &url);
        if (d->ip4[0] != '\0')
                pic__buf_putf(&url, "&ip=%s", d->ip4);
        if (d->ip6[0] != '\0')
                pic__buf_putf(&url, "&ipv6=%s", d->ip6);
        pic__buf_puts(&url, "&verbose=true");
        return url.failed ? pic__nomem(err) : pic__ddns_fetch(d, pic__buf_str(&url), &plain, err);
}

int pic__ddns_read_duckdns(const char *text, pic_error **err)
{
        if (strncmp(text, "OK", 2) == 0)
                return 1;
        if (strncmp(text, "KO", 2) != 0)
                return pic__fail(err, PIC_BACKEND, "DuckDNS answers neither OK nor KO");
        pic__fail(err, PIC_DENIED, "DuckDNS answers KO: the token is wrong, or the name is not this account's");
        pic__hint(err, "Compare both with what DuckDNS' page shows: pic domain set NAME --token-file FILE");
        return PIC_DENIED;
}

static int answer_duckdns(pic__ddns *d, int status, const pic__buf *text, pic_error **err)
{
        (void)d;
        if (status != 200)
                return pic__fail(err, PIC_BACKEND, "DuckDNS answers with status %d", status);
        return pic__ddns_read_duckdns(pic__buf_str(text), err);
}

/* --- dyndns2 -------------------------------------------------------------------------------------------------- */

static int begin_dyndns2(pic__ddns *d, pic_error **err)
{
        pic__auto_buf pic__buf url = PIC__BUF_INIT;
        const pic__http_opts o = { .user = pic__obj_text(d->domain, "user"), .password = pic__buf_str(&d->secret) };

        pic__ddns_base(d, &url);
        pic__buf_putf(&url, "/nic/update?hostname=%s&myip=%s%s%s", pic__obj_name(d->domain), d->ip4,
                      d->ip4[0] != '\0' && d->ip6[0] != '\0' ? "," : "", d->ip6);
        return url.failed ? pic__nomem(err) : pic__ddns_fetch(d, pic__buf_str(&url), &o, err);
}

int pic__ddns_read_dyndns2(const char *text, pic_error **err)
{
        static const struct {
                const char *word;
                int code;
                const char *means;
        } words[] = {
                { "good", 1, NULL },
                { "nochg", 1, NULL },
                { "badauth", PIC_DENIED, "user or password is wrong" },
                { "!donator", PIC_DENIED, "this account may not do that" },
                { "!yours", PIC_DENIED, "the name is another account's" },
                { "notfqdn", PIC_NOTFOUND, "that is no whole name" },
                { "nohost", PIC_NOTFOUND, "this account has no such name" },
                { "numhost", PIC_NOTFOUND, "too many names at once" },
                { "abuse", PIC_DENIED, "the name is blocked: it was updated too often" },
                { "badagent", PIC_DENIED, "this program is not let in" },
                { "dnserr", PIC_BACKEND, "their name servers have trouble" },
                { "911", PIC_BACKEND, "they have trouble themselves" },
        };
        size_t i, len = strcspn(text, " \t\r\n");

        for (i = 0; i < PIC__COUNT(words); i++)
                if (strlen(words[i].word) == len && strncmp(text, words[i].word, len) == 0)
                        break;
        if (i == PIC__COUNT(words))
                return pic__fail(err, PIC_BACKEND, "the provider answers with no word of dyndns2");
        return words[i].means == NULL
                       ? 1
                       : pic__fail(err, words[i].code, "the provider answers %s: %s", words[i].word, words[i].means);
}

static int answer_dyndns2(pic__ddns *d, int status, const pic__buf *text, pic_error **err)
{
        (void)d;
        if (status == 401)
                return pic__fail(err, PIC_DENIED, "the provider answers with status 401: user or password is wrong");
        if (status != 200)
                return pic__fail(err, PIC_BACKEND, "the provider answers with status %d", status);
        return pic__ddns_read_dyndns2(pic__buf_str(text), err);
}

/* --- an address to fetch -------------------------------------------------------------------------------------- */

static int begin_url(pic__ddns *d, pic_error **err)
{
        pic__auto_wipe pic__buf url = PIC__BUF_SECRET;
        const pic__ddns_opts o = { .domain = d->domain,
                                   .ip4 = d->ip4,
                                   .ip6 = d->ip6,
                                   .secret = pic__buf_str(&d->secret),
                                   .second = pic__buf_str(&d->second) };
        const pic__http_opts plain = { .method = NULL };

        pic__ddns_fill(pic__obj_text(d->domain, "url"), &o, &url);
        return url.failed ? pic__nomem(err) : pic__ddns_fetch(d, pic__buf_str(&url), &plain, err);
}

static int answer_url(pic__ddns *d, int status, const pic__buf *text, pic_error **err)
{
        (void)d, (void)text;
        if (status >= 200 && status < 300)
                return 1;
        return pic__fail(err, status == 401 || status == 403 ? PIC_DENIED : PIC_BACKEND,
                         "the provider answers with status %d", status);
}

/* --- programs: nsupdate, the owner's -------------------------------------------------------------------------- */

int pic__ddns_nsupdate(const pic__ddns_opts *o, pic__buf *out, pic_error **err)
{
        const char *name = pic__obj_name(o->domain), *families = pic__obj_text(o->domain, "families");
        const char *zone = pic__obj_text(o->domain, "zone"), *first = strchr(o->secret, ':'), *last;
        char host[256];
        unsigned port;

        last = first != NULL ? strchr(first + 1, ':') : NULL;
        if (last == NULL || pic__domain_server(pic__obj_text(o->domain, "server"), host, &port) < 0)
                return pic__fail(err, PIC_VALUE, "domain %s: its key or its server is none", name);
        pic__buf_putf(out, "server %s %u\n", host, port != 0 ? port : 53);
        pic__buf_putf(out, "key %.*s %s\n", (int)(last - o->secret), o->secret, last + 1);
        if (zone[0] != '\0')
                pic__buf_putf(out, "zone %s.\n", zone);
        if (strcmp(families, "ipv6") != 0)
                pic__buf_putf(out, "update delete %s. A\n", name);
        if (strcmp(families, "ipv4") != 0)
                pic__buf_putf(out, "update delete %s. AAAA\n", name);
        if (o->ip4[0] != '\0')
                pic__buf_putf(out, "update add %s. %d A %s\n", name, PIC__DDNS_TTL, o->ip4);
        if (o->ip6[0] != '\0')
                pic__buf_putf(out, "update add %s. %d AAAA %s\n", name, PIC__DDNS_TTL, o->ip6);
        pic__buf_puts(out, "send\n");
        return out->failed ? pic__nomem(err) : 0;
}

static int begin_rfc2136(pic__ddns *d, pic_error **err)
{
        static const char *const argv[] = { "nsupdate", "-t", "15", NULL };
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        const pic__ddns_opts o = {
                .domain = d->domain, .ip4 = d->ip4, .ip6 = d->ip6, .secret = pic__buf_str(&d->secret)
        };
        pic__job_opts job = { .timeout_ms = PATIENCE };
        int r = pic__ddns_nsupdate(&o, &text, err);

        if (r < 0)
                return r;
        job.input = pic__buf_str(&text);
        job.input_len = text.len;
        return pic__acme_ask_run(argv, &job, &d->job, err);
}

static int answer_rfc2136(pic__ddns *d, int status, const pic__buf *text, pic_error **err)
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

        (void)d;
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

/* Who can write the program could as well be the agent: so root only. */
static int check_script(const char *path, pic_error **err)
{
        struct stat st;

        if (stat(path, &st) < 0)
                return pic__fail(err, PIC_UNSUPPORTED, "%s is not there", path);
        if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & 022) != 0) {
                pic__fail(err, PIC_DENIED, "%s is not run: others than root can write it", path);
                pic__hint(err, "chown root: %s; chmod 0755 %s", path, path);
                return PIC_DENIED;
        }
        return 0;
}

static int begin_exec(pic__ddns *d, pic_error **err)
{
        const char *script = pic__obj_text(d->domain, "script");
        const char *argv[] = { script,
                               "update",
                               pic__obj_name(d->domain),
                               d->ip4[0] != '\0' ? d->ip4 : "-",
                               d->ip6[0] != '\0' ? d->ip6 : "-",
                               NULL };
        pic__auto_wipe pic__buf input = PIC__BUF_SECRET;
        pic__job_opts job = { .timeout_ms = PATIENCE };
        int r = check_script(script, err);

        pic__buf_putf(&input, "%s\n", pic__buf_str(&d->secret));
        if (r == 0 && input.failed)
                r = pic__nomem(err);
        job.input = pic__buf_str(&input);
        job.input_len = input.len;
        return r < 0 ? r : pic__acme_ask_run(argv, &job, &d->job, err);
}

static int answer_exec(pic__ddns *d, int status, const pic__buf *text, pic_error **err)
{
        (void)text;
        if (status == 0)
                return 1;
        pic__fail(err, PIC_BACKEND, "%s ends with status %d", pic__obj_text(d->domain, "script"), status);
        pic__hint(err, "It runs as user %u: are its folders open to all?", PIC__ACME_USER);
        return PIC_BACKEND;
}

/* --- all of them ---------------------------------------------------------------------------------------------- */

static const struct pic__ddns_way ways[] = {
        { "duckdns", begin_duckdns, answer_duckdns },
        { "dyndns2", begin_dyndns2, answer_dyndns2 },
        { "url", begin_url, answer_url },
        { "rfc2136", begin_rfc2136, answer_rfc2136 },
        { "exec", begin_exec, answer_exec },
};

static const struct pic__ddns_way *way_of(const char *mode)
{
        const struct pic__ddns_way *const others[] = { &pic__ddns_cloudflare, &pic__ddns_ngo };
        size_t i;

        for (i = 0; i < PIC__COUNT(ways); i++)
                if (strcmp(ways[i].mode, mode) == 0)
                        return &ways[i];
        for (i = 0; i < PIC__COUNT(others); i++)
                if (strcmp(others[i]->mode, mode) == 0)
                        return others[i];
        return NULL;
}

static int fill(pic__ddns *d, const pic__ddns_opts *o, pic_error **err)
{
        d->secret = d->second = (pic__buf)PIC__BUF_SECRET;
        d->domain = pic__obj_ref(o->domain);
        d->now = o->now;
        (void)snprintf(d->ip4, sizeof(d->ip4), "%s", o->ip4);
        (void)snprintf(d->ip6, sizeof(d->ip6), "%s", o->ip6);
        pic__buf_puts(&d->secret, o->secret != NULL ? o->secret : "");
        pic__buf_puts(&d->second, o->second != NULL ? o->second : "");
        d->has_seed = o->seed != NULL;
        if (o->seed != NULL)
                memcpy(d->seed, o->seed, sizeof(d->seed));
        d->ca_file = o->ca_file != NULL ? pic__strdup(o->ca_file) : NULL;
        return d->secret.failed || d->second.failed || (o->ca_file != NULL && d->ca_file == NULL) ? pic__nomem(err) : 0;
}

int pic__ddns_start(const pic__ddns_opts *o, pic__ddns **ret, pic_error **err)
{
        const char *mode = pic__obj_text(o->domain, "mode");
        pic__ddns *d = pic__alloc(sizeof(*d));
        int r;

        if (d == NULL)
                return pic__nomem(err);
        d->way = way_of(mode);
        r = fill(d, o, err);
        if (r == 0 && d->way == NULL)
                r = pic__fail(err, PIC_UNSUPPORTED, "mode %s publishes nothing", mode);
        if (r == 0)
                r = d->way->begin(d, err);
        if (r < 0)
                pic__ddns_unref(d);
        else
                *ret = d;
        return r;
}

int pic__ddns_fd(const pic__ddns *d)
{
        return d->job != NULL ? pic__job_fd(d->job) : pic__http_fd(d->http);
}

int pic__ddns_go_on(pic__ddns *d, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        const pic__buf *body;
        int status = 0, r;

        r = d->job != NULL ? pic__job_go_on(d->job, &status, err) : pic__http_go_on(d->http, &status, err);
        if (r <= 0)
                return r;
        body = d->job != NULL ? pic__job_said(d->job) : pic__http_body(d->http);
        pic__buf_put(&text, pic__buf_str(body), body->len); /* asking again lets go of it */
        pic__buf_clear(&d->said);
        pic__ddns_shown(pic__buf_str(&text), pic__buf_str(&d->secret), pic__buf_str(&d->second), &d->said);
        if (text.failed)
                return pic__nomem(err);
        return d->way->answer(d, status, &text, err);
}

const char *pic__ddns_said(const pic__ddns *d)
{
        return pic__buf_str(&d->said);
}

pic__ddns *pic__ddns_unref(pic__ddns *d)
{
        if (d == NULL)
                return NULL;
        pic__http_unref(d->http);
        pic__job_unref(d->job);
        pic__obj_unref(d->domain);
        pic__buf_wipe(&d->secret);
        pic__buf_wipe(&d->second);
        pic__buf_free(&d->said);
        pic__free(d->ca_file);
        pic__wipe(d, sizeof(*d));
        pic__free(d);
        return NULL;
}
