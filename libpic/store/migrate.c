/* Owns: bringing a store of version 1 to version 2. */
#include "store/migrate.h"

#include <string.h>

#include "base/map.h"
#include "store/inner.h"
#include "store/row.h"

static const char to_2[] =
        "CREATE TABLE head (size INTEGER PRIMARY KEY, time INTEGER NOT NULL, note TEXT NOT NULL) STRICT;"
        "CREATE TABLE confirm (one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL, back INTEGER NOT "
        "NULL,"
        " until INTEGER NOT NULL, until_mono INTEGER NOT NULL, boot TEXT NOT NULL, span INTEGER NOT NULL,"
        " actor TEXT NOT NULL) STRICT;"
        "ALTER TABLE journal RENAME TO journal_1;"
        "CREATE TABLE journal ("
        " seq INTEGER PRIMARY KEY, revision INTEGER NOT NULL, time INTEGER NOT NULL, actor TEXT NOT NULL, way TEXT NOT "
        "NULL,"
        " kind TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, verb TEXT NOT NULL, before TEXT, after TEXT,"
        " text TEXT NOT NULL, leaf BLOB NOT NULL) STRICT;";

static int copy_row(pic__db *db, sqlite3_stmt *s, pic__tree *tree, pic_error **err)
{
        pic__journal_row row = { .revision = sqlite3_column_int64(s, 0),
                                 .time = sqlite3_column_int64(s, 1),
                                 .actor = pic__col_text(s, 2),
                                 .way = pic__col_text(s, 3),
                                 .kind = pic__col_text(s, 4),
                                 .id = sqlite3_column_int64(s, 5),
                                 .name = pic__col_text(s, 6),
                                 .verb = pic__col_text(s, 7),
                                 .before = pic__col_text(s, 8),
                                 .after = pic__col_text(s, 9),
                                 .text = pic__col_text(s, 10) };

        return pic__journal_add(db, tree, &row, err);
}

int pic__migrate_leaves(pic__db *db, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        pic__tree tree = { .size = 0 };
        int r = pic__db_exec(db, to_2, err);

        if (r >= 0)
                r = pic__db_once(db,
                                 "SELECT revision, time, actor, way, kind, id, name, verb, before, after, text"
                                 " FROM journal_1 ORDER BY seq",
                                 &s, err);
        while (r >= 0 && (r = pic__db_step(db, s, err)) > 0)
                r = copy_row(db, s, &tree, err);
        pic__stmt_drop(&s);
        if (r >= 0 && tree.size > 0)
                r = pic__tree_save(db, &tree, err);
        return r < 0 ? r : pic__db_exec(db, "DROP TABLE journal_1", err);
}

/* --- past rows ---------------------------------------------------------------------------------------------- */

/* An object on its way back in time. */
struct traced {
        struct key {
                int64_t kind;
                pic_id id;
        } key;
        pic_obj *o;         /* as it was after the row that comes next; NULL: not there */
        pic_revision until; /* from which it was otherwise; 0: it is so today */
};

struct trace {
        pic__db *db;
        pic__map map;
};

static void trace_free(struct trace *t)
{
        struct traced *one;
        size_t at = 0;

        while ((one = pic__map_next(&t->map, &at)) != NULL) {
                pic__obj_unref(one->o);
                pic__free(one);
        }
        pic__map_free(&t->map);
}

/* Asked for the first time, an object is as it is today. */
static int find(struct trace *t, enum pic__kind kind, pic_id id, struct traced **ret, pic_error **err)
{
        struct key key = { kind, id };
        struct traced *one = pic__map_get(&t->map, &key, sizeof(key));
        int r;

        if (one == NULL) {
                one = pic__alloc(sizeof(*one));
                if (one == NULL)
                        return pic__nomem(err);
                one->key = key;
                if (pic__map_set(&t->map, &one->key, sizeof(one->key), one) < 0) {
                        pic__free(one);
                        return pic__nomem(err);
                }
                r = pic__row_by_id(t->db, kind, PIC__K_GET, id, &one->o, err);
                if (r < 0)
                        return r;
        }
        *ret = one;
        return 0;
}

