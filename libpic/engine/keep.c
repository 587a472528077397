/* Owns: which target is served when, by which child. */
#include "engine/keep.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/drill.h"
#include "engine/keep_i.h"
#include "engine/notes.h"
#include "sys/beside.h"
#include "sys/file.h"
#include "sys/power.h"

#define LONGEST_MS (24u * 3600 * 1000)
#define SAID_MAX ((size_t)2 << 20)

const char *const pic__keep_whats[PIC__KEEP_WHATS] = { "run", "list", "verify", "drill" };

static pic_time wall(const pic__engine *e)
{
        return e->clock->now(e->clock->data);
}

pic__keep_target *pic__keep_find(const pic__engine *e, pic_id id)
{
        size_t i;

        for (i = 0; e->keep != NULL && i < PIC__TARGETS_MAX; i++)
                if (e->keep->at[i].id == id)
                        return &e->keep->at[i];
        return NULL;
}

static void let_go(struct pic__keep *k)
{
        k->job = pic__job_unref(k->job);
        k->of = NULL;
        k->canceled = 0;
        pic__free(k->name);
        k->name = NULL;
}

void pic__engine_drop_keep(pic__engine *e)
{
        struct pic__keep *k = e->keep;
        size_t i;

        if (k == NULL)
                return;
        let_go(k);
        for (i = 0; i < PIC__TARGETS_MAX; i++)
                pic__keep_clear(&k->at[i]);
        pic__free(k);
        e->keep = NULL;
}

static void save(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;

        if (pic__keep_save(e->dir, e->keep->at, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "backup", bad);
}

/* --- which there are --------------------------------------------------------------------------------------------- */

pic__keep_pace pic__keep_pace_of(const pic__keep_target *t, const pic_obj *o)
{
        return (pic__keep_pace){ .every = pic__obj_int(o, "enabled") != 0 ? pic__target_pace(o) : 0,
                                 .at = pic__obj_has(o, "at") ? pic__clock_parse(pic__obj_text(o, "at")) : -1,
                                 .since = t->since,
                                 .tried = t->tried,
                                 .good = t->good,
                                 .failures = t->failures };
}

/* What is there no more is forgotten; another place begins anew. 1: something is otherwise. */
static int follow(pic__engine *e)
{
        struct pic__keep *k = e->keep;
        const pic_obj *o;
        size_t at = 0, i;
        int news = 0;

        for (i = 0; i < PIC__TARGETS_MAX; i++)
                if (k->at[i].id != 0 && pic__snap_get(e->snap, PIC__TARGET, k->at[i].id) == NULL) {
                        if (k->of == &k->at[i])
                                let_go(k);
                        pic__keep_clear(&k->at[i]);
                        news = 1;
                }
        while ((o = pic__snap_next(e->snap, PIC__TARGET, &at)) != NULL) {
                const char *url = pic__obj_text(o, "url");
                pic__keep_target *t = pic__keep_find(e, o->id);

                if (t == NULL)
                        t = pic__keep_find(e, 0);
                if (t == NULL || (t->id == o->id && t->url != NULL && strcmp(t->url, url) == 0))
                        continue;
                if (k->of == t)
                        let_go(k);
                pic__keep_clear(t);
                t->id = o->id;
                t->since = wall(e);
                pic__keep_text(&t->url, url);
                news = 1;
        }
        return news;
}

/* Nothing is made where there is no target, and none was. */
static int watch(pic__engine *e)
{
        pic__auto_free char *path = NULL;

        if (e->keep == NULL) {
                path = pic__path_join(e->dir, PIC__KEEP_STATE);
                if (pic__snap_count(e->snap, PIC__TARGET) == 0 && (path == NULL || !pic__file_exists(path)))
                        return 0;
                e->keep = pic__alloc(sizeof(*e->keep));
                if (e->keep == NULL)
                        return 0;
                pic__keep_load(e->dir, e->keep->at);
        }
        if (follow(e))
                save(e);
        if (pic__snap_count(e->snap, PIC__TARGET) > 0)
                return 1;
        pic__engine_drop_keep(e);
        pic__free(path);
        path = pic__path_join(e->dir, PIC__KEEP_STATE);
        if (path != NULL)
                (void)unlink(path);
        return 0;
}

/* --- a child ----------------------------------------------------------------------------------------------------- */

static int order(pic__engine *e, const pic_obj *o, const pic__keep_target *t, enum pic__keep_what what, pic__buf *out,
                 pic_error **err)
{
        pic__auto_buf pic__buf known = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&known);
        pic__place place;

        if (e->fake && pic__place_parse(pic__obj_text(o, "url"), &place) == NULL && place.host[0] != '\0')
                return pic__fail(err, PIC_UNSUPPORTED, "in the fake world there are no servers");
        pic__keep_put_held(t, 1, &j);
        if (known.failed)
                return pic__nomem(err);
        return pic__keep_order(e->dir, &e->seals, pic__snap_cell(e->snap), o, pic__keep_whats[what],
                               what == PIC__KEEP_VERIFY ? t->wanted_name : NULL, pic__buf_str(&known), out, err);
}

