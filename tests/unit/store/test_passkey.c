/* Shows: passkeys as the file keeps them: found by their credential, each once, counted, named, gone with their user;
 * and no part of the journal. */
#include "help.h"
#include "store/passkey.h"

static pic__store *with_anna(pic_id *ret)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);

        add_cell(t, "10.7.0.0/16");
        *ret = put_obj(t, obj(PIC__USER, "name", "anna", "role", "admin", NULL));
        commit(t);
        return st;
}

static pic__passkey one(pic_id user, const char *name, uint8_t id)
{
        pic__passkey p = { .user = user, .credential_len = 16, .alg = -8, .key_len = 32, .count = 7 };

        snprintf(p.name, sizeof(p.name), "%s", name);
        snprintf(p.rp, sizeof(p.rp), "localhost");
        memset(p.credential, id, 16);
        memset(p.key, id + 1, 32);
        return p;
}

static int add(pic__store *st, const pic__passkey *p, pic_id *ret)
{
        pic__txn *t = begin(st);
        pic_error *err = NULL;
        int r = pic__txn_passkey_add(t, p, ret, &err);

        need(r, err);
        commit(t);
        return r;
}

static int count(const pic__passkey *p, void *data)
{
        (void)p;
        ++*(int *)data;
        return 0;
}

static int all(pic__store *st, pic_id user)
{
        int n = 0;

        needs(pic__store_passkeys(st, user, count, &n, &err));
        return n;
}

static void keep(void **state)
{
        pic_id anna = 0, id = 0, other = 0;
        pic__store *st = with_anna(&anna);
        pic__passkey p = one(anna, "phone", 3), q = one(anna, "key", 3), found;
        uint8_t nothing[16] = { 0 };

        (void)state;
        assert_int_equal(add(st, &p, &id), 1);
        assert_int_equal(add(st, &q, &other), 0); /* the same credential */
        q = one(anna, "PHONE", 4);
        assert_int_equal(add(st, &q, &other), 0); /* the same name */
        q = one(anna, "key", 4);
        assert_int_equal(add(st, &q, &other), 1);
        assert_int_equal(all(st, anna), 2);
        assert_int_equal(all(st, 0), 2);
        assert_int_equal(all(st, anna + 1), 0);
        assert_int_equal(pic__store_passkey(st, nothing, 16, &found, NULL), 0);
        assert_int_equal(pic__store_passkey(st, p.credential, 15, &found, NULL), 0);
        assert_int_equal(pic__store_passkey(st, p.credential, 16, &found, NULL), 1);
        assert_int_equal(found.id, id);
        assert_int_equal(found.user, anna);
        assert_string_equal(found.name, "phone");
        assert_string_equal(found.rp, "localhost");
        assert_int_equal(found.alg, -8);
        assert_int_equal(found.key_len, 32);
        assert_memory_equal(found.key, p.key, 32);
        assert_int_equal(found.count, 7);
        assert_int_equal(found.created, NOON);
        assert_int_equal(found.used, 0);
        pic__store_unref(st);
}

static void changes(void **state)
{
        pic_id anna = 0, id = 0;
        pic_revision before = 0, after = 0;
        pic__store *st = with_anna(&anna);
        pic__passkey p = one(anna, "phone", 3), found;
        pic__txn *t;

        (void)state;
        assert_int_equal(add(st, &p, &id), 1);
        p = one(anna, "key", 4);
        assert_int_equal(add(st, &p, &id), 1);
        needs(pic__store_revision(st, &before, &err));
        test_now += 5;
        t = begin(st);
        needs(pic__txn_passkey_used(t, id, UINT32_MAX, &err));
        needs(pic__txn_passkey_suspect(t, id, &err));
        assert_int_equal(pic__txn_passkey_name(t, anna, id, "phone", NULL), 0);
        assert_int_equal(pic__txn_passkey_name(t, anna + 1, id, "ring", NULL), 0);
        assert_int_equal(pic__txn_passkey_name(t, anna, id, "ring", NULL), 1);
        assert_int_equal(pic__txn_passkey_end(t, anna + 1, id, NULL), 0);
        commit(t);
        assert_int_equal(pic__store_passkey(st, p.credential, 16, &found, NULL), 1);
        assert_string_equal(found.name, "ring");
        assert_true(found.count == UINT32_MAX && found.used == test_now && found.suspect == test_now);
        t = begin(st);
        assert_int_equal(pic__txn_passkey_end(t, anna, id, NULL), 1);
        assert_int_equal(pic__txn_passkey_end(t, anna, id, NULL), 0);
        commit(t);
        assert_int_equal(all(st, anna), 1);
        needs(pic__store_revision(st, &after, &err));
        assert_int_equal(before, after);
        t = begin(st);
        needs(pic__txn_remove(t, PIC__USER, "anna", &err));
        commit(t);
        assert_int_equal(all(st, 0), 0);
        pic__store_unref(st);
}

static void handles(void **state)
{
        uint8_t a[32], b[32];
        pic_id anna = 0;
        pic__store *st = with_anna(&anna);

        (void)state;
        needs(pic__store_handle(st, anna, a, &err));
        needs(pic__store_handle(st, anna, b, &err));
        assert_memory_equal(a, b, 32);
        needs(pic__store_handle(st, anna + 1, b, &err));
        assert_memory_not_equal(a, b, 32);
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(keep, new_dir, drop_dir),
                                            cmocka_unit_test_setup_teardown(changes, new_dir, drop_dir),
                                            cmocka_unit_test_setup_teardown(handles, new_dir, drop_dir) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
