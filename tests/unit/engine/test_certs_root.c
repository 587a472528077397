/* Shows: another root is trusted by who has the former one, until that one's certificates have ended; then nothing is
 * left of its key. A cell that is called otherwise gets another root when it needs one; one from before there was a CA
 * gets its first. */
#include "certs_world.h"

static const char *const plain[] = { NULL };

static void rotate(void **state)
{
        char old[4096], now[4096], key[256];
        certs_world w;
        pic_obj *c;

        (void)state;
        cw_make(&w);
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        cw_text(&w, PIC__CELL, NULL, "ca_certificate", old, sizeof(old));
        cw_text(&w, PIC__CELL, NULL, "ca_secret", key, sizeof(key));
        assert_int_equal(pic__engine_cert_renew(w.e, NULL, "root", "cli", NULL), 0);
        cw_text(&w, PIC__CELL, NULL, "ca_certificate", now, sizeof(now));
        assert_string_not_equal(old, now);
        assert_true(cw_good(&w, "nas", now, "nas.home.internal")); /* it was issued anew */
        assert_true(cw_good(&w, "nas", old, "nas.home.internal"));
        w.c.now += 89 * PIC__DAY;
        assert_int_equal(cw_round(&w), 1);
        assert_true(cw_good(&w, "nas", old, "nas.home.internal"));
        w.c.now += 2 * PIC__DAY;
        assert_int_equal(cw_round(&w), 1);
        assert_false(cw_good(&w, "nas", old, "nas.home.internal"));
        assert_true(cw_good(&w, "nas", now, "nas.home.internal"));
        c = cw_get(&w, PIC__CELL, NULL);
        assert_false(pic__obj_has(c, "ca_former") || pic__obj_has(c, "ca_former_secret") ||
                     pic__obj_has(c, "ca_cross"));
        pic__obj_unref(c);
        assert_int_equal(pic__store_obj_at(w.e->store, PIC__CELL, 1, 1, &c, NULL), 0); /* nor in the past */
        assert_false(pic__obj_has(c, "ca_secret"));
        pic__obj_unref(c);
        cw_drop(&w);
}

/* Of two generations one is kept; the older key is nowhere any more. */
static void twice(void **state)
{
        char first_key[512];
        certs_world w;
        pic_obj *c = NULL;
        pic_revision revision, i;

        (void)state;
        cw_make(&w);
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        assert_int_equal(pic__engine_cert_renew(w.e, NULL, "root", "cli", NULL), 0);
        cw_text(&w, PIC__CELL, NULL, "ca_former_secret", first_key, sizeof(first_key));
        assert_true(first_key[0] != '\0');
        assert_int_equal(pic__engine_cert_renew(w.e, NULL, "root", "cli", NULL), 0);
        assert_true(cw_good(&w, "nas", "ca_certificate", NULL) && cw_good(&w, "nas", "ca_former", NULL));
        assert_int_equal(pic__store_revision(w.e->store, &revision, NULL), 0);
        for (i = 1; i <= revision; i++) {
                assert_int_equal(pic__store_obj_at(w.e->store, PIC__CELL, 1, i, &c, NULL), 0);
                assert_string_not_equal(pic__obj_text(c, "ca_former_secret"), first_key);
                c = pic__obj_unref(c);
        }
        cw_drop(&w);
}

static void renamed(void **state)
{
        static const char *const other[] = { "name", "hut", NULL }, *const zones[] = { "ca_zones", "lan", NULL };
        static const char *const lan[] = { "names", "printer.lan", NULL };
        char old[4096], now[4096];
        certs_world w;

        (void)state;
        cw_make(&w);
        cw_text(&w, PIC__CELL, NULL, "ca_certificate", old, sizeof(old));
        cell_set(&w.c, PIC__CELL, NULL, other);
        assert_int_equal(cw_round(&w), 0); /* nobody uses it */
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        cw_text(&w, PIC__CELL, NULL, "ca_certificate", now, sizeof(now));
        assert_string_not_equal(old, now);
        assert_true(cw_good(&w, "nas", now, "nas.hut.internal"));
        assert_false(
                cw_good(&w, "nas", old, NULL)); /* the former root may not vouch for that name, whatever it signed */
        cell_set(&w.c, PIC__CELL, NULL, zones);
        cw_add(&w, "printer", lan);
        assert_int_equal(cw_round(&w), 1);
        assert_true(cw_good(&w, "printer", "ca_certificate", "printer.lan"));
        assert_true(cw_good(&w, "nas", "ca_certificate", "nas.hut.internal"));
        assert_true(cw_good(&w, "nas", now, "nas.hut.internal")); /* by the cross certificate */
        cw_drop(&w);
}

