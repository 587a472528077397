/* Owns: making the schema, and bringing an older file forward, in one transaction, after a copy of it was kept.
 *
 * Tables of kinds follow the field tables without a migration: the file remembers a digest of the schema it was made
 * by; when this build's differs, each table's text is compared with the one that would be made today. A table that
 * differs is made again and its rows are carried over. One that has columns unknown to this build (a newer build was
 * here) keeps them and only gets what it lacks. */
#include "store/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "store/copy.h"
#include "store/inner.h"
#include "store/migrate.h"
#include "store/ref.h"
#include "store/session.h"
#include "sys/crypto.h"

/* Every version ever released has its step here. Version 1 is the first. */
static const pic__migration history[] = { { 1, NULL, NULL }, { 2, pic__migrate_leaves, pic__migrate_past } };

static int exec_buf(pic__db *db, pic__buf *sql, pic_error **err)
{
        int r = sql->failed ? pic__nomem(err) : pic__db_exec(db, pic__buf_str(sql), err);

        pic__buf_free(sql);
        return r;
}

int64_t pic__schema_digest(void)
{
        pic__auto_buf pic__buf all = PIC__BUF_INIT;
        size_t i;

        pic__buf_puts(&all, pic__sql_base);
        for (i = 0; i < PIC__KINDS; i++) {
                pic__sql_table((enum pic__kind)i, pic__kinds[i].name, &all);
                pic__sql_indexes((enum pic__kind)i, &all);
                pic__sql_past((enum pic__kind)i, &all);
        }
        pic__sql_ref(&all);
        pic__buf_puts(&all, pic__sql_login);
        /* Without memory the answer fits no file: then the long way is taken, which reports it. */
        return all.failed ? 0 : (int64_t)(pic__hash(all.data, all.len) >> 1) + 1;
}

static int make_kind(pic__db *db, enum pic__kind kind, pic_error **err)
{
        pic__buf sql = PIC__BUF_INIT;

        pic__sql_table(kind, pic__kinds[kind].name, &sql);
        pic__buf_puts(&sql, ";");
        pic__sql_indexes(kind, &sql);
        pic__sql_past(kind, &sql);
        pic__buf_putf(&sql, "INSERT INTO sqlite_sequence (name, seq) VALUES ('%s', 0)", pic__kinds[kind].name);
        return exec_buf(db, &sql, err);
}

static int make_ref(pic__db *db, pic_error **err)
{
        pic__buf sql = PIC__BUF_INIT;

        pic__buf_puts(&sql, "DROP TABLE IF EXISTS ref;");
        pic__sql_ref(&sql);
        return exec_buf(db, &sql, err);
}

static int put_key(pic__db *db, const char *name, const uint8_t key[32], pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(db, PIC__Q_META_SET, &s, err);

        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, name);
        (void)sqlite3_bind_blob(s, 2, key, 32, SQLITE_STATIC);
        return pic__db_run(db, s, err);
}

/* Who is logged in, and by what users that there are not are told from none. */
static int make_login(pic__db *db, pic_error **err)
{
        int64_t there = 0;
        uint8_t secret[32];
        int r = pic__db_exec(db, pic__sql_login, err);

        if (r >= 0)
                r = pic__db_number(db, "SELECT 1 FROM meta WHERE key = '" PIC__META_NOBODY "'", &there, err);
        if (r < 0 || there != 0)
                return r;
        pic__random(secret, sizeof(secret));
        return put_key(db, PIC__META_NOBODY, secret, err);
}

static int fill_meta(pic__db *db, const uint8_t seal_key[32], pic_error **err)
{
        int r = pic__meta_set(db, "revision", 0, err);

        if (r >= 0)
                r = pic__meta_set(db, "next_host", 0, err);
        if (r >= 0)
                r = pic__meta_set(db, "schema", pic__schema_digest(), err);
        return r < 0 ? r : put_key(db, "seal_key", seal_key, err);
}

