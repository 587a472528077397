/* Owns: the journal as leaves of a Merkle tree: the bytes of a leaf, writing a row with its hash, the tree's edge in
 * the file. A row's number is its place in the tree, plus one. */
#include <string.h>

#include "base/json.h"
#include "store/inner.h"

static void put_json(pic__json *j, const char *key, const char *json)
{
        pic__json_key(j, key);
        if (json != NULL)
                pic__json_raw(j, json);
        else
                pic__json_null(j);
}

void pic__leaf_text(const pic__journal_row *row, pic__buf *out)
{
        pic__json j = PIC__JSON(out);

        pic__json_open(&j, '{');
        pic__json_kint(&j, "seq", row->seq);
        pic__json_kint(&j, "revision", row->revision);
        pic__json_kint(&j, "time", row->time);
        pic__json_kstr(&j, "actor", row->actor);
        pic__json_kstr(&j, "way", row->way);
        pic__json_kstr(&j, "kind", row->kind);
        pic__json_kint(&j, "id", row->id);
        pic__json_kstr(&j, "name", row->name);
        pic__json_kstr(&j, "verb", row->verb);
        put_json(&j, "before", row->before);
        put_json(&j, "after", row->after);
        pic__json_kstr(&j, "text", row->text);
        pic__json_close(&j, '}');
}

int pic__tree_load(pic__db *db, pic__tree *ret, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(db, PIC__Q_META_GET, &s, err);

        memset(ret, 0, sizeof(*ret));
        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, "tree");
        r = pic__db_step(db, s, err);
        if (r <= 0) /* a store without a journal yet */
                return r;
        if (pic__tree_unpack(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0), ret) < 0)
                return pic__fail(err, PIC_CORRUPT, "%s: the audit tree's edge is damaged", db->path);
        return 0;
}

int pic__tree_save(pic__db *db, const pic__tree *tree, pic_error **err)
{
        uint8_t bytes[PIC__TREE_BYTES];
        size_t len = pic__tree_pack(tree, bytes);
        sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(db, PIC__Q_META_SET, &s, err);

        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, "tree");
        (void)sqlite3_bind_blob(s, 2, bytes, (int)len, SQLITE_STATIC);
        return pic__db_run(db, s, err);
}

static int insert(pic__db *db, const pic__journal_row *row, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(db, PIC__Q_JOURNAL_ADD, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, row->seq);
        (void)sqlite3_bind_int64(s, 2, row->revision);
        (void)sqlite3_bind_int64(s, 3, row->time);
        (void)pic__bind_text(s, 4, row->actor);
        (void)pic__bind_text(s, 5, row->way);
        (void)pic__bind_text(s, 6, row->kind);
        (void)sqlite3_bind_int64(s, 7, row->id);
        (void)pic__bind_text(s, 8, row->name);
        (void)pic__bind_text(s, 9, row->verb);
        (void)pic__bind_text(s, 10, row->before);
        (void)pic__bind_text(s, 11, row->after);
        (void)pic__bind_text(s, 12, row->text);
        (void)sqlite3_bind_blob(s, 13, row->leaf, PIC__SHA256, SQLITE_STATIC);
        return pic__db_run(db, s, err);
}

int pic__journal_add(pic__db *db, pic__tree *tree, pic__journal_row *row, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        uint8_t leaf[PIC__SHA256];
        int r;

        row->seq = (int64_t)tree->size + 1;
        pic__leaf_text(row, &text);
        if (text.failed)
                return pic__nomem(err);
        pic__leaf_hash(text.data, text.len, leaf);
        row->leaf = leaf;
        r = insert(db, row, err);
        row->leaf = NULL;
        if (r >= 0)
                pic__tree_append(tree, leaf);
        return r;
}