/* What may go back by itself makes no root. */
static void unconfirmed(void **state)
{
        static const char *const other[] = { "name", "hut", NULL };
        char old[4096], now[4096];
        pic__txn *t = NULL;
        certs_world w;
        pic_obj *o, *edit = NULL;

        (void)state;
        cw_make(&w);
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        cw_text(&w, PIC__CELL, NULL, "ca_certificate", old, sizeof(old));
        o = cw_get(&w, PIC__CELL, NULL);
        assert_int_equal(pic__txn_begin(w.e->store, "root", "cli", &t, NULL), 0);
        assert_int_equal(pic__txn_confirm(t, 60 * PIC__SECOND, "boot", NULL), 0);
        assert_int_equal(pic__obj_edit(o, &edit, NULL), 0);
        cell_put(t, edit, other);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__obj_unref(o);
        pic__obj_unref(edit);
        (void)cw_round(&w);
        cw_text(&w, PIC__CELL, NULL, "ca_certificate", now, sizeof(now));
        assert_string_equal(old, now);
        assert_int_equal(pic__engine_cert_renew(w.e, NULL, "root", "cli", NULL), PIC_BADSTATE);
        cw_drop(&w);
}

static void first(void **state)
{
        static const char *const none[] = { "ca_certificate", NULL, NULL };
        pic__buf list = PIC__BUF_INIT;
        certs_world w;
        pic_obj *o, *edit = NULL;
        pic__txn *t = NULL;

        (void)state;
        (void)none;
        cw_make(&w);
        o = cw_get(&w, PIC__CELL, NULL);
        assert_int_equal(pic__txn_begin(w.e->store, "root", "cli", &t, NULL), 0);
        assert_int_equal(pic__obj_edit(o, &edit, NULL), 0);
        assert_int_equal(pic__obj_set(edit, "ca_certificate", NULL, 1, NULL), 0);
        assert_int_equal(pic__obj_set(edit, "ca_secret", NULL, 1, NULL), 0);
        assert_int_equal(pic__obj_set(edit, "ca_scope", NULL, 1, NULL), 0);
        assert_int_equal(pic__txn_put(t, edit, NULL, NULL, NULL), 0);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__obj_unref(o);
        pic__obj_unref(edit);
        assert_int_equal(cw_round(&w), 0);
        assert_int_equal(pic__engine_cert_list(w.e, &list, NULL), 0);
        o = cw_get(&w, PIC__CELL, NULL);
        assert_true(pic__obj_has(o, "ca_certificate"));
        assert_false(pic__obj_has(o, "ca_former"));
        pic__obj_unref(o);
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        assert_true(cw_good(&w, "nas", "ca_certificate", NULL));
        pic__buf_free(&list);
        cw_drop(&w);
}

/* A root in its last two years gets its successor by itself. */
static void old(void **state)
{
        char was[4096];
        certs_world w;

        (void)state;
        cw_make(&w);
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        cw_text(&w, PIC__CELL, NULL, "ca_certificate", was, sizeof(was));
        w.c.now += (3650 - 700) * PIC__DAY;
        assert_int_equal(cw_round(&w), 1);
        assert_true(cw_good(&w, "nas", "ca_certificate", NULL));
        assert_true(cw_good(&w, "nas", "ca_former", NULL));
        assert_true(cw_good(&w, "nas", was, NULL));
        cw_drop(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(rotate),  cmocka_unit_test(twice),
                                            cmocka_unit_test(renamed), cmocka_unit_test(unconfirmed),
                                            cmocka_unit_test(first),   cmocka_unit_test(old) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
