/* Owns: what is known of public names, as a file, as JSON and in doctor's words. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/domains_i.h"
#include "engine/lead.h"
#include "model/words.h"
#include "sys/file.h"

#define FILE_MAX 65536
#define DAY (24 * 3600 * PIC__SECOND)
#define LONGEST (6 * 3600 * PIC__SECOND)

void pic__told_clear(pic__told *t)
{
        pic__provider_unref(t->job);
        pic__free(t->said);
        pic__free(t->error);
        pic__free(t->hint);
        memset(t, 0, sizeof(*t));
}

pic_time pic__told_patience(unsigned failures, int code)
{
        pic_time wait = PIC__DOMAINS_EVERY;

        if (code == PIC_DENIED)
                return DAY;
        for (; failures > 1 && wait < LONGEST; failures--)
                wait *= 2;
        return wait < LONGEST ? wait : LONGEST;
}

/* --- the file ------------------------------------------------------------------------------------------------- */

static void put_number(pic__buf *out, const char *name, int64_t value)
{
        char text[24];

        (void)snprintf(text, sizeof(text), "%" PRId64, value);
        pic__word_put(out, name, text);
}

static void put_line(const pic__told *t, pic__buf *out)
{
        pic__word_put(out, "name", t->name);
        pic__word_put(out, "ip4", t->ip4);
        pic__word_put(out, "ip6", t->ip6);
        put_number(out, "at", t->at);
        put_number(out, "tried", t->tried);
        put_number(out, "next", t->next);
        put_number(out, "failures", t->failures);
        put_number(out, "changes", t->changes);
        put_number(out, "code", t->code);
        put_number(out, "revision", t->revision);
        pic__word_put(out, "said", t->said != NULL ? t->said : "");
        pic__word_put(out, "error", t->error != NULL ? t->error : "");
        pic__word_put(out, "hint", t->hint != NULL ? t->hint : "");
        pic__buf_putc(out, '\n');
}

int pic__domains_save(const char *dir, const pic__told *at, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(dir, PIC__DOMAINS_FILE);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        size_t i;

        for (i = 0; i < PIC__DOMAINS_MAX; i++)
                if (at[i].name[0] != '\0')
                        put_line(&at[i], &text);
        if (path == NULL || text.failed)
                return pic__nomem(err);
        return pic__file_write(path, text.data != NULL ? text.data : "", text.len, 0600, err);
}

static int64_t get_number(const char *line, const char *name)
{
        pic__auto_buf pic__buf value = PIC__BUF_INIT;

        return pic__word_get(line, name, &value) == 1 ? strtoll(pic__buf_str(&value), NULL, 10) : 0;
}

static void get_text(const char *line, const char *name, char *out, size_t size)
{
        pic__auto_buf pic__buf value = PIC__BUF_INIT;

        out[0] = '\0';
        if (pic__word_get(line, name, &value) == 1 && value.len < size)
                memcpy(out, pic__buf_str(&value), value.len + 1);
}

static char *get_words(const char *line, const char *name)
{
        pic__auto_buf pic__buf value = PIC__BUF_INIT;

        return pic__word_get(line, name, &value) == 1 && value.len > 0 ? pic__buf_steal(&value) : NULL;
}

static void read_line(const char *line, pic__told *t)
{
        get_text(line, "name", t->name, sizeof(t->name));
        get_text(line, "ip4", t->ip4, sizeof(t->ip4));
        get_text(line, "ip6", t->ip6, sizeof(t->ip6));
        t->at = get_number(line, "at");
        t->tried = get_number(line, "tried");
        t->next = get_number(line, "next");
        t->failures = (unsigned)(get_number(line, "failures") & 1023);
        t->changes = get_number(line, "changes");
        t->code = (int)get_number(line, "code");
        t->revision = get_number(line, "revision");
        t->said = get_words(line, "said");
        t->error = get_words(line, "error");
        t->hint = get_words(line, "hint");
}

void pic__domains_read(char *text, pic__told at[PIC__DOMAINS_MAX])
{
        char *line, *save = NULL;
        size_t count = 0;

        for (line = strtok_r(text, "\n", &save); line != NULL && count < PIC__DOMAINS_MAX;
             line = strtok_r(NULL, "\n", &save)) {
                read_line(line, &at[count]);
                if (at[count].name[0] == '\0')
                        pic__told_clear(&at[count]);
                else
                        count++;
        }
}

