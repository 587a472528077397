/* Owns: what the agent does for its exits between two changes: who is probed when, whose counters are read, what names
 * say, and which member a group uses. One epoll set has all sockets; nothing waits.
 *
 * Who goes down or comes up is told once, by news(). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/exits_far.h"
#include "engine/exits_i.h"

#define EVENTS 64
#define SLACK ((pic_time)100000) /* what is due so soon is done now: fewer wakings */
#define LINE 512
#define HANGS (15 * PIC__SECOND)     /* down for so long: what carries it may be at fault */
#define LOOK_AFTER (2 * PIC__SECOND) /* programs that do nothing */
#define FORGET (15 * PIC__SECOND)
#define BRIEF (3 * PIC__SECOND / 2) /* for a trial of what is down */

static pic_time mono(const pic__exits *x)
{
        return x->opts.clock->mono(x->opts.clock->data);
}

static pic__far refuse(const char *name, const pic__addr *a, pic__buf *reason, void *data)
{
        const pic__exits *x = data;

        return x->snap != NULL ? pic__far_refused(x->snap, name, a, reason) : PIC__FAR_GOOD;
}

static int watch_names(pic__exits *x, pic_error **err)
{
        const pic__names_opts opts = { .refuse = refuse, .data = x, .resolv_conf = x->opts.resolv_conf };
        struct epoll_event ev = { .events = EPOLLIN, .data = { .u32 = PIC__EXITS_NAMES } };
        int r = pic__names_new(&opts, &x->names, err);

        if (r < 0)
                return r;
        if (epoll_ctl(x->epoll, EPOLL_CTL_ADD, pic__names_fd(x->names), &ev) < 0)
                return pic__fail_errno(err, errno, "cannot watch exits");
        return 0;
}

int pic__exits_new(const pic__exits_opts *opts, pic__exits **ret, pic_error **err)
{
        PIC__AUTO(pic__exits_unref_p) pic__exits *x = pic__alloc(sizeof(*x));
        int r;

        if (x == NULL)
                return pic__nomem(err);
        x->opts = *opts;
        x->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (x->epoll < 0)
                return pic__fail_errno(err, errno, "cannot watch exits");
        r = watch_names(x, err);
        if (r < 0)
                return r;
        *ret = pic__take(x);
        return 0;
}

static void drop(pic__exits *x, unsigned slot)
{
        pic__exit_entry *e = pic__take(x->at[slot]);

        if (e == NULL)
                return;
        pic__probe_end(&e->probe);
        pic__knock_end(&e->knock);
        (void)pic__names_set(x->names, slot, NULL, 0, NULL);
        pic__free(e);
}

pic__exits *pic__exits_unref(pic__exits *x)
{
        unsigned slot;

        if (x == NULL)
                return NULL;
        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                drop(x, slot);
        pic__trial_unref(x->trial);
        pic__names_unref(x->names);
        if (x->epoll >= 0)
                close(x->epoll);
        pic__free(x);
        return NULL;
}

/* --- whom to watch -------------------------------------------------------------------------------------------- */

static int begin(pic__exits *x, const pic_obj *c, const pic__exits_known *known, pic_error **err)
{
        unsigned slot = pic__exit_slot(c);
        const pic__exit_fact *fact = known->id[slot] == c->id ? &known->facts.at[slot] : NULL;
        pic__exit_entry *e = pic__alloc(sizeof(*e));

        if (e == NULL)
                return pic__nomem(err);
        e->probe = (pic__probe)PIC__PROBE_INIT;
        pic__health_start(&e->health, pic__obj_text(c, "type"), mono(x));
        if (pic__exit_is(c, "block"))
                e->health.state = PIC__HEALTH_UP;
        if (fact != NULL) {
                pic__health_recall(&e->health, fact->down, mono(x));
                e->active = fact->judged ? fact->active : 0;
                e->told = fact->down;
                e->dark = mono(x);
        }
        x->at[slot] = e;
        return 0;
}