static int start(pic__engine *e, const pic_obj *o, pic__keep_target *t, enum pic__keep_what what, pic_error **err)
{
        const char *called = what == PIC__KEEP_DRILL ? PIC__DRILL_PROGRAM : PIC__KEEP_PROGRAM;
        pic__auto_free char *program = pic__beside_find(called);
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        pic__job_opts opts = { .timeout_ms = LONGEST_MS, .max_output = SAID_MAX };
        const char *argv[] = { program, NULL };
        uint64_t given;
        int r;

        if (program == NULL)
                return pic__fail(err, PIC_UNSUPPORTED, "%s is not beside picd, nor installed", called);
        r = what == PIC__KEEP_DRILL ? pic__keep_drill_order(e, o, t->wanted_name, &text, err)
                                    : order(e, o, t, what, &text, err);
        if (r < 0)
                return r;
        opts.input = pic__buf_str(&text);
        opts.input_len = text.len;
        given = pic__power_give(); /* another user's folder: it drops the rest */
        r = pic__job_start(argv, &opts, &e->keep->job, err);
        pic__power_back(given);
        return r;
}

static int is_of_one(enum pic__keep_what what)
{
        return what == PIC__KEEP_VERIFY || what == PIC__KEEP_DRILL;
}

/* Begins it; that it cannot even begin is its end. */
static void begin(pic__engine *e, const pic_obj *o, pic__keep_target *t, enum pic__keep_what what)
{
        struct pic__keep *k = e->keep;
        pic__auto_err pic_error *bad = NULL;
        int r;

        t->wanted[what] = 0;
        k->of = t;
        k->what = what;
        k->began = e->clock->mono(e->clock->data);
        pic__keep_text(&k->name, is_of_one(what) ? t->wanted_name : NULL);
        if (what == PIC__KEEP_RUN)
                t->tried = wall(e);
        if (what == PIC__KEEP_DRILL)
                t->drill.tried = wall(e);
        r = start(e, o, t, what, &bad);
        pic__keep_text(&t->wanted_name, NULL);
        if (r == 0) {
                pic__log_put(e->log, PIC_LOG_DEBUG, "backup", "target %s: %s", pic__obj_name(o), pic__keep_whats[what]);
                return;
        }
        pic__keep_finish(e, o, NULL, bad);
        let_go(k);
        save(e);
}

static void go_on(pic__engine *e)
{
        struct pic__keep *k = e->keep;
        const pic_obj *o = pic__snap_get(e->snap, PIC__TARGET, k->of->id);
        pic__auto_err pic_error *bad = NULL;
        int status = 0, r = pic__job_go_on(k->job, &status, &bad);

        if (r == 0)
                return;
        if (k->canceled) {
                pic_error_free(pic__take(bad));
                (void)pic__fail(&bad, PIC_CANCELED, "canceled");
        }
        if (o != NULL)
                pic__keep_finish(e, o, pic__buf_str(pic__job_said(k->job)), bad);
        let_go(k);
        save(e);
}

/* What somebody waits for goes first. */
static void choose(pic__engine *e)
{
        const pic_obj *o;
        size_t at = 0;
        int what;

        while (e->keep->job == NULL && (o = pic__snap_next(e->snap, PIC__TARGET, &at)) != NULL) {
                pic__keep_target *t = pic__keep_find(e, o->id);

                for (what = 0; t != NULL && e->keep->job == NULL && what < PIC__KEEP_WHATS; what++)
                        if (t->wanted[what])
                                begin(e, o, t, (enum pic__keep_what)what);
        }
}

static void choose_due(pic__engine *e)
{
        pic_time now = wall(e), next;
        const pic_obj *o;
        size_t at = 0;

        while (e->keep->job == NULL && (o = pic__snap_next(e->snap, PIC__TARGET, &at)) != NULL) {
                pic__keep_target *t = pic__keep_find(e, o->id);
                pic__keep_pace p;

                if (t == NULL)
                        continue;
                p = pic__keep_pace_of(t, o);
                next = pic__keep_next(&p, now);
                if (next != 0 && next <= now) {
                        begin(e, o, t, PIC__KEEP_RUN);
                        continue;
                }
                next = pic__keep_drill_next(t, o, now);
                if (next != 0 && next <= now)
                        begin(e, o, t, PIC__KEEP_DRILL);
        }
}

void pic__keep_watch_over(pic__engine *e)
{
        if (e->snap == NULL || e->stopping || pic__snap_cell(e->snap) == NULL || !watch(e)) {
                pic__engine_drop_keep(e);
                return;
        }
        if (e->keep->job != NULL)
                go_on(e);
        if (e->keep->job == NULL)
                choose(e);
}

