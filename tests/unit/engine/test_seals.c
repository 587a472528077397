/* Opening seals: in their place only, of a key's length only; remembered and forgotten. */
#include "fixture.h"

#include "model/key.h"

static void test_unseal(void **state)
{
        uint8_t secret[32], public_key[32];
        char text[PIC__KEY_TEXT];
        pic__snap *s = NULL;
        pic_revision revision;
        const pic_obj *anna;
        pic_obj *moved = NULL;
        pic_error *err = NULL;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        e = cell_open(&c);
        assert_int_equal(pic__engine_load(e, &s, &revision, NULL), 0);
        anna = pic__snap_named(s, PIC__PEER, "anna");
        assert_int_equal(pic__seals_open(&e->seals, anna, "private_key", secret, NULL), 0);
        pic__wg_public(secret, public_key);
        pic__key_encode(public_key, text);
        assert_string_equal(text, pic__obj_text(anna, "public_key"));
        /* the same sealed text in another place does not open */
        assert_int_equal(pic__obj_edit(anna, &moved, NULL), 0);
        assert_int_equal(pic__obj_set(moved, "preshared_key", pic__obj_text(anna, "private_key"), 1, NULL), 0);
        assert_int_equal(pic__seals_open(&e->seals, moved, "preshared_key", secret, &err), PIC_CORRUPT);
        assert_non_null(strstr(pic_error_message(err), "anna"));
        pic_error_free(err);
        moved->id = 99;
        assert_int_equal(pic__seals_open(&e->seals, moved, "private_key", secret, NULL), PIC_CORRUPT);
        pic__obj_unref(moved);
        pic__snap_unref(s);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* A key that came from another product was sealed before there was a row: by kind and field, and no other kind's. */
static void test_early(void **state)
{
        static const uint8_t key[32] = { 8, 5, [31] = 64 };
        uint8_t seal_key[32], out[32] = { 7 };
        char *sealed = NULL, *other = NULL;
        pic_obj *o = NULL;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__store_seal_key(e->store, seal_key, NULL), 0);
        assert_int_equal(pic__seal(seal_key, "peer/private_key", key, 32, &sealed, NULL), 0);
        assert_int_equal(pic__seal(seal_key, "connection/private_key", key, 32, &other, NULL), 0);
        assert_int_equal(pic__obj_new(PIC__PEER, &o, NULL), 0);
        o->id = 5;
        assert_int_equal(pic__obj_set(o, "name", "x", 1, NULL), 0);
        assert_int_equal(pic__obj_set(o, "private_key", sealed, 1, NULL), 0);
        assert_int_equal(pic__seals_open(&e->seals, o, "private_key", out, NULL), 0);
        assert_memory_equal(out, key, 32);
        assert_int_equal(pic__obj_set(o, "preshared_key", sealed, 1, NULL), 0);
        assert_int_equal(pic__seals_open(&e->seals, o, "preshared_key", out, NULL), PIC_CORRUPT);
        assert_int_equal(pic__obj_set(o, "private_key", other, 1, NULL), 0);
        assert_int_equal(pic__seals_open(&e->seals, o, "private_key", out, NULL), PIC_CORRUPT);
        pic__free(sealed);
        pic__free(other);
        pic__obj_unref(o);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* A secret of another length than a key's is no key. */
static void test_short_secret(void **state)
{
        uint8_t seal_key[32], out[32] = { 7 };
        char *sealed = NULL;
        pic_obj *o = NULL;
        pic_error *err = NULL;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__store_seal_key(e->store, seal_key, NULL), 0);
        assert_int_equal(pic__seal(seal_key, "peer/5/private_key", (const uint8_t *)"short", 5, &sealed, NULL), 0);
        assert_int_equal(pic__obj_new(PIC__PEER, &o, NULL), 0);
        o->id = 5;
        assert_int_equal(pic__obj_set(o, "name", "x", 1, NULL), 0);
        assert_int_equal(pic__obj_set(o, "private_key", sealed, 1, NULL), 0);
        assert_int_equal(pic__seals_open(&e->seals, o, "private_key", out, &err), PIC_CORRUPT);
        assert_int_equal(out[0], 7);
        pic_error_free(err);
        pic__free(sealed);
        pic__obj_unref(o);
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_recall(void **state)
{
        uint8_t first[32], again[32];
        pic__snap *s = NULL;
        pic_revision revision;
        pic_obj *anna = NULL;
        unsigned long n;
        int r = PIC_NOMEM;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        e = cell_open(&c);
        assert_int_equal(pic__engine_load(e, &s, &revision, NULL), 0);
        assert_int_equal(pic__obj_edit(pic__snap_named(s, PIC__PEER, "anna"), &anna, NULL), 0);
        assert_int_equal(pic__seals_recall(&e->seals, anna, "preshared_key", first, NULL), 0);
        assert_int_equal(pic__seals_recall(&e->seals, anna, "preshared_key", again, NULL), 0);
        assert_memory_equal(first, again, 32);
        assert_int_equal(e->seals.opened.count, 1);
        assert_int_equal(pic__seals_recall(&e->seals, anna, "private_key", again, NULL), 0);
        assert_memory_not_equal(first, again, 32);
        anna->id = 77; /* the same text in another row was never opened, and does not */
        assert_int_equal(pic__seals_recall(&e->seals, anna, "preshared_key", again, NULL), PIC_CORRUPT);
        anna->id = pic__snap_named(s, PIC__PEER, "anna")->id;
        pic__seals_bound(&e->seals, 2);
        assert_int_equal(e->seals.opened.count, 2);
        pic__seals_bound(&e->seals, 1);
        assert_int_equal(e->seals.opened.count, 0);
        for (n = 1; r != 0 && n < 100; n++) {
                pic__mem_fail_at(n);
                r = pic__seals_recall(&e->seals, anna, "preshared_key", again, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        assert_memory_equal(first, again, 32);
        pic__obj_unref(anna);
        pic__snap_unref(s);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_unseal), cmocka_unit_test(test_early),
                                            cmocka_unit_test(test_short_secret), cmocka_unit_test(test_recall) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