int pic__domains_load(const char *dir, pic__told at[PIC__DOMAINS_MAX])
{
        pic__auto_free char *path = pic__path_join(dir, PIC__DOMAINS_FILE);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (path == NULL || pic__file_read(path, FILE_MAX, &text, NULL) < 0 || text.len == 0)
                return -1;
        pic__domains_read(text.data, at);
        return 0;
}

/* --- JSON ----------------------------------------------------------------------------------------------------- */

const char *pic__told_state(const pic_obj *domain, const pic__told *t)
{
        if (!pic__domain_publishes(domain))
                return "off";
        if (t != NULL && t->job != NULL)
                return "publishing";
        if (t == NULL || t->tried == 0)
                return "waiting";
        if (t->code == 0)
                return "published";
        return t->code == PIC_DENIED ? "refused" : t->code == PIC_NOTFOUND ? "unregistered" : "failed";
}

static void put_text(pic__json *j, const char *key, const char *text)
{
        pic__json_key(j, key);
        if (text != NULL && text[0] != '\0')
                pic__json_str(j, text);
        else
                pic__json_null(j);
}

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        put_text(j, key, pic__time_print(t, text));
}

static void put_domain(const pic__engine *e, const pic_obj *o, pic__json *j)
{
        const pic__told *t = pic__domains_find(e, pic__obj_name(o));

        pic__json_open(j, '{');
        pic__json_kstr(j, "name", pic__obj_name(o));
        pic__json_kstr(j, "mode", pic__obj_text(o, "mode"));
        pic__json_kstr(j, "state", pic__told_state(o, t));
        pic__json_kbool(j, "wildcard", pic__domain_is_wild(o));
        put_text(j, "ipv4", t != NULL ? t->ip4 : "");
        put_text(j, "ipv6", t != NULL ? t->ip6 : "");
        pic__json_kint(j, "changes", t != NULL ? t->changes : 0);
        put_time(j, "published", t != NULL ? t->at : 0);
        put_time(j, "tried", t != NULL ? t->tried : 0);
        put_time(j, "next", t != NULL ? t->next : 0);
        put_text(j, "said", t != NULL ? t->said : NULL);
        put_text(j, "error", t != NULL ? t->error : NULL);
        put_text(j, "hint", t != NULL ? t->hint : NULL);
        pic__json_close(j, '}');
}

/* For who looks at everything: the state of each, and until when the certificate lasts that it brought. */
void pic__engine_domains_brief(const pic__engine *e, const pic__snap *s, pic__json *out)
{
        const pic_obj *o, *cert;
        size_t at = 0;

        pic__json_open(out, '[');
        while ((o = pic__snap_next(s, PIC__DOMAIN, &at)) != NULL) {
                const pic__told *t = pic__domains_find(e, pic__obj_name(o));

                cert = pic__snap_named(s, PIC__CERTIFICATE, pic__obj_name(o));
                pic__json_open(out, '{');
                pic__json_kstr(out, "name", pic__obj_name(o));
                pic__json_kstr(out, "state", pic__told_state(o, t));
                pic__json_kint(out, "changes", t != NULL ? t->changes : 0);
                put_time(out, "published", t != NULL ? t->at : 0);
                put_time(out, "next", t != NULL ? t->next : 0);
                put_time(out, "certificate", cert != NULL ? pic__obj_int(cert, "not_after") : 0);
                pic__json_close(out, '}');
        }
        pic__json_close(out, ']');
}

/* What each mode can use, so that a form shows that and no more. */
static void put_modes(pic__json *j)
{
        const pic__kind_info *k = &pic__kinds[PIC__DOMAIN];
        const pic__mode *m;
        size_t i, n;

        pic__json_key(j, "modes");
        pic__json_open(j, '[');
        for (i = 0; (m = pic__domain_mode_at(i)) != NULL; i++) {
                pic__json_open(j, '{');
                pic__json_kstr(j, "name", m->name);
                pic__json_kbool(j, "publishes", (m->can & PIC__MODE_PUBLISHES) != 0);
                pic__json_kbool(j, "dns01", (m->can & PIC__MODE_DNS01) != 0);
                pic__json_kbool(j, "wildcard", (m->can & PIC__MODE_WILDCARD) != 0);
                pic__json_key(j, "fields");
                pic__json_open(j, '[');
                for (n = 0; n < k->count; n++)
                        if (pic__mode_has(m, k->fields[n].name))
                                pic__json_str(j, k->fields[n].name);
                pic__json_close(j, ']');
                pic__json_close(j, '}');
        }
        pic__json_close(j, ']');
}