void pic__engine_keep_turn(pic__engine *e)
{
        pic__keep_watch_over(e);
        if (e->keep != NULL && e->keep->job == NULL)
                choose_due(e);
}

int pic__engine_keep_fd(const pic__engine *e)
{
        return e->keep != NULL && e->keep->job != NULL ? pic__job_fd(e->keep->job) : -1;
}

/* --- asked for --------------------------------------------------------------------------------------------------- */

static int is_busy(const struct pic__keep *k)
{
        size_t i;
        int what;

        for (i = 0; k != NULL && i < PIC__TARGETS_MAX; i++)
                for (what = 0; what < PIC__KEEP_WHATS; what++)
                        if (k->at[i].wanted[what])
                                return 1;
        return k != NULL && k->job != NULL;
}

/* An agent has a log of its own, and a loop that goes on with it. */
static void finish_here(pic__engine *e)
{
        while (e->file == NULL && is_busy(e->keep)) {
                struct pollfd p = { .fd = pic__engine_keep_fd(e), .events = POLLIN };

                if (p.fd >= 0)
                        (void)poll(&p, 1, 1000);
                pic__keep_watch_over(e);
        }
}

static int want(pic__engine *e, enum pic__keep_what what, const char *target, const char *name, pic_error **err)
{
        const char *shut = NULL;
        const pic_obj *o;
        size_t at = 0, count = 0;

        while ((o = pic__snap_next(e->snap, PIC__TARGET, &at)) != NULL) {
                pic__keep_target *t = pic__keep_find(e, o->id);

                if (t == NULL ||
                    (target != NULL ? strcmp(pic__obj_name(o), target) != 0 : pic__obj_int(o, "enabled") == 0))
                        continue;
                if (what == PIC__KEEP_DRILL && !pic__target_opens(o)) {
                        shut = pic__obj_name(o);
                        continue;
                }
                count++;
                if (e->keep->of == t && e->keep->what == what && what == PIC__KEEP_RUN)
                        continue; /* it is being done: nobody needs two */
                t->wanted[what] = 1;
                if (is_of_one(what))
                        pic__keep_text(&t->wanted_name, name);
        }
        if (count > 0)
                return 0;
        if (shut != NULL) {
                pic__fail(err, PIC_DENIED, "backups of target %s are for recipients: the cell cannot open them", shut);
                pic__hint(err, "By hand, with the identity: pic backup drill %s: -i FILE", shut);
                return PIC_DENIED;
        }
        if (target != NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no target '%s'", target);
        pic__fail(err, PIC_BADSTATE, "this cell has no target that is on");
        pic__hint(err, "pic target add NAME --url /mnt/disk/backups --recipients age1…");
        return PIC_BADSTATE;
}

int pic__engine_keep_do(pic__engine *e, const char *what, const char *target, const char *name, pic__json *out,
                        pic_error **err)
{
        size_t i = 0;
        int r;

        while (i < PIC__KEEP_WHATS && strcmp(pic__keep_whats[i], what) != 0)
                i++;
        if (i == PIC__KEEP_WHATS)
                return pic__fail(err, PIC_INVALID, "what: run, list, verify or drill");
        if (e->snap == NULL)
                return pic__fail(err, PIC_BADSTATE, "nothing was applied yet");
        pic__keep_watch_over(e);
        r = want(e, (enum pic__keep_what)i, target, name, err);
        if (r < 0)
                return r;
        pic__keep_watch_over(e);
        finish_here(e);
        return pic__engine_keep(e, out, err);
}

int pic__engine_keep_cancel(pic__engine *e, const char *target, pic__json *out, pic_error **err)
{
        int found = target == NULL;
        const pic_obj *o;
        size_t at = 0;

        while (e->snap != NULL && (o = pic__snap_next(e->snap, PIC__TARGET, &at)) != NULL)
                found |= strcmp(pic__obj_name(o), target != NULL ? target : "") == 0;
        if (!found)
                return pic__fail(err, PIC_NOTFOUND, "there is no target '%s'", target);
        at = 0;
        while (e->snap != NULL && e->keep != NULL && (o = pic__snap_next(e->snap, PIC__TARGET, &at)) != NULL) {
                pic__keep_target *t = pic__keep_find(e, o->id);

                if (t == NULL || (target != NULL && strcmp(pic__obj_name(o), target) != 0))
                        continue;
                memset(t->wanted, 0, sizeof(t->wanted));
                if (e->keep->of == t && e->keep->job != NULL) {
                        e->keep->canceled = 1;
                        (void)kill(pic__job_pid(e->keep->job),
                                   SIGTERM); /* it cleans up; its number is its own until reaped */
                }
        }
        return pic__engine_keep(e, out, err);
}
