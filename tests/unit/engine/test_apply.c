/* Bringing the world up to the store: whole, by change, by expiry, after drift, after failure, out of memory. */
#include "fixture.h"

static const char *const access_all[] = { "access", "internet,lan", NULL };

static void test_whole(void **state)
{
        cell c;
        pic__engine *e;
        size_t steps = 0;
        char v[256];

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", access_all);
        e = cell_open(&c);
        assert_int_equal(pic__engine_applied(e), -1);
        assert_true(pic__engine_behind(e));
        assert_int_equal(pic__engine_apply(e, &steps, NULL), 0);
        assert_true(steps > 5);
        assert_int_equal(pic__engine_applied(e), 2);
        assert_false(pic__engine_behind(e));
        assert_null(pic__engine_failure(e));
        assert_non_null(cell_value(e, PIC__I_NFT_PEER4, "10.77.0.3", v, sizeof(v)));
        assert_non_null(cell_value(e, PIC__I_NFT_PEER6, "fd77::2", v, sizeof(v)));
        assert_non_null(cell_value(e, PIC__I_DNS_RECORD, "anna.home.internal. AAAA", v, sizeof(v)));
        assert_string_equal(v, "fd77::2");
        assert_settled(e);
        pic__engine_unref(e);
        /* started again: all of it is there already */
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, &steps, NULL), 0);
        assert_int_equal(steps, 0);
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_nothing_to_do(void **state)
{
        cell c;
        pic__engine *e;
        size_t steps = 9;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        pic__fake_tamper(e->backends[PIC__B_ROUTE], PIC__I_ROUTE_ADDR, "pic0 10.77.0.1/16", NULL);
        assert_int_equal(pic__engine_apply(e, &steps, NULL), 0); /* does not look, so does not see it */
        assert_int_equal(steps, 0);
        assert_int_equal(pic__engine_repair(e, &steps, NULL), 0); /* looks */
        assert_int_equal(steps, 1);
        assert_settled(e);
        pic__engine_unref(e);
        cell_drop(&c);
}

#define ALL PIC__ALL_PARTS

