/* Owns: when facts are judged, and when which message is sent. */
#include "engine/alerts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/alerts_i.h"
#include "engine/notes.h"
#include "sys/file.h"

#define ROUND (2 * PIC__SECOND)
#define DEVICES_EVERY (30 * PIC__SECOND) /* a thousand of them are some 20 ms of wireguard-go each time */
#define FIRST (30 * PIC__SECOND)
#define LONGEST (3600 * PIC__SECOND)
#define OLDEST (48 * 3600 * PIC__SECOND) /* a message that has waited so long helps nobody */
#define TEST_FOR (60 * PIC__SECOND)

static pic_time wall(const pic__engine *e)
{
        return e->clock->now(e->clock->data);
}

static pic_time mono(const pic__engine *e)
{
        return e->clock->mono(e->clock->data);
}

pic__alert_one *pic__alerts_find(const pic__engine *e, pic_id id)
{
        size_t i;

        for (i = 0; e->alerts != NULL && i < PIC__ALERTS_MAX; i++)
                if (e->alerts->at[i].id == id)
                        return &e->alerts->at[i];
        return NULL;
}

void pic__alert_keep(char **to, const char *text)
{
        pic__free(*to);
        *to = text != NULL && text[0] != '\0' ? pic__strdup(text) : NULL;
}

pic_time pic__alert_patience(unsigned failures)
{
        pic_time wait = FIRST;

        for (; failures > 1 && wait < LONGEST; failures--)
                wait *= 2;
        return wait < LONGEST ? wait : LONGEST;
}

void pic__alert_drop_letter(pic__alert_one *a, int lost)
{
        if (a->queued == 0)
                return;
        a->lost += lost != 0;
        pic__letter_free(&a->queue[0]);
        memmove(&a->queue[0], &a->queue[1], --a->queued * sizeof(a->queue[0]));
}

/* What is known of it, and what waits: as of one that is turned off. */
static void empty(pic__alert_one *a)
{
        a->post = pic__alert_post_unref(a->post);
        while (a->queued > 0)
                pic__alert_drop_letter(a, 0);
        pic__alert_watch_clear(&a->watch);
        a->failures = a->lost = 0;
        a->next = 0;
}

void pic__alert_one_clear(pic__alert_one *a)
{
        char *const texts[] = { a->error, a->hint, a->said, a->test_answer };
        size_t i;

        empty(a);
        pic__alert_post_unref(a->test);
        for (i = 0; i < PIC__COUNT(texts); i++)
                pic__free(texts[i]);
        memset(a, 0, sizeof(*a));
}

void pic__engine_drop_alerts(pic__engine *e)
{
        struct pic__alerts *d = e->alerts;
        size_t i;

        if (d == NULL)
                return;
        for (i = 0; i < PIC__ALERTS_MAX; i++)
                pic__alert_one_clear(&d->at[i]);
        pic__facts_clear(&d->devices);
        pic__vec_free(&d->peers);
        close(d->epoll);
        pic__free(d);
        e->alerts = NULL;
}

static int watch(pic__engine *e, pic_error **err)
{
        struct pic__alerts *d;

        if (e->alerts != NULL)
                return 0;
        d = pic__alloc(sizeof(*d));
        if (d == NULL)
                return pic__nomem(err);
        d->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (d->epoll < 0) {
                pic__free(d);
                return pic__fail_errno(err, errno, "cannot watch alerts");
        }
        e->alerts = d;
        pic__alerts_load(e);
        return 0;
}

