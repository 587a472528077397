/* Owns: the processes of an exit, from one item to another and over their deaths.
 *
 * A far end that does not answer is no reason for a change to fail: what can be known here is whether programs and
 * files are as they should be. A process that dies is started again by us, with back-off; nothing but the tunnel is
 * missing meanwhile, and without it the namespace lets nothing through. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/exit/inside.h"

#define READY_MS 1500 /* that a change waits for a carrier; what takes longer is settled later */
#define RECENT ((pic_time)600 * 1000000)
#define AGAIN_MS 100 /* between two looks at one that is not ready */

static pic_time mono(void)
{
        return pic__clock_real.mono(pic__clock_real.data);
}

struct wanted {
        pic__arena arena;
        pic__carrier_env env;
        pic__process_spec spec[PIC__EXIT_PROCESSES];
        size_t count; /* the resolver is the last */
};

static pic__exit_process *process_of(pic__exit_space *s, const char *name)
{
        size_t i;

        for (i = 0; i < s->processes; i++)
                if (strcmp(s->process[i].name, name) == 0)
                        return &s->process[i];
        return NULL;
}

static int all_alive(pic__exit_space *s)
{
        size_t i;

        for (i = 0; i < s->processes; i++)
                if (!pic__process_alive(&s->process[i]))
                        return 0;
        return 1;
}

/* The filter, where there is one, and the resolver, which is the last. */
static int want_names(const pic__exit_conf *c, struct wanted *w, pic_error **err)
{
        int r = 0;

        if (pic__exit_sieved(c))
                r = pic__exit_sieve_spec(c, &w->arena, &w->spec[w->count++], err);
        pic__resolver_spec(&w->spec[w->count++]);
        return r;
}

static int want(pic__exit_space *s, const pic__exit_conf *c, struct wanted *w, pic_error **err)
{
        const pic__carrier *carrier = s->carrier;
        int n = 0;

        memset(w, 0, sizeof(*w));
        w->env = pic__space_env(s, &w->arena);
        if (carrier->processes != NULL && !s->refused)
                n = carrier->processes(c, &w->env, w->spec, PIC__PROCESSES_MAX, err);
        if (n < 0)
                return n;
        w->count = (size_t)n;
        return want_names(c, w, err);
}

/* Where the item names no name servers, those that the far end has told are asked. */
static int write_resolver(pic__exit_space *s, const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        pic__auto_free pic__exit_conf *told = NULL;

        int r = pic__exit_sieve_files(s, c, err);

        if (r < 0)
                return r;
        if (s->carrier->dns == NULL || c->dns.count > 0)
                return pic__resolver_files(s, c, s->carrier, err);
        told = pic__alloc(sizeof(*told));
        if (told == NULL)
                return pic__nomem(err);
        *told = *c; /* borrows its texts */
        told->dns.count = s->carrier->dns(c, env, told->dns.at, PIC__COUNT(told->dns.at));
        return pic__resolver_files(s, told, s->carrier, err);
}

static int write_files(pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        pic__arena arena = PIC__ARENA_INIT;
        pic__carrier_env env = pic__space_env(s, &arena);
        int r = s->carrier->files != NULL ? s->carrier->files(c, &env, err) : 0;

        if (r == 0)
                r = write_resolver(s, c, &env, err);
        pic__arena_wipe(&arena);
        return r;
}

/* --- starting and stopping -------------------------------------------------------------------------------------- */

static void drop_process(pic__exit *b, pic__exit_space *s, size_t at)
{
        pic__exit_process *p = &s->process[at];
        char name[80];
        pic__auto_free char *print = NULL;

        pic__process_stop(p);
        pic__exit_watch_fd(b, &p->watched, -1);
        if (p->name != NULL && strlen(p->name) < 64) {
                memcpy(name, p->name, strlen(p->name) + 1);
                memcpy(name + strlen(name), ".print", sizeof(".print"));
                print = pic__space_file(s, name);
        }
        if (print != NULL)
                (void)unlink(print);
        pic__process_free(p);
        memmove(p, p + 1, (s->processes - at - 1) * sizeof(*p));
        s->processes--;
}

