/* Owns: the run of an edit: wish by wish in their order, so that a later one sees what an earlier one made. Wishes
 * about the same object that follow each other are one change (one row in the journal). References are judged at commit
 * (deferred), so that the objects of a document may name each other in any order. */
#include <string.h>

#include "change/inner.h"
#include "model/own.h"
#include "model/text.h"
#include "store/session.h"

int pic__run_seal_key(pic__run *run, pic_error **err)
{
        int r = 0;

        if (!run->have_seal_key)
                r = pic__store_seal_key(run->st, run->seal_key, err);
        run->have_seal_key = r == 0;
        return r;
}

static void drop_work(pic__run *run)
{
        run->before = pic__obj_unref(run->before);
        run->now = pic__obj_unref(run->now);
        run->name = NULL;
        run->op = NULL;
        run->rekey = run->by_document = 0;
        run->said = 0;
        run->step = 0;
        run->needs = 0;
}

int pic__run_touch(pic__run *run, enum pic__kind kind, pic_id id, const pic__op *op, pic_error **err)
{
        struct pic__touched t = { kind, id, op };

        run->whole |= kind == PIC__SERVICE; /* its address is no device's: they are few, and seldom changed */
        return pic__vec_push(&run->touched, t) < 0 ? pic__nomem(err) : 0;
}

static int put_cell(pic__run *run, pic_error **err)
{
        int r = pic__run_cell(run, err);

        if (r < 0)
                return r;
        run->cell = pic__obj_unref(run->cell);
        return pic__txn_get(run->t, PIC__CELL, NULL, &run->cell, err);
}

static int see_other_way(const pic_obj *group, void *data)
{
        const pic_obj *now = data;
        const char *exit = pic__obj_text(group, "exit");

        return group->id != now->id && exit[0] != '\0' && strcmp(exit, pic__obj_text(now, "exit")) != 0;
}

/* A group that sends its members another way than another group does: somebody may be in both. Else there is no need to
 * look at thousands of devices. */
static int check_ways(pic__run *run, pic_error **err)
{
        const char *was = run->before != NULL ? pic__obj_text(run->before, "exit") : "";
        const char *is = pic__obj_text(run->now, "exit");
        int r = 0;

        if (is[0] != '\0' && strcmp(was, is) != 0)
                r = pic__txn_each(run->t, PIC__GROUP, see_other_way, run->now, err);
        run->whole |= r > 0;
        return r < 0 ? r : 0;
}

/* What it gets that nobody wished. */
static int complete(pic__run *run, pic_error **err)
{
        static int (*const parts[PIC__KINDS])(pic__run *, pic_error **) = {
                [PIC__PEER] = pic__run_peer,       [PIC__CONNECTION] = pic__run_connection,
                [PIC__USER] = pic__run_user,       [PIC__TOKEN] = pic__run_user,
                [PIC__SERVICE] = pic__run_service, [PIC__CERTIFICATE] = pic__run_certificate,
                [PIC__GROUP] = check_ways,
        };

        return parts[run->now->kind] != NULL ? parts[run->now->kind](run, err) : 0;
}

/* There may be so many of them; they are few. */
static int is_counted(enum pic__kind kind)
{
        return kind == PIC__FORWARD || kind == PIC__DOMAIN || kind == PIC__BLOCKLIST || kind == PIC__ALERT ||
               kind == PIC__TARGET;
}

static int put(pic__run *run, pic_error **err)
{
        pic_id id = 0;
        int r = complete(run, err);

        run->whole |=
                is_counted(run->now->kind) || (run->now->kind == PIC__RECORD && pic__own_is(pic__obj_name(run->now)));
        if (r == 0 && run->now->kind == PIC__CELL)
                return put_cell(run, err);
        if (r == 0)
                r = pic__txn_put(run->t, run->now, NULL, &id, err);
        if (r >= 0 && run->step > 0)
                r = pic__txn_step(run->t, id, run->step, err);
        if (r >= 0)
                r = pic__run_domain_put(run, err);
        return r < 0 ? r : pic__run_touch(run, run->now->kind, id, run->op, err);
}

