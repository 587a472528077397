/* Writing: adding, changing, renaming, removing; what is taken; what a failed call leaves behind (nothing). */
#include "help.h"

#define KEY_A "jQE7CyJOW9lM6sTnqRrN1hSKkO/tYMZqJlsHF0JhQVU="
#define KEY_B "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="

static void add_and_change(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_obj *o = NULL;
        char text[512];
        pic_id id;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        id = put_obj(t, obj(PIC__PEER, "name", "anna", "access", "internet", "keepalive", "25", "note", "", NULL));
        assert_int_equal(id, 1);
        assert_int_equal(commit(t), 1);
        needs(pic__store_get(st, PIC__PEER, "ANNA", &o, &err));
        assert_int_equal(o->id, 1);
        assert_int_equal(o->revision, 1);
        assert_int_equal(pic__obj_int(o, "keepalive"), 25);
        assert_int_equal(pic__obj_has(o, "expires"), 0);
        pic__obj_unref(o);

        t = begin(st);
        change(t, PIC__PEER, "anna", "access", "internet,lan");
        assert_int_equal(commit(t), 2);
        assert_string_equal(stored(st, PIC__PEER, "anna", "access", text), "internet,lan");
        assert_int_equal(number(st, "SELECT revision FROM peer"), 2);

        /* the same again: nothing changes */
        t = begin(st);
        change(t, PIC__PEER, "anna", "access", "lan,internet");
        assert_int_equal(commit(t), 2);
        assert_int_equal(number(st, "SELECT count(*) FROM journal"), 3);
        pic__store_unref(st);
}

static void taken(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_error *e = NULL;
        pic_obj *o;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__PEER, "name", "anna", "public_key", KEY_A, "address4", "10.1.0.5", NULL));
        o = obj(PIC__PEER, "name", "Anna", NULL);
        refused(PIC_EXISTS, pic__txn_put(t, o, NULL, NULL, &err), &e);
        assert_string_equal(pic_error_message(e), "peer 'anna' exists already");
        assert_string_equal(pic_error_detail(e, "object"), "peer 'Anna'"); /* the one that was refused */
        pic_error_free(e);
        pic__obj_unref(o);
        o = obj(PIC__PEER, "name", "bert", "public_key", KEY_A, NULL);
        refused(PIC_EXISTS, pic__txn_put(t, o, NULL, NULL, &err), &e);
        assert_string_equal(pic_error_detail(e, "field"), "public_key");
        assert_string_equal(pic_error_detail(e, "value"), KEY_A);
        assert_non_null(strstr(pic_error_message(e), "'anna'"));
        assert_non_null(pic_error_hint(e));
        pic_error_free(e);
        needs(pic__obj_set(o, "public_key", KEY_B, 1, &err));
        needs(pic__obj_set(o, "address4", "10.1.0.5", 1, &err));
        refused(PIC_EXISTS, pic__txn_put(t, o, NULL, NULL, &err), &e);
        assert_string_equal(pic_error_detail(e, "field"), "address4");
        pic_error_free(e);
        /* the transaction goes on */
        needs(pic__obj_set(o, "address4", "10.1.0.6", 1, &err));
        assert_int_equal(put_obj(t, o), 2);
        o = obj(PIC__CELL, "name", "two", "net4", "10.2.0.0/16", "net6", "fd00::/64", NULL);
        refused(PIC_EXISTS, pic__txn_put(t, o, NULL, NULL, &err), NULL);
        pic__obj_unref(o);
        assert_int_equal(commit(t), 1);
        assert_int_equal(number(st, "SELECT count(*) FROM peer"), 2);
        assert_int_equal(number(st, "SELECT count(*) FROM cell"), 1);
        assert_int_equal(number(st, "SELECT count(*) FROM journal"), 3);
        pic__store_unref(st);
}

