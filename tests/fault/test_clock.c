/* The wall clock jumps by a year, forward or back: at every reading of it while something is changed, and between. A
 * change is made or is not; what waits for its confirmation neither stays for a year nor goes at once; who expired is
 * out and comes back when the clock does; an address that was given back rests; the audit trail is sound. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "base/time.h"
#include "changes.h"
#include "engine/engine_i.h"
#include "engine/heads.h"
#include "engine/revert.h"
#include "state.h"

#define YEAR (365 * 24 * 3600 * PIC__SECOND)
#define HOUR (3600 * PIC__SECOND)

static const struct jump {
        const char *name;
        pic_time by;
} jumps[] = { { "clock jumps a year forward", YEAR }, { "clock jumps a year back", -YEAR } };

static char base[96], work[96];

/* --- a clock of our own: the real one, and what it jumped ----------------------------------------------------- */

static pic_time jumped, passed; /* the wall clock alone; both */
static unsigned long readings, jump_at;

static pic_time read_wall(void *data)
{
        (void)data;
        readings++;
        return pic__clock_real.now(NULL) + passed + (jump_at == 0 || readings >= jump_at ? jumped : 0);
}

static pic_time read_mono(void *data)
{
        (void)data;
        return pic__clock_real.mono(NULL) + passed;
}

static const pic__clock clock_ = { read_wall, read_mono, NULL };

static void set_clock(pic_time by, unsigned long at)
{
        jumped = by;
        jump_at = at;
        passed = 0;
        readings = 0;
}

static pic__engine *engine(void)
{
        const pic__engine_opts opts = { .dir = work, .fake = 1, .clock = &clock_ };
        pic__engine *e = NULL;
        pic_error *err = NULL;

        if (pic__engine_open(&opts, &e, &err) < 0)
                stop("open: %s", pic_error_message(err));
        return e;
}

static pic_ctx *context(void)
{
        pic_ctx *ctx = cell_ctx(work);

        ctx->clock = &clock_;
        return ctx;
}

/* Nothing is left to plan, by the clock as it is after the jump: the agent looks again when somebody is due. */
static int settled(pic__engine *e, char why[WHY])
{
        pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic_error *err = NULL;
        size_t steps = 0;
        int r = pic__engine_apply(e, NULL, &err);

        jump_at = 0;
        if (r == 0)
                r = pic__engine_apply(e, NULL, &err);
        if (r == 0)
                r = pic__engine_plan(e, &j, &steps, &err);
        if (r < 0 || steps > 0)
                snprintf(why, WHY, "the world: %s %.200s", pic_error_message(err), pic__buf_str(&text));
        pic_error_free(err);
        pic__buf_free(&text);
        return r < 0 || steps > 0 ? -1 : 0;
}

/* --- while something is changed ------------------------------------------------------------------------------- */

static int change_at(const struct change *c, pic_time by, unsigned long at, char why[WHY])
{
        pic__engine *e;
        pic_error *err = NULL;
        pic_ctx *ctx;
        int r;

        set_clock(0, 0);
        dir_copy(base, work);
        e = engine();
        ctx = context();
        r = pic__engine_apply(e, NULL, &err);
        if (r == 0) {
                set_clock(by, at);
                r = change_make(c, ctx, PIC_COMMIT_NOWAIT, NULL, &err);
        }
        if (r < 0)
                snprintf(why, WHY, "%s", pic_error_message(err));
        else
                r = settled(e, why);
        pic_error_free(err);
        pic_ctx_unref(ctx);
        pic__engine_unref(e);
        return r;
}

static enum end ended(const struct state s[2], char why[WHY])
{
        struct state now;
        enum end end = END_THIRD;

        if (state_read(work, &now, why) == 0) {
                end = state_same(&now, &s[1]) ? END_NEW : state_same(&now, &s[0]) ? END_OLD : END_THIRD;
                if (end == END_THIRD)
                        snprintf(why, WHY, "neither as before nor as after");
        }
        state_free(&now);
        return end;
}

static void at_readings(const struct change *c)
{
        static unsigned long begin;
        unsigned long stride = table_stride(2), at, last, i;
        struct state s[2];
        char why[WHY];

        cell_for(c, base);
        if (state_read(base, &s[0], why) < 0 || change_at(c, 0, 1, why) < 0 || state_read(work, &s[1], why) < 0)
                stop("'%s' without a jump: %s", c->name, why);
        last = readings;
        for (i = 0; i < 2; i++) {
                table_row(jumps[i].name, c->name);
                for (at = 1 + begin++ % stride % last; at <= last; at += stride) {
                        int r = change_at(c, jumps[i].by, at, why);
                        enum end end = r < 0 ? END_THIRD : ended(s, why);

                        table_end(end, at, why);
                }
        }
        state_free(&s[0]);
        state_free(&s[1]);
        dir_drop(base);
}

/* --- between changes ------------------------------------------------------------------------------------------ */

static const struct change *named(const char *name)
{
        unsigned i;

        for (i = 0; i < change_count; i++)
                if (strcmp(changes[i].name, name) == 0)
                        return &changes[i];
        stop("no change '%s'", name);
}