static int watch_one(pic__exits *x, const pic_obj *c, const pic__exits_known *known, pic_error **err)
{
        unsigned slot = pic__exit_slot(c);
        int r = 0;

        if (x->at[slot] != NULL &&
            (x->at[slot]->id != c->id || strcmp(x->at[slot]->type, pic__obj_text(c, "type")) != 0))
                drop(x, slot);
        if (x->at[slot] == NULL)
                r = begin(x, c, known, err);
        if (r < 0)
                return r;
        pic__exits_set_up(x->at[slot], x->snap, c);
        r = pic__names_set(x->names, slot, pic__exits_far_ends(c), mono(x), err);
        if (r == 0 && known->id[slot] == c->id)
                pic__names_recall(x->names, slot, known->facts.at[slot].remote);
        return r;
}

int pic__exits_watch(pic__exits *x, const pic__snap *s, const pic__exits_known *known, pic_error **err)
{
        unsigned char kept[PIC__EXIT_SLOTS + 1] = { 0 };
        const pic_obj *c;
        size_t at = 0;
        unsigned slot;
        int r = 0;

        x->snap = s;
        while (r == 0 && (c = pic__snap_next(s, PIC__CONNECTION, &at)) != NULL) {
                slot = pic__exit_slot(c);
                if (slot == 0 || pic__obj_int(c, "enabled") == 0)
                        continue;
                kept[slot] = 1;
                r = watch_one(x, c, known, err);
        }
        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                if (!kept[slot])
                        drop(x, slot);
        return r;
}

static int is_probed(const pic__exit_entry *e)
{
        return e != NULL && e->how == PIC__WATCH_PROBED;
}

void pic__exits_made(pic__exits *x, unsigned slot)
{
        if (slot <= PIC__EXIT_SLOTS && is_probed(x->at[slot]))
                pic__health_made(&x->at[slot]->health, mono(x));
}

void pic__exits_alarm(pic__exits *x)
{
        unsigned slot;

        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                if (is_probed(x->at[slot]))
                        pic__health_alarm(&x->at[slot]->health, mono(x));
}

/* --- news ------------------------------------------------------------------------------------------------------ */

static void tell(pic__exits *x, const pic__exit_entry *e, const char *verb, const pic__buf *text, int level)
{
        pic__log_put(x->opts.log, level, "exit", "%s", pic__buf_str(text));
        if (x->opts.news != NULL)
                x->opts.news(e->id, e->name, verb, pic__buf_str(text), x->opts.data);
}

/* A beginning that goes well is told nobody but the log. */
static void tell_state(pic__exits *x, pic__exit_entry *e, pic_time now)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (e->health.state == PIC__HEALTH_DOWN) {
                pic__buf_putf(&text, "connection %s is down: ", e->name);
                pic__exits_trouble(x, e, now, &text);
                tell(x, e, "exit-down", &text, PIC_LOG_WARNING);
                e->dark = e->health.silent != 0 ? e->health.silent : now;
                e->told = 1;
        } else if (e->health.state == PIC__HEALTH_UP) {
                pic__buf_putf(&text, "connection %s %s", e->name, e->told ? "works again" : "works");
                if (e->told)
                        pic__buf_putf(&text, ", after %" PRId64 " s",
                                      (int64_t)((now - e->dark + PIC__SECOND / 2) / PIC__SECOND));
                if (e->told)
                        tell(x, e, "exit-up", &text, PIC_LOG_INFO);
                else
                        pic__log_put(x->opts.log, PIC_LOG_INFO, "exit", "%s", pic__buf_str(&text));
                e->told = 0;
        }
}

/* --- probes ----------------------------------------------------------------------------------------------------- */

/* No answer yet: are its far ends there at all? */
static void knock(pic__exits *x, pic__exit_entry *e)
{
        pic__far_end ends[PIC__FAR_ENDS];

        e->knock_at = 0;
        if (x->opts.awaited != NULL)
                pic__knock_start(&e->knock, ends, x->opts.awaited(e->slot, ends, x->opts.data));
}

static int lost(pic__exits *x, pic__exit_entry *e, pic_time now)
{
        int heard = pic__knock_heard(&e->knock);

        e->error = e->probe.error;
        e->turn++; /* another one may answer */
        if (heard && e->health.lost == 0)
                pic__log_put(x->opts.log, PIC_LOG_INFO, "exit", "connection %s stands still; its far end is there",
                             e->name);
        return pic__health_lost(&e->health, now, e->probe.tries > 0 ? e->probe.tries : 1, heard);
}