/* Writes the object in work, if there is one. Its errors are collected; what is answered ends the run. */
static int flush(pic__run *run)
{
        pic_error *err = NULL;
        int r = 0;

        if (run->now != NULL && put(run, &err) < 0)
                r = pic__run_collect(run, run->op, err);
        drop_work(run);
        return r;
}

static int take_new(pic__run *run, const pic__op *op, pic_error **err)
{
        int r = pic__obj_new(op->kind, &run->now, err);

        if (r == 0)
                r = pic__obj_set(run->now, "name", op->name, 0, err);
        return r;
}

/* Takes the object of a wish into work. A document's object may be new: asked for without an error, because whoever
 * gets one is also told of names that look alike, and looking for them in each of thousands of new objects took most of
 * the time. */
static int take(pic__run *run, const pic__op *op, pic_error **err)
{
        pic__auto_err pic_error *why = NULL;
        int r;

        if (op->wish == PIC__WISH_ADD)
                return take_new(run, op, err);
        if (op->wish == PIC__WISH_HAVE &&
            pic__txn_get(run->t, op->kind, op->name, &run->before, NULL) == PIC_NOTFOUND) {
                run->by_document = 1;
                return take_new(run, op, err);
        }
        r = run->before != NULL ? 0 : pic__txn_get(run->t, op->kind, op->name, &run->before, &why);
        if (r == 0)
                return pic__obj_edit(run->before, &run->now, err);
        pic__err_append(err, pic__take(why));
        return r;
}

static int is_in_work(const pic__run *run, const pic__op *op)
{
        if (run->now == NULL || run->now->kind != op->kind || op->wish == PIC__WISH_ADD)
                return 0;
        return op->kind == PIC__CELL || pic__same_name(run->name, op->name);
}

static int apply(pic__run *run, const pic__op *op, pic_error **err)
{
        const char *name;
        int r;

        if (op->wish == PIC__WISH_REKEY)
                run->rekey = 1;
        if (op->wish == PIC__WISH_NEED)
                run->needs |= (uint64_t)1 << op->field;
        if (op->wish != PIC__WISH_SET)
                return 0;
        run->op = op;
        if (op->if_none && pic__obj_val(run->now, op->field)->tag != PIC__V_NONE)
                return 0;
        run->said |= (uint64_t)1 << op->field;
        run->step = op->step > 0 ? op->step : run->step;
        name = pic__kinds[op->kind].fields[op->field].name;
        r = pic__obj_set(run->now, name, op->text, pic__wish_is_made(op->kind, op->field), err);
        if (r == 0 && (op->kind == PIC__CONNECTION || op->public_key != NULL) && strcmp(name, "private_key") == 0)
                r = pic__obj_set(run->now, "public_key", op->public_key, 1, err);
        if (r == 0 && op->kind == PIC__USER && strcmp(name, "password") == 0)
                r = pic__obj_set(run->now, "password_salt", op->public_key, 1, err);
        return r;
}

static int remove_one(pic__run *run, const pic__op *op, pic_error **err)
{
        run->whole |= op->kind == PIC__CONNECTION; /* another one may have its name now */
        return pic__run_remove(run, op->kind, op->name, err);
}

static int start(pic__run *run, const pic__op *op, pic_error **err)
{
        int r;

        if (op->wish == PIC__WISH_REMOVE)
                return remove_one(run, op, err);
        if (op->wish == PIC__WISH_PRUNE)
                return pic__run_prune(run, op, err);
        if (op->wish == PIC__WISH_UNDO || op->wish == PIC__WISH_RETURN)
                return pic__run_back(run, op, err);
        r = take(run, op, err);
        if (r < 0) {
                drop_work(run);
                return r;
        }
        run->name = op->name;
        run->op = op;
        return apply(run, op, err);
}

