/* Owns: the signed heads in the file, and beside the newest one the tree's edge as it was then: whoever signs the next
 * can go on from there without reading what was signed already.
 *
 * The newest HEADS_RECENT heads all stay. Of older ones the last in each HEADS_SPAN rows stays: a head vouches for all
 * rows before it, so an older one only tells more narrowly where rows were exchanged, and each costs a check of a
 * signature whenever the trail is verified. So a million rows have some ten thousand heads and not a million. */
#include <inttypes.h>
#include <string.h>

#include "store/inner.h"

int pic__store_signed(pic__store *st, pic__tree *ret, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_META_GET, &s, err);

        memset(ret, 0, sizeof(*ret));
        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, "signed");
        r = pic__db_step(st->db, s, err);
        if (r > 0 && pic__tree_unpack(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0), ret) < 0)
                memset(ret, 0, sizeof(*ret)); /* it is made again from the rows */
        return r < 0 ? r : 0;
}

static int put_signed(pic__db *db, const pic__tree *tree, pic_error **err)
{
        uint8_t bytes[PIC__TREE_BYTES];
        size_t len = pic__tree_pack(tree, bytes);
        sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(db, PIC__Q_META_SET, &s, err);

        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, "signed");
        (void)sqlite3_bind_blob(s, 2, bytes, (int)len, SQLITE_STATIC);
        return pic__db_run(db, s, err);
}

static int insert(pic__db *db, uint64_t size, const char *note, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(db, PIC__Q_HEAD_ADD, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, (int64_t)size);
        (void)pic__bind_text(s, 2, note);
        return pic__db_run(db, s, err);
}

/* One head has just become old: the one before it goes when both are of one span. */
static int thin(pic__db *db, pic_error **err)
{
        int64_t sizes[2] = { 0, 0 };
        sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(db, PIC__Q_HEAD_OLD, &s, err), n = 0;

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, PIC__HEADS_RECENT);
        while (n < 2 && (r = pic__db_step(db, s, err)) > 0)
                sizes[n++] = sqlite3_column_int64(s, 0);
        pic__stmt_back(&s);
        if (r < 0 || n < 2 || (sizes[0] - 1) / PIC__HEADS_SPAN != (sizes[1] - 1) / PIC__HEADS_SPAN)
                return r < 0 ? r : 0;
        r = pic__db_stmt(db, PIC__Q_HEAD_DROP, &s, err);
        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, sizes[1]);
        return pic__db_run(db, s, err);
}

int pic__store_head_put(pic__store *st, const pic__tree *tree, const char *note, pic_error **err)
{
        pic__db *db = st->db;
        int r = pic__db_fixed(db, PIC__Q_BEGIN, err);

        if (r < 0)
                return r;
        r = insert(db, tree->size, note, err);
        if (r >= 0)
                r = put_signed(db, tree, err);
        if (r >= 0)
                r = thin(db, err);
        if (r >= 0)
                r = pic__db_fixed(db, PIC__Q_COMMIT, err);
        if (r < 0 && !sqlite3_get_autocommit(db->handle))
                (void)pic__db_fixed(db, PIC__Q_ROLLBACK, NULL);
        return r;
}

int pic__store_head_last(pic__store *st, uint64_t *ret_size, char **ret_note, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_HEAD_LAST, &s, err);
        const char *note;

        if (r >= 0)
                r = pic__db_step(st->db, s, err);
        if (r <= 0)
                return r;
        note = pic__col_text(s, 2);
        *ret_note = note != NULL ? pic__strdup(note) : NULL;
        if (*ret_note == NULL)
                return pic__nomem(err);
        *ret_size = (uint64_t)sqlite3_column_int64(s, 0);
        return 1;
}

int pic__store_heads(pic__store *st, int (*fn)(uint64_t size, pic_time time, const char *note, void *data), void *data,
                     pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_HEAD_LIST, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, 0);
        while ((r = pic__db_step(st->db, s, err)) > 0) {
                const char *note = pic__col_text(s, 2);

                r = fn((uint64_t)sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), note != NULL ? note : "",
                       data);
                if (r != 0)
                        return r;
        }
        return r;
}

