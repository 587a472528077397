/* Owns: TXT records at providers. Each mode is one row of the table below: how it begins, and how it goes on. */
#include "engine/acme_txt_i.h"

#include <stdio.h>
#include <string.h>

#include "codec/doc.h"
#include "engine/acme_ask.h"
#include "engine/ddns.h"
#include "model/domain.h"
#include "model/text.h"
#include "sys/child.h"
#include "sys/crypto.h"
#include "sys/power.h"

#define TTL 60
#define PATIENCE 30000u
#define SCRIPT_PATIENCE 120000u
#define URL 1024

/* --- programs ------------------------------------------------------------------------------------------------- */

static int start_job(pic__acme_txt *t, const char *const *words, const pic__buf *input, unsigned ms, pic_error **err)
{
        const pic__job_opts opts = { .input = input->data, .input_len = input->len, .timeout_ms = ms };

        return pic__acme_ask_run(words, &opts, &t->job, err);
}

/* What a program said last, in one line. */
static int job_answer(pic__acme_txt *t, int status, pic_error **err)
{
        pic__auto_buf pic__buf why = PIC__BUF_INIT, shown = PIC__BUF_INIT;

        if (status == 0)
                return 1;
        pic__acme_ask_explain(pic__buf_str(pic__job_said(t->job)), &why);
        pic__ddns_shown(pic__buf_str(&why), t->secret, "", &shown);
        return pic__fail(err, PIC_BACKEND, "%s: %s", t->mode->name, pic__buf_str(&shown));
}

int pic__acme_txt_nsupdate(const pic__acme_txt_opts *o, const char *key, pic__buf *out, pic_error **err)
{
        char algorithm[32], name[256], secret[512], host[256];
        const char *zone = pic__obj_text(o->domain, "zone");
        unsigned port;

        if (sscanf(key, "%31[^: ]:%255[^: ]:%511s", algorithm, name, secret) != 3 ||
            pic__domain_server(pic__obj_text(o->domain, "server"), host, &port) < 0)
                return pic__fail(err, PIC_VALUE, "domain %s: its server or key is none", pic__obj_name(o->domain));
        pic__buf_putf(out, "key %s:%s %s\nserver %s %u\n", algorithm, name, secret, host, port != 0 ? port : 53u);
        if (zone[0] != '\0')
                pic__buf_putf(out, "zone %s.\n", zone);
        pic__buf_putf(out, "update %s %s.%s TXT \"%s\"\nsend\n", o->clear ? "delete" : "add", o->name,
                      o->clear ? "" : " 60", o->value);
        pic__wipe(secret, sizeof(secret));
        return out->failed ? pic__nomem(err) : 0;
}

static int begin_nsupdate(pic__acme_txt *t, pic_error **err)
{
        static const char *const words[] = { "nsupdate", "-t", "20", "-v", NULL };
        const pic__acme_txt_opts o = { .domain = t->domain, .name = t->name, .value = t->value, .clear = t->clear };
        pic__auto_wipe pic__buf input = PIC__BUF_SECRET;
        pic__auto_free char *program = pic__cmd_find("nsupdate");
        int r;

        _Static_assert(TTL == 60, "the update says it too");
        if (program == NULL) {
                (void)pic__fail(err, PIC_UNSUPPORTED, "nsupdate is not installed: it changes names by RFC 2136");
                pic__hint(err, "apt-get install bind9-dnsutils");
                return PIC_UNSUPPORTED;
        }
        r = pic__acme_txt_nsupdate(&o, t->secret, &input, err);
        return r < 0 ? r : start_job(t, words, &input, PATIENCE, err);
}

/* SCRIPT txt-set|txt-clear NAME VALUE; its token on standard input. */
static int begin_script(pic__acme_txt *t, pic_error **err)
{
        const char *const words[] = { pic__obj_text(t->domain, "script"), t->clear ? "txt-clear" : "txt-set", t->name,
                                      t->value, NULL };
        pic__auto_wipe pic__buf input = PIC__BUF_SECRET;

        pic__buf_putf(&input, "%s\n", t->secret);
        return input.failed ? pic__nomem(err) : start_job(t, words, &input, SCRIPT_PATIENCE, err);
}

