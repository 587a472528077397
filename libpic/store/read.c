/* Owns: reading. Each call sees one moment: it opens a read transaction unless a transaction is open on this handle
 * (then it sees that one's own writes). */
#include <inttypes.h>
#include <string.h>

#include "base/map.h"
#include "store/inner.h"
#include "store/row.h"

int pic__read_begin(pic__store *st, pic__db **ret, pic_error **err)
{
        int r;

        *ret = NULL;
        if (!sqlite3_get_autocommit(st->db->handle))
                return 0;
        r = pic__db_fixed(st->db, PIC__Q_READ, err);
        if (r >= 0)
                *ret = st->db;
        return r;
}

void pic__read_end(pic__db **db)
{
        if (*db != NULL)
                (void)pic__db_fixed(*db, PIC__Q_COMMIT, NULL);
}

int pic__store_read_begin(pic__store *st, pic_error **err)
{
        pic__db *db;

        return pic__read_begin(st, &db, err);
}

void pic__store_read_end(pic__store *st)
{
        if (st->txn == NULL && !sqlite3_get_autocommit(st->db->handle))
                (void)pic__db_fixed(st->db, PIC__Q_COMMIT, NULL);
}

int pic__store_revision(pic__store *st, pic_revision *ret, pic_error **err)
{
        pic_revision revision = 0;
        int r = pic__meta_get(st->db, "revision", &revision, err);

        if (r >= 0 && (revision < 0 || revision > PIC__NUMBER_MAX))
                r = pic__fail(err, PIC_CORRUPT, "%s: %" PRId64 " is no revision", st->db->path, revision);
        if (r >= 0)
                *ret = revision;
        return r;
}

static int load_kind(pic__store *st, enum pic__kind kind, pic__snap *into, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_made(st->db, kind, PIC__K_ALL, &s, err);

        if (r < 0)
                return r;
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

int pic__store_each(pic__store *st, enum pic__kind kind, int (*fn)(const pic_obj *o, void *data), void *data,
                    pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_made(st->db, kind, PIC__K_ALL, &s, err);

        if (r < 0)
                return r;
        while ((r = pic__db_step(st->db, s, err)) > 0) {
                PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;

                r = pic__row_read(s, kind, &o, err);
                if (r < 0)
                        return r;
                r = fn(o, data);
                if (r != 0)
                        return r;
        }
        return r;
}

int pic__store_load(pic__store *st, pic__snap *into, pic_revision *ret_revision, pic_error **err)
{
        pic__auto_read pic__db *reading = NULL;
        pic_revision revision = 0;
        size_t i;
        int r = pic__read_begin(st, &reading, err);

        if (r >= 0)
                r = pic__store_revision(st, &revision, err);
        for (i = 0; r >= 0 && i < PIC__KINDS; i++)
                r = load_kind(st, (enum pic__kind)i, into, err);
        if (r < 0)
                return r;
        if (ret_revision != NULL)
                *ret_revision = revision;
        return 0;
}

int pic__store_get(pic__store *st, enum pic__kind kind, const char *name, pic_obj **ret, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        int r = pic__row_by_name(st->db, kind, name, &o, err);

        if (r < 0)
                return r;
        if (o == NULL)
                return pic__row_absent(st->db, kind, name, err);
        *ret = pic__take(o);
        return 0;
}

int pic__store_get_id(pic__store *st, enum pic__kind kind, pic_id id, pic_obj **ret, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        int r = pic__row_by_id(st->db, kind, PIC__K_GET, id, &o, err);

        if (r < 0)
                return r;
        if (o == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no %s with the id %lld", pic__kinds[kind].name,
                                 (long long)id);
        *ret = pic__take(o);
        return 0;
}

/* ---- changes ---- */

/* Sixteen bytes without padding, so that they can be a map's key. */
struct changed {
        int64_t kind;
        pic_id id;
};

typedef PIC__VEC(struct changed) changed_vec;

static int known(const changed_vec *v, const struct changed *c)
{
        size_t i;

        for (i = 0; i < v->count; i++)
                if (v->at[i].kind == c->kind && v->at[i].id == c->id)
                        return 1;
        return 0;
}

/* The row's object, or kind -1 for a note and for a kind that this build does not know. */
static struct changed changed_in(sqlite3_stmt *s)
{
        struct changed c = { -1, sqlite3_column_int64(s, 2) };
        const char *kind = pic__col_text(s, 1);

        if (sqlite3_column_int(s, 3) == 0 && kind != NULL)
                c.kind = pic__kind_find(kind);
        return c;
}

/* Most calls see one or two objects; a map is made only when there are many. Keys are copies on the heap: the vector
 * moves. */
static int seen_before(pic__map *map, const changed_vec *v, const struct changed *c)
{
        if (v->count <= 32)
                return known(v, c);
        return pic__map_get(map, c, sizeof(*c)) != NULL;
}

static int remember(pic__map *map, changed_vec *v, const struct changed *c)
{
        struct changed *key;

        if (pic__vec_push(v, *c) < 0)
                return -1;
        key = pic__memdup(c, sizeof(*c));
        if (key == NULL)
                return -1;
        if (pic__map_set(map, key, sizeof(*key), key) < 0) {
                pic__free(key);
                return -1;
        }
        return 0;
}

static void free_keys(pic__map *map)
{
        size_t at = 0;
        void *key;

        while ((key = pic__map_next(map, &at)) != NULL)
                pic__free(key);
        pic__map_free(map);
}

/* From the journal's end backwards: an object's first appearance is its last change, and only new rows are read. */
static int collect(pic__store *st, pic_revision since, changed_vec *v, pic_error **err)
{
        PIC__AUTO(free_keys) pic__map map = PIC__MAP_INIT;
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_JOURNAL_BACK, &s, err);

        if (r < 0)
                return r;
        while ((r = pic__db_step(st->db, s, err)) > 0 && sqlite3_column_int64(s, 0) > since) {
                struct changed c = changed_in(s);

                if (c.kind < 0 || seen_before(&map, v, &c))
                        continue;
                if (remember(&map, v, &c) < 0)
                        return pic__nomem(err);
        }
        return r < 0 ? r : 0;
}

