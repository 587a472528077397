/* Owns: the answer to "by which names is the page reached, with which certificate, and does it work?" */
#include "engine/frontstate.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "engine/engine_i.h"
#include "model/net.h"
#include "model/public.h"
#include "model/text.h"
#include "model/wgconf.h"

static void put_addresses(pic__json *out, const pic_obj *cell)
{
        static const char *const nets[] = { "net4", "net6" };
        char text[PIC__ADDR_TEXT];
        pic__prefix net;
        size_t i;

        pic__json_key(out, "addresses");
        pic__json_open(out, '[');
        for (i = 0; i < PIC__COUNT(nets); i++)
                if (pic__prefix_parse(pic__obj_text(cell, nets[i]), &net) == 0 &&
                    pic__addr_add(&net.addr, 1, &net.addr) == 0)
                        pic__json_str(out, pic__addr_print(&net.addr, text));
        pic__json_close(out, ']');
}

static void put_fact(pic__json *out, pic__engine *e, int wished)
{
        pic__backend *b = e->backends[PIC__B_FRONT];
        char until[PIC__TIME_TEXT];
        pic__front_fact fact = { .serving = e->fake && wished };

        if (b->ops->front != NULL)
                b->ops->front(b, &fact);
        pic__json_kbool(out, "serving", fact.serving);
        pic__json_kstr(out, "outside", fact.outside ? "open" : fact.shut ? "taken" : NULL);
        pic__json_kstr(out, "not_after", fact.until != 0 ? pic__time_print(fact.until, until) : NULL);
        pic__json_kstr(out, "trouble", wished && !fact.serving && fact.trouble[0] != '\0' ? fact.trouble : NULL);
        pic__json_kstr(out, "hint", wished && !fact.serving && fact.mend[0] != '\0' ? fact.mend : NULL);
        pic__json_kint(out, "connections", fact.connections);
        pic__json_kint(out, "requests", fact.requests);
        pic__json_kint(out, "handshakes", fact.handshakes);
}

/* --- services ---------------------------------------------------------------------------------------------------- */

struct states {
        PIC__VEC(pic__service_fact) v;
        pic__arena arena;
};

static void see(const pic__service_fact *fact, void *data)
{
        struct states *s = data;
        pic__service_fact one = *fact;

        one.name = pic__arena_dup(&s->arena, fact->name, strlen(fact->name));
        one.why = pic__arena_dup(&s->arena, fact->why, strlen(fact->why));
        if (one.name != NULL && one.why != NULL) /* states are literals */
                (void)pic__vec_push(&s->v, one);
}

static const pic__service_fact *state_of(const struct states *s, const char *name)
{
        size_t i;

        for (i = 0; i < s->v.count; i++)
                if (pic__same_name(s->v.at[i].name, name))
                        return &s->v.at[i];
        return NULL;
}

/* Without a certificate of a public CA nothing is said under such a name. */
static void put_public(pic__json *out, const pic__snap *snap, const pic_obj *service)
{
        char name[PIC__PUBLIC_NAME], url[PIC__PUBLIC_NAME + 16];
        const pic_obj *domain;
        size_t at = 0;

        pic__json_key(out, "public_names");
        pic__json_open(out, '[');
        while ((domain = pic__public_next(snap, service, &at, name)) != NULL) {
                snprintf(url, sizeof(url), "https://%s/", name);
                pic__json_open(out, '{');
                pic__json_kstr(out, "url", url);
                pic__json_kstr(out, "domain", pic__obj_name(domain));
                pic__json_kbool(out, "certificate", pic__public_cert(snap, name) != NULL);
                pic__json_close(out, '}');
        }
        pic__json_close(out, ']');
}