static int set_version(pic__db *db, int version, pic_error **err)
{
        pic__buf sql = PIC__BUF_INIT;

        pic__buf_putf(&sql, "PRAGMA application_id=%d; PRAGMA user_version=%d", PIC__STORE_APP, version);
        return exec_buf(db, &sql, err);
}

int pic__schema_create(pic__db *db, const uint8_t seal_key[32], pic_error **err)
{
        size_t i;
        int r = pic__db_exec(db, "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE", err);

        if (r >= 0)
                r = pic__db_exec(db, pic__sql_base, err);
        for (i = 0; r >= 0 && i < PIC__KINDS; i++)
                r = make_kind(db, (enum pic__kind)i, err);
        if (r >= 0)
                r = make_ref(db, err);
        if (r >= 0)
                r = make_login(db, err);
        if (r >= 0)
                r = fill_meta(db, seal_key, err);
        if (r >= 0)
                r = set_version(db, PIC__STORE_VERSION, err);
        return r < 0 ? r : pic__db_fixed(db, PIC__Q_COMMIT, err);
}

/* ---- tables of kinds ---- */

/* Whether the table is there, whether its text is today's, and whether it has columns that this build does not know. */
struct shape {
        int there;
        int same;
        int foreign;
        int64_t columns; /* one bit a field that is there, by the field table's order */
};

static int look_at_text(pic__db *db, enum pic__kind kind, struct shape *shape, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        pic__auto_buf pic__buf today = PIC__BUF_INIT;
        int r = pic__db_once(db, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1", &s, err);

        if (r < 0)
                return r;
        pic__sql_table(kind, pic__kinds[kind].name, &today);
        if (today.failed)
                return pic__nomem(err);
        (void)pic__bind_text(s, 1, pic__kinds[kind].name);
        r = pic__db_step(db, s, err);
        if (r > 0) {
                const char *text = pic__col_text(s, 0);

                shape->there = 1;
                shape->same = text != NULL && strcmp(text, pic__buf_str(&today)) == 0;
        }
        return r < 0 ? r : 0;
}

static int look_at_columns(pic__db *db, enum pic__kind kind, const char *table, struct shape *shape, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        int r = pic__db_once(db, "SELECT name FROM pragma_table_info(?1)", &s, err);

        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, table);
        while ((r = pic__db_step(db, s, err)) > 0) {
                const char *name = pic__col_text(s, 0);
                int field = name != NULL ? pic__field_find(kind, name) : -1;

                if (field >= 0)
                        shape->columns |= (int64_t)1 << field;
                else if (name != NULL && strcmp(name, "id") != 0 && strcmp(name, "revision") != 0)
                        shape->foreign = 1;
        }
        return r;
}

static void put_common(enum pic__kind kind, const struct shape *shape, pic__buf *out)
{
        size_t i;

        pic__buf_puts(out, "id, revision");
        for (i = 0; i < pic__kinds[kind].count; i++)
                if ((shape->columns >> i & 1) != 0)
                        pic__buf_putf(out, ", \"%s\"", pic__kinds[kind].fields[i].name);
}

/* sqlite's own recipe for what ALTER TABLE cannot do: a new table, the rows, and the old name. The counter of ids must
 * survive, or an id would be used twice. */