static void put_outside(const struct pic__domains *d, pic__json *out)
{
        static const pic__outside nothing = { .behind = 0 };
        const pic__outside *o = d != NULL && d->looked ? &d->seen : &nothing;

        put_text(out, "ipv4", o->ip4);
        put_text(out, "ipv6", o->ip6);
        pic__json_kbool(out, "behind", o->behind);
        put_text(out, "asked", o->asked);
        put_text(out, "above", o->above);
}

/* The wishes of the engine as far as they are applied, else as the store has them. */
int pic__engine_domains(pic__engine *e, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *own = NULL;
        const struct pic__domains *d = e->domains;
        const pic__snap *s = e->snap;
        pic_revision revision;
        const pic_obj *o;
        size_t at = 0;
        int r = s == NULL ? pic__engine_load(e, &own, &revision, err) : 0;

        if (r < 0)
                return r;
        s = s != NULL ? s : own;
        pic__json_open(out, '{');
        put_outside(d, out);
        pic__json_key(out, "router");
        pic__engine_lead_json(e, out);
        put_text(out, "why", d != NULL && d->seen.why != NULL ? pic_error_message(d->seen.why) : "");
        pic__json_key(out, "domains");
        pic__json_open(out, '[');
        while ((o = pic__snap_next(s, PIC__DOMAIN, &at)) != NULL)
                put_domain(e, o, out);
        pic__json_close(out, ']');
        put_modes(out);
        pic__json_close(out, '}');
        return 0;
}

/* --- doctor --------------------------------------------------------------------------------------------------- */

static void look_at_told(const pic__told *t, pic__findings *f)
{
        if (t->code == 0)
                return;
        pic__foundf(f, t->code == PIC_DENIED ? PIC_LOG_ERROR : PIC_LOG_WARNING | PIC__ACT_PUBLISH, "domains",
                    t->hint != NULL ? t->hint : "pic domain publish tries again at once", "%s is not published: %s",
                    t->name, t->error != NULL ? t->error : "nobody knows why");
}

/* A name that leads here is what devices should be told. */
static void look_at_endpoint(pic__engine *e, const pic_obj *o, const pic__told *t, pic__findings *f)
{
        const char *endpoint = pic__obj_text(pic__snap_cell(e->snap), "endpoint");
        char host[256];
        uint16_t port;
        pic__addr a;

        if (t->code != 0 || t->at == 0 || pic__endpoint_parse(endpoint, host, &port) < 0 ||
            pic__addr_parse(host, &a) < 0)
                return;
        if (strcmp(host, t->ip4) != 0 && strcmp(host, t->ip6) != 0)
                pic__foundf(f, PIC_LOG_WARNING, "domains",
                            "pic cell set --endpoint NAME:PORT, and show devices their "
                            "configuration again",
                            "devices call %s, but %s leads to %s", host, pic__obj_name(o),
                            t->ip4[0] != '\0' ? t->ip4 : t->ip6);
}

void pic__domains_look(pic__engine *e, pic__findings *f)
{
        const pic_obj *o;
        size_t at = 0;

        if (e->domains == NULL || e->snap == NULL || pic__snap_cell(e->snap) == NULL)
                return;
        if (e->domains->looked && e->domains->seen.why != NULL)
                pic__found_error(f, PIC_LOG_WARNING, "domains", e->domains->seen.why);
        else if (e->domains->looked && e->domains->seen.above[0] != '\0')
                pic__foundf(f, PIC_LOG_WARNING, "domains",
                            "On both routers: lead that port to the next one; or make one of them a mere bridge",
                            "the router itself is behind another one: its address is %s; both have to lead UDP port "
                            "%" PRId64 " here",
                            e->domains->seen.above, pic__obj_int(pic__snap_cell(e->snap), "listen_port"));
        else if (e->domains->looked && e->domains->seen.behind && !pic__engine_lead_is(e))
                pic__foundf(f, PIC_LOG_INFO, "domains", "On the router: lead that port to this machine",
                            "the public IPv4 address %s is a router's: devices get in by it when it leads UDP port "
                            "%" PRId64 " here",
                            e->domains->seen.ip4, pic__obj_int(pic__snap_cell(e->snap), "listen_port"));
        while ((o = pic__snap_next(e->snap, PIC__DOMAIN, &at)) != NULL) {
                const pic__told *t = pic__domains_find(e, pic__obj_name(o));

                if (t == NULL)
                        continue;
                look_at_told(t, f);
                look_at_endpoint(e, o, t, f);
        }
}
