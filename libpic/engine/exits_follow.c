/* Owns: that what is known of exits is true of the world: facts that change become steps at once (a group that moves is
 * one route, one way, one resolver), and wait for nothing but what is being applied. Only an engine of the real world
 * whose agent asks for it watches; without connections there is no watch, no descriptor and no waking.
 *
 * Rows of the journal are written when the steps are taken: a move does not wait for the disk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "engine/engine_i.h"
#include "engine/notes.h"

int pic__engine_tell_exits(pic__engine *e, pic__snap *s, pic_error **err)
{
        return pic__exits_known_tell(&e->known, s, err);
}

/* --- news ------------------------------------------------------------------------------------------------------ */

static void free_news(pic__exit_news *n)
{
        pic__free(n->name);
        pic__free(n->text);
}

/* Without memory it is only in the log. */
static void on_news(pic_id id, const char *name, const char *verb, const char *text, void *data)
{
        pic__engine *e = data;
        pic__exit_news n = { .id = id, .name = pic__strdup(name), .verb = verb, .text = pic__strdup(text) };

        if (n.name == NULL || n.text == NULL || pic__vec_push(&e->exit_news, n) < 0)
                free_news(&n);
}

static void write_news(pic__engine *e)
{
        size_t i;

        for (i = 0; i < e->exit_news.count; i++) {
                pic__exit_news *n = &e->exit_news.at[i];
                const pic_obj *c = e->snap != NULL ? pic__snap_get(e->snap, PIC__CONNECTION, n->id) : NULL;

                if (c != NULL)
                        pic__engine_remark_on(e, c, n->verb, n->text, &pic__bound_exits);
                free_news(n);
        }
        e->exit_news.count = 0;
}

void pic__engine_drop_exits(pic__engine *e)
{
        size_t i;

        e->exits = pic__exits_unref(e->exits);
        e->watched = NULL;
        for (i = 0; i < e->exit_news.count; i++)
                free_news(&e->exit_news.at[i]);
        pic__vec_free(&e->exit_news);
}

void pic__engine_forget_exits(pic__engine *e)
{
        pic__engine_drop_exits(e);
        pic__exits_known_clear(&e->known);
        pic__exits_known_forget(e->run_dir);
}

void pic__engine_exits_made(pic__engine *e, const pic__step *step)
{
        if (step->kind == PIC__I_EXIT_SPACE && step->after != NULL && e->exits != NULL)
                pic__exits_made(e->exits, (unsigned)strtoul(step->after->key, NULL, 10));
}

/* --- what changed becomes true ----------------------------------------------------------------------------------- */

static int same_remotes(const pic__exit_facts *a, const pic__exit_facts *b)
{
        unsigned slot;

        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++) {
                const char *x = a->at[slot].remote, *y = b->at[slot].remote;

                if (strcmp(x != NULL ? x : "", y != NULL ? y : "") != 0)
                        return 0;
        }
        return 1;
}

/* Only a far end that moves changes what has secrets: for all else none is opened, and stand-ins do. */
static int difference(pic__engine *e, pic__exits_known *now, pic__items *before, pic__items *after, pic__steps *steps,
                      pic_error **err)
{
        pic__secrets room;
        const pic__secrets *secrets =
                same_remotes(&now->facts, pic__snap_exits(e->snap)) ? NULL : pic__engine_secrets(e, &room);
        int r = pic__derive_exits(e->snap, secrets, before, err);

        if (r == 0)
                r = pic__exits_known_tell(now, e->snap, err);
        if (r == 0)
                r = pic__derive_exits(e->snap, secrets, after, err);
        return r < 0 ? r : pic__plan_diff(before, after, steps, err);
}