static void rename_rewrites(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        char text[1024];

        (void)state;
        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__GROUP, "name", "kids", "access", "lan", NULL));
        put_obj(t, obj(PIC__PEER, "name", "anna", NULL));
        put_obj(t, obj(PIC__PEER, "name", "bert", "groups", "kids", "access", "peer:anna,group:kids", NULL));
        change(t, PIC__PEER, "anna", "access", "peer:anna,peer:bert");
        commit(t);

        t = begin(st);
        change(t, PIC__GROUP, "kids", "name", "children");
        change(t, PIC__PEER, "anna", "name", "hanna");
        assert_int_equal(commit(t), 2);
        assert_string_equal(stored(st, PIC__PEER, "bert", "groups", text), "children");
        assert_non_null(strstr(stored(st, PIC__PEER, "bert", "access", text), "group:children"));
        assert_non_null(strstr(stored(st, PIC__PEER, "bert", "access", text), "peer:hanna"));
        assert_null(strstr(stored(st, PIC__PEER, "hanna", "access", text), "peer:anna"));
        assert_non_null(strstr(stored(st, PIC__PEER, "hanna", "access", text), "peer:hanna"));
        /* each rewrite is a row: kids, bert, anna, bert */
        assert_int_equal(number(st, "SELECT count(*) FROM journal WHERE revision = 2"), 4);
        assert_int_equal(number(st, "SELECT count(*) FROM ref"), 5);

        /* only the case: nobody is rewritten */
        t = begin(st);
        change(t, PIC__GROUP, "children", "name", "Children");
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM journal WHERE revision = 3"), 1);
        assert_string_equal(last_row(st, text), "group|change|{\"name\":\"children\"}|{\"name\":\"Children\"}|group "
                                                "children: name children → Children");
        pic__store_unref(st);
}

static void removing(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_error *e = NULL;
        pic_obj *o;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__GROUP, "name", "kids", NULL));
        put_obj(t, obj(PIC__PEER, "name", "anna", "groups", "kids", NULL));
        put_obj(t, obj(PIC__PEER, "name", "bert", "access", "group:kids,peer:bert", NULL));
        refused(PIC_INUSE, pic__txn_remove(t, PIC__GROUP, "Kids", &err), &e);
        assert_string_equal(pic_error_detail(e, "users"), "anna,bert");
        pic_error_free(e);
        refused(PIC_NOTFOUND, pic__txn_remove(t, PIC__GROUP, "kidz", &err), &e);
        assert_non_null(strstr(pic_error_hint(e), "kids"));
        pic_error_free(e);
        needs(pic__txn_remove(t, PIC__PEER, "anna", &err));
        needs(pic__txn_remove(t, PIC__PEER, "bert", &err)); /* names only itself */
        needs(pic__txn_remove(t, PIC__GROUP, "kids", &err));
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM ref"), 0);
        /* an id is never used twice */
        t = begin(st);
        assert_int_equal(put_obj(t, obj(PIC__PEER, "name", "anna", NULL)), 3);
        o = copy_of(t, PIC__PEER, "anna");
        commit(t);
        t = begin(st);
        needs(pic__txn_remove(t, PIC__PEER, "anna", &err));
        commit(t);
        t = begin(st);
        refused(PIC_STALE, pic__txn_put(t, o, NULL, NULL, &err), NULL);
        pic__obj_unref(o);
        pic__txn_abort(t);
        pic__store_unref(st);
}

static void broken_objects(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_error *e = NULL;
        pic_obj *o;

        (void)state;
        o = obj(PIC__PEER, "note", "no name", NULL);
        refused(PIC_VALUE, pic__txn_put(t, o, NULL, NULL, &err), NULL);
        pic__obj_unref(o);
        o = obj(PIC__PEER, "name", "anna", "groups", "kids", NULL);
        refused(PIC_NOTFOUND, pic__txn_put(t, o, NULL, NULL, &err), &e);
        assert_non_null(strstr(pic_error_message(e), "peer 'anna': groups: there is no group 'kids'"));
        pic_error_free(e);
        pic__obj_unref(o);
        assert_int_equal(number(st, "SELECT count(*) FROM peer"), 0);
        assert_int_equal(number(st, "SELECT count(*) FROM journal"), 0);
        assert_int_equal(commit(t), 0);
        pic__store_unref(st);
}

