/* Owns: whether the audit trail in the file fits together. One walk over the journal: each row's bytes against its
 * hash, each head against the tree as it was then, the tree that the file remembers against that of the rows. What a
 * row's columns hold must be what its leaf says: a text is valid and has no NUL byte, a number is a number, a change is
 * an object; otherwise two different rows would have one leaf. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/inner.h"

int pic__store_root(pic__store *st, uint64_t *ret_size, uint8_t root[32], pic_error **err)
{
        pic__tree tree;
        int r = pic__tree_load(st->db, &tree, err);

        if (r < 0)
                return r;
        *ret_size = tree.size;
        pic__tree_root(&tree, root);
        return 0;
}

struct judge {
        pic__store *st;
        const uint8_t *key;
        const pic__head *outside; /* NULL: none */
        pic__trail *to;
        pic__tree tree;      /* of the rows so far */
        pic_time time;       /* of the last row */
        sqlite3_stmt *heads; /* stands on the head that comes next, or is NULL */
        pic__tree kept;      /* what the file remembers of the newest head; size 0: nothing */
        pic__buf text;
};

static void judge_free(struct judge *j)
{
        pic__stmt_back(&j->heads);
        pic__buf_free(&j->text);
}

/* The first finding counts. Rows are numbered from 1, whatever somebody wrote into a number. */
static void PIC_PRINTF(3, 4) found(struct judge *j, uint64_t row, const char *fmt, ...)
{
        va_list ap;

        if (j->to->bad != 0)
                return;
        j->to->bad = row >= 1 && row <= INT64_MAX ? (int64_t)row : 1;
        va_start(ap, fmt);
        vsnprintf(j->to->what, sizeof(j->to->what), fmt, ap);
        va_end(ap);
}

/* --- heads -------------------------------------------------------------------------------------------------- */

static int next_head(struct judge *j, pic_error **err)
{
        int r = pic__db_step(j->st->db, j->heads, err);

        if (r <= 0)
                pic__stmt_back(&j->heads);
        return r < 0 ? r : 0;
}

static uint64_t head_size(const struct judge *j)
{
        return (uint64_t)sqlite3_column_int64(j->heads, 0);
}

static int same_root(const struct judge *j, const uint8_t root[PIC__SHA256])
{
        uint8_t mine[PIC__SHA256];

        pic__tree_root(&j->tree, mine);
        return memcmp(mine, root, sizeof(mine)) == 0;
}

/* The head that comes next, when it is one of so many rows as there were up to now, or fewer. */
static void judge_head(struct judge *j)
{
        const char *note = pic__col_text(j->heads, 2);
        uint64_t size = head_size(j), since = j->to->signed_size + 1;
        pic__head head;

        if (sqlite3_column_int64(j->heads, 0) < 1 || note == NULL ||
            strlen(note) != (size_t)sqlite3_column_bytes(j->heads, 2) ||
            pic__note_open(note, strlen(note), j->key, &head, NULL) < 0 || head.size != size)
                found(j, size, "the signed head of %" PRId64 " rows is not this cell's: it was changed", (int64_t)size);
        else if (size != j->tree.size || !same_root(j, head.root))
                found(j, since,
                      "rows %" PRIu64 " to %" PRIu64 " are not those that were signed: changed, reordered or exchanged",
                      since, size);
        else if (sqlite3_column_int64(j->heads, 1) != j->time)
                found(j, size, "the head of %" PRIu64 " rows does not have its time: it was changed", size);
        j->to->heads++;
        j->to->signed_size = size;
}

/* What is known of a tree of so many rows from elsewhere than from the heads. */
static void judge_points(struct judge *j)
{
        uint8_t root[PIC__SHA256];

        if (j->outside != NULL && j->outside->size == j->tree.size && !same_root(j, j->outside->root))
                found(j, 1, "rows 1 to %" PRIu64 " are not those of the head that was kept outside", j->tree.size);
        if (j->kept.size != j->tree.size)
                return;
        pic__tree_root(&j->kept, root);
        if (!same_root(j, root))
                found(j, j->tree.size, "the edge that is kept beside the head of %" PRIu64 " rows was changed",
                      j->tree.size);
}