static void save(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;

        if (pic__alerts_save(e, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "alert", bad);
}

static void wait_for(const struct pic__alerts *d, const pic__alert_post *p)
{
        struct epoll_event ev = { .events = EPOLLIN };

        if (p != NULL)
                (void)epoll_ctl(d->epoll, EPOLL_CTL_ADD, pic__alert_post_fd(p), &ev);
}

/* --- which there are -------------------------------------------------------------------------------------------- */

/* What is there no more leaves nothing behind; one that somebody changed is tried at once. */
static void follow(pic__engine *e)
{
        struct pic__alerts *d = e->alerts;
        const pic_obj *o;
        size_t at = 0, i;

        for (i = 0; i < PIC__ALERTS_MAX; i++)
                if (d->at[i].id != 0 && pic__snap_get(e->snap, PIC__ALERT, d->at[i].id) == NULL)
                        pic__alert_one_clear(&d->at[i]);
        while ((o = pic__snap_next(e->snap, PIC__ALERT, &at)) != NULL) {
                pic__alert_one *a = pic__alerts_find(e, o->id);

                if (a == NULL)
                        a = pic__alerts_find(e, 0);
                if (a == NULL || (a->id == o->id && a->revision == o->revision))
                        continue;
                a->id = o->id;
                a->revision = o->revision;
                a->next = 0;
                a->failures = 0;
                a->post = pic__alert_post_unref(a->post);
                if (pic__obj_int(o, "enabled") == 0)
                        empty(a);
        }
}

/* --- sending ---------------------------------------------------------------------------------------------------- */

static void name_letter(pic__engine *e, pic__letter *l)
{
        l->made = wall(e);
        snprintf(l->id, sizeof(l->id), "%" PRIx64 ".%" PRIu64, (uint64_t)(l->made / 1000), ++e->alerts->number);
}

static void from_whom(const pic__engine *e, const pic_obj *o, unsigned lost, char host[330], pic__letter_from *ret)
{
        const pic_obj *cell = pic__snap_cell(e->snap);

        snprintf(host, 330, "%s.%s", pic__obj_name(cell), pic__obj_text(cell, "domain"));
        *ret = (pic__letter_from){ pic__obj_name(cell), host, pic__obj_name(o), lost };
}

static int post(pic__engine *e, const pic_obj *o, const pic__letter *l, unsigned lost, pic__alert_post **ret,
                pic_error **err)
{
        pic__letter_from from;
        char host[330];

        from_whom(e, o, lost, host, &from);
        return pic__alert_post_start(o, l, &from, &e->seals, e->web_ca, ret, err);
}

static void note(pic__engine *e, const pic_obj *o, const char *verb, const char *text)
{
        int well = strcmp(verb, "alert") == 0;

        pic__log_put(e->log, well ? PIC_LOG_INFO : PIC_LOG_WARNING, "alert", "%s: %s", pic__obj_name(o), text);
        pic__engine_remark_on(e, o, verb, text, well ? &pic__bound_exits : &pic__bound_trouble);
}

static void went_well(pic__engine *e, const pic_obj *o, pic__alert_one *a)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__buf_putf(&text, "told: %s", pic__buf_str(&a->queue[0].title));
        note(e, o, "alert", pic__buf_str(&text));
        pic__alert_keep(&a->said, pic__alert_post_said(a->post));
        pic__alert_keep(&a->error, NULL);
        pic__alert_keep(&a->hint, NULL);
        pic__alert_drop_letter(a, 0);
        a->sent++;
        a->last_sent = wall(e);
        a->failures = a->lost = 0;
        a->next = 0;
}

static void went_wrong(pic__engine *e, const pic_obj *o, pic__alert_one *a, const pic_error *why)
{
        if (a->failures == 0) {
                pic__auto_buf pic__buf text = PIC__BUF_INIT;

                pic__buf_putf(&text, "not told: %s", pic_error_message(why));
                note(e, o, "alert-failed", pic__buf_str(&text));
        }
        a->failures += a->failures < 1000;
        a->next = mono(e) + pic__alert_patience(a->failures);
        if (a->post != NULL)
                pic__alert_keep(&a->said, pic__alert_post_said(a->post));
        pic__alert_keep(&a->error, pic_error_message(why));
        pic__alert_keep(&a->hint, pic_error_hint(why));
}