static void drop_others(pic__exit *b, pic__exit_space *s, const struct wanted *w)
{
        size_t i, k;

        for (i = s->processes; i-- > 0;) {
                for (k = 0; k < w->count && strcmp(w->spec[k].name, s->process[i].name) != 0; k++)
                        ;
                if (k == w->count)
                        drop_process(b, s, i);
        }
}

static int start_one(pic__exit *b, pic__exit_space *s, pic__exit_process *p, const pic__process_spec *spec,
                     pic_error **err)
{
        int r;

        pic__process_stop(p);
        r = pic__process_start(s, p, spec, err);
        pic__exit_watch_fd(b, &p->watched, pic__child_fd(p->child));
        if (!spec->is_resolver)
                s->settled = 0;
        return r;
}

/* `kept`: the carrier says that its processes have taken the new item as it is. */
static int bring_one(pic__exit *b, pic__exit_space *s, const pic__process_spec *spec, int kept, pic_error **err)
{
        pic__exit_process *p = process_of(s, spec->name);
        char print[65];
        int r;

        if (p == NULL) {
                if (s->processes == PIC__EXIT_PROCESSES)
                        return pic__fail(err, PIC_INVALID, "%s: too many processes", s->dev);
                p = &s->process[s->processes];
                r = pic__process_new(s, spec->name, p, err);
                if (r < 0)
                        return r;
                s->processes++;
        }
        r = pic__process_print(s, spec, print, err);
        if (r < 0)
                return r;
        if (pic__process_alive(p) && (strcmp(print, p->print) == 0 || (kept && !spec->is_resolver))) {
                memcpy(p->print, print, sizeof(print));
                pic__exit_watch_fd(b, &p->watched, pic__child_fd(p->child));
                return 0;
        }
        return start_one(b, s, p, spec, err);
}

/* --- until it carries ------------------------------------------------------------------------------------------- */

/* 1: all serve; 0: not yet, or dead. */
static int all_ready(pic__exit_space *s, const pic__exit_conf *c, const struct wanted *w)
{
        size_t i;

        for (i = 0; i < w->count; i++) {
                pic__exit_process *p = process_of(s, w->spec[i].name);

                if (p == NULL || !pic__process_alive(p))
                        return 0;
                if (w->spec[i].ready != NULL && w->spec[i].ready(c, &w->env, NULL) <= 0)
                        return 0;
        }
        return 1;
}

static unsigned patience(const struct wanted *w)
{
        unsigned most = 0;
        size_t i;

        for (i = 0; i < w->count; i++)
                if (w->spec[i].ready != NULL) {
                        unsigned ms = w->spec[i].ready_ms != 0 ? w->spec[i].ready_ms : READY_MS;

                        most = ms > most ? ms : most;
                }
        return most < READY_MS ? most : READY_MS;
}

static int wait_ready(pic__exit_space *s, const pic__exit_conf *c, const struct wanted *w)
{
        static const struct timespec pause = { 0, 2000000 };
        pic_time until = mono() + (pic_time)patience(w) * 1000;

        for (;;) {
                if (all_ready(s, c, w))
                        return 1;
                if (mono() >= until || !all_alive(s))
                        return 0;
                nanosleep(&pause, NULL);
        }
}

/* Who is there and does not answer is stopped or worse: another one is started in its place. */
static void end_hung(pic__exit *b, pic__exit_space *s, const struct wanted *w)
{
        size_t i;

        for (i = 0; i < w->count; i++) {
                pic__exit_process *p = process_of(s, w->spec[i].name);

                if (p == NULL || w->spec[i].is_resolver)
                        continue;
                pic__exit_watch_fd(b, &p->watched, -1);
                pic__child_stop(p->child, 0);
        }
}