/* --- the web -------------------------------------------------------------------------------------------------- */

/* Another server of the owner's may be this machine itself, without TLS. */
void pic__acme_txt_base(const pic__acme_txt *t, pic__buf *url)
{
        const char *server = pic__obj_text(t->domain, "server");
        int here = strncmp(server, "127.", 4) == 0 || strncmp(server, "[::1]", 5) == 0 ||
                   strncmp(server, "localhost", 9) == 0;

        pic__buf_putf(url, "http%s://%s", here ? "" : "s",
                      server[0] != '\0' ? server : pic__domain_mode(t->domain)->server);
}

static int fetch(pic__acme_txt *t, const char *method, const char *path, const char *body, pic_error **err)
{
        pic__auto_wipe pic__buf url = PIC__BUF_SECRET, bearer = PIC__BUF_SECRET;
        const char *headers[] = { NULL, "Content-Type: application/json", NULL };
        pic__http_opts o = {
                .method = method, .body = body, .body_len = body != NULL ? strlen(body) : 0, .timeout_ms = PATIENCE
        };

        pic__acme_txt_base(t, &url);
        pic__buf_puts(&url, path);
        pic__buf_putf(&bearer, "Authorization: Bearer %s", t->secret);
        if (url.failed || bearer.failed)
                return pic__nomem(err);
        headers[0] = pic__buf_str(&bearer);
        o.headers = method != NULL ? headers : NULL;
        t->http = pic__http_unref(t->http);
        return pic__http_start(pic__buf_str(&url), &o, &t->http, err);
}