static int remake(pic__db *db, enum pic__kind kind, const struct shape *shape, pic_error **err)
{
        const char *name = pic__kinds[kind].name;
        pic__buf sql = PIC__BUF_INIT;
        int64_t seq = 0;
        int r;

        pic__buf_putf(&sql, "SELECT seq FROM sqlite_sequence WHERE name = '%s'", name);
        r = sql.failed ? pic__nomem(err) : pic__db_number(db, pic__buf_str(&sql), &seq, err);
        pic__buf_clear(&sql);
        if (r < 0) {
                pic__buf_free(&sql);
                return r;
        }
        pic__sql_table(kind, "remade", &sql);
        pic__buf_puts(&sql, "; INSERT INTO remade (");
        put_common(kind, shape, &sql);
        pic__buf_puts(&sql, ") SELECT ");
        put_common(kind, shape, &sql);
        pic__buf_putf(&sql, " FROM \"%s\"; DROP TABLE \"%s\"; ALTER TABLE remade RENAME TO \"%s\";", name, name, name);
        pic__sql_indexes(kind, &sql);
        pic__buf_putf(&sql, "DELETE FROM sqlite_sequence WHERE name = '%s';", name);
        pic__buf_putf(&sql, "INSERT INTO sqlite_sequence (name, seq) VALUES ('%s', %" PRId64 ")", name, seq);
        return exec_buf(db, &sql, err);
}

static int add_missing(pic__db *db, enum pic__kind kind, const struct shape *shape, pic_error **err)
{
        pic__buf sql = PIC__BUF_INIT;
        size_t i;

        for (i = 0; i < pic__kinds[kind].count; i++) {
                if ((shape->columns >> i & 1) != 0)
                        continue;
                pic__buf_putf(&sql, "ALTER TABLE \"%s\" ADD COLUMN ", pic__kinds[kind].name);
                pic__sql_column(&pic__kinds[kind].fields[i], 1, &sql);
                pic__buf_putc(&sql, ';');
        }
        pic__sql_indexes(kind, &sql);
        return exec_buf(db, &sql, err);
}

static int follow_fields(pic__db *db, enum pic__kind kind, pic_error **err)
{
        struct shape shape = { 0, 0, 0, 0 };
        int r = look_at_text(db, kind, &shape, err);

        if (r >= 0)
                r = look_at_columns(db, kind, pic__kinds[kind].name, &shape, err);
        if (r < 0)
                return r;
        if (!shape.there)
                return make_kind(db, kind, err);
        if (shape.same)
                return 0;
        return shape.foreign ? add_missing(db, kind, &shape, err) : remake(db, kind, &shape, err);
}

/* What rows were follows too; a column that is not known any more stays. */
static int follow_past(pic__db *db, enum pic__kind kind, pic_error **err)
{
        struct shape shape = { 0, 0, 0, 0 };
        pic__buf sql = PIC__BUF_INIT;
        char table[64];
        size_t i;
        int r;

        pic__sql_past(kind, &sql);
        r = exec_buf(db, &sql, err);
        snprintf(table, sizeof(table), "%s.past", pic__kinds[kind].name);
        if (r >= 0)
                r = look_at_columns(db, kind, table, &shape, err);
        if (r < 0)
                return r;
        for (i = 0; i < pic__kinds[kind].count; i++)
                if ((shape.columns >> i & 1) == 0)
                        pic__buf_putf(&sql, "ALTER TABLE \"%s\" ADD COLUMN \"%s\" %s;", table,
                                      pic__kinds[kind].fields[i].name, pic__sql_type(&pic__kinds[kind].fields[i]));
        return exec_buf(db, &sql, err);
}

/* ---- forward ---- */

static int run_steps(pic__db *db, const pic__migration *steps, size_t count, int64_t from, int after, pic_error **err)
{
        size_t i;

        for (i = 0; i < count; i++) {
                int (*fn)(pic__db *, pic_error **) = after ? steps[i].after : steps[i].fn;
                int r = steps[i].to > from && fn != NULL ? fn(db, err) : 0;

                if (r < 0) {
                        pic__wrap(err, "%s: cannot be brought to version %d", db->path, steps[i].to);
                        return r;
                }
        }
        return 0;
}

/* References are made again from the objects; what they point at must exist. */
static int check_keys(pic__db *db, pic_error **err)
{
        int64_t bad = 0;
        int r = pic__db_number(db, "SELECT count(*) FROM pragma_foreign_key_check", &bad, err);

        if (r < 0 || bad == 0)
                return r;
        return pic__fail(err, PIC_CORRUPT, "%s: %" PRId64 " references point at nothing", db->path, bad);
}