/* CHECKs come from the table: what a parser would refuse does not get in by another way either. */
static void checks_hold(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_error *e = NULL;
        pic_obj *o = obj(PIC__PEER, "name", "anna", NULL);

        (void)state;
        needs(pic__obj_set_int(o, "keepalive", 25, &err));
        o->vals[pic__field_find(PIC__PEER, "keepalive")].i = 70000;
        refused(PIC_INVALID, pic__txn_put(t, o, NULL, NULL, &err), &e);
        assert_non_null(strstr(pic_error_message(e), "CHECK"));
        pic_error_free(e);
        pic__obj_unref(o);
        assert_int_equal(sqlite3_exec(st->db->handle,
                                      "INSERT INTO peer (revision, name, key_mode) VALUES (1, 'x', 'none')", 0, 0, 0),
                         SQLITE_CONSTRAINT_CHECK);
        assert_int_equal(
                sqlite3_exec(st->db->handle, "INSERT INTO peer (revision, name, enabled) VALUES (1, 'x', 2)", 0, 0, 0),
                SQLITE_CONSTRAINT_CHECK);
        assert_int_equal(sqlite3_exec(st->db->handle,
                                      "INSERT INTO peer (revision, name, keepalive) VALUES (1, 'x', 'y')", 0, 0, 0),
                         SQLITE_CONSTRAINT_DATATYPE);
        assert_int_equal(sqlite3_exec(st->db->handle, "INSERT INTO peer (revision) VALUES (1)", 0, 0, 0),
                         SQLITE_CONSTRAINT_NOTNULL);
        pic__txn_abort(t);
        pic__store_unref(st);
}

/* Each allocation fails once: the transaction either went through or left all as it was. */
static int whole(pic__store *st, unsigned long n, int *ret_done)
{
        pic__txn *t = NULL;
        pic_obj *o = obj(PIC__PEER, "name", "bert", "access", "peer:anna", "address4", "10.1.0.9", NULL);
        pic_obj *ren = NULL;
        int r;

        t = begin(st);
        ren = copy_of(t, PIC__PEER, "anna");
        pic__txn_abort(t);
        t = NULL;
        needs(pic__obj_set(ren, "name", "hanna", 1, &err));
        pic__mem_fail_at(n);
        r = pic__txn_begin(st, "root", "cli", &t, NULL);
        if (r == 0)
                r = pic__txn_put(t, o, NULL, NULL, NULL);
        if (r == 0)
                r = pic__txn_put(t, ren, NULL, NULL, NULL);
        if (r == 0)
                r = pic__txn_remove(t, PIC__GROUP, "kids", NULL);
        if (r == 0)
                r = pic__txn_commit(pic__take(t), NULL, NULL);
        *ret_done = pic__mem_fail_at(0) < n;
        pic__txn_abort(t);
        pic__obj_unref(o);
        pic__obj_unref(ren);
        return r;
}

static void undo(pic__store *st)
{
        pic__txn *t = begin(st);

        needs(pic__txn_remove(t, PIC__PEER, "bert", &err));
        change(t, PIC__PEER, "hanna", "name", "anna");
        put_obj(t, obj(PIC__GROUP, "name", "kids", NULL));
        commit(t);
}

static void out_of_memory(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        unsigned long n;
        int r, done = 0;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__GROUP, "name", "kids", NULL));
        put_obj(t, obj(PIC__PEER, "name", "anna", "access", "peer:anna", NULL));
        commit(t);
        for (n = 1; !done; n++) {
                int64_t rows = number(st, "SELECT count(*) FROM journal");

                r = whole(st, n, &done);
                assert_true(r == 0 || r == PIC_NOMEM);
                assert_int_equal(number(st, "SELECT count(*) FROM peer"), r == 0 ? 2 : 1);
                assert_int_equal(number(st, "SELECT count(*) FROM journal"), r == 0 ? rows + 4 : rows);
                if (r == 0)
                        undo(st);
        }
        assert_true(n > 50);
        needs(pic__store_check(st, &err));
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORE_TEST(add_and_change), STORE_TEST(taken),       STORE_TEST(rename_rewrites), STORE_TEST(removing),
                STORE_TEST(broken_objects), STORE_TEST(checks_hold), STORE_TEST(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