static int begin_duckdns(pic__acme_txt *t, pic_error **err)
{
        const char *name = pic__obj_name(t->domain);
        pic__auto_wipe pic__buf path = PIC__BUF_SECRET;

        if (t->secret[strspn(t->secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
                return pic__fail(err, PIC_VALUE, "domain %s: that is no token of DuckDNS", name);
        pic__buf_putf(&path, "/update?domains=%.*s&token=%s&txt=%s%s", (int)strcspn(name, "."), name, t->secret,
                      t->value, t->clear ? "&clear=true" : "");
        return path.failed ? pic__nomem(err) : fetch(t, NULL, pic__buf_str(&path), NULL, err);
}

static int answer_duckdns(pic__acme_txt *t, int status, pic_error **err)
{
        const char *said = pic__buf_str(pic__http_body(t->http));

        if (status == 200 && strncmp(said, "OK", 2) == 0)
                return 1;
        return pic__fail(err, PIC_BACKEND, "DuckDNS answers %s",
                         strncmp(said, "KO", 2) == 0 ? "KO: wrong token or name" : "something else");
}

/* --- Cloudflare: the zone is found by its name, then a record is made, or found and removed -------------------- */

enum { CF_ZONE, CF_MAKE, CF_FIND, CF_REMOVE };

static int cf_refused(const pic__node *root, const char *secret, pic_error **err)
{
        const pic__node *list = pic__node_get(root, "errors"), *text;
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;

        text = list != NULL && list->type == PIC__N_LIST && list->first != NULL && list->first->type == PIC__N_MAP
                       ? pic__node_get(list->first, "message")
                       : NULL;
        pic__ddns_shown(text != NULL && text->type == PIC__N_SCALAR ? text->text : "no, without a reason", secret, "",
                        &shown);
        return pic__fail(err, PIC_BACKEND, "Cloudflare answers: %s", pic__buf_str(&shown));
}

static int is_true(const pic__node *n)
{
        return n != NULL && n->type == PIC__N_SCALAR && !n->quoted && strcmp(n->text, "true") == 0;
}

int pic__acme_txt_id(const char *text, size_t len, const char *secret, char id[65], pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const pic__node *root, *list, *n;

        if (pic__doc_json(text, len, "answer", &doc, NULL) < 0 || pic__doc_root(doc)->type != PIC__N_MAP)
                return pic__fail(err, PIC_BACKEND, "Cloudflare answers something that is no JSON");
        root = pic__doc_root(doc);
        if (!is_true(pic__node_get(root, "success")))
                return cf_refused(root, secret, err);
        list = pic__node_get(root, "result");
        n = list != NULL && list->type == PIC__N_LIST ? list->first : list;
        n = n != NULL && n->type == PIC__N_MAP ? pic__node_get(n, "id") : NULL;
        if (n == NULL || n->type != PIC__N_SCALAR || strlen(n->text) > 64 ||
            strspn(n->text, "0123456789abcdefABCDEF") != strlen(n->text) || n->text[0] == '\0')
                return 0;
        memcpy(id, n->text, strlen(n->text) + 1);
        return 1;
}

static int cf_zone(pic__acme_txt *t, pic_error **err)
{
        char path[URL];

        snprintf(path, sizeof(path), "/client/v4/zones?name=%s", t->zone);
        t->step = CF_ZONE;
        return fetch(t, "GET", path, NULL, err);
}

static int begin_cloudflare(pic__acme_txt *t, pic_error **err)
{
        const char *zone = pic__obj_text(t->domain, "zone");

        snprintf(t->zone, sizeof(t->zone), "%s", zone[0] != '\0' ? zone : pic__obj_name(t->domain));
        return cf_zone(t, err);
}

static int cf_record(pic__acme_txt *t, pic_error **err)
{
        char path[URL], body[URL];

        if (!t->clear) {
                snprintf(path, sizeof(path), "/client/v4/zones/%s/dns_records", t->zone_id);
                snprintf(body, sizeof(body), "{\"type\":\"TXT\",\"name\":\"%s\",\"content\":\"%s\",\"ttl\":%d}",
                         t->name, t->value, TTL);
                t->step = CF_MAKE;
                return fetch(t, "POST", path, body, err);
        }
        snprintf(path, sizeof(path), "/client/v4/zones/%s/dns_records?type=TXT&name=%s&content=%s", t->zone_id, t->name,
                 t->value);
        t->step = CF_FIND;
        return fetch(t, "GET", path, NULL, err);
}

/* The name is in the zone that is called like it, or like what stands behind its first word, and so on. */
static int cf_found_zone(pic__acme_txt *t, int found, const char *id, pic_error **err)
{
        char *dot = strchr(t->zone, '.');

        if (found) {
                memcpy(t->zone_id, id, sizeof(t->zone_id));
                return cf_record(t, err);
        }
        if (dot == NULL || strchr(dot + 1, '.') == NULL || pic__obj_has(t->domain, "zone"))
                return pic__fail(err, PIC_BACKEND, "Cloudflare has no zone of %s that this token may see",
                                 pic__obj_name(t->domain));
        memmove(t->zone, dot + 1, strlen(dot + 1) + 1);
        return cf_zone(t, err);
}

static int answer_cloudflare(pic__acme_txt *t, int status, pic_error **err)
{
        const pic__buf *body = pic__http_body(t->http);
        char id[65] = "", path[URL];
        int r = pic__acme_txt_id(pic__buf_str(body), body->len, t->secret, id, err);

        (void)status;
        if (r < 0)
                return r;
        if (t->step == CF_ZONE)
                return cf_found_zone(t, r, id, err);
        if (t->step != CF_FIND || r == 0)
                return 1;
        snprintf(path, sizeof(path), "/client/v4/zones/%s/dns_records/%s", t->zone_id, id);
        t->step = CF_REMOVE;
        return fetch(t, "DELETE", path, NULL, err);
}

/* --- all of them ---------------------------------------------------------------------------------------------- */

static const struct pic__acme_txt_mode modes[] = {
        { "rfc2136", 2000, begin_nsupdate, job_answer },
        { "exec", 0, begin_script, job_answer },
        { "duckdns", 20000, begin_duckdns, answer_duckdns },
        { "cloudflare", 10000, begin_cloudflare, answer_cloudflare },
        { "pic_ngo", 5000, pic__acme_txt_ngo_begin, pic__acme_txt_ngo_answer },
};

static const struct pic__acme_txt_mode *mode_of(const pic_obj *domain)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(modes); i++)
                if (strcmp(modes[i].name, pic__obj_text(domain, "mode")) == 0)
                        return &modes[i];
        return NULL;
}

unsigned pic__acme_txt_settle_ms(const pic_obj *domain)
{
        const struct pic__acme_txt_mode *m = mode_of(domain);

        return m != NULL ? m->settle_ms : 0;
}

static int open_secret(pic__acme_txt *t, const pic__seals *seals, pic_error **err)
{
        const char *field = strcmp(t->mode->name, "rfc2136") == 0 ? "key" : "token";
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        int r;

        if (!pic__obj_has(t->domain, field))
                return 0;
        r = pic__seals_open_text(seals, t->domain, field, &text, err);
        if (r < 0)
                return r;
        if (text.len >= sizeof(t->secret) || strpbrk(pic__buf_str(&text), "\r\n") != NULL)
                return pic__fail(err, PIC_VALUE, "domain %s: its %s is none", pic__obj_name(t->domain), field);
        memcpy(t->secret, pic__buf_str(&text), text.len + 1);
        return 0;
}

int pic__acme_txt_start(const pic__acme_txt_opts *o, pic__acme_txt **ret, pic_error **err)
{
        PIC__AUTO(pic__acme_txt_unref_p) pic__acme_txt *t = pic__alloc(sizeof(*t));
        int r;

        if (t == NULL)
                return pic__nomem(err);
        t->mode = mode_of(o->domain);
        if (t->mode == NULL)
                return pic__fail(err, PIC_UNSUPPORTED, "mode %s cannot set DNS records here",
                                 pic__obj_text(o->domain, "mode"));
        if (strlen(o->name) >= sizeof(t->name) || strlen(o->value) >= sizeof(t->value) || !pic__acme_token_ok(o->value))
                return pic__fail(err, PIC_VALUE, "the CA wants a record that is none");
        t->domain = pic__obj_ref(o->domain);
        memcpy(t->name, o->name, strlen(o->name) + 1);
        memcpy(t->value, o->value, strlen(o->value) + 1);
        t->clear = o->clear;
        t->now = o->now;
        t->has_seed = o->seed != NULL;
        if (t->has_seed)
                memcpy(t->seed, o->seed, sizeof(t->seed));
        r = open_secret(t, o->seals, err);
        if (r == 0)
                r = t->mode->begin(t, err);
        if (r == 0)
                *ret = pic__take(t);
        return r;
}

int pic__acme_txt_fd(const pic__acme_txt *t)
{
        return t->job != NULL ? pic__job_fd(t->job) : t->http != NULL ? pic__http_fd(t->http) : -1;
}

int pic__acme_txt_go_on(pic__acme_txt *t, pic_error **err)
{
        int status = 0;
        int r = t->job != NULL ? pic__job_go_on(t->job, &status, err) : pic__http_go_on(t->http, &status, err);

        return r <= 0 ? r : t->mode->answer(t, status, err);
}

pic__acme_txt *pic__acme_txt_unref(pic__acme_txt *t)
{
        if (t == NULL)
                return NULL;
        pic__job_unref(t->job);
        pic__http_unref(t->http);
        pic__obj_unref((pic_obj *)(uintptr_t)t->domain);
        pic__wipe(t->secret, sizeof(t->secret));
        pic__wipe(t->seed, sizeof(t->seed));
        pic__free(t);
        return NULL;
}