/* --- growing and proving -------------------------------------------------------------------------------------- */

/* The leaves of the rows after `after`, up to `size` rows in all; 0: to the end. */
static int grow(pic__db *db, pic__tree *tree, uint64_t size, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(db, PIC__Q_LEAVES, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, (int64_t)tree->size);
        while ((size == 0 || tree->size < size) && (r = pic__db_step(db, s, err)) > 0) {
                if (sqlite3_column_int64(s, 0) != (int64_t)tree->size + 1 || sqlite3_column_bytes(s, 1) != PIC__SHA256)
                        return pic__fail(err, PIC_CORRUPT, "%s: row %" PRIu64 " of the journal is missing or damaged",
                                         db->path, tree->size + 1);
                pic__tree_append(tree, sqlite3_column_blob(s, 1));
        }
        return r < 0 ? r : 0;
}

static int same_root(const pic__tree *a, const pic__tree *b)
{
        uint8_t root_a[PIC__SHA256], root_b[PIC__SHA256];

        pic__tree_root(a, root_a);
        pic__tree_root(b, root_b);
        return a->size == b->size && memcmp(root_a, root_b, sizeof(root_a)) == 0;
}

int pic__store_grow(pic__store *st, pic__tree *tree, uint64_t size, pic_error **err)
{
        pic__auto_read pic__db *reading = NULL;
        pic__tree edge;
        int r = pic__read_begin(st, &reading, err);

        if (r >= 0)
                r = grow(st->db, tree, size, err);
        if (r >= 0 && size == 0)
                r = pic__tree_load(st->db, &edge, err);
        if (r < 0)
                return r;
        if (size != 0 ? tree->size < size : !same_root(tree, &edge))
                return pic__fail(err, PIC_CORRUPT, "%s: the journal does not continue what was signed", st->db->path);
        return 0;
}

/* Rows are asked for in runs, so the statement is moved only when a run ends. */
struct reader {
        pic__db *db;
        sqlite3_stmt *s;
        uint64_t next;
        pic_error **err;
};

static int read_leaf(uint64_t index, uint8_t out[PIC__SHA256], void *data)
{
        struct reader *r = data;

        if (r->s == NULL || index != r->next) {
                pic__stmt_back(&r->s);
                if (pic__db_stmt(r->db, PIC__Q_LEAVES, &r->s, r->err) < 0)
                        return -1;
                (void)sqlite3_bind_int64(r->s, 1, (int64_t)index);
        }
        r->next = index + 1;
        if (pic__db_step(r->db, r->s, r->err) <= 0 || sqlite3_column_int64(r->s, 0) != (int64_t)index + 1 ||
            sqlite3_column_bytes(r->s, 1) != PIC__SHA256)
                return -1;
        memcpy(out, sqlite3_column_blob(r->s, 1), PIC__SHA256);
        return 0;
}

int pic__store_inclusion(pic__store *st, uint64_t index, uint64_t size, uint8_t path[][PIC__SHA256], size_t *ret_count,
                         pic_error **err)
{
        pic__auto_read pic__db *reading = NULL;
        pic__auto_err pic_error *bad = NULL;
        struct reader reader = { .db = st->db, .err = &bad };
        int n, r = pic__read_begin(st, &reading, err);

        if (r < 0)
                return r;
        n = pic__tree_inclusion(index, size, read_leaf, &reader, path);
        pic__stmt_back(&reader.s);
        if (n < 0 && bad != NULL) {
                r = pic_error_code(bad);
                pic__err_append(err, pic__take(bad));
                return r;
        }
        if (n < 0)
                return pic__fail(err, PIC_CORRUPT, "%s: a row of the journal is missing or damaged", st->db->path);
        *ret_count = (size_t)n;
        return 0;
}
