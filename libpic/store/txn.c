/* Owns: the life of a transaction: begin, look, commit, abort. What it writes is in put.c, host.c and journal.c. */
#include <inttypes.h>

#include "store/inner.h"
#include "store/ref.h"
#include "store/row.h"

#define TIDY_PAGES 4000 /* of the write-ahead log: 16 MB */

static void free_txn(pic__txn *t)
{
        size_t i;

        for (i = 0; i < t->gone.count; i++)
                pic__free(t->gone.at[i].name);
        pic__vec_free(&t->gone);
        pic__vec_free(&t->pending);
        if (t->st != NULL)
                t->st->txn = NULL;
        pic__free(t->actor);
        pic__free(t->way);
        pic__free(t);
}

int pic__txn_begin(pic__store *st, const char *actor, const char *way, pic__txn **ret, pic_error **err)
{
        pic__txn *t;
        int r;

        if (st->txn != NULL)
                return pic__fail(err, PIC_BADSTATE, "this handle of the store is in a transaction already");
        t = pic__alloc(sizeof(*t));
        if (t == NULL)
                return pic__nomem(err);
        t->actor = pic__strdup(actor);
        t->way = pic__strdup(way);
        r = t->actor != NULL && t->way != NULL ? pic__db_fixed(st->db, PIC__Q_BEGIN, err) : pic__nomem(err);
        if (r < 0) {
                free_txn(t);
                return r;
        }
        t->st = st;
        st->txn = t;
        r = pic__store_revision(st, &t->was, err);
        if (r < 0) {
                (void)pic__txn_abort(t);
                return r;
        }
        *ret = t;
        return 0;
}

int pic__txn_alive(const pic__txn *t, pic_error **err)
{
        int r;

        if (!sqlite3_get_autocommit(t->st->db->handle))
                return 0;
        r = pic__fail(err, PIC_BADSTATE, "the transaction was taken back after an earlier error");
        pic__hint(err, "begin again; nothing was changed");
        return r;
}

void pic__txn_defer(pic__txn *t)
{
        t->deferred = 1;
}

int pic__txn_settle(pic__txn *t, pic_error **err)
{
        int r = pic__txn_alive(t, err);

        return r < 0 ? r : pic__ref_settle(t, err);
}

int pic__txn_if_revision(pic__txn *t, pic_revision revision, pic_error **err)
{
        int r;

        if (revision <= 0 || revision == t->was)
                return 0;
        r = pic__fail(err, PIC_STALE, "the cell is at revision %" PRId64 " now, not at %" PRId64, t->was, revision);
        pic__hint(err, "read it again and repeat the change");
        return r;
}

int pic__txn_new_id(pic__txn *t, enum pic__kind kind, pic_id *ret, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__txn_alive(t, err);

        if (r >= 0)
                r = pic__db_stmt(t->st->db, PIC__Q_NEXT_ID, &s, err);
        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, pic__kinds[kind].name);
        r = pic__db_step(t->st->db, s, err);
        if (r < 0)
                return r;
        if (r == 0)
                return pic__fail(err, PIC_CORRUPT, "%s: the counter of %s is gone", t->st->db->path,
                                 pic__kinds[kind].plural);
        *ret = sqlite3_column_int64(s, 0);
        return 0;
}

int pic__txn_get(pic__txn *t, enum pic__kind kind, const char *name, pic_obj **ret, pic_error **err)
{
        return pic__store_get(t->st, kind, name, ret, err);
}

int pic__txn_named_by(pic__txn *t, enum pic__kind kind, const char *name, enum pic__kind by, pic_id **ret,
                      size_t *ret_count, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        pic__auto_free pic__store_key *users = NULL;
        size_t count = 0, i, n = 0;
        pic_id *ids;
        int r = pic__row_by_name(t->st->db, kind, name, &o, err);

        *ret = NULL;
        *ret_count = 0;
        if (r >= 0 && o != NULL)
                r = pic__ref_users(t->st->db, kind, o->id, &users, &count, err);
        if (r < 0 || count == 0)
                return r < 0 ? r : 0;
        ids = pic__alloc(count * sizeof(*ids));
        if (ids == NULL)
                return pic__nomem(err);
        for (i = 0; i < count; i++)
                if (users[i].kind == by)
                        ids[n++] = users[i].id;
        *ret = ids;
        *ret_count = n;
        return 0;
}

/* Row by row, so that the callback may write: what it changes behind the present row is seen when the walk comes to it.
 */
int pic__txn_each(pic__txn *t, enum pic__kind kind, int (*fn)(const pic_obj *o, void *data), void *data,
                  pic_error **err)
{
        pic_id last = 0;

        for (;;) {
                PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
                int r = pic__row_by_id(t->st->db, kind, PIC__K_NEXT, last, &o, err);

                if (r < 0 || o == NULL)
                        return r;
                last = o->id;
                r = fn(o, data);
                if (r != 0)
                        return r;
        }
}

/* The log is copied into the file when it has grown; readers of old pages are not waited for. A failure costs only
 * room. */
static void tidy(pic__db *db)
{
        if (db->wal_pages >= TIDY_PAGES)
                (void)sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* A commit that was written but could not be synced fails, and yet whoever opens the file next may find it in the log.
 * So it must not be said that nothing happened. */
static int commit(pic__db *db, pic_error **err)
{
        int r = pic__db_fixed(db, PIC__Q_COMMIT, err);

        if (r < 0 && (sqlite3_errcode(db->handle) & 0xff) == SQLITE_IOERR)
                pic__hint(err, "Whether it was done is not certain: look at 'pic history' when the disk is well again; "
                               "dmesg and df say more of the disk.");
        return r;
}

static int finish(pic__txn *t, pic_error **err)
{
        pic__db *db = t->st->db;
        int r = pic__txn_alive(t, err);

        if (r >= 0)
                r = pic__ref_settle(t, err);
        if (r >= 0 && t->changed)
                r = pic__meta_set(db, "revision", t->was + 1, err);
        if (r >= 0 && t->tree_known)
                r = pic__tree_save(db, &t->tree, err);
        return r < 0 ? r : commit(db, err);
}

int pic__txn_commit(pic__txn *t, pic_revision *ret_revision, pic_error **err)
{
        pic__db *db = t->st->db;
        pic_revision now = t->changed ? t->was + 1 : t->was;
        int r = pic__txn_alive(t, err);

        if (r >= 0 && (t->changed || t->noted))
                r = finish(t, err);
        (void)pic__txn_abort(t); /* does nothing to what was committed */
        if (r < 0)
                return r;
        tidy(db);
        if (ret_revision != NULL)
                *ret_revision = now;
        return 0;
}

pic__txn *pic__txn_abort(pic__txn *t)
{
        if (t == NULL)
                return NULL;
        if (!sqlite3_get_autocommit(t->st->db->handle))
                (void)pic__db_fixed(t->st->db, PIC__Q_ROLLBACK, NULL);
        free_txn(t);
        return NULL;
}
