/* Owns: the audit trail in the file: its root, its signed heads, and whether all of it fits. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/note.h"
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

int pic__store_head_put(pic__store *st, uint64_t size, const char *note, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_HEAD_ADD, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, (int64_t)size);
        (void)sqlite3_bind_int64(s, 2, pic__store_now(st));
        (void)pic__bind_text(s, 3, note);
        return pic__db_run(st->db, s, err);
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

/* --- judging ------------------------------------------------------------------------------------------------ */

struct judge {
        pic__store *st;
        const uint8_t *key;
        pic__trail *to;
        pic__tree tree;
        sqlite3_stmt *heads; /* stands on the head that comes next, or is NULL */
        pic__buf text;
};

static void judge_free(struct judge *j)
{
        pic__stmt_back(&j->heads);
        pic__buf_free(&j->text);
}

/* The first finding counts. */
static void PIC_PRINTF(3, 4) found(struct judge *j, int64_t row, const char *fmt, ...)
{
        va_list ap;

        if (j->to->bad != 0)
                return;
        j->to->bad = row;
        va_start(ap, fmt);
        vsnprintf(j->to->what, sizeof(j->to->what), fmt, ap);
        va_end(ap);
}

static int next_head(struct judge *j, pic_error **err)
{
        int r = j->heads != NULL ? pic__db_step(j->st->db, j->heads, err) : 0;

        if (r <= 0)
                pic__stmt_back(&j->heads);
        return r;
}

static void judge_head(struct judge *j, uint64_t size)
{
        const char *note = pic__col_text(j->heads, 2);
        uint8_t root[PIC__SHA256];
        pic__head head;

        if (note == NULL || pic__note_open(note, strlen(note), j->key, &head, NULL) < 0 || head.size != size) {
                found(j, (int64_t)size, "the signed head of %" PRIu64 " rows is not this cell's: it was changed", size);
                return;
        }
        pic__tree_root(&j->tree, root);
        if (memcmp(root, head.root, sizeof(root)) != 0) {
                found(j, (int64_t)j->to->signed_size + 1,
                      "rows %" PRIu64 " to %" PRIu64 " are not those that were signed: changed, reordered or exchanged",
                      j->to->signed_size + 1, size);
                return;
        }
        j->to->heads++;
        j->to->signed_size = size;
}

/* Heads of this many rows, and such as should have come before. */
static int judge_heads(struct judge *j, pic_error **err)
{
        int r = 0;

        while (r >= 0 && j->heads != NULL && j->to->bad == 0 &&
               (uint64_t)sqlite3_column_int64(j->heads, 0) <= j->tree.size) {
                judge_head(j, (uint64_t)sqlite3_column_int64(j->heads, 0));
                r = next_head(j, err);
        }
        return r < 0 ? r : 0;
}

static int judge_row(const pic__journal_row *row, void *data)
{
        struct judge *j = data;
        uint8_t leaf[PIC__SHA256];

        if ((uint64_t)row->seq != j->tree.size + 1) {
                found(j, (int64_t)j->tree.size + 1, "row %" PRIu64 " is missing", j->tree.size + 1);
                return 1;
        }
        pic__buf_clear(&j->text);
        pic__leaf_text(row, &j->text);
        if (j->text.failed)
                return PIC_NOMEM;
        pic__leaf_hash(j->text.data, j->text.len, leaf);
        if (row->leaf == NULL || memcmp(leaf, row->leaf, sizeof(leaf)) != 0) {
                found(j, row->seq, "row %" PRId64 " was changed: it does not have its hash", row->seq);
                return 1;
        }
        pic__tree_append(&j->tree, leaf);
        j->to->size = j->tree.size;
        return j->heads != NULL && j->to->bad == 0 ? judge_heads(j, NULL) : j->to->bad != 0;
}

/* What the file says its tree is, and heads of more rows than there are. */
static int judge_end(struct judge *j, pic_error **err)
{
        uint8_t root[PIC__SHA256];
        uint64_t size = 0;
        pic__tree edge;
        int r;

        pic__tree_root(&j->tree, j->to->root);
        if (j->to->bad != 0)
                return 0;
        if (j->heads != NULL) {
                size = (uint64_t)sqlite3_column_int64(j->heads, 0);
                found(j, (int64_t)j->tree.size + 1, "rows %" PRIu64 " to %" PRIu64 " are gone: there were so many once",
                      j->tree.size + 1, size);
                return 0;
        }
        r = pic__tree_load(j->st->db, &edge, err);
        if (r == PIC_CORRUPT) {
                if (err != NULL) {
                        pic_error_free(*err);
                        *err = NULL;
                }
                found(j, (int64_t)j->tree.size + 1, "the tree's edge is damaged");
                return 0;
        }
        if (r < 0)
                return r;
        pic__tree_root(&edge, root);
        if (edge.size > j->tree.size)
                found(j, (int64_t)j->tree.size + 1, "rows %" PRIu64 " to %" PRIu64 " are gone", j->tree.size + 1,
                      edge.size);
        else if (edge.size < j->tree.size || memcmp(root, j->to->root, sizeof(root)) != 0)
                found(j, (int64_t)(edge.size < j->tree.size ? edge.size + 1 : j->tree.size),
                      "the tree's edge is not that of the rows: rows were put there by another hand");
        return 0;
}

static int judge_all(struct judge *j, pic_error **err)
{
        int r = 0;

        if (j->key != NULL) {
                r = pic__db_stmt(j->st->db, PIC__Q_HEAD_LIST, &j->heads, err);
                if (r >= 0) {
                        (void)sqlite3_bind_int64(j->heads, 1, 1);
                        r = next_head(j, err);
                }
        }
        if (r >= 0)
                r = pic__store_journal(j->st, 0, INT64_MAX, judge_row, j, err);
        if (r == PIC_NOMEM)
                return pic__nomem(err);
        return r < 0 ? r : judge_end(j, err);
}

int pic__store_trail(pic__store *st, const uint8_t key[32], pic__trail *ret, pic_error **err)
{
        PIC__AUTO(judge_free) struct judge j = { .st = st, .key = key, .to = ret, .text = PIC__BUF_INIT };
        pic__auto_read pic__db *reading = NULL;
        int r;

        memset(ret, 0, sizeof(*ret));
        r = pic__read_begin(st, &reading, err);
        return r < 0 ? r : judge_all(&j, err);
}