/* Another program may have been faster. */
static int still_old(pic__db *db, int version, pic_error **err)
{
        int64_t from = 0, digest = 0;
        int r = pic__db_number(db, "PRAGMA user_version", &from, err);

        if (r >= 0)
                r = pic__meta_get(db, "schema", &digest, err);
        return r < 0 ? r : from != version || digest != pic__schema_digest();
}

static int follow_kind(pic__db *db, enum pic__kind kind, pic_error **err)
{
        int r = follow_fields(db, kind, err);

        return r < 0 ? r : follow_past(db, kind, err);
}

static int forward(pic__db *db, const pic__migration *steps, size_t count, int version, pic_error **err)
{
        int64_t from = 0;
        size_t i;
        int r = pic__db_number(db, "PRAGMA user_version", &from, err);

        if (r >= 0)
                r = run_steps(db, steps, count, from, 0, err);
        for (i = 0; r >= 0 && i < PIC__KINDS; i++)
                r = follow_kind(db, (enum pic__kind)i, err);
        if (r >= 0)
                r = run_steps(db, steps, count, from, 1, err);
        if (r >= 0)
                r = make_ref(db, err);
        if (r >= 0)
                r = pic__ref_rebuild(db, err);
        if (r >= 0)
                r = make_login(db, err);
        if (r >= 0)
                r = pic__meta_set(db, "schema", pic__schema_digest(), err);
        if (r >= 0)
                r = set_version(db, version, err);
        return r < 0 ? r : check_keys(db, err);
}

/* Foreign keys can only be switched outside of a transaction, and a table cannot be remade while they are watched. */
static int go_forward(pic__db *db, const pic__migration *steps, size_t count, int version, int64_t from,
                      pic_error **err)
{
        int old = 1, r = pic__db_exec(db, "PRAGMA foreign_keys=OFF; BEGIN IMMEDIATE", err);

        if (r >= 0)
                r = old = still_old(db, version, err);
        if (r > 0)
                r = pic__store_copy(db, from, err);
        if (r >= 0 && old)
                r = forward(db, steps, count, version, err);
        if (r >= 0)
                r = pic__db_fixed(db, PIC__Q_COMMIT, err);
        if (r < 0 && !sqlite3_get_autocommit(db->handle))
                (void)pic__db_fixed(db, PIC__Q_ROLLBACK, NULL);
        (void)pic__db_exec(db, "PRAGMA foreign_keys=ON", r < 0 ? NULL : err);
        return r;
}

static int fail_not_ours(pic__db *db, pic_error **err)
{
        int r = pic__fail(err, PIC_CORRUPT, "%s: this is no cell's store", db->path);

        pic__hint(err, "restore a backup of the cell's directory");
        return r;
}

int pic__schema_forward(pic__db *db, const pic__migration *steps, size_t count, int version, pic_error **err)
{
        int64_t app = 0, from = 0, digest = 0;
        int r = pic__db_number(db, "PRAGMA application_id", &app, err);

        if (r >= 0)
                r = pic__db_number(db, "PRAGMA user_version", &from, err);
        if (r < 0)
                return r;
        if (app != PIC__STORE_APP || from < 1)
                return fail_not_ours(db, err);
        if (from > version) {
                r = pic__fail(err, PIC_UNSUPPORTED,
                              "%s: made by a newer version of this program (store %" PRId64 ", known %d)", db->path,
                              from, version);
                pic__hint(err, "install the newer version again, or restore a backup from before it");
                return r;
        }
        r = pic__meta_get(db, "schema", &digest, err);
        if (r < 0 || (from == version && digest == pic__schema_digest()))
                return r;
        return go_forward(db, steps, count, version, from, err);
}

int pic__schema_open(pic__db *db, pic_error **err)
{
        return pic__schema_forward(db, history, PIC__COUNT(history), PIC__STORE_VERSION, err);
}
