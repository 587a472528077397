/* Owns: errands at providers: the table of modes, one errand's life, what all of them share. */
#include "engine/provider.h"

#include <stdio.h>
#include <string.h>

#include "engine/acme_answer.h"
#include "engine/acme_ask.h"
#include "engine/provider_i.h"
#include "model/domain.h"
#include "model/text.h"
#include "sys/crypto.h"

static const struct pic__provider_way *const ways[] = { &pic__provider_ngo,     &pic__provider_cloudflare,
                                                        &pic__provider_duckdns, &pic__provider_rfc2136,
                                                        &pic__provider_dyndns2, &pic__provider_url,
                                                        &pic__provider_exec };

static const struct pic__provider_way *way_of(const pic_obj *domain)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(ways); i++)
                if (strcmp(ways[i]->mode, pic__obj_text(domain, "mode")) == 0)
                        return ways[i];
        return NULL;
}

unsigned pic__provider_settle_ms(const pic_obj *domain)
{
        const struct pic__provider_way *way = way_of(domain);

        return way != NULL ? way->settle_ms : 0;
}

/* --- texts ---------------------------------------------------------------------------------------------------- */

void pic__provider_encode(const char *text, pic__buf *out)
{
        for (; *text != '\0'; text++) {
                if (pic__is_alnum(*text) || strchr("-._~:", *text) != NULL)
                        pic__buf_putc(out, *text);
                else
                        pic__buf_putf(out, "%%%02X", (unsigned)(unsigned char)*text);
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

        pic__provider_encode(secret, &encoded);
        put_without(pic__buf_str(text), secret, &one);
        put_without(pic__buf_str(&one), pic__buf_str(&encoded), &two);
        pic__buf_clear(text);
        pic__buf_puts(text, pic__buf_str(&two));
}

void pic__provider_shown(const char *text, const char *secret, const char *second, pic__buf *out)
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
        pic__buf_put_shown(out, pic__buf_str(&line), PIC__PROVIDER_SAID_MAX);
}

/* --- keys ----------------------------------------------------------------------------------------------------- */

/* No line of it may be another's: programs read lines. */
static int open_one(const pic__seals *seals, const pic_obj *domain, const char *field, pic__buf *out, pic_error **err)
{
        int r = field != NULL && pic__obj_has(domain, field) ? pic__seals_open_text(seals, domain, field, out, err) : 0;

        if (r == 0 && strpbrk(pic__buf_str(out), "\r\n") != NULL)
                r = pic__fail(err, PIC_VALUE, "domain %s: its %s is none", pic__obj_name(domain), field);
        return r;
}

int pic__provider_keys_open(pic__provider_keys *k, const pic__seals *seals, const pic_obj *domain, const pic_obj *cell,
                            pic_error **err)
{
        const struct pic__provider_way *way = way_of(domain);
        int r;

        *k = (pic__provider_keys){ .secret = PIC__BUF_SECRET, .second = PIC__BUF_SECRET };
        if (way == NULL)
                return 0;
        r = open_one(seals, domain, way->secret, &k->secret, err);
        if (r == 0)
                r = open_one(seals, domain, way->second, &k->second, err);
        if (r < 0 || way != &pic__provider_ngo || cell == NULL || !pic__obj_has(cell, "identity_secret"))
                return r;
        k->has_seed = 1;
        return pic__seals_open(seals, cell, "identity_secret", k->seed, err);
}

void pic__provider_keys_wipe(pic__provider_keys *k)
{
        pic__buf_wipe(&k->secret);
        pic__buf_wipe(&k->second);
        pic__wipe(k, sizeof(*k));
}

/* --- asking --------------------------------------------------------------------------------------------------- */

void pic__provider_base(const pic__provider *p, pic__buf *url)
{
        const char *server = pic__obj_text(p->domain, "server");
        int here = strncmp(server, "127.", 4) == 0 || strncmp(server, "[::1]", 5) == 0;

        pic__buf_putf(url, "http%s://%s", here ? "" : "s",
                      server[0] != '\0' ? server : pic__domain_mode(p->domain)->server);
}

/* A provider's name that leads into a private network is none of theirs; the owner's own server may be anywhere. */
static int may_go(int family, const uint8_t *bytes, void *data)
{
        const pic__provider *p = data;
        pic__addr a = { .family = (uint8_t)family };
        const pic__range *internet;
        size_t count, i;

        if (pic__obj_has(p->domain, "server") || pic__obj_has(p->domain, "url"))
                return 1;
        memcpy(a.bytes, bytes, family == 4 ? 4 : 16);
        internet = pic__ranges_internet((uint8_t)family, &count);
        for (i = 0; i < count; i++)
                if (pic__addr_cmp(&a, &internet[i].first) >= 0 && pic__addr_cmp(&a, &internet[i].last) <= 0)
                        return 1;
        return 0;
}

