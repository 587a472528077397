/* Owns: what a change means for the one that waits for its confirmation: it stands in the way, unless it is its
 * undoing. */
#include <inttypes.h>
#include <string.h>

#include "change/inner.h"
#include "sys/clock.h"

/* Nothing but the undoing of what waits. */
static int takes_back(const pic__wishes *w, const pic__confirm *c)
{
        const pic__op *op = w->ops.at;

        if (w->ops.count != 1)
                return 0;
        if (op->wish == PIC__WISH_UNDO)
                return op->revision == 0 || op->revision == c->revision;
        return op->wish == PIC__WISH_RETURN && op->revision == c->back;
}

static int in_the_way(const pic__confirm *c, pic_error **err)
{
        (void)pic__fail(err, PIC_BADSTATE, "revision %" PRId64 " by %s waits for its confirmation", c->revision,
                        c->actor);
        pic__hint(err, "Keep it: pic confirm. Take it back: pic undo. Or wait until it goes back by itself.");
        return PIC_BADSTATE;
}

/* What would go back, would go back to what nobody confirmed, and stay. */
static int needs_none(const pic__confirm *c, pic_error **err)
{
        (void)pic__fail(err, PIC_BADSTATE,
                        "revision %" PRId64 " waits for its confirmation: taking it back cannot wait for one too",
                        c->revision);
        pic__hint(err, "Without a time to confirm the cell is at once as it was at revision %" PRId64 ".", c->back);
        return PIC_BADSTATE;
}

int pic__run_pending(pic__run *run, pic_error **err)
{
        char boot[PIC__BOOT_TEXT];
        pic__confirm c;
        int r = pic__store_confirm(run->st, &c, err);

        if (r < 0)
                return r;
        if (r > 0 && !run->opts->unconfirmed && !takes_back(run->w, &c))
                return in_the_way(&c, err);
        if (r > 0 && run->opts->confirm != 0)
                return needs_none(&c, err);
        if (r > 0) {
                run->waited = c.revision;
                r = pic__txn_confirm_end(run->t, err);
        }
        if (r < 0 || run->opts->confirm == 0)
                return r;
        pic__boot_id(boot);
        return pic__txn_confirm(run->t, run->opts->confirm, boot, err);
}

/* In another boot than the change's only the agent knows since when it counts; from now on it is not more. */
int pic__confirm_in_time(const pic__confirm *c, const pic__clock *clock, pic_error **err)
{
        char boot[PIC__BOOT_TEXT];

        pic__boot_id(boot);
        if (pic__confirm_left(c, clock, boot, clock->mono(clock->data)) > 0)
                return 0;
        (void)pic__fail(err, PIC_BADSTATE, "the time to confirm revision %" PRId64 " is over: it goes back",
                        c->revision);
        pic__hint(err, "The agent sees to it, when one runs; pic undo does so at once. Then make the change again.");
        return PIC_BADSTATE;
}

/* --- what an undo means that names no revision --------------------------------------------------------------- */

static int see_unconfirmed(const pic__journal_row *row, void *data)
{
        *(int *)data |= strcmp(row->verb, "unconfirmed") == 0;
        return 0;
}

/* What the agent signed is no change of anybody's: who says "undo" means what was wished before. */
struct steps_of {
        pic_revision revision;
        int others;
};

static int see_signed(const pic__journal_row *row, void *data)
{
        struct steps_of *s = data;

        if (row->revision != s->revision)
                return 1;
        if (row->before == NULL && row->after == NULL) /* a note changes nothing */
                return 0;
        s->others |= strcmp(row->actor, "agent") != 0 || strncmp(row->verb, "cert-", 5) != 0;
        return 0;
}

/* *revision: the newest one up to it that is not of the agent's signing alone. */
static int skip_signed(pic__store *st, pic_revision *revision, pic_error **err)
{
        while (*revision > 1) {
                struct steps_of s = { *revision, 0 };
                int64_t seq = 0;
                int r = pic__store_seq_of(st, *revision, &seq, err);

                if (r == 0)
                        r = pic__store_journal(st, seq - 1, SIZE_MAX, see_signed, &s, err);
                if (r < 0)
                        return r;
                if (s.others)
                        return 0;
                --*revision;
        }
        return 0;
}

int pic__undo_last(pic__store *st, pic_revision *ret, pic_error **err)
{
        pic__confirm c;
        int64_t seq = 0;
        int gone = 0, r = pic__store_confirm(st, &c, err);

        if (r > 0)
                *ret = c.revision; /* a secret may have been shown since, which is a revision too */
        if (r != 0)
                return r < 0 ? r : 0;
        r = pic__store_revision(st, ret, err);
        if (r == 0)
                r = skip_signed(st, ret, err);
        if (r == 0)
                r = pic__store_seq_of(st, *ret, &seq, err);
        if (r == 0)
                r = pic__store_journal(st, seq - 1, SIZE_MAX, see_unconfirmed, &gone, err);
        if (r < 0 || !gone)
                return r < 0 ? r : 0;
        /* whoever is a moment too late with taking back a change would make it again, and for good */
        (void)pic__fail(err, PIC_BADSTATE,
                        "the last change, revision %" PRId64 ", is that one went back by itself which nobody confirmed",
                        *ret);
        pic__hint(err, "Nothing is left of it to be undone. To make it again all the same: pic undo %" PRId64 ".",
                  *ret);
        return PIC_BADSTATE;
}