static int judge_heads(struct judge *j, pic_error **err)
{
        int r = 0;

        while (r == 0 && j->heads != NULL && j->to->bad == 0 &&
               sqlite3_column_int64(j->heads, 0) <= (int64_t)j->tree.size) {
                judge_head(j);
                r = next_head(j, err);
        }
        return r;
}

/* --- rows --------------------------------------------------------------------------------------------------- */

static int number(sqlite3_stmt *s, int at, int64_t *ret)
{
        *ret = sqlite3_column_int64(s, at);
        return sqlite3_column_type(s, at) == SQLITE_INTEGER;
}

/* That the text is valid is found when its leaf is made. */
static int text(sqlite3_stmt *s, int at, const char **ret)
{
        if (sqlite3_column_type(s, at) != SQLITE_TEXT)
                return 0;
        *ret = pic__col_text(s, at);
        return *ret != NULL && strlen(*ret) == (size_t)sqlite3_column_bytes(s, at);
}

/* Absent is null, and an object is no null. */
static int object(sqlite3_stmt *s, int at, const char **ret)
{
        *ret = NULL;
        if (sqlite3_column_type(s, at) == SQLITE_NULL)
                return 1;
        return text(s, at, ret) && (*ret)[0] == '{';
}

/* 0 when a column holds what no row of ours does. */
static int read_row(sqlite3_stmt *s, pic__journal_row *row)
{
        row->leaf = sqlite3_column_type(s, 12) == SQLITE_BLOB && sqlite3_column_bytes(s, 12) == PIC__SHA256
                            ? sqlite3_column_blob(s, 12)
                            : NULL;
        return number(s, 0, &row->seq) && number(s, 1, &row->revision) && number(s, 2, &row->time) &&
               text(s, 3, &row->actor) && text(s, 4, &row->way) && text(s, 5, &row->kind) && number(s, 6, &row->id) &&
               text(s, 7, &row->name) && text(s, 8, &row->verb) && object(s, 9, &row->before) &&
               object(s, 10, &row->after) && text(s, 11, &row->text) && row->leaf != NULL;
}

/* 1: go on; 0: something was found. */
static int judge_row(struct judge *j, sqlite3_stmt *s, pic_error **err)
{
        uint64_t seq = j->tree.size + 1;
        uint8_t leaf[PIC__SHA256];
        pic__journal_row row;
        int sound = read_row(s, &row);

        if ((uint64_t)sqlite3_column_int64(s, 0) != seq) {
                found(j, seq, "row %" PRIu64 " is missing", seq);
                return 0;
        }
        pic__buf_clear(&j->text);
        sound = sound && pic__leaf_text(&row, &j->text) == 0;
        if (j->text.failed)
                return pic__nomem(err);
        pic__leaf_hash(pic__buf_str(&j->text), j->text.len, leaf);
        if (!sound || memcmp(leaf, row.leaf, sizeof(leaf)) != 0) {
                found(j, seq, "row %" PRIu64 " was changed: it does not have its hash", seq);
                return 0;
        }
        pic__tree_append(&j->tree, leaf);
        j->to->size = j->tree.size;
        j->time = row.time;
        return 1;
}

static int judge_rows(struct judge *j, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(j->st->db, PIC__Q_JOURNAL_LIST, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, 0);
        (void)sqlite3_bind_int64(s, 2, INT64_MAX);
        while (j->to->bad == 0 && (r = pic__db_step(j->st->db, s, err)) > 0) {
                r = judge_row(j, s, err);
                if (r <= 0)
                        return r;
                r = judge_heads(j, err);
                if (r < 0)
                        return r;
                judge_points(j);
        }
        return r < 0 ? r : 0;
}

