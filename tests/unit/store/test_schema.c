/* Bringing older files forward: columns that are missing, rules that changed, steps of versions, newer files. */
#include "help.h"
#include "store/schema.h"

/* The version of this build, as text and as number. */
#define NOW "2"
enum { V = PIC__STORE_VERSION };

static char *path_of(const char *name)
{
        static char path[128];

        snprintf(path, sizeof(path), "%s/%s", test_dir, name);
        return path;
}

/* A store with contents, closed; then `sql` is run on it as an older (or newer) build would have left it. */
static void make_other(const char *sql)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic__db *db = NULL;

        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__GROUP, "name", "kids", "access", "lan", NULL));
        put_obj(t, obj(PIC__PEER, "name", "anna", "groups", "kids", "note", "stays", NULL));
        put_obj(t, obj(PIC__PEER, "name", "bert", NULL));
        needs(pic__txn_remove(t, PIC__PEER, "bert", &err));
        commit(t);
        pic__store_unref(st);
        needs(pic__db_open(path_of("cell.db"), 100, &db, &err));
        needs(pic__db_exec(db, "PRAGMA foreign_keys=OFF", &err));
        needs(pic__db_exec(db, sql, &err));
        pic__db_unref(db);
}

static void still_all_there(pic__store *st)
{
        char text[512];
        pic__txn *t;

        assert_string_equal(stored(st, PIC__PEER, "anna", "note", text), "stays");
        assert_string_equal(stored(st, PIC__PEER, "anna", "groups", text), "kids");
        assert_int_equal(number(st, "SELECT count(*) FROM ref"), 1);
        assert_int_equal(number(st, "PRAGMA foreign_keys"), 1);
        needs(pic__store_check(st, &err));
        t = begin(st);
        refused(PIC_INUSE, pic__txn_remove(t, PIC__GROUP, "kids", &err), NULL);
        assert_int_equal(put_obj(t, obj(PIC__PEER, "name", "carl", "keepalive", "20", NULL)), 3); /* 2 was used once */
        commit(t);
}

/* An older build of the same version did not have these columns. */
static void missing_columns(void **state)
{
        pic__store *st;

        (void)state;
        make_other("ALTER TABLE peer DROP COLUMN keepalive; ALTER TABLE peer DROP COLUMN preshared; ALTER TABLE cell "
                   "DROP COLUMN note;"
                   "UPDATE meta SET value = 1 WHERE key = 'schema'");
        st = open_store();
        still_all_there(st);
        assert_int_equal(access(path_of("cell.db.v" NOW), F_OK), 0);
        assert_int_equal(number(st, "SELECT value FROM meta WHERE key = 'schema'"), pic__schema_digest());
        /* the second open has nothing to do */
        unlink(path_of("cell.db.v" NOW));
        pic__store_unref(st);
        pic__store_unref(open_store());
        assert_int_equal(access(path_of("cell.db.v" NOW), F_OK), -1);
}

/* A rule was narrower: its CHECK is part of the table, so the table is made again. */
static void other_rules(void **state)
{
        pic__store *st;
        pic__txn *t;

        (void)state;
        make_other(
                "CREATE TABLE old (id INTEGER PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL, name TEXT NOT NULL,"
                " note TEXT CHECK (length(note) < 10), groups TEXT, keepalive INTEGER CHECK (keepalive < 20)) STRICT;"
                "INSERT INTO old SELECT id, revision, name, note, groups, keepalive FROM peer;"
                "DROP TABLE peer; ALTER TABLE old RENAME TO peer; UPDATE sqlite_sequence SET seq = 2 WHERE name = "
                "'peer';"
                "UPDATE meta SET value = 1 WHERE key = 'schema'");
        st = open_store();
        still_all_there(st);
        t = begin(st);
        change(t, PIC__PEER, "anna", "keepalive", "60000");
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM pragma_index_list('peer') WHERE \"unique\""), 4);
        pic__store_unref(st);
}

/* A newer build of the same version was here: its columns stay, with what is in them. */
static void unknown_columns(void **state)
{
        pic__store *st;
        pic__txn *t;

        (void)state;
        make_other("ALTER TABLE peer ADD COLUMN colour TEXT; UPDATE peer SET colour = 'red'; ALTER TABLE peer DROP "
                   "COLUMN keepalive;"
                   "UPDATE meta SET value = 1 WHERE key = 'schema'");
        st = open_store();
        still_all_there(st);
        t = begin(st);
        change(t, PIC__PEER, "anna", "keepalive", "60");
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM peer WHERE colour = 'red' AND keepalive = 60"), 1);
        pic__store_unref(st);
}

static void missing_kind(void **state)
{
        pic__store *st = NULL;
        pic__txn *t;

        (void)state;
        make_other("DROP TABLE ref; DROP TABLE \"group\"; UPDATE peer SET groups = NULL; UPDATE meta SET value = 1 "
                   "WHERE key = 'schema'");
        st = open_store();
        t = begin(st);
        put_obj(t, obj(PIC__GROUP, "name", "new", NULL));
        commit(t);
        pic__store_unref(st);
}