static void judge(pic__exits *x, pic__exit_entry *e, pic_time now)
{
        int changed = 0;

        if (e->probe.state == PIC__PROBE_ANSWERED)
                changed = pic__health_answered(&e->health, now, e->probe.latency, e->probe.missed);
        if (e->probe.state == PIC__PROBE_LOST) {
                changed = lost(x, e, now);
                if (!changed && pic__exits_refusal(x, e, NULL) < 0)
                        changed = pic__health_refused(&e->health, now);
        }
        e->probe.state = PIC__PROBE_IDLE;
        pic__knock_end(&e->knock);
        e->knock_at = 0;
        x->count_at = now;
        if (changed)
                tell_state(x, e, now);
}

/* Asked of nobody, an exit is never up: it carries none of the families. */
static void send_probe(pic__exits *x, pic__exit_entry *e, pic_time now)
{
        pic__auto_err pic_error *bad = NULL;
        const pic__probe_opts o = { .targets = e->targets,
                                    .count = e->count,
                                    .first = e->turn,
                                    .mark = pic__exit_mark(e->slot),
                                    .device = e->device,
                                    .tcp = e->tcp,
                                    .tries = pic__health_tries(&e->health, e->tcp),
                                    .limit = pic__health_limit(&e->health) };

        pic__health_sent(&e->health, now);
        e->knock_at = pic__health_knock(&e->health);
        if (e->count > 0 && pic__probe_start(&e->probe, &o, now, &bad) < 0)
                pic__log_err(x->opts.log, PIC_LOG_WARNING, "exit", bad);
        pic__probe_watch(&e->probe, x->epoll, e->slot);
        if (e->probe.state == PIC__PROBE_OUT)
                return;
        e->probe.state = PIC__PROBE_LOST;
        e->probe.error = e->count > 0 ? e->probe.error : ENETUNREACH;
        judge(x, e, now);
}

static void turn_probe(pic__exits *x, pic__exit_entry *e, pic_time now)
{
        if (e->probe.state != PIC__PROBE_OUT)
                return;
        (void)pic__probe_turn(&e->probe, now);
        pic__probe_watch(&e->probe, x->epoll, e->slot);
        if (e->probe.state != PIC__PROBE_OUT)
                judge(x, e, now);
}

static void turn_probes(pic__exits *x, pic_time now)
{
        unsigned slot;

        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++) {
                pic__exit_entry *e = x->at[slot];

                if (!is_probed(e))
                        continue;
                if (e->probe.state == PIC__PROBE_OUT && e->probe.next <= now)
                        turn_probe(x, e, now);
                if (e->probe.state == PIC__PROBE_OUT && e->knock_at != 0 && e->knock_at <= now)
                        knock(x, e);
                if (e->probe.state != PIC__PROBE_OUT && e->health.probe_at <= now)
                        send_probe(x, e, now);
        }
}

/* --- counters ---------------------------------------------------------------------------------------------------- */

/* "picx1: RXBYTES … TXBYTES …" of /proc/net/dev: what the cell receives there came through the exit, or is what carries
 * it: only whether anything comes at all is of interest. */