/* A look reads nothing where nothing can be new; but a plan that saw a difference is no reason to believe it right. */
static void test_spared_look(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json out = PIC__JSON(&text);
        size_t steps = 9;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        cell_count(e);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_read(e, ALL);
        assert_int_equal(pic__engine_repair(e, &steps, NULL), 0);
        assert_int_equal(steps, 0);
        cell_add_peer(&c, "anna", access_all);
        assert_int_equal(pic__engine_repair(e, &steps, NULL), 0);
        assert_true(steps > 0);
        assert_int_equal(cell_drift(e), 0);
        assert_read(e, 0);
        assert_int_equal(pic__engine_looks(e), 3);
        pic__fake_tamper(e->backends[PIC__B_WG], PIC__I_WG_PEER, "stranger", "allowed= keepalive=0");
        assert_int_equal(pic__engine_plan(e, &out, &steps, NULL), 0);
        assert_int_equal(steps, 1);
        assert_read(e, ALL); /* a plan always reads */
        assert_int_equal(cell_drift(e), 1);
        assert_read(e, PIC__PART(PIC__B_WG));
        assert_int_equal(pic__engine_repair(e, &steps, NULL), 0);
        assert_int_equal(steps, 1);
        assert_read(e, PIC__PART(PIC__B_WG));
        assert_int_equal(pic__engine_repair(e, &steps, NULL), 0);
        assert_int_equal(steps, 0);
        assert_read(e, 0);
        assert_settled(e);
        assert_read(e, ALL);
        assert_int_equal(cell_drift(e), 0);
        assert_read(e, 0);
        cell_add_peer(&c, "bert", NULL);
        assert_true(cell_drift(e) > 0); /* of wishes that are not applied yet nobody knows */
        assert_read(e, ALL);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_int_equal(cell_drift(e), 0);
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_by_change(void **state)
{
        static const char *const off[] = { "enabled", "false", NULL };
        static const char *const moved[] = { "address4", "10.77.9.9", "name", "bert2", NULL };
        cell c;
        pic__engine *e;
        size_t steps;
        char v[256];

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", access_all);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        cell_add_peer(&c, "bert", NULL);
        assert_int_equal(pic__engine_apply(e, &steps, NULL), 0);
        assert_true(steps > 0);
        assert_non_null(cell_value(e, PIC__I_NFT_PEER4, "10.77.0.4", v, sizeof(v)));
        assert_settled(e);
        cell_set(&c, PIC__PEER, "bert", moved);
        assert_int_equal(pic__engine_apply(e, &steps, NULL), 0);
        assert_null(cell_value(e, PIC__I_NFT_PEER4, "10.77.0.4", v, sizeof(v)));
        assert_non_null(cell_value(e, PIC__I_NFT_PEER4, "10.77.9.9", v, sizeof(v)));
        assert_settled(e);
        cell_set(&c, PIC__PEER, "anna", off);
        cell_remove_peer(&c, "bert2");
        cell_add_peer(&c, "short", NULL);
        cell_remove_peer(&c, "short"); /* came and went between two looks */
        assert_int_equal(pic__engine_apply(e, &steps, NULL), 0);
        assert_null(cell_value(e, PIC__I_NFT_PEER4, "10.77.9.9", v, sizeof(v)));
        assert_settled(e);
        assert_int_equal(pic__engine_applied(e), 8);
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_cell_change(void **state)
{
        static const char *const port[] = { "listen_port", "4444", "mtu", "1300", NULL };
        cell c;
        pic__engine *e;
        size_t steps;
        char v[256];

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", access_all);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        cell_set(&c, PIC__CELL, "home", port);
        assert_int_equal(pic__engine_apply(e, &steps, NULL), 0);
        assert_non_null(cell_value(e, PIC__I_WG_DEVICE, "pic0", v, sizeof(v)));
        assert_non_null(strstr(v, "port=4444"));
        assert_settled(e);
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_expiry(void **state)
{
        static const char *const soon[] = { "expires", "2027-01-15T08:00:10Z", NULL }; /* NOW + 10 s */
        cell c;
        pic__engine *e;
        size_t steps;
        char v[64];

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "guest", soon);
        e = cell_open(&c);
        assert_int_equal(pic__engine_next_due(e), 0);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_true(pic__engine_next_due(e) == NOW + 10 * PIC__SECOND);
        assert_non_null(cell_value(e, PIC__I_NFT_PEER4, "10.77.0.3", v, sizeof(v)));
        c.now = NOW + 9 * PIC__SECOND;
        assert_int_equal(pic__engine_apply(e, &steps, NULL), 0);
        assert_int_equal(steps, 0);
        c.now = NOW + 10 * PIC__SECOND;
        assert_int_equal(pic__engine_apply(e, &steps, NULL), 0);
        assert_true(steps > 0);
        assert_null(cell_value(e, PIC__I_NFT_PEER4, "10.77.0.3", v, sizeof(v)));
        assert_int_equal(pic__engine_next_due(e), 0);
        assert_settled(e);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* Every step of a change fails once: the world is as before, the next attempt brings it up. */
static void test_failure(void **state)
{
        static const enum pic__backend_id ids[] = { PIC__B_NFT, PIC__B_WG, PIC__B_DNS };
        pic__items before = PIC__ITEMS_INIT, after = PIC__ITEMS_INIT;
        char name[16];
        cell c;
        pic__engine *e;
        size_t i, n, steps;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", access_all);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        for (i = 0; i < PIC__COUNT(ids); i++) {
                for (n = 1; n < 3; n++) {
                        pic_error *err = NULL;

                        snprintf(name, sizeof(name), "p%zu-%zu", i, n);
                        cell_add_peer(&c, name, access_all);
                        cell_world(e, &before);
                        pic__fake_fail_at(e->backends[ids[i]], n);
                        if (pic__engine_apply(e, &steps, &err) == 0) { /* it has fewer steps there */
                                pic__fake_fail_at(e->backends[ids[i]], 0);
                                assert_true(n > 1);
                                pic__items_wipe(&before);
                                continue;
                        }
                        assert_int_equal(pic_error_code(err), PIC_ROLLEDBACK);
                        assert_non_null(pic_error_cause(err));
                        assert_int_equal(pic_error_code(pic__engine_failure(e)), PIC_ROLLEDBACK);
                        assert_true(pic__engine_behind(e));
                        cell_world(e, &after);
                        assert_true(cell_same(&before, &after));
                        pic_error_free(err);
                        pic__items_wipe(&before);
                        pic__items_wipe(&after);
                        assert_int_equal(pic__engine_apply(e, &steps, NULL), 0);
                        assert_true(steps > 0);
                        assert_null(pic__engine_failure(e));
                        assert_settled(e);
                }
        }
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_repair_failure(void **state)
{
        cell c;
        pic__engine *e;
        size_t steps;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__engine_repair(e, &steps, NULL), 0); /* nothing applied yet: the whole way */
        assert_true(steps > 0);
        pic__fake_tamper(e->backends[PIC__B_NFT], PIC__I_NFT_SHAPE, "table", NULL);
        pic__fake_fail_at(e->backends[PIC__B_NFT], 1);
        assert_int_equal(pic__engine_repair(e, &steps, NULL), PIC_BACKEND);
        assert_int_equal(pic__engine_repair(e, &steps, NULL), 0);
        assert_int_equal(steps, 0); /* the rules are there already: guard.c */
        assert_settled(e);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* What the log hears: each trouble once, and the end of it. */
static int heard;
static void listen_log(int level, const char *area, const char *message, void *data)
{
        (void)area;
        (void)data;
        if (level == PIC_LOG_WARNING || strstr(message, "well again") != NULL)
                heard++;
}

static void test_log_once(void **state)
{
        const pic__log log = { listen_log, NULL, PIC_LOG_DEBUG };
        cell c;
        pic__engine *e;
        int i;

        (void)state;
        cell_make(&c);
        e = cell_open_log(&c, &log);
        heard = 0;
        for (i = 0; i < 3; i++) {
                pic__fake_fail_at(e->backends[PIC__B_WG], 1);
                assert_int_equal(pic__engine_apply(e, NULL, NULL), PIC_BACKEND);
        }
        assert_int_equal(heard, 1);
        pic__fake_fail_at(e->backends[PIC__B_WG], 0);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_int_equal(heard, 2);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* Out of memory anywhere: an error, and the next attempt is whole. */
static void test_no_memory(void **state)
{
        static const char *const off[] = { "enabled", "false", NULL };
        static const char *const on[] = { "enabled", "true", NULL };
        unsigned long n, total;
        cell c;
        pic__engine *e;
        int r;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", access_all);
        e = cell_open(&c);
        pic__mem_fail_at(0);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        total = pic__mem_fail_at(0);
        assert_true(total > 50);
        for (n = 1; n <= total; n += 1 + total / 150) {
                cell_set(&c, PIC__PEER, "anna", n & 1 ? off : on);
                pic__mem_fail_at(n);
                r = n & 2 ? pic__engine_apply(e, NULL, NULL) : pic__engine_repair(e, NULL, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM || r == PIC_BACKEND || r == PIC_ROLLEDBACK || r == PIC_BROKEN);
                assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
                assert_settled(e);
        }
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_whole),          cmocka_unit_test(test_nothing_to_do),
                cmocka_unit_test(test_by_change),      cmocka_unit_test(test_cell_change),
                cmocka_unit_test(test_expiry),         cmocka_unit_test(test_failure),
                cmocka_unit_test(test_repair_failure), cmocka_unit_test(test_log_once),
                cmocka_unit_test(test_no_memory),      cmocka_unit_test(test_spared_look),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
