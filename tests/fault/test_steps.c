/* The agent, step by step, on the pretend kernel: killed between commit and apply and after every step; every step
 * refused once; the way back refused too; every look refused. Killed, the next agent makes the world as wished.
 * Refused, the world is as before (who may what may be as wished already: guard.c), the wish stays, with the reason;
 * and the next attempt makes the world as wished. Never does something pass that neither wishes let pass. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changes.h"
#include "engine/engine_i.h"
#include "state.h"

enum way { W_COUNT, W_KILL, W_REFUSE, W_REFUSE_ALL, W_BLIND };

static char base[96], work[96];

/* --- backends between the engine and the pretend ones --------------------------------------------------------- */

static const pic__backend_ops *real[PIC__BACKENDS];
static pic__backend_ops between[PIC__BACKENDS];
static unsigned long taken, fault_at;
static enum way way;

static int refuses(void)
{
        return fault_at > 0 && ((way == W_REFUSE && taken == fault_at) || (way == W_REFUSE_ALL && taken >= fault_at));
}

/* One step after the other, each in the world's file before the next. */
static int one_by_one(pic__backend *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        for (*ret_done = 0; *ret_done < count; (*ret_done)++) {
                size_t done = 0;
                int r;

                taken += way != W_BLIND;
                if (refuses())
                        return pic__fail(err, PIC_BACKEND, "told to fail");
                r = real[b->id]->apply(b, steps + *ret_done, 1, &done, err);
                if (r < 0)
                        return r;
                if (way == W_KILL && taken == fault_at)
                        (void)kill(getpid(), SIGKILL);
        }
        return 0;
}

static int blind(pic__backend *b, pic__items *out, pic_error **err)
{
        taken += way == W_BLIND;
        if (way == W_BLIND && taken == fault_at)
                return pic__fail(err, PIC_BACKEND, "told to fail");
        return real[b->id]->observe(b, out, err);
}

static void stand_between(pic__engine *e, enum way how, unsigned long at)
{
        size_t i;

        way = how;
        fault_at = at;
        taken = 0;
        for (i = 0; i < PIC__BACKENDS; i++) {
                if (e->backends[i]->ops != &between[i])
                        real[i] = e->backends[i]->ops;
                between[i] = *real[i];
                between[i].apply = one_by_one;
                between[i].observe = how == W_BLIND ? blind : real[i]->observe;
                between[i].news = how == W_BLIND ? blind : real[i]->news;
                e->backends[i]->ops = &between[i];
        }
}

/* --- worlds --------------------------------------------------------------------------------------------------- */

static void need(int r, pic_error *err, const char *what)
{
        if (r < 0)
                stop("%s: %s", what, pic_error_message(err));
}

static pic__engine *engine(void)
{
        const pic__engine_opts opts = { .dir = work, .fake = 1 };
        pic__engine *e = NULL;
        pic_error *err = NULL;

        need(pic__engine_open(&opts, &e, &err), err, "open");
        return e;
}

static void world(pic__engine *e, pic__items *out)
{
        need(pic__engine_observe(e, out, NULL), NULL, "observe");
        pic__items_sort(out);
}

static void wished(pic__engine *e, pic__items *out)
{
        pic__snap *s = NULL;
        pic_error *err = NULL;
        pic_revision revision;

        need(pic__engine_load(e, &s, &revision, &err), err, "load");
        need(pic__derive_all(s, NULL, out, &err), err, "derive");
        pic__snap_unref(s);
        pic__items_sort(out);
}

static int has(const pic__items *items, const pic__item *i)
{
        const pic__item *found = pic__items_find(items, i->kind, i->key);

        return found != NULL && pic__item_same(found, i);
}

static int is_rule(const pic__item *i)
{
        return pic__item_kinds[i->kind].backend == PIC__B_NFT;
}

/* All items of one sort of `a` are in `b`. */
static int within(const pic__items *a, const pic__items *b, int rules)
{
        size_t i;

        for (i = 0; i < a->count; i++)
                if (is_rule(&a->at[i]) == rules && !has(b, &a->at[i]))
                        return 0;
        return 1;
}

static int same(const pic__items *a, const pic__items *b, int rules)
{
        return within(a, b, rules) && within(b, a, rules);
}

static int no_looser(const pic__items *now, const pic__items *old, const pic__items *new)
{
        size_t i;

        for (i = 0; i < now->count; i++)
                if (is_rule(&now->at[i]) && now->at[i].kind != PIC__I_NFT_SHAPE && !has(old, &now->at[i]) &&
                    !has(new, &now->at[i]))
                        return 0;
        return 1;
}

/* --- one attempt ---------------------------------------------------------------------------------------------- */

/* The change is stored; a call of its own may do more, but nothing is left to apply by then. */
static void store(const struct change *c)
{
        pic_ctx *ctx = cell_ctx(work);
        pic_outcome *o = NULL;
        pic_error *err = NULL;

        need(change_make(c, ctx, PIC_COMMIT_NOWAIT, &o, &err), err, c->name);
        pic_outcome_unref(o);
        pic_ctx_unref(ctx);
}

/* An agent that was there before the change and saw it come, or one that starts after it. */
static pic__engine *agent(const struct change *c, int running)
{
        pic_error *err = NULL;
        pic__engine *e;

        dir_copy(base, work);
        if (!running)
                store(c);
        e = engine();
        if (running) {
                need(pic__engine_apply(e, NULL, &err), err, "apply before");
                store(c);
        }
        return e;
}

static unsigned long count_of(const struct change *c, int running, enum way how)
{
        pic__engine *e = agent(c, running);
        pic_error *err = NULL;

        stand_between(e, how, 0);
        need(pic__engine_apply(e, NULL, &err), err, "apply");
        pic__engine_unref(e);
        return taken;
}

