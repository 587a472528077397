/* Owns: taking the steps of a change, all or none. A backend gets the longest run of steps that is its own; the first
 * failure ends the walk forward and starts the walk back, which takes the inverse of what is in force, last first. */
#include "engine/engine_i.h"

static void show(pic__engine *e, const pic__step *step)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (e->log == NULL || e->log->level < PIC_LOG_DEBUG)
                return;
        pic__step_text(step, &text);
        pic__log_put(e->log, PIC_LOG_DEBUG, "engine", "%s", pic__buf_str(&text));
}

int pic__engine_finish(pic__engine *e, enum pic__backend_id id, pic_error **err)
{
        pic__backend *b = e->backends[id];
        int r = b->ops->finish != NULL ? b->ops->finish(b, err) : 0;

        if (r < 0)
                (void)pic__wrap(err, "%s", pic__backend_names[id]);
        return r;
}

static int finish(pic__engine *e, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < PIC__BACKENDS; i++)
                r = pic__engine_finish(e, (enum pic__backend_id)i, err);
        return r;
}

int pic__engine_take(pic__engine *e, const pic__steps *steps, size_t from, size_t count, size_t *ret_done,
                     pic_error **err)
{
        enum pic__backend_id id = pic__item_kinds[steps->at[from].kind].backend;
        pic__backend *b = e->backends[id];
        size_t done = 0, i;
        int r;

        for (i = from; i < from + count; i++)
                show(e, &steps->at[i]);
        r = b->ops->apply(b, steps->at + from, count, &done, err);
        if (r < 0)
                (void)pic__wrap(err, "%s", pic__backend_names[id]);
        *ret_done = r == 0 || done > count ? count : done;
        pic__engine_put_off(e, id);
        for (i = from; i < from + *ret_done; i++)
                pic__engine_exits_made(e, &steps->at[i]);
        return r;
}

/* *ret_done: how many are in force, also on failure. */
static int forward(pic__engine *e, const pic__steps *steps, size_t *ret_done, pic_error **err)
{
        size_t from = 0;

        while (from < steps->count) {
                size_t n = pic__steps_run(steps, from), done = 0;
                int r = pic__engine_take(e, steps, from, n, &done, err);

                from += done;
                if (r < 0) {
                        *ret_done = from;
                        return r;
                }
        }
        *ret_done = from;
        return finish(e, err);
}

static int back(pic__engine *e, const pic__steps *steps, size_t done, pic_error **err)
{
        pic__auto_steps pic__steps inverse = PIC__STEPS_INIT;
        size_t undone = 0;
        int r;

        if (done == 0)
                return 0;
        r = pic__steps_invert(steps->at, done, &inverse, err);
        return r < 0 ? r : forward(e, &inverse, &undone, err);
}

int pic__engine_run(pic__engine *e, const pic__steps *steps, pic_error **err)
{
        pic__auto_err pic_error *cause = NULL, *worse = NULL;
        size_t done = 0, at;
        int r;

        if (forward(e, steps, &done, &cause) == 0)
                return 0;
        at = done < steps->count ? done + 1 : done; /* all are taken, but what one began does not come to its end */
        if (back(e, steps, done, &worse) == 0) {
                r = pic__wrap_code(&cause, PIC_ROLLEDBACK, "step %zu of %zu failed and the former state is back", at,
                                   steps->count);
        } else {
                pic__log_err(e->log, PIC_LOG_ERROR, "engine", cause);
                pic__detail(&worse, "failed", pic_error_message(cause));
                r = pic__wrap_code(&worse, PIC_BROKEN, "step %zu of %zu failed (%s) and undoing failed too", at,
                                   steps->count, pic_error_message(cause));
                pic__hint(&worse, "The agent looks at the whole machine again and repairs it; pic doctor says more.");
                pic_error_free(cause);
                cause = pic__take(worse);
        }
        if (err != NULL)
                *err = pic__take(cause);
        return r;
}
