/* References: who refers to whom, what the database itself refuses, documents whose objects name each other. */
#include "help.h"
#include "store/ref.h"

static pic__store *small(void)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);

        put_obj(t, obj(PIC__GROUP, "name", "kids", NULL));
        put_obj(t, obj(PIC__PEER, "name", "anna", "groups", "kids", "access", "peer:anna", NULL));
        put_obj(t, obj(PIC__PEER, "name", "bert", "access", "peer:anna,group:kids", NULL));
        commit(t);
        return st;
}

static void users(void **state)
{
        pic__store *st = small();
        pic__store_key *u = NULL;
        size_t n = 0;

        (void)state;
        needs(pic__ref_users(st->db, PIC__GROUP, 1, &u, &n, &err));
        assert_int_equal(n, 2);
        pic__free(u);
        needs(pic__ref_users(st->db, PIC__PEER, 1, &u, &n, &err)); /* itself does not count */
        assert_int_equal(n, 1);
        assert_int_equal(u[0].kind, PIC__PEER);
        assert_int_equal(u[0].id, 2);
        pic__free(u);
        pic__mem_fail_at(1);
        assert_int_equal(pic__ref_users(st->db, PIC__PEER, 1, &u, &n, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
        pic__store_unref(st);
}

/* Not by us but by the foreign key: whoever writes to this file cannot leave a name that points at nothing. */
static void the_database_refuses(void **state)
{
        pic__store *st = small();

        (void)state;
        refused(PIC_INUSE, pic__db_exec(st->db, "DELETE FROM \"group\" WHERE id = 1", &err), NULL);
        refused(PIC_INUSE, pic__db_exec(st->db, "DELETE FROM peer WHERE id = 1", &err), NULL);
        needs(pic__db_exec(st->db, "DELETE FROM peer WHERE id = 2", &err));
        pic__store_unref(st);
}

static void rebuild(void **state)
{
        pic__store *st = small();

        (void)state;
        assert_int_equal(number(st, "SELECT count(*) FROM ref"), 4);
        needs(pic__db_exec(st->db, "DELETE FROM ref", &err));
        needs(pic__ref_rebuild(st->db, &err));
        assert_int_equal(number(st, "SELECT count(*) FROM ref"), 4);
        assert_int_equal(number(st, "SELECT count(*) FROM ref WHERE to_group = 1 AND field = 'groups' AND from_id = 1"),
                         1);
        pic__store_unref(st);
}

static void each_other(void **state)
{
        pic__store *st = small();
        pic__txn *t = begin(st);
        pic_error *e = NULL;

        (void)state;
        /* both new, each names the other, before the group is there */
        pic__txn_defer(t);
        put_obj(t, obj(PIC__PEER, "name", "carl", "access", "peer:dora", "groups", "later", NULL));
        put_obj(t, obj(PIC__PEER, "name", "dora", "access", "peer:carl", NULL));
        put_obj(t, obj(PIC__GROUP, "name", "later", NULL));
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM ref"), 7);

        /* all go, in an order that would be refused */
        t = begin(st);
        pic__txn_defer(t);
        needs(pic__txn_remove(t, PIC__GROUP, "later", &err));
        needs(pic__txn_remove(t, PIC__PEER, "dora", &err));
        needs(pic__txn_remove(t, PIC__PEER, "carl", &err));
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM ref"), 4);

        /* removed and made again under the same name: the users follow */
        t = begin(st);
        pic__txn_defer(t);
        needs(pic__txn_remove(t, PIC__GROUP, "kids", &err));
        put_obj(t, obj(PIC__GROUP, "name", "kids", "note", "new", NULL));
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM ref WHERE to_group = 3"), 2);

        /* what stays wrong is told at the end, and nothing is written */
        t = begin(st);
        pic__txn_defer(t);
        needs(pic__txn_remove(t, PIC__GROUP, "kids", &err));
        refused(PIC_INUSE, pic__txn_commit(t, NULL, &err), &e);
        assert_non_null(strstr(pic_error_message(e),
                               "group 'kids' is still in use by peer 'anna' (groups), peer 'bert' (access)"));
        assert_string_equal(pic_error_detail(e, "users"), "anna,bert");
        assert_non_null(pic_error_hint(e));
        pic_error_free(e);
        t = begin(st);
        pic__txn_defer(t);
        put_obj(t, obj(PIC__PEER, "name", "emil", "access", "peer:nobody", NULL));
        refused(PIC_NOTFOUND, pic__txn_commit(t, NULL, &err), &e);
        assert_string_equal(pic_error_message(e), "peer 'emil': access: there is no peer 'nobody'");
        assert_string_equal(pic_error_detail(e, "field"), "access");
        assert_string_equal(pic_error_detail(e, "object"), "peer 'emil'");
        pic_error_free(e);
        assert_int_equal(number(st, "SELECT count(*) FROM peer"), 2);
        needs(pic__store_check(st, &err));
        pic__store_unref(st);
}

static void many_users(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_error *e = NULL;
        char name[16];
        int i;

        (void)state;
        put_obj(t, obj(PIC__GROUP, "name", "all", NULL));
        for (i = 0; i < 60; i++) {
                snprintf(name, sizeof(name), "p%d", i);
                put_obj(t, obj(PIC__PEER, "name", name, "groups", "all", NULL));
        }
        refused(PIC_INUSE, pic__txn_remove(t, PIC__GROUP, "all", &err), &e);
        assert_non_null(strstr(pic_error_message(e), "p0,p1,"));
        assert_non_null(strstr(pic_error_message(e), "p49 and 10 more"));
        pic_error_free(e);
        pic__txn_defer(t);
        needs(pic__txn_remove(t, PIC__GROUP, "all", &err));
        refused(PIC_INUSE, pic__txn_settle(t, &err), &e);
        assert_non_null(strstr(pic_error_message(e), "peer 'p48' (groups), peer 'p49' (groups) and 10 more"));
        pic_error_free(e);
        pic__txn_abort(t);
        pic__store_unref(st);
}

/* Unknown: what is told at the end is a name that nobody has; else one that is in use. */
static void run_out(int unknown)
{
        pic__store *st = small();
        unsigned long n, made = 0;

        for (n = 1; n == 1 || made >= n - 1; n++) {
                pic__txn *t = begin(st);
                pic_obj *o = obj(PIC__PEER, "name", "carl", unknown ? "groups" : NULL, "later", NULL);
                int r;

                pic__txn_defer(t);
                pic__mem_fail_at(n);
                r = pic__txn_put(t, o, NULL, NULL, NULL);
                if (r == 0)
                        r = pic__txn_remove(t, PIC__GROUP, "kids", NULL);
                if (r == 0)
                        r = pic__txn_commit(pic__take(t), NULL, NULL);
                made = pic__mem_fail_at(0);
                assert_true(r == PIC_NOMEM || r == (unknown ? PIC_NOTFOUND : PIC_INUSE));
                pic__txn_abort(t);
                pic__obj_unref(o);
                assert_int_equal(number(st, "SELECT count(*) FROM ref"), 4);
        }
        pic__store_unref(st);
}

static void out_of_memory(void **state)
{
        (void)state;
        run_out(1);
}

static void out_of_memory_in_use(void **state)
{
        (void)state;
        run_out(0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORE_TEST(users),
                STORE_TEST(the_database_refuses),
                STORE_TEST(rebuild),
                STORE_TEST(each_other),
                STORE_TEST(many_users),
                STORE_TEST(out_of_memory),
                STORE_TEST(out_of_memory_in_use),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