/* Numbers begin at 1. What stands before them is no row of ours, but readers would show it. */
static int judge_before(struct judge *j, pic_error **err)
{
        int64_t first = 0;
        int r = pic__db_number(j->st->db, "SELECT min(seq) FROM journal", &first, err);

        if (r >= 0 && first < 0)
                found(j, 1, "there is a row numbered %" PRId64 ", put there by another hand", first);
        else if (r >= 0 && first == 0 && j->tree.size > 0)
                found(j, 1, "there is a row numbered 0, put there by another hand");
        return r;
}

/* --- the whole ---------------------------------------------------------------------------------------------- */

/* More rows than there are: of that many somebody has a signed word. */
static void judge_cut(struct judge *j)
{
        uint64_t size = j->tree.size;

        if (j->heads != NULL)
                found(j, size + 1, "rows %" PRIu64 " to %" PRIu64 " are gone: a signed head has them", size + 1,
                      head_size(j));
        if (j->outside != NULL && j->outside->size > size)
                found(j, size + 1, "rows %" PRIu64 " to %" PRIu64 " are gone: the head that was kept outside has them",
                      size + 1, j->outside->size);
        if (j->kept.size > size)
                found(j, size + 1, "rows %" PRIu64 " to %" PRIu64 " are gone: they were signed once", size + 1,
                      j->kept.size);
        else if (j->key != NULL && j->kept.size > j->to->signed_size)
                found(j, j->to->signed_size + 1,
                      "the signed head of %" PRIu64 " rows is gone: only the first %" PRIu64 " are signed now",
                      j->kept.size, j->to->signed_size);
        else if (j->key != NULL && j->kept.size < j->to->signed_size)
                found(j, j->to->signed_size, "the edge that is kept beside the head of %" PRIu64 " rows is gone",
                      j->to->signed_size);
}

/* What the file says its tree is. */
static int judge_edge(struct judge *j, pic_error **err)
{
        uint64_t size = j->tree.size;
        pic_error *bad = NULL;
        uint8_t root[PIC__SHA256];
        pic__tree edge;
        int r = pic__tree_load(j->st->db, &edge, &bad);

        if (r == PIC_CORRUPT) {
                pic_error_free(bad);
                found(j, size + 1, "the tree's edge is damaged");
                return 0;
        }
        if (r < 0) {
                pic__err_append(err, bad);
                return r;
        }
        pic__tree_root(&edge, root);
        if (edge.size > size)
                found(j, size + 1, "rows %" PRIu64 " to %" PRIu64 " are gone", size + 1, edge.size);
        else if (edge.size < size)
                found(j, edge.size + 1, "rows %" PRIu64 " to %" PRIu64 " were put there by another hand", edge.size + 1,
                      size);
        else if (!same_root(j, root))
                found(j, size > 0 ? size : 1, "the tree's edge is not that of the rows: it was changed");
        return 0;
}

static int begin(struct judge *j, pic_error **err)
{
        int r;

        judge_points(j); /* of no row */
        if (j->key == NULL)
                return 0;
        r = pic__store_signed(j->st, &j->kept, err);
        if (r >= 0)
                r = pic__db_stmt(j->st->db, PIC__Q_HEAD_LIST, &j->heads, err);
        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(j->heads, 1, INT64_MIN);
        r = next_head(j, err);
        return r < 0 ? r : judge_heads(j, err); /* such as claim to be of no row */
}

int pic__store_trail(pic__store *st, const uint8_t key[32], const pic__head *outside, pic__trail *ret, pic_error **err)
{
        PIC__AUTO(judge_free)
        struct judge j = { .st = st, .key = key, .outside = outside, .to = ret, .text = PIC__BUF_INIT };
        pic__auto_read pic__db *reading = NULL;
        int r;

        memset(ret, 0, sizeof(*ret));
        r = pic__read_begin(st, &reading, err);
        if (r >= 0)
                r = begin(&j, err);
        if (r >= 0)
                r = judge_rows(&j, err);
        pic__tree_root(&j.tree, ret->root);
        if (r >= 0 && ret->bad == 0)
                judge_cut(&j);
        if (r >= 0 && ret->bad == 0)
                r = judge_edge(&j, err);
        return r < 0 || ret->bad != 0 ? r : judge_before(&j, err);
}