static int settle(pic__exit *b, pic__exit_space *s, const pic__exit_conf *c, const struct wanted *w, pic_error **err)
{
        int r = s->carrier->settle != NULL ? s->carrier->settle(c, &w->env, err) : 0, look = s->look;

        if (r == PIC_TIMEOUT)
                end_hung(b, s, w);
        if (r == 0 && s->carrier->dns != NULL)
                r = write_resolver(s, c, &w->env, err);
        if (r == 0 && s->carrier->dns != NULL)
                r = bring_one(b, s, &w->spec[w->count - 1], 0, err);
        if (r == 0 && (s->carrier->flags & PIC__CARRIER_OWN_DEVICE) != 0)
                r = pic__tunnel_dress(s, c, err);
        if (r == 0)
                r = pic__rules_picture(s, PIC__OF_ROUTES, s->routes, err);
        s->settled = r == 0;
        pic__exit_hear(b); /* of that we need not be told */
        s->look = look;
        return r;
}

/* What comes to nothing is tried again by pic__exit_mend, and is told where people look. */
static int try_settle(pic__exit *b, pic__exit_space *s, const pic__exit_conf *c, const struct wanted *w,
                      pic_error **err)
{
        pic_error *why = NULL;
        int r = settle(b, s, c, w, &why);

        if (r == 0) {
                pic__exit_forgive(s);
        } else if (r != PIC_NOMEM) {
                (void)pic__exit_note(s, c->name, why);
                r = 0;
        } else if (err != NULL) {
                *err = why;
        } else {
                pic_error_free(why);
        }
        return r;
}

static int same_nets(const pic__exit_nets *a, const pic__exit_nets *b)
{
        return a->count == b->count && memcmp(a->at, b->at, a->count * sizeof(a->at[0])) == 0;
}

/* The tunnel's end would be dressed the same. */
static int same_dress(const pic__exit_conf *a, const pic__exit_conf *b)
{
        return a->mtu == b->mtu && a->v4 == b->v4 && a->v6 == b->v6 && same_nets(&a->addresses, &b->addresses) &&
               same_nets(&a->allowed, &b->allowed);
}

static int make_tunnel(pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        int r;

        if ((s->carrier->flags & PIC__CARRIER_TUN) == 0)
                return 0;
        r = pic__tunnel_make(s, err);
        return r < 0 ? r : pic__tunnel_dress(s, c, err);
}

/* 1: the running processes carry the new item already. */
static int try_change(pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        pic__arena arena = PIC__ARENA_INIT;
        pic__carrier_env env = pic__space_env(s, &arena);
        int r = 0;

        if (s->settled && s->carrier->change != NULL && strcmp(s->conf.type, c->type) == 0 && all_alive(s))
                r = s->carrier->change(&s->conf, c, &env, err);
        pic__arena_wipe(&arena);
        return r;
}

/* Its carrier has got other addresses, say: what it goes on with has to be settled anew. */
static int still_settled(pic__exit_space *s)
{
        pic__arena arena = PIC__ARENA_INIT;
        int r = s->settled;

        if (r && s->carrier->stands != NULL) {
                pic__carrier_env env = pic__space_env(s, &arena);

                r = s->carrier->stands(&s->conf, &env) != 0;
        }
        pic__arena_free(&arena);
        return r;
}

static int bring_all(pic__exit *b, pic__exit_space *s, const struct wanted *w, int kept, pic_error **err)
{
        size_t i;
        int r = 0;

        drop_others(b, s, w);
        for (i = 0; i < w->count && r == 0; i++)
                r = bring_one(b, s, &w->spec[i], kept, err);
        return r;
}

int pic__exit_carry(pic__exit *b, pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        int kept = try_change(s, c, NULL) > 0, dressed = kept && same_dress(&s->conf, c), r = 0;
        struct wanted w;

        if (!dressed) { /* dressing takes away what settling gave */
                s->settled = 0;
                r = make_tunnel(s, c, err);
        } else {
                s->settled = still_settled(s);
        }
        if (r == 0)
                r = write_files(s, c, err);
        if (r < 0)
                return r;
        r = want(s, c, &w, err);
        if (r == 0)
                r = bring_all(b, s, &w, kept, err);
        if (r == 0 && !(dressed && s->settled) && wait_ready(s, c, &w))
                r = try_settle(b, s, c, &w, err);
        if (r == 0 && !s->settled)
                pic__exit_ring_in(b, AGAIN_MS);
        pic__arena_wipe(&w.arena);
        return r;
}

