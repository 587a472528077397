/* Shows: a store that version 1 made comes forward with its whole past, and a copy of it stays. */
#include "help.h"
#include "store/schema.h"

static char *slurp(const char *path)
{
        FILE *in = fopen(path, "r");
        char *text = calloc(1, 1 << 20);
        size_t n;

        assert_non_null(in);
        n = fread(text, 1, (1 << 20) - 1, in);
        assert_true(n > 0 && n < (1 << 20) - 1);
        fclose(in);
        return text;
}

static void make_v1(void)
{
        char path[128], *sql = slurp(PIC_TEST_DATA "/fixtures/store/v1.sql");
        sqlite3 *db = NULL;

        snprintf(path, sizeof(path), "%s/cell.db", test_dir);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        free(sql);
}

static const char *field_at(pic__store *st, pic_revision revision, pic_id id, const char *field, char text[512])
{
        pic_obj *o = NULL;

        needs(pic__store_obj_at(st, PIC__PEER, id, revision, &o, &err));
        snprintf(text, 512, "%s", o != NULL ? pic__obj_text(o, field) : "(none)");
        pic__obj_unref(o);
        return text;
}

static void past(void **state)
{
        pic__store *st;
        pic__snap *s = NULL;
        char text[512], path[128];
        pic_obj *o = NULL;

        (void)state;
        make_v1();
        st = open_store();
        assert_int_equal(number(st, "PRAGMA user_version"), PIC__STORE_VERSION);
        needs(pic__store_check(st, &err));
        assert_string_equal(field_at(st, 2, 1, "note", text), "(none)");
        assert_string_equal(field_at(st, 3, 1, "note", text), "first");
        assert_string_equal(field_at(st, 3, 1, "access", text), "internet,lan");
        assert_string_equal(field_at(st, 4, 1, "name", text), "anna");
        assert_string_equal(field_at(st, 5, 1, "note", text), "second");
        assert_string_equal(field_at(st, 12, 1, "name", text), "anne");
        assert_string_equal(field_at(st, 7, 2, "groups", text), "kids");
        assert_string_equal(field_at(st, 8, 2, "groups", text), "children");
        assert_string_equal(field_at(st, 9, 3, "address4", text), "10.7.0.4");
        assert_string_equal(field_at(st, 10, 3, "address4", text), "(none)"); /* removed */
        assert_string_equal(field_at(st, 3, 1, "private_key", text), "");     /* the journal never had it */
        needs(pic__store_obj_at(st, PIC__CELL, 1, 11, &o, &err));
        assert_false(pic__obj_has(o, "mtu"));
        pic__obj_unref(o);
        needs(pic__snap_new(&s, &err));
        needs(pic__store_at(st, 9, s, &err));
        assert_int_equal(pic__snap_count(s, PIC__PEER), 3);
        assert_non_null(pic__snap_named(s, PIC__GROUP, "children"));
        pic__snap_unref(s);
        snprintf(path, sizeof(path), "%s/cell.db.v1", test_dir);
        assert_int_equal(access(path, F_OK), 0);
        pic__store_unref(st);
}

/* Every row is a leaf, in order, and the tree goes on with what comes. */
static void leaves(void **state)
{
        pic__store *st;
        pic__tree tree;
        pic__txn *t;

        (void)state;
        make_v1();
        st = open_store();
        needs(pic__tree_load(st->db, &tree, &err));
        assert_int_equal(tree.size, 13);
        assert_int_equal(number(st, "SELECT count(*) FROM journal WHERE length(leaf) = 32"), 13);
        t = begin(st);
        change(t, PIC__PEER, "anne", "note", "third");
        commit(t);
        needs(pic__tree_load(st->db, &tree, &err));
        assert_int_equal(tree.size, 14);
        assert_int_equal(pic__store_last_seq(st), 14);
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = { STORE_TEST(past), STORE_TEST(leaves) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