/* It has an hour: by the clock that does not jump, or, after a boot, by the wall clock, but an hour at most. */
static void waits(const struct jump *j, int booted)
{
        pic__engine *e;
        pic_time left = -1, later = -1;
        int there, gone;
        char why[WHY] = "";

        table_row(j->name, booted ? "change that waits, after a boot" : "change that waits");
        dir_copy(base, work);
        set_clock(j->by, 0);
        e = engine();
        if (booted)
                snprintf(e->boot, sizeof(e->boot), "another");
        there = pic__engine_confirm_left(e, &left);
        passed = HOUR;
        gone = pic__engine_confirm_left(e, &later);
        snprintf(why, sizeof(why), "left %lld s, an hour later %lld s", (long long)(left / PIC__SECOND),
                 (long long)(later / PIC__SECOND));
        if (!there || !gone || later != 0 || left > HOUR || (left == 0) != (booted && j->by > 0))
                table_end(END_THIRD, 0, why);
        else
                table_end(END_NEW, 0, why);
        if (pic__engine_revert(e, NULL) < 0 || pic__engine_confirm_left(e, &left) || settled(e, why) < 0)
                table_end(END_THIRD, 1, "it did not go back");
        else
                table_end(END_OLD, 1, "");
        pic__engine_unref(e);
}

static int eve_is_in(pic__engine *e)
{
        pic__items there = PIC__ITEMS_INIT;
        int in;

        if (pic__engine_observe(e, &there, NULL) < 0)
                stop("observe");
        pic__items_sort(&there);
        in = pic__items_find(&there, PIC__I_DNS_RECORD, "eve.home.internal. A") != NULL;
        pic__items_wipe(&there);
        return in;
}

/* Expires in 2027. Out, in, out. */
static void expires(const struct jump *j, pic_time now)
{
        const pic_time end = (pic_time)1814400000 * PIC__SECOND;
        pic__engine *e;
        char why[WHY] = "";
        int i;

        table_row(j->name, "device that expires");
        dir_copy(base, work);
        set_clock(0, 0);
        e = engine();
        for (i = 0; i < 4; i++) {
                jumped = i % 2 ? j->by : 0;
                if (settled(e, why) < 0)
                        table_end(END_THIRD, (unsigned long)i, why);
                else if (eve_is_in(e) != (now + jumped < end))
                        table_end(END_THIRD, (unsigned long)i, "the device is in, or out, against its date");
                else
                        table_end(eve_is_in(e) ? END_OLD : END_NEW, (unsigned long)i, "");
        }
        pic__engine_unref(e);
}

static int make(pic_ctx *ctx, int (*wish)(pic_edit *, const char *, pic_error **), const char *name, pic_error **err)
{
        pic_edit *e = NULL;
        int r = pic_edit_new(ctx, &e, err);

        if (r == 0)
                r = wish(e, name, err);
        if (r == 0)
                r = pic_edit_commit(e, PIC_COMMIT_NOWAIT, NULL, err);
        pic_edit_unref(e);
        return r;
}

static int wish_small(pic_edit *e, const char *net, pic_error **err)
{
        return pic_edit_set(e, "cell", NULL, "net4", net, err);
}

static int wish_peer(pic_edit *e, const char *name, pic_error **err)
{
        return pic_edit_add(e, "peer", name, err);
}

static int wish_gone(pic_edit *e, const char *name, pic_error **err)
{
        return pic_edit_remove(e, "peer", name, err);
}

/* In a network with no other address left: given back, an address rests an hour by both clocks. */
static void rests(const struct jump *j)
{
        pic_ctx *ctx;
        int r;

        table_row(j->name, "address that was given back");
        dir_copy(base, work);
        set_clock(0, 0);
        ctx = context();
        r = make(ctx, wish_small, "10.77.0.0/29", NULL);
        if (r == 0)
                r = make(ctx, wish_peer, "fred", NULL);
        if (r == 0)
                r = make(ctx, wish_gone, "fred", NULL);
        if (r < 0)
                stop("the small network");
        jumped = j->by;
        r = make(ctx, wish_peer, "gina", NULL);
        table_end(r == PIC_CONFLICT ? END_OLD : END_THIRD, 0, "the address did not rest");
        passed = 2 * HOUR;
        r = make(ctx, wish_peer, "gina", NULL);
        table_end(r == 0 ? END_NEW : END_THIRD, 1, "the address rests for ever");
        pic_ctx_unref(ctx);
}

static void heads(const struct jump *j)
{
        struct state s = { 0 };
        pic__engine *e;
        pic_ctx *ctx;
        char why[WHY] = "";
        int i, r = 0;

        table_row(j->name, "signed heads");
        dir_copy(base, work);
        set_clock(0, 0);
        e = engine();
        ctx = context();
        for (i = 0; r >= 0 && i < 4; i++) {
                jumped = i % 2 ? j->by : 0;
                r = pic_audit_note(ctx, "login", "from 192.0.2.7", NULL);
                if (r >= 0)
                        r = pic__engine_sign(e, NULL);
        }
        pic_ctx_unref(ctx);
        pic__engine_unref(e);
        if (r < 0)
                snprintf(why, sizeof(why), "a head cannot be signed");
        table_end(r == 1 && state_read(work, &s, why) == 0 ? END_NEW : END_THIRD, 0, why);
        state_free(&s);
}

int main(void)
{
        unsigned i;

        dir_name(base, "base");
        dir_name(work, "work");
        for (i = 0; i < change_count; i++)
                if (!changes[i].silent)
                        at_readings(&changes[i]);
        cell_for(named("confirm it"), base);
        for (i = 0; i < 4; i++)
                waits(&jumps[i % 2], i / 2 != 0);
        dir_drop(base);
        cell_for(named("undo"), base);
        for (i = 0; i < 2; i++) {
                expires(&jumps[i], pic__clock_real.now(NULL));
                rests(&jumps[i]);
                heads(&jumps[i]);
        }
        dir_drop(base);
        dir_drop(work);
        return table_done("4-clock");
}