static void finish(pic__engine *e, const pic_obj *o, pic__alert_one *a, const pic_error *why)
{
        a->tried = wall(e);
        if (why == NULL)
                went_well(e, o, a);
        else
                went_wrong(e, o, a, why);
        a->post = pic__alert_post_unref(a->post);
        save(e);
}

static void send(pic__engine *e, const pic_obj *o, pic__alert_one *a)
{
        pic__auto_err pic_error *why = NULL;

        if (a->post != NULL && pic__alert_post_go_on(a->post, &why) != 0)
                finish(e, o, a, why);
        while (a->post == NULL && a->queued > 0 && wall(e) - a->queue[0].made > OLDEST)
                pic__alert_drop_letter(a, 1);
        if (a->post == NULL && a->queued > 0 && mono(e) >= a->next) {
                pic__auto_err pic_error *bad = NULL;

                if (post(e, o, &a->queue[0], a->lost, &a->post, &bad) < 0)
                        finish(e, o, a, bad);
        }
        wait_for(e->alerts, a->post);
}

/* --- judging ---------------------------------------------------------------------------------------------------- */

struct saying {
        pic__letter *l;
        pic_time wall, mono;
};

static void say(const pic__alert_entry *entry, const char *how, void *data)
{
        const struct saying *s = data;

        pic__letter_add(s->l, entry, how, s->wall, s->mono);
}

static int minute_of_day(pic_time at)
{
        time_t seconds = (time_t)(at / PIC__SECOND);
        struct tm tm;

        tzset();
        return localtime_r(&seconds, &tm) != NULL ? tm.tm_hour * 60 + tm.tm_min : 0;
}

static int judge_one(pic__engine *e, const pic_obj *o, pic__alert_one *a, const pic__facts *f)
{
        const pic__alert_now now = { mono(e), minute_of_day(wall(e)) };
        pic__letter l = PIC__LETTER_INIT;
        struct saying s = { &l, wall(e), now.mono };
        pic__alert_rule rule;
        int changed;

        pic__alert_rule_of(o, &rule);
        if (pic__alert_judge(&a->watch, &rule, f->list.at, f->list.count, &now, say, &s, &changed) == 0) {
                pic__letter_free(&l);
                return changed;
        }
        pic__letter_close(&l, a->watch.more);
        a->watch.more = 0;
        name_letter(e, &l);
        if (a->queued == PIC__ALERT_QUEUE) {
                a->post = pic__alert_post_unref(a->post); /* it may have been of that one */
                pic__alert_drop_letter(a, 1);
        }
        a->queue[a->queued++] = l;
        return 1;
}

static void judge(pic__engine *e)
{
        PIC__AUTO(pic__facts_clear) pic__facts f = { PIC__ARENA_INIT, PIC__VEC_INIT, 0 };
        struct pic__alerts *d = e->alerts;
        pic_id newest = d->newest_peer;
        const pic_obj *o;
        size_t at = 0;
        int changed = d->seq < 0, wishes = d->devices_in != e->snap || d->devices_of != e->applied;

        if (mono(e) < d->round_at)
                return;
        d->round_at = mono(e) + ROUND;
        if (wishes || mono(e) - d->devices_at >= DEVICES_EVERY || d->devices_at == 0) {
                d->devices_in = e->snap;
                d->devices_of = e->applied;
                d->devices_at = mono(e);
                pic__alerts_look_at_devices(e);
        }
        pic__alerts_collect(e, wishes, &f);
        if (f.failed) /* what is missing would be taken for over */
                return;
        while ((o = pic__snap_next(e->snap, PIC__ALERT, &at)) != NULL) {
                pic__alert_one *a = pic__alerts_find(e, o->id);

                if (a != NULL && pic__obj_int(o, "enabled") != 0)
                        changed |= judge_one(e, o, a, &f);
        }
        if (changed || newest != d->newest_peer)
                save(e);
}