static int killed(const struct change *c, int running, unsigned long at)
{
        int status;
        pid_t pid;

        (void)fflush(stdout);
        pid = fork();
        if (pid == 0) {
                pic__engine *e = agent(c, running);

                if (at == 0)
                        (void)kill(getpid(), SIGKILL);
                stand_between(e, W_KILL, at);
                _exit(pic__engine_apply(e, NULL, NULL) < 0);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
                stop("no child");
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void kill_at(const struct change *c, int running, unsigned long at, const pic__items *old)
{
        pic__items now = PIC__ITEMS_INIT, new = PIC__ITEMS_INIT, then = PIC__ITEMS_INIT;
        const char *wrong = NULL;
        pic__engine *e;

        if (!killed(c, running, at))
                stop("'%s' was not killed after step %lu", c->name, at);
        e = engine();
        world(e, &now);
        wished(e, &new);
        if (!no_looser(&now, old, &new))
                wrong = "something passes that neither wishes let pass";
        else if (pic__engine_apply(e, NULL, NULL) < 0)
                wrong = "the next agent cannot apply";
        world(e, &then);
        if (wrong == NULL && (!same(&then, &new, 0) || !same(&then, &new, 1)))
                wrong = "the next agent left the world otherwise than wished";
        table_end(wrong == NULL ? END_NEW : END_THIRD, at, wrong);
        pic__engine_unref(e);
        pic__items_wipe(&now);
        pic__items_wipe(&new);
        pic__items_wipe(&then);
}

/* What is wrong after an attempt that was refused; NULL: nothing. */
static const char *after_refusal(pic__engine *e, int r, int running, const pic__items *old, const pic__items *new)
{
        pic__items now = PIC__ITEMS_INIT;
        const pic_error *why = pic__engine_failure(e);
        const char *wrong = NULL;

        world(e, &now);
        while (why != NULL && strstr(pic_error_message(why), "told to fail") == NULL)
                why = pic_error_cause(why);
        if (why == NULL)
                wrong = "nobody remembers why";
        else if (!no_looser(&now, old, new))
                wrong = "something passes that neither wishes let pass";
        else if (r == PIC_ROLLEDBACK && !same(&now, old, 0))
                wrong = "it is said to be as before, but it is not";
        else if (r == PIC_ROLLEDBACK && !same(&now, old, 1) && !same(&now, new, 1))
                wrong = "the rules are neither those before nor those wished";
        else if (running && r != PIC_ROLLEDBACK && r != PIC_BROKEN)
                wrong = "a change was neither taken nor taken back";
        pic__items_wipe(&now);
        return wrong;
}

static void refuse_at(const struct change *c, int running, enum way how, unsigned long at, const pic__items *old)
{
        pic__items new = PIC__ITEMS_INIT, then = PIC__ITEMS_INIT;
        pic__engine *e = agent(c, running);
        const char *wrong;
        int r;

        wished(e, &new);
        stand_between(e, how, at);
        r = pic__engine_apply(e, NULL, NULL);
        way = W_COUNT;
        wrong = r == 0 ? "it was refused, but nobody says so" : after_refusal(e, r, running, old, &new);
        if (wrong == NULL && (pic__engine_apply(e, NULL, NULL) < 0 || pic__engine_failure(e) != NULL))
                wrong = "the next attempt fails";
        world(e, &then);
        if (wrong == NULL && (!same(&then, &new, 0) || !same(&then, &new, 1)))
                wrong = "the next attempt left the world otherwise than wished";
        table_end(wrong != NULL ? END_THIRD : r == PIC_ROLLEDBACK ? END_OLD : END_NEW, at, wrong);
        pic__engine_unref(e);
        pic__items_wipe(&new);
        pic__items_wipe(&then);
}

/* --- rows ----------------------------------------------------------------------------------------------------- */

static void rows(const struct change *c, int running, const pic__items *old)
{
        static const char *const kills[] = { "kill -9 of an agent that starts, after each step",
                                             "kill -9 of the agent, after each step" };
        static const struct {
                enum way how;
                const char *name[2];
        } ways[] = {
                { W_REFUSE, { "a step of an agent that starts is refused", "a step is refused: undone" } },
                { W_REFUSE_ALL,
                  { "it and all later ones of such an agent are refused", "a step is refused, and its undoing too" } },
                { W_BLIND, { "a look is refused", NULL } },
        };
        static unsigned long begin;
        unsigned long stride = table_stride(6), at, last, i;

        table_row(kills[running], c->name);
        last = count_of(c, running, W_COUNT);
        for (at = begin++ % stride % (last + 1); at <= last; at += stride)
                kill_at(c, running, at, old);
        for (i = 0; i < 3; i++) {
                last = ways[i].name[running] != NULL ? count_of(c, running, ways[i].how) : 0;
                if (last == 0)
                        continue; /* the world does not know of it: a note, a rule for changes */
                table_row(ways[i].name[running], c->name);
                for (at = 1 + begin++ % stride % last; at <= last; at += stride)
                        refuse_at(c, running, ways[i].how, at, old);
        }
}

int main(void)
{
        unsigned i;

        dir_name(base, "base");
        dir_name(work, "work");
        for (i = 0; i < change_count; i++) {
                pic__items old = PIC__ITEMS_INIT;
                pic__engine *e;

                if (changes[i].call != NULL)
                        continue; /* they are no wishes, or apply by themselves: see test_writer.c */
                cell_for(&changes[i], base);
                dir_copy(base, work);
                e = engine();
                world(e, &old);
                pic__engine_unref(e);
                rows(&changes[i], 0, &old);
                rows(&changes[i], 1, &old);
                pic__items_wipe(&old);
                dir_drop(base);
        }
        dir_drop(work);
        return table_done("2-steps");
}