static void take_counters(pic__exits *x, const char *line, pic_time now)
{
        uint64_t in, out;
        unsigned slot;

        if (sscanf(line, " picx%u: %" SCNu64 " %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &slot, &in, &out) != 3 ||
            slot == 0 || slot > PIC__EXIT_SLOTS || !is_probed(x->at[slot]))
                return;
        pic__health_counted(&x->at[slot]->health, now, out, in);
}

/* All devices in one file: one reading for all exits. */
static void read_counters(pic__exits *x, pic_time now)
{
        pic_time next = PIC__HEALTH_COUNT_IDLE;
        char line[LINE];
        unsigned slot;
        FILE *f;

        if (x->count_at > now + SLACK)
                return;
        x->count_at = 0;
        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                if (is_probed(x->at[slot]))
                        x->count_at = now;
        f = x->count_at != 0 ? fopen("/proc/net/dev", "re") : NULL;
        if (f == NULL)
                return;
        while (fgets(line, sizeof(line), f) != NULL)
                take_counters(x, line, now);
        (void)fclose(f);
        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                if (is_probed(x->at[slot]) && now < x->at[slot]->health.busy_until)
                        next = PIC__HEALTH_COUNT_BUSY;
        x->count_at = now + next;
}

/* --- programs that do nothing ----------------------------------------------------------------------------------- */

static void revive(pic__exits *x, pic__exit_entry *e, pic_time now)
{
        pic__auto_buf pic__buf told = PIC__BUF_INIT, text = PIC__BUF_INIT;
        int down = e->health.state == PIC__HEALTH_DOWN && now - e->health.since >= HANGS;

        if (x->opts.revive(e->slot, down, &told, x->opts.data) <= 0)
                return;
        (void)snprintf(e->revived, sizeof(e->revived), "%s", pic__buf_str(&told));
        e->revived_at = now;
        pic__health_alarm(&e->health, now);
        pic__buf_putf(&text, "connection %s: %s", e->name, e->revived);
        tell(x, e, "exit-revived", &text, PIC_LOG_INFO);
}

static void revive_all(pic__exits *x, pic_time now)
{
        unsigned slot;

        if (x->opts.revive == NULL || now < x->revive_at)
                return;
        x->revive_at = now + LOOK_AFTER;
        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                if (is_probed(x->at[slot]))
                        revive(x, x->at[slot], now);
}

/* --- groups ------------------------------------------------------------------------------------------------------ */

static const char *name_of(const pic__exits *x, unsigned slot)
{
        return x->at[slot] != NULL ? x->at[slot]->name : "none";
}

static size_t gather(const pic__exits *x, const pic__exit_entry *group, pic__member *to)
{
        size_t i, n = 0;

        for (i = 0; i < group->member_count; i++) {
                const pic__exit_entry *m = x->at[group->members[i]];

                if (m != NULL)
                        to[n++] = (pic__member){ m->slot, m->health.state, m->health.since, m->health.trusted_at };
        }
        return n;
}

static void choose(pic__exits *x, pic__exit_entry *group, pic_time now)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__member members[PIC__EXITS_MEMBERS];
        size_t count = gather(x, group, members);
        unsigned was = group->active;
        enum pic__health_state state = pic__group_state(members, count);

        group->active = pic__group_choose(members, count, was, now, &group->again);
        if (was != 0 && group->active != was && group->active != 0) {
                pic__buf_putf(&text, "connection %s moved from %s to %s", group->name, name_of(x, was),
                              name_of(x, group->active));
                tell(x, group, "exit-moved", &text, PIC_LOG_WARNING);
        }
        if (state == group->health.state)
                return;
        group->health.state = state;
        group->health.since = now;
        tell_state(x, group, now);
}

/* --- trials ------------------------------------------------------------------------------------------------------ */

static void end_trial(pic__exits *x)
{
        x->trial = pic__trial_unref(x->trial);
        x->trial_over = 0;
}

static void turn_trial(pic__exits *x, pic_time now)
{
        if (x->trial != NULL && !x->trial_over)
                x->trial_over = pic__trial_turn(x->trial, now) || (x->trial_brief && now >= x->trial_at + BRIEF);
        if (x->trial != NULL && now > x->trial_at + FORGET) /* who asked for it is gone */
                end_trial(x);
}

/* Why nothing carries it, and what to do about that. */
static int no_carrier(const pic_obj *c, const pic_obj *carrier, pic_error **err)
{
        const char *name = pic__obj_name(c);

        if (pic__obj_int(c, "enabled") == 0) {
                (void)pic__fail(err, PIC_BADSTATE, "%s is off: nothing leaves by it", name);
                pic__hint(err, "Turn it on: pic connection enable %s", name);
        } else if (pic__exit_is(carrier != NULL ? carrier : c, "block")) {
                (void)pic__fail(err, PIC_BADSTATE, "%s is there to block: nothing leaves by it, and nothing shall",
                                name);
        } else {
                (void)pic__fail(err, PIC_BADSTATE, "%s is down: none of its members works or is enabled", name);
                pic__hint(err, "Look at its members: pic connection list");
        }
        return PIC_BADSTATE;
}

static int start_trial(pic__exits *x, const pic_obj *c, pic_error **err)
{
        const pic_obj *carrier = pic__exit_carried_by(x->snap, c);
        const pic__exit_entry *e = carrier != NULL ? x->at[pic__exit_slot(carrier)] : NULL;
        int r;

        if (carrier == NULL || pic__exit_is(carrier, "block"))
                return no_carrier(c, carrier, err);
        r = pic__trial_start(c, carrier, x->epoll, PIC__EXITS_TRIAL, mono(x), &x->trial, err);
        x->trial_at = mono(x);
        x->trial_brief = e != NULL && e->health.state == PIC__HEALTH_DOWN;
        x->tried = c->id;
        x->trial_over = 0;
        return r;
}