/* ---- versions ---- */

static int to_two(pic__db *db, pic_error **err)
{
        return pic__db_exec(db, "UPDATE peer SET note = 'by two' WHERE note = 'stays'", err);
}

static int to_three(pic__db *db, pic_error **err)
{
        return pic__db_exec(db, "UPDATE peer SET note = note || ' and three'", err);
}

static int to_four(pic__db *db, pic_error **err)
{
        int r = pic__db_exec(db, "UPDATE peer SET note = 'half'", err);

        return r < 0 ? r : pic__fail(err, PIC_CORRUPT, "four does not work");
}

static const pic__migration steps[] = {
        { V, NULL, NULL }, { V + 1, to_two, NULL }, { V + 2, NULL, to_three }, { V + 3, to_four, NULL }
};

static void versions(void **state)
{
        pic__db *db = NULL;
        pic_error *e = NULL;
        int64_t n = 0;

        (void)state;
        make_other("SELECT 1");
        needs(pic__db_open(path_of("cell.db"), 100, &db, &err));
        needs(pic__schema_forward(db, steps, 3, V + 2, &err));
        needs(pic__db_number(db, "PRAGMA user_version", &n, &err));
        assert_int_equal(n, V + 2);
        needs(pic__db_number(db, "SELECT count(*) FROM peer WHERE note = 'by two and three'", &n, &err));
        assert_int_equal(n, 1);
        needs(pic__schema_forward(db, steps, 3, V + 2, &err)); /* nothing to do */
        needs(pic__db_number(db, "SELECT count(*) FROM peer WHERE note = 'by two and three'", &n, &err));
        assert_int_equal(n, 1);
        /* a step that fails leaves the version before it */
        refused(PIC_CORRUPT, pic__schema_forward(db, steps, 4, V + 3, &err), &e);
        assert_non_null(strstr(pic_error_message(e), "version 5"));
        pic_error_free(e);
        needs(pic__db_number(db, "PRAGMA user_version", &n, &err));
        assert_int_equal(n, V + 2);
        needs(pic__db_number(db, "SELECT count(*) FROM peer WHERE note = 'half'", &n, &err));
        assert_int_equal(n, 0);
        pic__db_unref(db);
        assert_int_equal(access(path_of("cell.db.v" NOW), F_OK), 0);
        assert_int_equal(access(path_of("cell.db.v4"), F_OK), 0);
        /* the copy is the file as it was */
        needs(pic__db_open(path_of("cell.db.v" NOW), 100, &db, &err));
        needs(pic__db_number(db, "PRAGMA user_version", &n, &err));
        assert_int_equal(n, V);
        needs(pic__db_number(db, "SELECT count(*) FROM peer WHERE note = 'stays'", &n, &err));
        assert_int_equal(n, 1);
        pic__db_unref(db);
}

static void newer(void **state)
{
        pic__store *st = NULL;
        pic_error *e = NULL;

        (void)state;
        make_other("PRAGMA user_version=9");
        refused(PIC_UNSUPPORTED, pic__store_open(test_dir, 100, &test_clock, &st, &err), &e);
        assert_non_null(strstr(pic_error_message(e), "store 9, known " NOW));
        assert_non_null(pic_error_hint(e));
        pic_error_free(e);
        assert_int_equal(access(path_of("cell.db.v9"), F_OK), -1);
}

static void not_ours(void **state)
{
        pic__store *st = NULL;

        (void)state;
        make_other("PRAGMA application_id=5");
        refused(PIC_CORRUPT, pic__store_open(test_dir, 100, &test_clock, &st, &err), NULL);
}

/* A schema with a part missing is damage. */
static void no_meta(void **state)
{
        pic__store *st = NULL;
        pic_error *e = NULL;

        (void)state;
        make_other("DROP TABLE meta");
        refused(PIC_CORRUPT, pic__store_open(test_dir, 100, &test_clock, &st, &err), &e);
        assert_non_null(strstr(pic_error_message(e), "meta"));
        pic_error_free(e);
}

static void out_of_memory(void **state)
{
        unsigned long n, made = 0;
        int r = PIC_NOMEM;

        (void)state;
        make_other("ALTER TABLE peer DROP COLUMN keepalive; UPDATE meta SET value = 1 WHERE key = 'schema'");
        for (n = 1; n == 1 || made >= n - 1; n++) {
                pic__store *st = NULL;

                pic__mem_fail_at(n);
                r = pic__store_open(test_dir, 100, &test_clock, &st, NULL);
                made = pic__mem_fail_at(0);
                assert_true(r == PIC_NOMEM || r == 0);
                pic__store_unref(st);
        }
        assert_int_equal(r, 0);
        {
                pic__store *st = open_store();

                still_all_there(st);
                pic__store_unref(st);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORE_TEST(missing_columns), STORE_TEST(other_rules), STORE_TEST(unknown_columns),
                STORE_TEST(missing_kind),    STORE_TEST(versions),    STORE_TEST(newer),
                STORE_TEST(not_ours),        STORE_TEST(no_meta),     STORE_TEST(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
