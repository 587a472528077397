/* Owns: the change that waits for its confirmation. It is in the store, so that it is neither lost with a process nor
 * with a boot. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/inner.h"

int pic__store_confirm(pic__store *st, pic__confirm *ret, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        const char *boot, *actor;
        int r = pic__db_stmt(st->db, PIC__Q_CONFIRM_GET, &s, err);

        if (r >= 0)
                r = pic__db_step(st->db, s, err);
        if (r <= 0)
                return r;
        ret->revision = pic__col_int(s, 0);
        ret->back = pic__col_int(s, 1);
        ret->until = pic__col_int(s, 2);
        ret->until_mono = pic__col_int(s, 3);
        boot = pic__col_text(s, 4);
        snprintf(ret->boot, sizeof(ret->boot), "%s", boot != NULL ? boot : "");
        ret->span = pic__col_int(s, 5);
        actor = pic__col_text(s, 6);
        snprintf(ret->actor, sizeof(ret->actor), "%s", actor != NULL ? actor : "");
        return 1;
}

pic_time pic__confirm_left(const pic__confirm *c, const pic__clock *clock, const char *boot, pic_time since)
{
        pic_time mono = clock->mono(clock->data), left, most;

        if (strcmp(boot, c->boot) == 0)
                return c->until_mono > mono ? c->until_mono - mono : 0;
        left = c->until - clock->now(clock->data);
        most = since + c->span - mono;
        left = left < most ? left : most;
        return left > 0 ? left : 0;
}

static int fail_waiting(const pic__confirm *c, pic_error **err)
{
        (void)pic__fail(err, PIC_BADSTATE, "revision %" PRId64 " by %s waits for its confirmation", c->revision,
                        c->actor);
        pic__hint(err, "Keep it: pic confirm. Take it back: pic undo. Or wait until it goes back by itself.");
        return PIC_BADSTATE;
}

int pic__txn_confirm(pic__txn *t, pic_time span, const char *boot, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        pic__confirm other;
        int r = pic__txn_alive(t, err);

        if (r >= 0)
                r = pic__store_confirm(t->st, &other, err);
        if (r > 0)
                return fail_waiting(&other, err);
        if (r >= 0)
                r = pic__db_stmt(t->st->db, PIC__Q_CONFIRM_PUT, &s, err);
        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, t->was + 1);
        (void)sqlite3_bind_int64(s, 2, t->was);
        (void)sqlite3_bind_int64(s, 3, pic__store_now(t->st) + span);
        (void)sqlite3_bind_int64(s, 4, t->st->clock.mono(t->st->clock.data) + span);
        (void)pic__bind_text(s, 5, boot);
        (void)sqlite3_bind_int64(s, 6, span);
        (void)pic__bind_text(s, 7, t->actor);
        return pic__db_run(t->st->db, s, err);
}

int pic__txn_confirm_end(pic__txn *t, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int r = pic__txn_alive(t, err);

        if (r >= 0)
                r = pic__db_stmt(t->st->db, PIC__Q_CONFIRM_DROP, &s, err);
        if (r < 0)
                return r;
        t->noted = 1; /* something is to be committed, also when no object changed */
        return pic__db_run(t->st->db, s, err);
}
