/* Owns: assertions in a run. The state that the wishes lead to is judged, and a change that breaks what held before is
 * refused, or is told why it may: then that is a row of the journal. */
#include "change/inner.h"
#include "plan/judge.h"
#include "sys/clock.h"

static int seen(const pic_obj *o, void *data)
{
        (void)o;
        *(int *)data = 1;
        return 1;
}

/* There are assertions, or these wishes may bring some. */
static int may_count(pic__run *run, pic_error **err)
{
        int some = 0, r = pic__txn_each(run->t, PIC__ASSERTION, seen, &some, err);
        size_t i;

        for (i = 0; i < run->w->ops.count && !some; i++) {
                const pic__op *op = &run->w->ops.at[i];

                some = op->kind == PIC__ASSERTION || op->wish == PIC__WISH_UNDO || op->wish == PIC__WISH_RETURN;
        }
        return r < 0 ? r : some;
}

int pic__run_read_assertions(pic__run *run, pic_error **err)
{
        const pic__run_opts *o = run->opts;
        int r;

        if (o->view == NULL || o->unconfirmed)
                return 0;
        r = may_count(run, err);
        if (r <= 0)
                return r;
        r = pic__view_refresh(o->view, run->st, o->clock->now(o->clock->data), err);
        run->judged = r == 0;
        return r;
}

/* The state after the wishes; then, when something is broken in it, the state before. */
static int judge(pic__run *run, pic__judge *j, pic_error **err)
{
        pic__auto_changes pic__changes ahead = PIC__CHANGES_INIT;
        pic__view *view = run->opts->view;
        int r = pic__view_ahead(view, run->st, &ahead, err);

        if (r < 0)
                return r;
        r = pic__judge_now(j, view->snap, err);
        pic__view_back(view, &ahead);
        if (r < 0)
                return r;
        return view->snap != NULL ? pic__judge_was(j, view->snap, err) : pic__nomem(err);
}

static void refuse(pic__run *run, const pic__breach *b)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, object = PIC__BUF_INIT;
        pic_error *err = NULL;

        pic__judge_text(b, &text);
        pic__buf_putf(&object, "assertion %s", b->name);
        (void)pic__fail(&err, PIC_CONFLICT, "%s does not hold any more: %s", pic__buf_str(&object),
                        pic__buf_str(&text));
        pic__detail(&err, "object", pic__buf_str(&object));
        pic__detail(&err, "field", "rule");
        pic__detail(&err, "value", b->rule);
        pic__detail(&err, "rule", "must hold in every state");
        pic__detail(&err, "peer", b->peer);
        pic__detail(&err, "packet", b->packet);
        pic__hint(&err, "Change the wish or the assertion; or say why it may be: --override REASON");
        (void)pic__run_collect(run, NULL, err);
}

static int note(pic__run *run, const pic__breach *b, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__buf_putf(&text, "assertion %s is broken on purpose (", b->name);
        pic__judge_text(b, &text);
        pic__buf_putf(&text, "): %s", run->opts->override);
        if (text.failed)
                return pic__nomem(err);
        return pic__txn_note(run->t, PIC__ASSERTION, b->assertion, b->name, "override", pic__buf_str(&text), err);
}

int pic__run_assertions(pic__run *run)
{
        PIC__AUTO(pic__judge_unref_p) pic__judge *j = NULL;
        pic_error *err = NULL;
        size_t i;
        int r;

        if (!run->judged)
                return 0;
        r = pic__judge_new(&j, &err);
        if (r == 0)
                r = judge(run, j, &err);
        for (i = 0; r == 0 && i < pic__judge_count(j) && run->error_count < PIC__RUN_ERRORS; i++) {
                if (run->opts->override != NULL)
                        r = note(run, pic__judge_breach(j, i), &err);
                else
                        refuse(run, pic__judge_breach(j, i));
        }
        return r < 0 ? pic__run_collect(run, NULL, err) : 0;
}
