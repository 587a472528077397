/* Owns: when which public name is published. Addresses are looked for each five minutes, and at once when somebody
 * changed a name; publishing follows when something differs and nothing says to wait. */
#include "engine/domains.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/domains_i.h"
#include "engine/notes.h"
#include "engine/wire.h"
#include "sys/crypto.h"

#define REFRESH (24 * 3600 * PIC__SECOND)
#define GONE (10 * PIC__SECOND)
#define SELDOM (25 * REFRESH) /* dyndns2: those providers block who updates without need, and forget who never does */

static pic_time wall(const pic__engine *e)
{
        return e->clock->now(e->clock->data);
}

static pic_time mono(const pic__engine *e)
{
        return e->clock->mono(e->clock->data);
}

pic__told *pic__domains_find(const pic__engine *e, const char *name)
{
        size_t i;

        for (i = 0; e->domains != NULL && i < PIC__DOMAINS_MAX; i++)
                if (strcmp(e->domains->at[i].name, name) == 0)
                        return &e->domains->at[i];
        return NULL;
}

void pic__engine_drop_domains(pic__engine *e)
{
        struct pic__domains *d = e->domains;
        size_t i;

        if (d == NULL)
                return;
        for (i = 0; i < PIC__DOMAINS_MAX; i++)
                pic__told_clear(&d->at[i]);
        pic__outside_free(&d->outside);
        pic__outside_free(&d->seen);
        close(d->epoll);
        pic__free(d);
        e->domains = NULL;
}

static int watch(pic__engine *e, pic_error **err)
{
        struct pic__domains *d;

        if (e->domains != NULL)
                return 0;
        d = pic__alloc(sizeof(*d));
        if (d == NULL)
                return pic__nomem(err);
        d->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (d->epoll < 0) {
                pic__free(d);
                return pic__fail_errno(err, errno, "cannot watch public names");
        }
        (void)pic__domains_load(e->dir, d->at);
        d->outside.ca_file = e->web_ca;
        e->domains = d;
        return 0;
}

/* What is waited for is offered anew; a descriptor that is in the set stays. */
static void wait_for(const struct pic__domains *d, int fd)
{
        struct epoll_event ev = { .events = EPOLLIN };

        if (fd >= 0)
                (void)epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &ev);
}

/* --- which names ---------------------------------------------------------------------------------------------- */

