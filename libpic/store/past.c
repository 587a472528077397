/* Owns: past rows: keeping them, and any past state of the cell. */
#include "store/past.h"

#include <inttypes.h>

#include "model/text.h"
#include "store/row.h"

int pic__past_put(pic__txn *t, const pic_obj *o, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int r = pic__db_made(t->st->db, o->kind, PIC__K_PAST_PUT, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, o->id);
        (void)sqlite3_bind_int64(s, 2, t->was + 1);
        return pic__db_run(t->st->db, s, err);
}

int pic__txn_forget(pic__txn *t, enum pic__kind kind, pic_id id, const char *field, const char *value, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        pic__auto_buf pic__buf sql = PIC__BUF_INIT;
        int r = pic__txn_alive(t, err);

        if (r < 0)
                return r;
        pic__buf_putf(&sql, "UPDATE \"%s.past\" SET \"%s\" = NULL WHERE id = ?1 AND \"%s\" = ?2", pic__kinds[kind].name,
                      field, field);
        if (sql.failed)
                return pic__nomem(err);
        r = pic__db_once(t->st->db, pic__buf_str(&sql), &s, err);
        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, id);
        (void)pic__bind_text(s, 2, value);
        return pic__db_step(t->st->db, s, err);
}

static int rows_into(pic__store *st, enum pic__kind kind, enum pic__k k, pic_revision revision, pic__snap *into,
                     pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_made(st->db, kind, k, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, revision);
        while ((r = pic__db_step(st->db, s, err)) > 0) {
                PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;

                r = pic__row_read(s, kind, &o, err);
                if (r >= 0)
                        r = pic__snap_put(into, o, err);
                if (r < 0)
                        return r;
        }
        return r;
}

static int check_revision(pic__store *st, pic_revision revision, pic_error **err)
{
        pic_revision now = 0;
        int r = pic__store_revision(st, &now, err);

        if (r < 0 || (revision > 0 && revision <= now))
                return r;
        r = pic__fail(err, PIC_NOTFOUND, "there is no revision %" PRId64, revision);
        pic__hint(err, "the cell has revisions 1 to %" PRId64 ": pic history", now);
        return r;
}

int pic__store_at(pic__store *st, pic_revision revision, pic__snap *into, pic_error **err)
{
        pic__auto_read pic__db *reading = NULL;
        size_t i;
        int r = pic__read_begin(st, &reading, err);

        if (r >= 0)
                r = check_revision(st, revision, err);
        for (i = 0; r >= 0 && i < PIC__KINDS; i++) {
                r = rows_into(st, (enum pic__kind)i, PIC__K_SINCE, revision, into, err);
                if (r >= 0)
                        r = rows_into(st, (enum pic__kind)i, PIC__K_PAST_AT, revision, into, err);
        }
        return r < 0 ? r : 0;
}

static int past_of(pic__store *st, enum pic__kind kind, pic_id id, pic_revision revision, pic_obj **ret,
                   pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_made(st->db, kind, PIC__K_PAST_GET, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, revision);
        (void)sqlite3_bind_int64(s, 2, id);
        r = pic__db_step(st->db, s, err);
        return r > 0 ? pic__row_read(s, kind, ret, err) : r;
}

int pic__store_obj_at(pic__store *st, enum pic__kind kind, pic_id id, pic_revision revision, pic_obj **ret,
                      pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        pic__auto_read pic__db *reading = NULL;
        int r = pic__read_begin(st, &reading, err);

        if (r >= 0)
                r = pic__row_by_id(st->db, kind, PIC__K_GET, id, &o, err);
        if (r < 0)
                return r;
        if (o != NULL && o->revision > revision)
                o = pic__obj_unref(o);
        if (o == NULL)
                r = past_of(st, kind, id, revision, &o, err);
        if (r < 0)
                return r;
        *ret = pic__take(o);
        return 0;
}

int pic__store_obj_past(pic__store *st, enum pic__kind kind, pic_id id, int (*fn)(const pic_obj *was, void *data),
                        void *data, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_made(st->db, kind, PIC__K_PAST_ALL, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, id);
        while ((r = pic__db_step(st->db, s, err)) > 0) {
                PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;

                r = pic__row_read(s, kind, &o, err);
                if (r >= 0)
                        r = fn(o, data);
                if (r != 0)
                        return r;
        }
        return r;
}

static int search_past(pic__store *st, enum pic__kind kind, const char *name, pic_revision revision, pic_id *ret,
                       pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        pic__auto_buf pic__buf sql = PIC__BUF_INIT;
        const char *k = pic__kinds[kind].name;
        int r;

        pic__buf_putf(&sql,
                      "SELECT id FROM \"%s.past\" WHERE name = ?1 COLLATE NOCASE AND since <= ?2 AND until > ?2"
                      " UNION ALL SELECT id FROM \"%s\" WHERE name = ?1 COLLATE NOCASE AND revision <= ?2 LIMIT 1",
                      k, k);
        if (sql.failed)
                return pic__nomem(err);
        r = pic__db_once(st->db, pic__buf_str(&sql), &s, err);
        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, name);
        (void)sqlite3_bind_int64(s, 2, revision);
        r = pic__db_step(st->db, s, err);
        if (r > 0)
                *ret = sqlite3_column_int64(s, 0);
        return r < 0 ? r : 0;
}

/* Mostly whoever has the name now had it then; else all that was is searched. */
int pic__store_id_at(pic__store *st, enum pic__kind kind, const char *name, pic_revision revision, pic_id *ret,
                     pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *now = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *then = NULL;
        pic__auto_read pic__db *reading = NULL;
        int r = pic__read_begin(st, &reading, err);

        *ret = 0;
        if (r >= 0)
                r = pic__row_by_name(st->db, kind, name, &now, err);
        if (r >= 0 && now != NULL)
                r = pic__store_obj_at(st, kind, now->id, revision, &then, err);
        if (r < 0)
                return r;
        if (then == NULL || !pic__same_name(pic__obj_name(then), name))
                return search_past(st, kind, name, revision, ret, err);
        *ret = now->id;
        return 0;
}

int pic__store_revision_at(pic__store *st, pic_time time, pic_revision *ret, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_JOURNAL_TIME, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, time);
        r = pic__db_step(st->db, s, err);
        if (r < 0)
                return r;
        if (r == 0) {
                r = pic__fail(err, PIC_NOTFOUND, "there was no cell at that time");
                pic__hint(err, "pic history tells when it began");
                return r;
        }
        *ret = sqlite3_column_int64(s, 0);
        return 0;
}

/* Rows are in order of revision, so the first one of a revision is found by halving. */
int pic__store_seq_of(pic__store *st, pic_revision revision, int64_t *ret, pic_error **err)
{
        int64_t low = 1, high = pic__store_last_seq(st) + 1;

        while (low < high) {
                pic__auto_stmt sqlite3_stmt *s = NULL;
                int64_t middle = low + (high - low) / 2;
                int r = pic__db_stmt(st->db, PIC__Q_JOURNAL_AT, &s, err);

                if (r < 0)
                        return r;
                (void)sqlite3_bind_int64(s, 1, middle);
                r = pic__db_step(st->db, s, err);
                if (r < 0)
                        return r;
                if (r == 0)
                        return pic__fail(err, PIC_CORRUPT, "%s: row %" PRId64 " of the journal is gone", st->db->path,
                                         middle);
                if (sqlite3_column_int64(s, 0) < revision)
                        low = middle + 1;
                else
                        high = middle;
        }
        *ret = low;
        return 0;
}