/* One wish. What is answered ends the run. */
static int one(pic__run *run, const pic__op *op)
{
        pic_error *err = NULL;
        int r = 0;

        if (is_in_work(run, op) && (op->wish == PIC__WISH_SET || op->wish == PIC__WISH_REKEY ||
                                    op->wish == PIC__WISH_HAVE || op->wish == PIC__WISH_NEED)) {
                r = apply(run, op, &err);
        } else {
                r = flush(run);
                if (r < 0)
                        return r;
                r = start(run, op, &err);
        }
        return r < 0 ? pic__run_collect(run, op, err) : 0;
}

/* Wishes about an object that could not be taken would each say so again. */
static size_t skip_same(const pic__wishes *w, size_t from)
{
        const pic__op *failed = &w->ops.at[from];
        size_t i = from + 1;

        while (i < w->ops.count && w->ops.at[i].kind == failed->kind && w->ops.at[i].wish != PIC__WISH_ADD &&
               failed->name != NULL && w->ops.at[i].name != NULL && pic__same_name(w->ops.at[i].name, failed->name))
                i++;
        return i;
}

static int run_ops(pic__run *run)
{
        const pic__wishes *w = run->w;
        size_t i = 0;
        int r = 0;

        while (r == 0 && i < w->ops.count && run->error_count < PIC__RUN_ERRORS) {
                size_t errors = run->error_count;

                r = one(run, &w->ops.at[i]);
                if (run->error_count > errors && run->now == NULL)
                        i = skip_same(w, i);
                else
                        i++;
        }
        return r == 0 ? flush(run) : r;
}

static int begin(pic__run *run, pic_error **err)
{
        int r = pic__txn_if_revision(run->t, run->w->if_revision, err);

        if (r == 0)
                r = pic__run_pending(run, err);
        if (r == 0)
                r = pic__run_admins_before(run, err);
        if (r == 0)
                r = pic__run_read_assertions(run, err);
        if (r < 0)
                return r;
        pic__txn_defer(run->t);
        run->whole = run->w->documents > 0;
        return pic__txn_get(run->t, PIC__CELL, NULL, &run->cell, err);
}

static void run_free(pic__run *run)
{
        drop_work(run);
        pic__obj_unref(run->cell);
        pic__vec_free(&run->touched);
        pic_error_free(run->errors);
}

/* When some wishes could not be taken, rules between objects still tell what is wrong with the others; unless it was
 * the cell, by which all are measured. */
static void judge_rest(pic__run *run)
{
        run->lenient = 1;
        if (!run->cell_failed)
                (void)pic__run_check(run);
}

/* The end of all wishes. Who is still in use is told first: to the other rules an object that is gone looks like a
 * misspelt one. */
static void judge(pic__run *run)
{
        pic_error *err = NULL;
        int settled;

        if (run->error_count > 0) {
                judge_rest(run);
                return;
        }
        settled = pic__txn_settle(run->t, &err);
        if (settled < 0 && settled != PIC_NOTFOUND) {
                (void)pic__run_collect(run, NULL, err);
                return;
        }
        if (pic__run_check(run) == 0 && settled < 0 && run->error_count == 0)
                (void)pic__run_collect(run, NULL, err);
        else
                pic_error_free(err);
        if (run->error_count == 0 && run->code == 0)
                (void)pic__run_told(run);
        if (run->error_count == 0 && run->code == 0)
                pic__run_admins(run);
        if (run->error_count == 0 && run->code == 0)
                (void)pic__run_assertions(run);
}

int pic__change_run(const pic__wishes *w, pic__store *st, pic__txn *t, const pic__run_opts *opts, pic_error **err)
{
        PIC__AUTO(run_free) pic__run run = { .w = w, .opts = opts, .st = st, .t = t };
        int r;

        r = begin(&run, err);
        if (r < 0)
                return r;
        r = run_ops(&run);
        if (r == 0)
                judge(&run);
        if (run.code < 0 && err != NULL)
                pic__err_append(err, pic__take(run.errors));
        return run.code;
}