static void save(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;

        if (pic__domains_save(e->dir, e->domains->at, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "domains", bad);
}

static pic__told *place_for(pic__engine *e, const char *name)
{
        size_t i;

        for (i = 0; i < PIC__DOMAINS_MAX; i++) {
                pic__told *t = &e->domains->at[i];

                if (t->name[0] != '\0')
                        continue;
                (void)snprintf(t->name, sizeof(t->name), "%s", name);
                return t;
        }
        return NULL;
}

/* Names that are there no more are forgotten; one that is new, or that somebody changed, waits for nothing. */
static void follow(pic__engine *e)
{
        struct pic__domains *d = e->domains;
        const pic_obj *o;
        size_t at = 0, i;

        for (i = 0; i < PIC__DOMAINS_MAX; i++) {
                o = d->at[i].name[0] != '\0' ? pic__snap_named(e->snap, PIC__DOMAIN, d->at[i].name) : NULL;
                if (d->at[i].name[0] != '\0' && (o == NULL || !pic__domain_publishes(o)))
                        pic__told_clear(&d->at[i]);
        }
        while ((o = pic__snap_next(e->snap, PIC__DOMAIN, &at)) != NULL) {
                pic__told *t;

                if (!pic__domain_publishes(o))
                        continue;
                t = pic__domains_find(e, pic__obj_name(o));
                if (t == NULL)
                        t = place_for(e, pic__obj_name(o));
                if (t == NULL || t->revision == o->revision)
                        continue;
                t->job = pic__provider_unref(t->job); /* what is under way is of what the domain was */
                t->ip4[0] = t->ip6[0] = '\0';         /* whoever has it now may know nothing */
                t->revision = o->revision;
                t->next = 0;
                t->failures = 0;
                d->look_at = 0;
        }
}

static size_t publishing(const pic__engine *e)
{
        const pic_obj *o;
        size_t at = 0, count = 0;

        while ((o = pic__snap_next(e->snap, PIC__DOMAIN, &at)) != NULL)
                count += pic__domain_publishes(o) != 0;
        return count;
}

/* --- one attempt ---------------------------------------------------------------------------------------------- */

static void keep_text(char **to, const char *text)
{
        pic__free(*to);
        *to = text != NULL && text[0] != '\0' ? pic__strdup(text) : NULL;
}

static void note(pic__engine *e, const pic__told *t, const char *verb, const char *why)
{
        const pic_obj *o = pic__snap_named(e->snap, PIC__DOMAIN, t->name);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (why != NULL)
                pic__buf_putf(&text, "%s is not published: %s", t->name, why);
        else
                pic__buf_putf(&text, "%s leads to %s%s%s", t->name, t->ip4,
                              t->ip4[0] != '\0' && t->ip6[0] != '\0' ? ", " : "", t->ip6);
        pic__log_put(e->log, why != NULL ? PIC_LOG_WARNING : PIC_LOG_INFO, "domains", "%s", pic__buf_str(&text));
        if (o != NULL)
                pic__engine_remark_on(e, o, verb, pic__buf_str(&text), &pic__bound_exits);
}

static void went_well(pic__engine *e, pic__told *t)
{
        int changed = strcmp(t->ip4, t->want4) != 0 || strcmp(t->ip6, t->want6) != 0;

        memcpy(t->ip4, t->want4, sizeof(t->ip4));
        memcpy(t->ip6, t->want6, sizeof(t->ip6));
        t->at = wall(e);
        t->next = t->at + PIC__DOMAINS_EVERY;
        t->failures = 0;
        t->code = 0;
        keep_text(&t->error, NULL);
        keep_text(&t->hint, NULL);
        t->changes += changed;
        if (changed)
                note(e, t, "publish", NULL);
}

static void went_wrong(pic__engine *e, pic__told *t, const pic_error *why)
{
        int news = t->failures == 0 || t->code != pic_error_code(why);

        t->failures += t->failures < 1000;
        t->code = pic_error_code(why);
        t->next = wall(e) + pic__told_patience(t->failures, t->code);
        keep_text(&t->error, pic_error_message(why));
        keep_text(&t->hint, pic_error_hint(why));
        if (news)
                note(e, t, "publish-failed", pic_error_message(why));
}

static void finish(pic__engine *e, pic__told *t, const pic_error *why)
{
        t->tried = wall(e);
        if (t->job != NULL)
                keep_text(&t->said, pic__provider_said(t->job));
        t->job = pic__provider_unref(t->job);
        t->forced = 0;
        if (why == NULL)
                went_well(e, t);
        else
                went_wrong(e, t, why);
        save(e);
}

static int start(pic__engine *e, const pic_obj *o, pic__told *t, pic_error **err)
{
        PIC__AUTO(pic__provider_keys_wipe) pic__provider_keys keys;
        const pic__provider_opts opts = { .errand = PIC__ERRAND_ADDRESSES,
                                          .domain = o,
                                          .ip4 = t->want4,
                                          .ip6 = t->want6,
                                          .by = &keys,
                                          .now = wall(e),
                                          .ca_file = e->web_ca };
        int r = pic__provider_keys_open(&keys, &e->seals, o, pic__snap_cell(e->snap), err);

        return r < 0 ? r : pic__provider_start(&opts, &t->job, err);
}

/* --- deciding ------------------------------------------------------------------------------------------------- */

static int is_due(const pic__engine *e, const pic_obj *o, const pic__told *t)
{
        pic_time now = wall(e), often = strcmp(pic__obj_text(o, "mode"), "dyndns2") == 0 ? SELDOM : REFRESH;

        if (t->forced)
                return 1;
        if (now < t->next && t->next - now <= pic__told_patience(1000, PIC_DENIED)) /* else the clock was put back */
                return 0;
        return t->code != 0 || t->at == 0 || strcmp(t->ip4, t->want4) != 0 || strcmp(t->ip6, t->want6) != 0 ||
               now - t->at >= often || now < t->at;
}

static void decide_one(pic__engine *e, const pic_obj *o, pic__told *t)
{
        const pic__outside *found = &e->domains->seen;
        const char *families = pic__obj_text(o, "families");
        pic__auto_err pic_error *bad = NULL;
        int r = 0;

        (void)snprintf(t->want4, sizeof(t->want4), "%s", strcmp(families, "ipv6") != 0 ? found->ip4 : "");
        (void)snprintf(t->want6, sizeof(t->want6), "%s", strcmp(families, "ipv4") != 0 ? found->ip6 : "");
        if (t->want4[0] == '\0' && found->why != NULL && strcmp(families, "ipv6") != 0 && t->ip4[0] != '\0')
                memcpy(t->want4, t->ip4, sizeof(t->want4)); /* nobody knows: what was said stays */
        if (t->job != NULL || !is_due(e, o, t))
                return;
        if (t->want4[0] == '\0' && t->want6[0] == '\0') {
                r = pic__fail(&bad, PIC_NOTFOUND, "no public address is known%s%s", found->why != NULL ? ": " : "",
                              found->why != NULL ? pic_error_message(found->why) : "");
                pic__hint(&bad, "Is this machine online? Services that tell it: pic cell set --address-services URL,…");
        } else {
                r = start(e, o, t, &bad);
        }
        if (r < 0)
                finish(e, t, bad);
}

static void decide(pic__engine *e)
{
        const pic_obj *o;
        size_t at = 0;

        e->domains->looking = 0;
        e->domains->looked = 1;
        pic__outside_found(&e->domains->outside, &e->domains->seen);
        while ((o = pic__snap_next(e->snap, PIC__DOMAIN, &at)) != NULL) {
                pic__told *t = pic__domains_find(e, pic__obj_name(o));

                if (t != NULL && pic__domain_publishes(o))
                        decide_one(e, o, t);
        }
}

static void look(pic__engine *e)
{
        struct pic__domains *d = e->domains;
        const pic_obj *cell;

        if (d->looking) {
                if (pic__outside_go_on(&d->outside))
                        decide(e);
                return;
        }
        if (mono(e) < d->look_at)
                return;
        d->look_at = mono(e) + PIC__DOMAINS_EVERY;
        d->looking = 1;
        cell = pic__snap_cell(e->snap);
        if (pic__outside_begin(&d->outside, pic__obj_text(cell, "address_services"),
                               strcmp(pic__obj_text(cell, "router"), "no") != 0))
                decide(e);
}

void pic__engine_domains_turn(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;
        size_t i;

        if (e->fake || e->snap == NULL || e->stopping || pic__snap_cell(e->snap) == NULL || publishing(e) == 0) {
                pic__engine_drop_domains(e);
                return;
        }
        if (watch(e, &bad) < 0) {
                pic__log_err(e->log, PIC_LOG_WARNING, "domains", bad);
                return;
        }
        follow(e);
        look(e);
        for (i = 0; i < PIC__DOMAINS_MAX; i++) {
                pic__told *t = &e->domains->at[i];
                pic__auto_err pic_error *why = NULL;

                if (t->job != NULL && pic__provider_go_on(t->job, &why) != 0)
                        finish(e, t, why);
                if (t->job != NULL)
                        wait_for(e->domains, pic__provider_fd(t->job));
        }
        wait_for(e->domains, pic__outside_fd(&e->domains->outside));
}

int pic__engine_domains_fd(const pic__engine *e)
{
        return e->domains != NULL ? e->domains->epoll : -1;
}

pic_time pic__engine_domains_due(const pic__engine *e)
{
        if (e->domains == NULL || e->domains->looking) /* its descriptor wakes */
                return 0;
        return e->domains->look_at > 0 ? e->domains->look_at : 1;
}

/* --- asked for ------------------------------------------------------------------------------------------------ */

static int is_waiting(const struct pic__domains *d)
{
        size_t i;

        for (i = 0; i < PIC__DOMAINS_MAX; i++)
                if (d->at[i].forced)
                        return 1;
        return d->looking;
}

/* All, or one: what publishes nothing is an error of that one only. */
static int force(pic__engine *e, const char *name, pic_error **err)
{
        const pic_obj *o;
        size_t at = 0, count = 0;

        while ((o = pic__snap_next(e->snap, PIC__DOMAIN, &at)) != NULL) {
                pic__told *t = pic__domains_find(e, pic__obj_name(o));

                if (t == NULL || !pic__domain_publishes(o) || (name != NULL && strcmp(name, t->name) != 0))
                        continue;
                t->forced = 1;
                count++;
        }
        if (count > 0) {
                e->domains->look_at = 0;
                e->domains->asked = 1;
                e->domains->asked_at = mono(e);
                return 0;
        }
        pic__fail(err, PIC_BADSTATE, "%s publishes nothing", name != NULL ? name : "this cell");
        pic__hint(err, "Which modes can: pic help domains. One that is turned off, or has ddns: no, does not.");
        return PIC_BADSTATE;
}

/* Who waits asks again after each turn; who does no more hung up. */
static int is_asked(pic__engine *e)
{
        struct pic__domains *d = e->domains;
        int is = d != NULL && d->asked && mono(e) - d->asked_at < GONE;

        if (d != NULL)
                d->asked_at = mono(e);
        return is;
}

int pic__engine_domain_publish(pic__engine *e, const char *name, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        int r = name != NULL ? pic__store_get(e->store, PIC__DOMAIN, name, &o, err) : 0;

        if (r < 0)
                return r;
        if (e->fake)
                return pic__fail(err, PIC_UNSUPPORTED, "in the fake world nothing is published");
        if (e->snap == NULL)
                return pic__fail(err, PIC_BADSTATE, "nothing was applied yet");
        if (!is_asked(e)) {
                pic__engine_domains_turn(e);
                r = force(e, o != NULL ? pic__obj_name(o) : NULL, err);
                return r;
        }
        if (is_waiting(e->domains))
                return 0;
        e->domains->asked = 0;
        r = pic__engine_domains(e, out, err);
        return r < 0 ? r : 1;
}
