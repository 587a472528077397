/* Owns: the staging of a backup, and what it is asked before it counts. */
#include "engine/restore.h"

#include <stdio.h>

#include "base/time.h"
#include "engine/drill.h"
#include "engine/exchange.h"
#include "engine/former.h"
#include "engine/ordered.h"
#include "engine/scratch.h"
#include "engine/stage.h"

struct staging {
        const pic__restore_opts *o;
        pic__exchange x;
        pic__scratch stage; /* beside the cell's directory */
};

/* --- staging ----------------------------------------------------------------------------------------------------- */

static void staging_free(struct staging *s)
{
        pic__scratch_free(&s->stage);
        pic__exchange_free(&s->x);
}

static int make_stage(struct staging *s, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (s->o->later)
                pic__buf_putf(&text, "%s/" PIC__ORDERED_STAGE, s->o->dir);
        else
                pic__buf_putf(&text, "%s" PIC__STAGE, s->x.dir);
        return text.failed ? pic__nomem(err) : pic__scratch_make(pic__buf_str(&text), &s->stage, err);
}

/* --- what is asked of it ----------------------------------------------------------------------------------------- */

/* A row that says so: from here on the journal goes on by itself. */
static int note(struct staging *s, pic__store *st, const pic_obj *cell, const pic__manifest *m, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        char time[PIC__TIME_TEXT], text[200];
        int r = pic__txn_begin(st, s->o->actor, s->o->way, &t, err);

        (void)pic__time_print(m->created, time);
        snprintf(text, sizeof(text), "restored from the backup of %s, revision %lld", time, (long long)m->revision);
        if (r == 0)
                r = pic__txn_note(t, PIC__CELL, cell->id, pic__obj_name(cell), "restore", text, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

/* Where it is another's place now: with the answers, and nothing that is still open stands in the way. */
static int move(const struct staging *s, pic__store *st, pic_error **err)
{
        pic__moved_opts o = s->o->moved;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        size_t needed = 0;
        int r;

        o.clock = s->o->clock;
        o.actor = s->o->actor;
        o.way = s->o->way;
        r = pic__moved_answer(st, &o, err);
        if (r == 0)
                r = pic__moved_ask(st, &o, &j, &needed, err, err);
        if (r < 0 || needed == 0)
                return r;
        pic__hint(err, "Give it another value, or the same one if it is to be so; a plan of the restore shows all "
                       "questions");
        return PIC_CONFLICT;
}

static int put_user(const pic_obj *o, void *data)
{
        pic__json *j = data;

        if (pic__obj_has(o, "enabled") && pic__obj_int(o, "enabled") == 0)
                return 0;
        pic__json_open(j, '{');
        pic__json_kstr(j, "name", pic__obj_name(o));
        pic__json_kstr(j, "role", pic__obj_text(o, "role"));
        pic__json_close(j, '}');
        return 0;
}

int pic__restore_users(pic__store *st, pic__json *j, pic_error **err)
{
        int r;

        pic__json_open(j, '[');
        r = pic__store_each(st, PIC__USER, put_user, j, err);
        pic__json_close(j, ']');
        return r;
}

static int check(struct staging *s, const pic__manifest *m, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r = pic__stage_check(s->stage.path, m, s->o->clock, &st, &cell, err);

        if (r == 0)
                r = note(s, st, cell, m, err);
        if (r == 0)
                r = move(s, st, err);
        if (r == 0 && s->o->users != NULL)
                r = pic__restore_users(st, s->o->users, err);
        return r == 0 && s->o->copy ? pic__drill_quiet(st, err) : r;
}

/* Where it lies until then. */
static int begin(struct staging *s, pic_error **err)
{
        if (!s->o->later)
                return pic__exchange_begin(&s->x, s->o->dir, s->o->run_dir, s->o->clock, err);
        return pic__ordered_there(s->o->dir)
                       ? pic__fail(err, PIC_BUSY, "another restore waits for the agent's next start")
                       : 0;
}

/* The cell that was here says in its own journal what it made room for. */
static void say_why(const struct staging *s, const pic__manifest *m, const char *former)
{
        const pic__former_opts o = { .clock = s->o->clock, .actor = s->o->actor, .way = s->o->way };
        char time[PIC__TIME_TEXT], text[200];

        (void)pic__time_print(m->created, time);
        snprintf(text, sizeof(text), "the backup of %s, revision %lld, took " PIC__FORMER_PLACE, time,
                 (long long)m->revision);
        if (former != NULL)
                pic__former_say(&o, former, text);
}

static int end(struct staging *s, const pic__manifest *m, char **ret_former, pic_error **err)
{
        int r = s->o->later ? pic__ordered_put(s->o->dir, &s->stage, err)
                            : pic__exchange_do(&s->x, s->stage.path, ret_former, err);

        if (r == 0) { /* it is no staging any more */
                pic__free(s->stage.path);
                s->stage.path = NULL;
                pic__exchange_free(&s->x); /* it holds the former store shut */
                if (!s->o->later)
                        say_why(s, m, *ret_former);
        }
        return r;
}

int pic__restore(const pic__restore_opts *o, pic__unpack *backup, char **ret_former, pic_error **err)
{
        PIC__AUTO(staging_free) struct staging s = { .o = o, .stage = PIC__SCRATCH_INIT, .x = PIC__EXCHANGE_INIT };
        int r = begin(&s, err);

        if (r == 0)
                r = make_stage(&s, err);
        if (r == 0)
                r = pic__stage_write(s.stage.path, backup, err);
        if (r == 0)
                r = check(&s, pic__unpack_manifest(backup), err);
        return r == 0 ? end(&s, pic__unpack_manifest(backup), ret_former, err) : r;
}