/* --- turns ------------------------------------------------------------------------------------------------------ */

/* The last is gone. */
static void leave(pic__engine *e)
{
        pic__auto_free char *path = pic__path_join(e->dir, PIC__ALERTS_FILE);

        pic__engine_drop_alerts(e);
        if (path != NULL)
                (void)unlink(path);
}

static void go_on_testing(pic__engine *e, const pic_obj *o, pic__alert_one *a)
{
        pic__auto_err pic_error *why = NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        int r;

        if (a->test == NULL)
                return;
        r = pic__alert_post_go_on(a->test, &why);
        if (r == 0) {
                wait_for(e->alerts, a->test);
                return;
        }
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "alert", pic__obj_name(o));
        pic__json_kbool(&j, "arrived", r > 0);
        pic__json_kstr(&j, "said", pic__alert_post_said(a->test));
        pic__json_kstr(&j, "error", why != NULL ? pic_error_message(why) : NULL);
        pic__json_kstr(&j, "hint", pic_error_hint(why));
        pic__json_kint(&j, "ms", (mono(e) - a->test_at) / 1000);
        pic__json_close(&j, '}');
        a->test = pic__alert_post_unref(a->test);
        pic__free(a->test_answer);
        a->test_answer = pic__buf_steal(&text);
}

void pic__engine_alerts_turn(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;
        const pic_obj *o;
        size_t at = 0;

        if (e->fake || e->snap == NULL || e->stopping || pic__snap_cell(e->snap) == NULL) {
                pic__engine_drop_alerts(e);
                return;
        }
        if (pic__snap_count(e->snap, PIC__ALERT) == 0) {
                if (e->alerts != NULL)
                        leave(e);
                return;
        }
        if (watch(e, &bad) < 0) {
                pic__log_err(e->log, PIC_LOG_WARNING, "alert", bad);
                return;
        }
        follow(e);
        judge(e);
        while ((o = pic__snap_next(e->snap, PIC__ALERT, &at)) != NULL) {
                pic__alert_one *a = pic__alerts_find(e, o->id);

                if (a == NULL)
                        continue;
                if (pic__obj_int(o, "enabled") != 0)
                        send(e, o, a);
                go_on_testing(e, o, a);
        }
}

int pic__engine_alerts_fd(const pic__engine *e)
{
        return e->alerts != NULL ? e->alerts->epoll : -1;
}

/* --- asked for -------------------------------------------------------------------------------------------------- */

static int begin_test(pic__engine *e, const pic_obj *o, pic__alert_one *a, pic_error **err)
{
        pic__letter l = PIC__LETTER_INIT;
        int r;

        pic__letter_test(&l, pic__obj_name(o));
        name_letter(e, &l);
        a->test_at = mono(e);
        r = post(e, o, &l, 0, &a->test, err);
        pic__letter_free(&l);
        return r;
}

int pic__engine_alert_test(pic__engine *e, const char *name, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        pic__alert_one *a;
        int r = pic__store_get(e->store, PIC__ALERT, name, &o, err);

        if (r < 0)
                return r;
        if (e->fake)
                return pic__fail(err, PIC_UNSUPPORTED, "in the fake world nothing is sent");
        if (e->alerts == NULL || pic__alerts_find(e, o->id) == NULL)
                pic__engine_alerts_turn(e);
        a = e->alerts != NULL ? pic__alerts_find(e, o->id) : NULL;
        if (a == NULL)
                return pic__fail(err, PIC_BADSTATE, "nothing was applied yet");
        if (a->test_answer != NULL && mono(e) - a->test_at < TEST_FOR) {
                pic__json_raw(out, a->test_answer);
                pic__alert_keep(&a->test_answer, NULL);
                return 1;
        }
        if (a->test != NULL)
                return 0;
        pic__alert_keep(&a->test_answer, NULL);
        r = begin_test(e, o, a, err);
        wait_for(e->alerts, a->test);
        return r;
}
