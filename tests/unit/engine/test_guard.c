/* After a failure the rules follow the wishes, whatever the rest of the machine does. */
#include "fixture.h"

static const char *const access_all[] = { "access", "internet", NULL };
static const char *const off[] = { "enabled", "false", NULL };

static void open_with_anna(cell *c, pic__engine **ret)
{
        cell_make(c);
        cell_add_peer(c, "anna", access_all);
        *ret = cell_open(c);
        assert_int_equal(pic__engine_apply(*ret, NULL, NULL), 0);
}

static int has_rule(pic__engine *e)
{
        char v[64];

        return cell_value(e, PIC__I_NFT_PEER4, "10.77.0.3", v, sizeof(v)) != NULL;
}

/* The key or the name cannot be taken out: the right is gone all the same, and the rest as before. */
static void test_right_taken_back(void **state)
{
        static const enum pic__backend_id ids[] = { PIC__B_WG, PIC__B_DNS };
        static const char *const on[] = { "enabled", "true", NULL };
        cell c;
        pic__engine *e;
        size_t i;

        (void)state;
        open_with_anna(&c, &e);
        for (i = 0; i < PIC__COUNT(ids); i++) {
                assert_true(has_rule(e));
                cell_set(&c, PIC__PEER, "anna", off);
                pic__fake_fail_at(e->backends[ids[i]], 1);
                assert_int_equal(pic__engine_apply(e, NULL, NULL), PIC_ROLLEDBACK);
                assert_false(has_rule(e));
                assert_true(pic__engine_behind(e));
                assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
                assert_settled(e);
                cell_set(&c, PIC__PEER, "anna", on);
                assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        }
        pic__engine_unref(e);
        cell_drop(&c);
}

static int blind(pic__backend *b, pic__items *out, pic_error **err)
{
        (void)b;
        (void)out;
        return pic__fail(err, PIC_TIMEOUT, "cannot see");
}

/* A name server that cannot be looked at: a table that somebody flushed comes back, and a date that comes is kept. */
static void test_blind(void **state)
{
        static const char *const soon[] = { "expires", "2027-01-15T08:00:10Z", NULL }; /* NOW + 10 s */
        pic__backend_ops ops;
        const pic__backend_ops *real;
        cell c;
        pic__engine *e;
        char v[200];

        (void)state;
        open_with_anna(&c, &e);
        cell_set(&c, PIC__PEER, "anna", soon);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        real = e->backends[PIC__B_DNS]->ops;
        ops = *real;
        ops.observe = ops.news = blind;
        e->backends[PIC__B_DNS]->ops = &ops;
        pic__fake_tamper(e->backends[PIC__B_NFT], PIC__I_NFT_SHAPE, "table", NULL);
        assert_int_equal(pic__engine_repair(e, NULL, NULL), PIC_TIMEOUT);
        e->backends[PIC__B_DNS]->ops = real;
        assert_true(has_rule(e));
        e->backends[PIC__B_DNS]->ops = &ops;
        c.now = NOW + 10 * PIC__SECOND;
        assert_int_equal(pic__engine_apply(e, NULL, NULL), PIC_TIMEOUT);
        e->backends[PIC__B_DNS]->ops = real;
        assert_non_null(cell_value(e, PIC__I_NFT_SHAPE, "table", v, sizeof(v)));
        assert_false(has_rule(e));
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_settled(e);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* The cell's own network cannot change: its rules stay with the network that is there. */
static void test_other_network(void **state)
{
        static const char *const port[] = { "listen_port", "51999", NULL };
        pic__items before = PIC__ITEMS_INIT, after = PIC__ITEMS_INIT;
        cell c;
        pic__engine *e;

        (void)state;
        open_with_anna(&c, &e);
        cell_world(e, &before);
        cell_set(&c, PIC__CELL, NULL, port);
        pic__fake_fail_at(e->backends[PIC__B_WG], 1);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), PIC_ROLLEDBACK);
        cell_world(e, &after);
        assert_true(cell_same(&before, &after));
        pic__items_wipe(&before);
        pic__items_wipe(&after);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* Where what others did is left alone: what keeps packets of exits in is none of that. */
static void test_floors_are_kept(void **state)
{
        static const struct {
                enum pic__item_kind kind;
                enum pic__verb verb;
                int kept;
        } all[] = { { PIC__I_ROUTE_FLOOR, PIC__ADD, 1 },      { PIC__I_ROUTE_RULE, PIC__ADD, 1 },
                    { PIC__I_ROUTE_RULE, PIC__CHANGE, 1 },    { PIC__I_ROUTE_FLOOR, PIC__REMOVE, 0 },
                    { PIC__I_ROUTE_DEFAULT, PIC__ADD, 0 },    { PIC__I_ROUTE_ROUTE, PIC__ADD, 0 },
                    { PIC__I_NFT_WAY, PIC__ADD, 0 },          { PIC__I_NFT_WAY, PIC__CHANGE, 1 },
                    { PIC__I_NFT_RESOLVER4, PIC__REMOVE, 1 }, { PIC__I_EXIT_SPACE, PIC__ADD, 0 } };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                const pic__item item = { .kind = all[i].kind, .key = "k", .value = "v" };
                pic__auto_steps pic__steps steps = PIC__STEPS_INIT, block = PIC__STEPS_INIT;
                pic__step step = { all[i].verb, all[i].kind, all[i].verb != PIC__ADD ? &item : NULL,
                                   all[i].verb != PIC__REMOVE ? &item : NULL };

                assert_int_equal(pic__vec_push(&steps, step), 0);
                assert_int_equal(pic__guard_split(&steps, &block, NULL), 0);
                assert_int_equal(block.count, all[i].kept);
                assert_int_equal(steps.count, !all[i].kept);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_right_taken_back),
                cmocka_unit_test(test_blind),
                cmocka_unit_test(test_other_network),
                cmocka_unit_test(test_floors_are_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