static int tell(pic__store *st, const struct changed *c,
                int (*fn)(enum pic__kind kind, pic_id id, const pic_obj *now, void *data), void *data, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        int r = pic__row_by_id(st->db, (enum pic__kind)c->kind, PIC__K_GET, c->id, &o, err);

        return r < 0 ? r : fn((enum pic__kind)c->kind, c->id, o, data);
}

int pic__store_changes(pic__store *st, pic_revision since,
                       int (*fn)(enum pic__kind kind, pic_id id, const pic_obj *now, void *data), void *data,
                       pic_revision *ret_revision, pic_error **err)
{
        pic__auto_read pic__db *reading = NULL;
        changed_vec v = PIC__VEC_INIT;
        pic_revision revision = 0;
        size_t i;
        int r = pic__read_begin(st, &reading, err);

        if (r >= 0)
                r = pic__store_revision(st, &revision, err);
        if (r >= 0)
                r = collect(st, since, &v, err);
        for (i = v.count; r == 0 && i > 0; i--)
                r = tell(st, &v.at[i - 1], fn, data, err);
        pic__vec_free(&v);
        if (r == 0 && ret_revision != NULL)
                *ret_revision = revision;
        return r;
}

/* ---- journal ---- */

static const char *some(sqlite3_stmt *s, int at)
{
        const char *text = pic__col_text(s, at);

        return text != NULL ? text : "";
}

static void journal_row(sqlite3_stmt *s, pic__journal_row *row)
{
        row->seq = sqlite3_column_int64(s, 0);
        row->revision = sqlite3_column_int64(s, 1);
        row->time = sqlite3_column_int64(s, 2);
        row->actor = some(s, 3);
        row->way = some(s, 4);
        row->kind = some(s, 5);
        row->id = sqlite3_column_int64(s, 6);
        row->name = some(s, 7);
        row->verb = some(s, 8);
        row->before = pic__col_text(s, 9);
        row->after = pic__col_text(s, 10);
        row->text = some(s, 11);
        row->leaf = sqlite3_column_bytes(s, 12) == PIC__SHA256 ? sqlite3_column_blob(s, 12) : NULL;
}

static int walk(pic__store *st, sqlite3_stmt *s, int (*fn)(const pic__journal_row *row, void *data), void *data,
                pic_error **err)
{
        int r;

        while ((r = pic__db_step(st->db, s, err)) > 0) {
                pic__journal_row row;

                journal_row(s, &row);
                r = fn(&row, data);
                if (r != 0)
                        return r;
        }
        return r;
}

int pic__store_journal(pic__store *st, int64_t after_seq, size_t max,
                       int (*fn)(const pic__journal_row *row, void *data), void *data, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_JOURNAL_LIST, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, after_seq);
        (void)sqlite3_bind_int64(s, 2, max < INT64_MAX ? (int64_t)max : INT64_MAX);
        return walk(st, s, fn, data, err);
}

int pic__store_journal_back(pic__store *st, int64_t before_seq, int (*fn)(const pic__journal_row *row, void *data),
                            void *data, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_JOURNAL_DOWN, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, before_seq > 0 ? before_seq : INT64_MAX);
        return walk(st, s, fn, data, err);
}

int64_t pic__store_last_seq(pic__store *st)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;

        if (pic__db_stmt(st->db, PIC__Q_JOURNAL_LAST, &s, NULL) < 0 || pic__db_step(st->db, s, NULL) <= 0)
                return 0;
        return sqlite3_column_int64(s, 0);
}