static void keep(pic__engine *e, pic__exits_known *now)
{
        pic__auto_err pic_error *bad = NULL;

        pic__exits_known_clear(&e->known);
        e->known = *now; /* with its texts */
        *now = (pic__exits_known){ .id = { 0 } };
        if (pic__exits_known_write(e->run_dir, &e->known, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "exit", bad);
}

static int follow(pic__engine *e, pic__exits_known *now, pic_error **err)
{
        pic__auto_items pic__items before = PIC__ITEMS_INIT, after = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        pic_time started = e->clock->mono(e->clock->data);
        int r;

        e->dirty = 1; /* until it has all gone well */
        r = difference(e, now, &before, &after, &steps, err);
        if (r == 0)
                r = pic__engine_run(e, &steps, err);
        if (r < 0)
                return r;
        e->dirty = 0;
        if (steps.count > 0)
                pic__log_put(e->log, PIC_LOG_INFO, "exit", "followed with %zu steps in %lld ms", steps.count,
                             (long long)((e->clock->mono(e->clock->data) - started) / 1000));
        return 0;
}

/* A world that is not trusted is looked at as a whole, and then it is told. */
static void bring(pic__engine *e)
{
        pic__exits_known now = { .id = { 0 } };
        pic_error *bad = NULL;
        int r = pic__exits_known_now(e->exits, &now, &bad);

        if (r < 0 || pic__exits_known_same(&now, &e->known)) {
                pic_error_free(bad);
                pic__exits_known_clear(&now);
                return;
        }
        if (pic__engine_trusted(e)) {
                r = follow(e, &now, &bad);
                keep(e, &now);
                (void)pic__engine_outcome(e, r, bad, NULL);
        } else {
                keep(e, &now);
                (void)pic__engine_apply(e, NULL, NULL);
        }
}

/* --- for the agent's loop ----------------------------------------------------------------------------------------- */

static void ask_fault(unsigned slot, pic__buf *out, void *data)
{
        const pic__engine *e = data;
        pic__backend *b = e->backends[PIC__B_EXIT];
        char key[8];

        (void)snprintf(key, sizeof(key), "%u", slot);
        if (b->ops->fault != NULL)
                b->ops->fault(b, key, out);
}

static int ask_refusal(unsigned slot, pic_error **err, void *data)
{
        const pic__engine *e = data;
        pic__backend *b = e->backends[PIC__B_EXIT];
        char key[8];

        (void)snprintf(key, sizeof(key), "%u", slot);
        return b->ops->refusal != NULL ? b->ops->refusal(b, key, err) : 0;
}

static int revive(unsigned slot, int down, pic__buf *told, void *data)
{
        const pic__engine *e = data;
        pic__backend *b = e->backends[PIC__B_EXIT];
        char key[8];

        (void)snprintf(key, sizeof(key), "%u", slot);
        return b->ops->revive != NULL ? b->ops->revive(b, key, down, told) : 0;
}

static size_t awaited(unsigned slot, pic__far_end *out, void *data)
{
        const pic__engine *e = data;
        pic__backend *b = e->backends[PIC__B_EXIT];
        char key[8];

        (void)snprintf(key, sizeof(key), "%u", slot);
        return b->ops->awaited != NULL ? b->ops->awaited(b, key, out) : 0;
}

static int begin(pic__engine *e, pic_error **err)
{
        const pic__exits_opts opts = {
                .clock = e->clock,
                .log = e->log,
                .news = on_news,
                .fault = ask_fault,
                .refusal = ask_refusal,
                .revive = revive,
                .awaited = awaited,
                .data = e,
        };

        return e->exits != NULL ? 0 : pic__exits_new(&opts, &e->exits, err);
}

static void keep_of(const pic__engine *e)
{
        pic__backend *b = e->backends[PIC__B_EXIT];
        uint8_t slots[PIC__EXIT_SLOTS + 1] = { 0 };
        const pic_obj *c;
        size_t at = 0;

        while ((c = pic__snap_next(e->snap, PIC__CONNECTION, &at)) != NULL)
                slots[pic__exit_slot(c)] = 1;
        if (b->ops->keep != NULL)
                b->ops->keep(b, slots);
}

/* Those of the snapshot as it is applied. */
static int watch(pic__engine *e, pic_error **err)
{
        int r = begin(e, err);

        if (r == 0 && (e->watched != e->snap || e->watched_at != e->applied))
                r = pic__exits_watch(e->exits, e->snap, &e->known, err);
        if (r < 0)
                return r;
        if (!e->dirty && (e->watched != e->snap || e->watched_at != e->applied))
                keep_of(e);
        e->watched = e->snap;
        e->watched_at = e->applied;
        return 0;
}

static int nothing_known(const pic__engine *e)
{
        static const pic__exits_known nothing;

        return pic__exits_known_same(&e->known, &nothing);
}

void pic__engine_exits_turn(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;

        if (e->fake || e->snap == NULL || e->stopping)
                return;
        if (pic__snap_count(e->snap, PIC__CONNECTION) == 0) {
                if (e->exits != NULL || !nothing_known(e)) {
                        pic__engine_forget_exits(e);
                        keep_of(e);
                }
                return;
        }
        if (watch(e, &bad) < 0) {
                pic__log_err(e->log, PIC_LOG_WARNING, "exit", bad);
                return;
        }
        pic__exits_turn(e->exits);
        bring(e);
        write_news(e);
}

int pic__engine_exits_fd(const pic__engine *e)
{
        return e->exits != NULL ? pic__exits_fd(e->exits) : -1;
}

pic_time pic__engine_exits_due(const pic__engine *e)
{
        return e->exits != NULL ? pic__exits_due(e->exits) : 0;
}

/* --- restart ------------------------------------------------------------------------------------------------------ */

/* Only the item of that slot. 1: there is one. */
static int space_of(const pic__items *items, unsigned slot, pic__items *out, pic_error **err)
{
        size_t i;

        for (i = 0; i < items->count; i++) {
                int r;

                if (items->at[i].kind != PIC__I_EXIT_SPACE || strtoul(items->at[i].key, NULL, 10) != slot)
                        continue;
                r = pic__items_add_long(out, &items->at[i], err);
                return r < 0 ? r : 1;
        }
        return 0;
}

static int take_steps(pic__engine *e, pic__items *before, pic__items *after, pic_error **err)
{
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        int r = pic__plan_diff(before, after, &steps, err);

        return r < 0 ? r : pic__engine_run(e, &steps, err);
}

/* 1: done; 0: nothing carries it. */
static int remake(pic__engine *e, unsigned slot, pic_error **err)
{
        pic__auto_items pic__items all = PIC__ITEMS_INIT, space = PIC__ITEMS_INIT, none = PIC__ITEMS_INIT;
        pic__secrets room;
        int r = pic__derive_exits(e->snap, pic__engine_secrets(e, &room), &all, err);

        if (r == 0)
                r = space_of(&all, slot, &space, err);
        if (r <= 0)
                return r;
        e->dirty = 1; /* until it has all gone well */
        r = take_steps(e, &space, &none, err);
        if (r == 0)
                r = take_steps(e, &none, &space, err);
        e->dirty = r < 0;
        return r < 0 ? r : 1;
}

static int no_connection(const char *name, pic_error **err)
{
        (void)pic__fail(err, PIC_NOTFOUND, "no connection '%s'", name);
        pic__hint(err, "Which there are: pic connection list");
        return PIC_NOTFOUND;
}

int pic__engine_exit_restart(pic__engine *e, const char *name, pic_error **err)
{
        const pic_obj *c = NULL;
        pic_error *bad = NULL;
        int r;

        if (!pic__engine_trusted(e)) {
                r = pic__engine_apply(e, NULL, err);
                if (r < 0)
                        return r;
        }
        c = pic__snap_named(e->snap, PIC__CONNECTION, name);
        if (c == NULL)
                return no_connection(name, err);
        r = remake(e, pic__exit_slot(c), &bad);
        if (r == 0)
                return pic__fail(err, PIC_BADSTATE, "nothing carries %s now", pic__obj_name(c));
        if (r < 0)
                return pic__engine_outcome(e, r, bad, err);
        e->dirty = 1; /* the cable was cut, and the kernel took the routes by it away: they are looked for at once */
        return pic__engine_apply(e, NULL, err);
}

/* --- trial -------------------------------------------------------------------------------------------------------- */

/* Whether a device leaves by it at all. */
static int put_peer(const pic__snap *s, const pic_obj *c, const char *name, pic__json *out, pic_error **err)
{
        const pic_obj *peer = pic__snap_named(s, PIC__PEER, name), *exit;

        if (peer == NULL)
                return pic__fail(err, PIC_NOTFOUND, "no peer '%s'", name);
        exit = pic__exit_of(s, peer);
        if (exit == c || (exit != NULL && pic__exit_carried_by(s, exit) == c)) {
                pic__json_kstr(out, "peer", pic__obj_name(peer));
                return 0;
        }
        return pic__fail(err, PIC_BADSTATE, "%s leaves %s%s, not by %s", pic__obj_name(peer),
                         exit != NULL ? "by " : "directly", exit != NULL ? pic__obj_name(exit) : "", pic__obj_name(c));
}

static int put_trial(pic__engine *e, const pic_obj *c, const char *peer, pic__json *out, pic_error **err)
{
        pic__auto_buf pic__buf checks = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&checks);
        int r;

        pic__json_open(out, '{');
        pic__json_kstr(out, "name", pic__obj_name(c));
        r = peer != NULL ? put_peer(e->snap, c, peer, out, err) : 0;
        if (r == 0)
                r = pic__exits_try(e->exits, c, &j, err);
        if (r <= 0)
                return r;
        pic__json_kbool(out, "up", !e->known.facts.at[pic__exit_slot(c)].down);
        pic__exits_state_json(e->exits, e->snap, c, e->clock, out);
        pic__json_key(out, "checks");
        pic__json_raw(out, pic__buf_str(&checks));
        pic__json_close(out, '}');
        return checks.failed ? pic__nomem(err) : 1;
}

int pic__engine_exit_try(pic__engine *e, const char *name, const char *peer, pic__json *out, pic_error **err)
{
        const pic_obj *c;
        int r = 0;

        if (e->snap == NULL)
                r = pic__engine_apply(e, NULL, err);
        if (r < 0)
                return r;
        c = pic__snap_named(e->snap, PIC__CONNECTION, name);
        if (c == NULL)
                return no_connection(name, err);
        if (e->fake)
                return pic__fail(err, PIC_UNSUPPORTED, "the fake world has no far end");
        r = watch(e, err);
        return r < 0 ? r : put_trial(e, c, peer, out, err);
}

const char *pic__engine_exit_name(const pic__engine *e, unsigned slot)
{
        const pic_obj *c;
        size_t at = 0;

        while (e->snap != NULL && (c = pic__snap_next(e->snap, PIC__CONNECTION, &at)) != NULL)
                if (pic__exit_slot(c) == slot)
                        return pic__obj_name(c);
        return NULL;
}
