/* Owns: the journal as leaves of a Merkle tree: the bytes of a leaf, writing a row with its hash, the tree's edge in
 * the file. A row's number is its place in the tree, plus one. */
#include <string.h>

#include "base/utf8.h"
#include "store/inner.h"

#define TEXTS 6
#define NUMBER 20 /* digits and sign of the longest */
#define ESCAPED 6 /* most bytes that one becomes */
#define FRAME 512 /* what stands around the texts */

/* The bytes of a leaf are made in one pass into room that was taken for the worst case: a trail of a million rows is
 * judged by making each of them again. What they look like is what pic__json would write, and stays so for ever. */
static char *put(char *to, const char *text, size_t len)
{
        memcpy(to, text, len);
        return to + len;
}
#define PUT(to, literal) put(to, literal, sizeof(literal) - 1)

static char *put_number(char *to, int64_t value)
{
        uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
        char digits[NUMBER];
        size_t at = NUMBER;

        do {
                digits[--at] = (char)('0' + rest % 10);
                rest /= 10;
        } while (rest != 0);
        if (value < 0)
                digits[--at] = '-';
        return put(to, digits + at, NUMBER - at);
}

/* One character that does not stand for itself; NULL: it is no character. */
static char *put_special(char *to, const char **at)
{
        static const char hex[] = "0123456789abcdef";
        unsigned char c = (unsigned char)**at;
        size_t len = pic__utf8_len(*at);

        *at += len;
        if (len == 0)
                return NULL;
        if (len > 1)
                return put(to, *at - len, len);
        *to++ = '\\';
        if (c == '"' || c == '\\') {
                *to++ = (char)c;
        } else if (c == '\n') {
                *to++ = 'n';
        } else {
                to = PUT(to, "u00");
                *to++ = hex[c >> 4];
                *to++ = hex[c & 15];
        }
        return to;
}

/* NULL goes in and out, so that a row is looked at once at its end. */
static char *put_text(char *to, const char *text)
{
        if (to == NULL || text == NULL)
                return NULL;
        *to++ = '"';
        while (*text != '\0') {
                unsigned char c = (unsigned char)*text;

                if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
                        *to++ = (char)c;
                        text++;
                        continue;
                }
                to = put_special(to, &text);
                if (to == NULL)
                        return NULL;
        }
        *to++ = '"';
        return to;
}

static char *put_json(char *to, const char *json)
{
        return json != NULL ? put(to, json, strlen(json)) : PUT(to, "null");
}

static size_t worst(const pic__journal_row *row)
{
        const char *const texts[] = { row->actor, row->way, row->kind, row->name, row->verb, row->text };
        size_t all = FRAME, i;

        for (i = 0; i < PIC__COUNT(texts); i++)
                all += texts[i] != NULL ? ESCAPED * strlen(texts[i]) : 0;
        return all + (row->before != NULL ? strlen(row->before) : 0) + (row->after != NULL ? strlen(row->after) : 0);
}

static char *put_row(char *to, const pic__journal_row *row)
{
        to = put_number(PUT(to, "{\"seq\":"), row->seq);
        to = put_number(PUT(to, ",\"revision\":"), row->revision);
        to = put_number(PUT(to, ",\"time\":"), row->time);
        to = put_text(PUT(to, ",\"actor\":"), row->actor);
        to = to != NULL ? put_text(PUT(to, ",\"way\":"), row->way) : NULL;
        to = to != NULL ? put_text(PUT(to, ",\"kind\":"), row->kind) : NULL;
        to = to != NULL ? put_number(PUT(to, ",\"id\":"), row->id) : NULL;
        to = to != NULL ? put_text(PUT(to, ",\"name\":"), row->name) : NULL;
        to = to != NULL ? put_text(PUT(to, ",\"verb\":"), row->verb) : NULL;
        if (to == NULL)
                return NULL;
        to = put_json(PUT(to, ",\"before\":"), row->before);
        to = put_json(PUT(to, ",\"after\":"), row->after);
        to = put_text(PUT(to, ",\"text\":"), row->text);
        return to != NULL ? PUT(to, "}") : NULL;
}

int pic__leaf_text(const pic__journal_row *row, pic__buf *out)
{
        char *from = pic__buf_room(out, worst(row)), *to = from != NULL ? put_row(from, row) : NULL;

        if (to == NULL)
                return -1;
        pic__buf_added(out, (size_t)(to - from));
        return 0;
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

/* Room for texts that had to be made clean. */
struct cleaned {
        pic__buf texts[TEXTS];
};

static void cleaned_free(struct cleaned *c)
{
        size_t i;

        for (i = 0; i < TEXTS; i++)
                pic__buf_free(&c->texts[i]);
}

/* A leaf says texts as JSON does, so the columns may hold only what JSON can say: else two rows would have one leaf.
 * Whoever acts may have any name. */
static int clean(pic__journal_row *row, struct cleaned *c)
{
        const char **texts[TEXTS] = { &row->actor, &row->way, &row->kind, &row->name, &row->verb, &row->text };
        size_t i, len;

        for (i = 0; i < TEXTS; i++) {
                if (*texts[i] == NULL)
                        *texts[i] = "";
                len = strlen(*texts[i]);
                if (pic__utf8_valid(*texts[i], len))
                        continue;
                pic__buf_put_shown(&c->texts[i], *texts[i], 4 * len);
                if (c->texts[i].failed)
                        return -1;
                *texts[i] = pic__buf_str(&c->texts[i]);
        }
        return 0;
}

int pic__journal_add(pic__db *db, pic__tree *tree, const pic__journal_row *given, pic_error **err)
{
        PIC__AUTO(cleaned_free) struct cleaned room = { { PIC__BUF_INIT } };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__journal_row copy = *given, *row = &copy;
        uint8_t leaf[PIC__SHA256];
        int r;

        if (clean(row, &room) < 0)
                return pic__nomem(err);
        row->seq = (int64_t)tree->size + 1;
        if (pic__leaf_text(row, &text) < 0)
                return pic__nomem(err);
        pic__leaf_hash(text.data, text.len, leaf);
        row->leaf = leaf;
        r = insert(db, row, err);
        if (r >= 0)
                pic__tree_append(tree, leaf);
        return r;
}