static int write_past(pic__db *db, const pic_obj *o, pic_revision since, pic_revision until, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        pic__auto_buf pic__buf sql = PIC__BUF_INIT;
        const pic__kind_info *k = &pic__kinds[o->kind];
        size_t i;
        int r;

        pic__buf_putf(&sql, "INSERT INTO \"%s.past\" (id, since", k->name);
        for (i = 0; i < k->count; i++)
                pic__buf_putf(&sql, ", \"%s\"", k->fields[i].name);
        pic__buf_puts(&sql, ", until) VALUES (?1, ?2");
        for (i = 0; i <= k->count; i++)
                pic__buf_putf(&sql, ", ?%zu", i + 3);
        pic__buf_putc(&sql, ')');
        r = sql.failed ? pic__nomem(err) : pic__db_once(db, pic__buf_str(&sql), &s, err);
        if (r < 0)
                return r;
        pic__row_bind(s, o, o->id, since);
        (void)sqlite3_bind_int64(s, (int)k->count + 3, until);
        return pic__db_step(db, s, err);
}

/* A field as the journal has it. What this build does not know, or does not take any more, is left out. */
static void take_back(pic_obj *o, const char *field, const char *text)
{
        int i = pic__field_find(o->kind, field);

        if (i < 0)
                return;
        if ((pic__kinds[o->kind].fields[i].flags & PIC__F_SECRET) != 0)
                text = NULL;
        (void)pic__obj_set(o, field, text, 1, NULL);
}

/* The object before the row: the row's `before` over what it was after. */
static int step_back(struct trace *t, struct traced *one, const char *before, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        pic_obj *was = NULL;
        int r = one->o != NULL ? pic__obj_edit(one->o, &was, err)
                               : pic__obj_new((enum pic__kind)one->key.kind, &was, err);

        if (r < 0)
                return r;
        was->id = one->key.id;
        pic__obj_unref(one->o);
        one->o = was;
        r = pic__db_once(t->db, "SELECT key, value FROM json_each(?1)", &s, err);
        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, before);
        while ((r = pic__db_step(t->db, s, err)) > 0)
                take_back(was, pic__col_text(s, 0), pic__col_text(s, 1));
        return r;
}

/* One row of the journal, met from its end: what was after it was so from this revision on. */
static int trace_row(struct trace *t, sqlite3_stmt *s, pic_error **err)
{
        const char *kind = pic__col_text(s, 1), *before = pic__col_text(s, 3);
        int k = kind != NULL ? pic__kind_find(kind) : -1, r;
        pic_revision revision = sqlite3_column_int64(s, 0);
        struct traced *one = NULL;

        if (k < 0)
                return 0;
        r = find(t, (enum pic__kind)k, sqlite3_column_int64(s, 2), &one, err);
        if (r >= 0 && one->o != NULL && one->until > revision)
                r = write_past(t->db, one->o, revision, one->until, err);
        if (r < 0)
                return r;
        one->until = revision;
        if (before != NULL)
                return step_back(t, one, before, err);
        one->o = pic__obj_unref(one->o);
        return 0;
}

int pic__migrate_past(pic__db *db, pic_error **err)
{
        PIC__AUTO(trace_free) struct trace t = { db, PIC__MAP_INIT };
        pic__auto_once sqlite3_stmt *s = NULL;
        int r = pic__db_once(db,
                             "SELECT revision, kind, id, before FROM journal"
                             " WHERE before IS NOT NULL OR after IS NOT NULL ORDER BY seq DESC",
                             &s, err);

        while (r >= 0 && (r = pic__db_step(db, s, err)) > 0)
                r = trace_row(&t, s, err);
        return r;
}