static void put_service(pic__json *out, const pic__snap *snap, const pic_obj *o, const pic__service_fact *fact)
{
        static const char *const fields[] = { "target", "address4", "address6" };
        pic__auto_buf pic__buf url = PIC__BUF_INIT;
        size_t i;

        pic__buf_puts(&url, "https://");
        pic__dns_name(pic__snap_cell(snap), o, &url);
        pic__buf_putc(&url, '/');
        pic__json_open(out, '{');
        pic__json_kstr(out, "name", pic__obj_name(o));
        pic__json_kstr(out, "url", pic__buf_str(&url));
        for (i = 0; i < PIC__COUNT(fields); i++)
                pic__json_kstr(out, fields[i], pic__obj_text(o, fields[i]));
        pic__json_kbool(out, "enabled", pic__obj_int(o, "enabled") != 0);
        pic__json_kbool(out, "public", pic__obj_int(o, "public") != 0);
        pic__json_kstr(out, "state", fact != NULL ? fact->state : NULL);
        pic__json_kstr(out, "why", fact != NULL && fact->why[0] != '\0' ? fact->why : NULL);
        pic__json_kint(out, "connections", fact != NULL ? fact->connections : 0);
        put_public(out, snap, o);
        pic__json_close(out, '}');
}

static void put_services(pic__json *out, pic__engine *e, const pic__snap *snap)
{
        struct states s = { PIC__VEC_INIT, PIC__ARENA_INIT };
        pic__backend *b = e->backends[PIC__B_FRONT];
        const pic_obj *o;
        size_t at = 0;

        if (b->ops->services != NULL && pic__snap_count(snap, PIC__SERVICE) > 0)
                b->ops->services(b, see, &s);
        pic__json_key(out, "services");
        pic__json_open(out, '[');
        while ((o = pic__snap_next(snap, PIC__SERVICE, &at)) != NULL)
                put_service(out, snap, o, state_of(&s, pic__obj_name(o)));
        pic__json_close(out, ']');
        pic__vec_free(&s.v);
        pic__arena_free(&s.arena);
}

/* --- doctor ------------------------------------------------------------------------------------------------------ */

void pic__front_look_at(pic__engine *e, pic__findings *f)
{
        char name[PIC__PUBLIC_NAME];
        const pic_obj *o;
        size_t at = 0, k;

        while (e->snap != NULL && (o = pic__snap_next(e->snap, PIC__SERVICE, &at)) != NULL) {
                if (pic__obj_int(o, "public") == 0 || pic__obj_int(o, "enabled") == 0)
                        continue;
                if (!pic__public_open(e->snap, o))
                        pic__foundf(f, PIC_LOG_WARNING, "front", "pic domain add NAME --mode MODE: pic help domains",
                                    "service %s is public, and the cell has no public name or no front",
                                    pic__obj_name(o));
                for (k = 0; pic__public_next(e->snap, o, &k, name) != NULL;)
                        if (pic__public_cert(e->snap, name) == NULL)
                                pic__foundf(f, PIC_LOG_WARNING, "front",
                                            "pic cert status; where the mode has no wildcard: pic cert issue WORD "
                                            "--issuer acme --names NAME",
                                            "no certificate of a public CA has the name %s: nobody on the internet "
                                            "reaches service %s by it",
                                            name, pic__obj_name(o));
        }
}

static void put_all(pic__json *out, pic__engine *e, const pic__snap *s)
{
        const pic_obj *cell = pic__snap_cell(s);
        pic__auto_buf pic__buf name = PIC__BUF_INIT;
        char text[320];
        int on = pic__obj_int(cell, "front") != 0 && pic__obj_has(cell, "ca_certificate");

        pic__dns_name(cell, NULL, &name);
        pic__json_open(out, '{');
        pic__json_kbool(out, "wished", pic__obj_int(cell, "front") != 0);
        pic__json_kbool(out, "ready", on);
        pic__json_kstr(out, "name", pic__buf_str(&name));
        put_addresses(out, cell);
        snprintf(text, sizeof(text), "https://%.255s/", pic__buf_str(&name));
        pic__json_kstr(out, "url", on ? text : NULL);
        snprintf(text, sizeof(text), "http://%.255s/trust", pic__buf_str(&name));
        pic__json_kstr(out, "trust", on ? text : NULL);
        put_fact(out, e, on);
        put_services(out, e, s);
        pic__json_close(out, '}');
}

int pic__engine_front(pic__engine *e, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *fresh = NULL;
        const pic__snap *s;
        pic_revision revision;
        int r = e->snap == NULL ? pic__engine_load(e, &fresh, &revision, err) : 0;

        if (r < 0)
                return r;
        s = e->snap != NULL ? e->snap : fresh;
        if (pic__snap_cell(s) == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no cell in this store");
        put_all(out, e, s);
        return 0;
}