int pic__carry_nothing(pic__exit *b, pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        pic__arena arena = PIC__ARENA_INIT;
        pic__carrier_env env = pic__space_env(s, &arena);
        struct wanted w = { .count = 0 };
        int r = want_names(c, &w, err);
        size_t i;

        if (r == 0) {
                drop_others(b, s, &w);
                s->settled = 0;
                r = write_resolver(s, c, &env, err);
        }
        for (i = 0; i < w.count && r == 0; i++)
                r = bring_one(b, s, &w.spec[i], 0, err);
        pic__arena_wipe(&w.arena);
        pic__arena_wipe(&arena);
        return r;
}

/* --- over deaths ------------------------------------------------------------------------------------------------ */

/* It may have died because its device was taken away. */
static int start_again(pic__exit *b, pic__exit_space *s, pic__exit_process *p, const pic__process_spec *spec,
                       pic_error **err)
{
        int r = 0;

        if (!spec->is_resolver && (s->carrier->flags & PIC__CARRIER_TUN) != 0 && pic__tunnel_index(s) == 0)
                r = make_tunnel(s, &s->conf, err);
        return r < 0 ? r : start_one(b, s, p, spec, err);
}

/* What stood not long ago is expected back at any moment. What never did may be refused each time, and is no welcome
 * guest there. */
static unsigned most_wait(const pic__exit_space *s)
{
        return s->stood != 0 && mono() - s->stood < RECENT ? PIC__EXIT_WAIT_SHORT : PIC__EXIT_WAIT_LONG;
}

static void start_dead(pic__exit *b, pic__exit_space *s, const struct wanted *w)
{
        size_t i;

        for (i = 0; i < w->count; i++) {
                pic__exit_process *p = process_of(s, w->spec[i].name);
                pic__auto_err pic_error *err = NULL;
                unsigned ms;

                if (p == NULL || pic__process_alive(p))
                        continue;
                pic__child_patience(p->child, most_wait(s), PIC__EXIT_WELL);
                ms = pic__child_backoff(p->child);
                if (ms == 0 && start_again(b, s, p, &w->spec[i], &err) < 0) {
                        pic__log_put(s->log, PIC_LOG_WARNING, "exit", "%s: %s is not started: %s", s->dev,
                                     w->spec[i].name, pic_error_message(err));
                        pic__child_failed(p->child); /* a full disk is not asked at each turn */
                        ms = pic__child_backoff(p->child) + 1;
                }
                if (ms > 0)
                        pic__exit_ring_in(b, ms);
        }
}

/* Settling what is not ready after a while is tried with each tick; before that more often. */
static void mend_settled(pic__exit *b, pic__exit_space *s, const struct wanted *w, pic_error **err)
{
        if (s->settled || s->refused)
                return;
        if (!all_ready(s, &s->conf, w)) {
                if (all_alive(s))
                        pic__exit_ring_in(b, AGAIN_MS);
        } else if (try_settle(b, s, &s->conf, w, err) == 0 && s->settled) {
                (void)pic__record_put(s, err);
        }
}

void pic__exit_mend(pic__exit *b, pic__exit_space *s)
{
        pic__auto_err pic_error *err = NULL;
        struct wanted w;

        if (s->value == NULL || s->carrier == NULL || !pic__space_holds(s))
                return;
        if (s->settled && all_alive(s)) {
                s->stood = mono();
                return;
        }
        if (s->refused)
                pic__exit_again(b, s);
        if (want(s, &s->conf, &w, &err) == 0) {
                start_dead(b, s, &w);
                mend_settled(b, s, &w, &err);
        }
        if (err != NULL)
                pic__log_put(s->log, PIC_LOG_WARNING, "exit", "%s: %s", s->dev, pic_error_message(err));
        pic__arena_wipe(&w.arena);
}
