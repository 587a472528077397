/* Owns: what a change means for the one that waits for its confirmation: it stands in the way, unless it is its
 * undoing. */
#include <inttypes.h>

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

int pic__run_pending(pic__run *run, pic_error **err)
{
        char boot[PIC__BOOT_TEXT];
        pic__confirm c;
        int r = pic__store_confirm(run->st, &c, err);

        if (r < 0)
                return r;
        if (r > 0 && !run->opts->unconfirmed && !takes_back(run->w, &c))
                return in_the_way(&c, err);
        if (r > 0)
                r = pic__txn_confirm_end(run->t, err);
        if (r < 0 || run->opts->confirm == 0)
                return r;
        pic__boot_id(boot);
        return pic__txn_confirm(run->t, run->opts->confirm, boot, err);
}