static void learn(pic__exits *x, const pic_obj *c)
{
        const pic_obj *carrier = pic__exit_carried_by(x->snap, c);
        pic__exit_entry *e = carrier != NULL ? x->at[pic__exit_slot(carrier)] : NULL;

        if (e == NULL)
                return;
        (void)snprintf(e->address[0], PIC__ADDR_TEXT, "%.47s", pic__trial_address(x->trial, 4));
        (void)snprintf(e->address[1], PIC__ADDR_TEXT, "%.47s", pic__trial_address(x->trial, 6));
}

int pic__exits_try(pic__exits *x, const pic_obj *connection, pic__json *out, pic_error **err)
{
        if (x->trial == NULL)
                return start_trial(x, connection, err);
        if (!x->trial_over || x->tried != connection->id)
                return 0; /* another's: after it */
        pic__trial_json(x->trial, out);
        learn(x, connection);
        end_trial(x);
        return 1;
}

/* --- the loop ---------------------------------------------------------------------------------------------------- */

static void hear(pic__exits *x, pic_time now)
{
        struct epoll_event events[EVENTS];
        int n = epoll_wait(x->epoll, events, EVENTS, 0), i;

        for (i = 0; i < n; i++) {
                uint32_t slot = events[i].data.u32;

                if (slot != PIC__EXITS_NAMES && slot < PIC__EXITS_TRIAL && is_probed(x->at[slot]))
                        turn_probe(x, x->at[slot], now);
        }
}

/* An exit that does not work may have moved. */
static void turn_names(pic__exits *x, pic_time now)
{
        unsigned slot;

        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                if (is_probed(x->at[slot]))
                        pic__names_doubt(x->names, slot, x->at[slot]->health.state == PIC__HEALTH_DOWN, now);
        pic__names_turn(x->names, now);
}

void pic__exits_turn(pic__exits *x)
{
        pic_time now = mono(x);
        unsigned slot;

        hear(x, now);
        turn_probes(x, now);
        turn_names(x, now);
        read_counters(x, now);
        revive_all(x, now);
        turn_trial(x, now);
        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                if (x->at[slot] != NULL && x->at[slot]->how == PIC__WATCH_GROUP)
                        choose(x, x->at[slot], now);
}

int pic__exits_fd(const pic__exits *x)
{
        return x->epoll;
}

static pic_time sooner(pic_time a, pic_time b)
{
        if (a == 0 || b == 0)
                return a + b;
        return a < b ? a : b;
}

static pic_time due_of(const pic__exit_entry *e)
{
        if (e->how == PIC__WATCH_GROUP)
                return e->again;
        if (e->how == PIC__WATCH_BLOCK)
                return 0;
        return e->probe.state == PIC__PROBE_OUT ? sooner(e->probe.next, e->knock_at) : e->health.probe_at;
}

pic_time pic__exits_due(const pic__exits *x)
{
        pic_time at = sooner(pic__names_due(x->names, mono(x)), x->count_at);
        pic_time trial = x->trial == NULL ? 0 : x->trial_over ? x->trial_at + FORGET : pic__trial_due(x->trial);
        unsigned slot;

        if (x->trial != NULL && !x->trial_over && x->trial_brief)
                trial = sooner(trial, x->trial_at + BRIEF);
        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                if (x->at[slot] != NULL)
                        at = sooner(at, due_of(x->at[slot]));
        return sooner(at, trial);
}

int pic__exits_known_now(const pic__exits *x, pic__exits_known *k, pic_error **err)
{
        unsigned slot;

        pic__exits_known_clear(k);
        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++) {
                const pic__exit_entry *e = x->at[slot];
                pic__exit_fact *fact = &k->facts.at[slot];
                const char *remote;

                if (e == NULL)
                        continue;
                k->id[slot] = e->id;
                fact->down = e->health.state == PIC__HEALTH_DOWN;
                fact->judged = e->how == PIC__WATCH_GROUP;
                fact->active = (uint8_t)e->active;
                remote = pic__names_remote(x->names, slot);
                fact->remote = remote != NULL ? pic__strdup(remote) : NULL;
                if (remote != NULL && fact->remote == NULL) {
                        pic__exits_known_clear(k);
                        return pic__nomem(err);
                }
        }
        return 0;
}
