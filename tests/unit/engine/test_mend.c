/* Putting right what differs, as far as it goes. */
#include "fixture.h"

static const char *const access_all[] = { "access", "internet,lan", "subnets", "172.30.0.0/24", NULL };

static void open_cell(cell *c, pic__engine **ret)
{
        cell_make(c);
        cell_add_peer(c, "anna", access_all);
        *ret = cell_open(c);
}

static const char *cell_key(cell *c, const char *name)
{
        static char key[64];
        pic__store *st = cell_store(c);
        pic_obj *o = NULL;

        assert_int_equal(pic__store_get(st, PIC__PEER, name, &o, NULL), 0);
        snprintf(key, sizeof(key), "%s", pic__obj_text(o, "public_key"));
        pic__obj_unref(o);
        pic__store_unref(st);
        return key;
}

static size_t missing(pic__engine *e, enum pic__backend_id *ret_id)
{
        pic__auto_items pic__items wished = PIC__ITEMS_INIT, there = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        pic__snap *s = NULL;
        pic_revision revision;
        size_t count;

        assert_int_equal(pic__engine_load(e, &s, &revision, NULL), 0);
        assert_int_equal(pic__derive_all(s, NULL, &wished, NULL), 0);
        assert_int_equal(pic__engine_observe(e, &there, NULL), 0);
        assert_int_equal(pic__plan_diff(&there, &wished, &steps, NULL), 0);
        pic__snap_unref(s);
        count = steps.count;
        if (count > 0)
                *ret_id = pic__item_kinds[steps.at[0].kind].backend;
        return count;
}

/* Any one step of any subsystem but the firewall fails at the first start: all others are in force. */
static void test_past_one(void **state)
{
        static const enum pic__backend_id ids[] = { PIC__B_WG, PIC__B_ROUTE, PIC__B_DNS };
        enum pic__backend_id id;
        pic__engine *e;
        size_t i, n;
        cell c;

        (void)state;
        for (i = 0; i < PIC__COUNT(ids); i++) {
                int more = 1;

                for (n = 1; more; n++) {
                        pic_error *err = NULL;

                        open_cell(&c, &e);
                        pic__fake_fail_at(e->backends[ids[i]], n);
                        more = pic__engine_apply(e, NULL, &err) < 0;
                        if (more) {
                                assert_int_equal(pic_error_code(err), PIC_BACKEND);
                                assert_string_equal(pic_error_message(err), "one step could not be taken");
                                assert_non_null(pic_error_cause(err));
                                assert_int_equal(missing(e, &id), 1);
                                assert_int_equal(id, ids[i]);
                                assert_true(pic__engine_behind(e));
                                pic_error_free(err);
                                assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
                        }
                        pic__fake_fail_at(e->backends[ids[i]], 0);
                        assert_settled(e);
                        pic__engine_unref(e);
                        cell_drop(&c);
                }
                assert_true(n > 2);
        }
}

/* Rules that cannot be made: no key comes, and nothing else that would come after them. */
static void test_no_key_without_rules(void **state)
{
        pic__engine *e;
        char v[200];
        size_t n;
        cell c;

        (void)state;
        for (n = 1; n < 6; n++) {
                open_cell(&c, &e);
                pic__fake_fail_at(e->backends[PIC__B_NFT], n);
                assert_int_equal(pic__engine_apply(e, NULL, NULL), PIC_BACKEND);
                assert_null(cell_value(e, PIC__I_WG_PEER, cell_key(&c, "anna"), v, sizeof(v)));
                assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
                assert_non_null(cell_value(e, PIC__I_WG_PEER, cell_key(&c, "anna"), v, sizeof(v)));
                pic__engine_unref(e);
                cell_drop(&c);
        }
}

/* What refuses everything is not asked for ever; what does not answer is not asked again. */
static int calls, code;
static int refuse(pic__backend *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        (void)b, (void)steps, (void)count;
        calls++;
        *ret_done = 0;
        return pic__fail(err, code, "no");
}

static void test_given_up(void **state)
{
        static const struct {
                int code, calls;
        } cases[] = { { PIC_CONFLICT, 16 }, { PIC_TIMEOUT, 1 }, { PIC_BUSY, 1 }, { PIC_UNSUPPORTED, 1 } };
        const pic__backend_ops *real;
        pic__backend_ops ops;
        pic__engine *e;
        char v[200], name[16];
        size_t i;
        cell c;

        (void)state;
        open_cell(&c, &e);
        for (i = 0; i < 20; i++) {
                snprintf(name, sizeof(name), "p%zu", i);
                cell_add_peer(&c, name, NULL);
        }
        real = e->backends[PIC__B_DNS]->ops;
        ops = *real;
        ops.apply = refuse;
        e->backends[PIC__B_DNS]->ops = &ops;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic_error *err = NULL;

                calls = 0;
                code = cases[i].code;
                assert_int_equal(pic__engine_apply(e, NULL, &err), PIC_BACKEND);
                assert_int_equal(calls, cases[i].calls);
                assert_non_null(strstr(pic_error_message(err), "steps could not be taken"));
                pic_error_free(err);
                assert_non_null(cell_value(e, PIC__I_NFT_PEER4, "10.77.0.3", v, sizeof(v)));
        }
        e->backends[PIC__B_DNS]->ops = real;
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_settled(e);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* To another device or network the cell moves as a whole, or stays where it works; also when it is tried again. */
static void test_move(void **state)
{
        static const char *const moved[] = { "device", "other0", "net4", "10.88.0.0/16", NULL };
        static const char *const address[] = { "address4", "10.88.0.3", NULL };
        pic__items before = PIC__ITEMS_INIT, after = PIC__ITEMS_INIT;
        pic__engine *e;
        size_t n;
        cell c;

        (void)state;
        open_cell(&c, &e);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        cell_world(e, &before);
        cell_set(&c, PIC__CELL, NULL, moved);
        cell_set(&c, PIC__PEER, "anna", address);
        for (n = 0; n < 3; n++) {
                pic__fake_fail_at(e->backends[PIC__B_WG], 2);
                assert_int_equal(pic__engine_apply(e, NULL, NULL), PIC_ROLLEDBACK);
                cell_world(e, &after);
                assert_true(cell_same(&before, &after));
                pic__items_wipe(&after);
        }
        pic__fake_fail_at(e->backends[PIC__B_WG], 0);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_settled(e);
        pic__items_wipe(&before);
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_no_memory(void **state)
{
        unsigned long n, total = 0;
        pic__engine *e;
        cell c;
        int r;

        (void)state;
        for (n = 0; n == 0 || n < total; n += 1 + total / 60) {
                open_cell(&c, &e);
                pic__mem_fail_at(n);
                r = pic__engine_apply(e, NULL, NULL);
                if (n == 0)
                        total = pic__mem_fail_at(0);
                else
                        (void)pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM || r == PIC_BACKEND);
                assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
                assert_settled(e);
                pic__engine_unref(e);
                cell_drop(&c);
        }
        assert_true(total > 50);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_past_one),  cmocka_unit_test(test_no_key_without_rules),
                cmocka_unit_test(test_given_up),  cmocka_unit_test(test_move),
                cmocka_unit_test(test_no_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