int pic__provider_fetch(pic__provider *p, const char *url, const pic__http_opts *more, pic_error **err)
{
        pic__http_opts o = *more;

        o.timeout_ms = PIC__PROVIDER_PATIENCE;
        o.ca_file = p->ca_file;
        o.may = may_go;
        o.data = p;
        p->http = pic__http_unref(p->http);
        return pic__http_start(url, &o, &p->http, err);
}

int pic__provider_run(pic__provider *p, const char *const *words, const pic__buf *input, unsigned ms, pic_error **err)
{
        const pic__job_opts opts = { .input = pic__buf_str(input), .input_len = input->len, .timeout_ms = ms };

        return pic__acme_ask_run(words, &opts, &p->job, err);
}

/* --- an errand's life ----------------------------------------------------------------------------------------- */

static int copy_text(const char *from, char *to, size_t size)
{
        size_t len = from != NULL ? strlen(from) : 0;

        if (len >= size)
                return -1;
        memcpy(to, from != NULL ? from : "", len + 1);
        return 0;
}

static int fill(pic__provider *p, const pic__provider_opts *o, pic_error **err)
{
        p->by = (pic__provider_keys){ .secret = PIC__BUF_SECRET, .second = PIC__BUF_SECRET };
        p->errand = o->errand;
        p->domain = pic__obj_ref(o->domain);
        p->now = o->now;
        if (copy_text(o->ip4, p->ip4, sizeof(p->ip4)) < 0 || copy_text(o->ip6, p->ip6, sizeof(p->ip6)) < 0 ||
            copy_text(o->record, p->record, sizeof(p->record)) < 0 ||
            copy_text(o->text, p->text, sizeof(p->text)) < 0 ||
            (o->errand != PIC__ERRAND_ADDRESSES && !pic__acme_token_ok(p->text)))
                return pic__fail(err, PIC_VALUE, "that is no record that could be set");
        pic__buf_puts(&p->by.secret, pic__buf_str(&o->by->secret));
        pic__buf_puts(&p->by.second, pic__buf_str(&o->by->second));
        p->by.has_seed = o->by->has_seed;
        memcpy(p->by.seed, o->by->seed, sizeof(p->by.seed));
        p->ca_file = o->ca_file != NULL ? pic__strdup(o->ca_file) : NULL;
        return p->by.secret.failed || p->by.second.failed || (o->ca_file != NULL && p->ca_file == NULL)
                       ? pic__nomem(err)
                       : 0;
}

int pic__provider_start(const pic__provider_opts *o, pic__provider **ret, pic_error **err)
{
        unsigned can = o->errand == PIC__ERRAND_ADDRESSES ? PIC__CAN_ADDRESSES : PIC__CAN_TXT;
        PIC__AUTO(pic__provider_unref_p) pic__provider *p = pic__alloc(sizeof(*p));
        int r;

        if (p == NULL)
                return pic__nomem(err);
        p->way = way_of(o->domain);
        r = fill(p, o, err);
        if (r == 0 && (p->way == NULL || (p->way->can & can) == 0))
                r = pic__fail(err, PIC_UNSUPPORTED,
                              can == PIC__CAN_TXT ? "mode %s cannot set DNS records here" : "mode %s publishes nothing",
                              pic__obj_text(o->domain, "mode"));
        if (r == 0)
                r = p->way->begin(p, err);
        if (r == 0)
                *ret = pic__take(p);
        return r;
}

int pic__provider_fd(const pic__provider *p)
{
        return p->job != NULL ? pic__job_fd(p->job) : pic__http_fd(p->http);
}

int pic__provider_go_on(pic__provider *p, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        const pic__buf *body;
        int status = 0, r;

        r = p->job != NULL ? pic__job_go_on(p->job, &status, err) : pic__http_go_on(p->http, &status, err);
        if (r <= 0)
                return r;
        body = p->job != NULL ? pic__job_said(p->job) : pic__http_body(p->http);
        pic__buf_put(&text, pic__buf_str(body), body->len); /* asking again lets go of it */
        pic__buf_clear(&p->said);
        pic__provider_shown(pic__buf_str(&text), pic__buf_str(&p->by.secret), pic__buf_str(&p->by.second), &p->said);
        return text.failed ? pic__nomem(err) : p->way->answer(p, status, &text, err);
}

const char *pic__provider_said(const pic__provider *p)
{
        return pic__buf_str(&p->said);
}

pic__provider *pic__provider_unref(pic__provider *p)
{
        if (p == NULL)
                return NULL;
        pic__http_unref(p->http);
        pic__job_unref(p->job);
        pic__obj_unref(p->domain);
        pic__provider_keys_wipe(&p->by);
        pic__buf_free(&p->said);
        pic__free(p->ca_file);
        pic__wipe(p, sizeof(*p));
        pic__free(p);
        return NULL;
}
