/* backend/route/route.c: the backend as a whole. The contract is held by tests/contract/real_route.c. */
#include "world.h"

static int bring_up(pic__backend *b, pic_error **err)
{
        static const char *const values[][2] = { { "pic0 10.1.0.1/16", "" }, { "pic0 fd00::1/64", "" } };
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < PIC__COUNT(values); i++)
                r = step(b, ADDR, values[i][0], NULL, values[i][1], err);
        if (r == 0)
                r = step(b, LINK, "pic0", NULL, "up mtu=1420", err);
        if (r == 0)
                r = step(b, ROUTE, "192.168.9.0/24", NULL, "dev=pic0", err);
        return r < 0 ? r : step(b, ROUTE, "fd09::/64", NULL, "dev=pic0", err);
}

/* Two addresses of one subnet: the kernel takes the second away with the first. */
static void teardown_takes_all(void **state)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(bring_up(b, NULL), 0);
        assert_int_equal(add(b, ADDR, "pic0 10.1.0.7/16", ""), 0);
        assert_int_equal(must("ip addr add 10.9.0.1/24 dev lan0 && ip route add 10.10.0.0/16 dev lan0"), 0);
        assert_int_equal(b->ops->teardown(b, 1, NULL), 0);
        assert_int_equal(b->ops->observe(b, &items, NULL), 0);
        assert_int_equal(items.count, 0);
        assert_int_equal(sh("ip link show pic0 | grep -q alias") == 0, 0);
        assert_int_equal(sh("ip route show 10.10.0.0/16 | grep -q lan0"), 0);
        assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
        b->ops->free(b);
}

static void says_how_far(void **state)
{
        pic__item items[] = { { .kind = ADDR, .key = "pic0 10.1.0.1/16", .value = "" },
                              { .kind = ADDR, .key = "pic0 10.1.0.1/16", .value = "" },
                              { .kind = LINK, .key = "pic0", .value = "up mtu=1420" } };
        pic__step steps[] = { { PIC__ADD, ADDR, NULL, &items[0] },
                              { PIC__ADD, ADDR, NULL, &items[1] },
                              { PIC__ADD, LINK, NULL, &items[2] } };
        pic__backend *b = backend();
        size_t done = 9;

        (void)state;
        assert_int_equal(b->ops->apply(b, steps, 3, &done, NULL), PIC_CONFLICT);
        assert_int_equal(done, 1);
        assert_null(seen(b, LINK, "pic0"));
        assert_int_equal(add(b, PIC__I_WG_PEER, "x", "y"), PIC_INVALID);
        b->ops->free(b);
}

static void many_routes(void **state)
{
        enum { MANY = 2000 };
        pic__auto_items pic__items items = PIC__ITEMS_INIT, now = PIC__ITEMS_INIT;
        pic__step *steps = calloc(MANY, sizeof(*steps));
        pic__backend *b = backend();
        size_t done = 0, i;
        char key[32];

        (void)state;
        assert_int_equal(bring_up(b, NULL), 0);
        for (i = 0; i < MANY; i++) {
                snprintf(key, sizeof(key), "172.%zu.%zu.0/24", 16 + i / 256, i % 256);
                assert_int_equal(pic__items_add(&items, ROUTE, key, "dev=pic0", NULL, NULL, NULL), 0);
        }
        for (i = 0; i < MANY; i++)
                steps[i] = (pic__step){ PIC__ADD, ROUTE, NULL, &items.at[i] };
        assert_int_equal(b->ops->apply(b, steps, MANY, &done, NULL), 0);
        assert_int_equal(done, MANY);
        assert_int_equal(b->ops->observe(b, &now, NULL), 0);
        assert_int_equal(now.count, MANY + 5);
        assert_int_equal(b->ops->drain(b), 0);
        free(steps);
        b->ops->free(b);
}

static void no_memory(void **state)
{
        unsigned long n;
        int r = -1;

        (void)state;
        for (n = 1; r < 0 && n < 200; n++) {
                pic__route_opts opts = { .run_dir = world_dir };
                pic__backend *b = NULL;
                pic_error *err = NULL;

                pic__mem_fail_at(n);
                r = pic__route_new(&opts, &b, &err);
                if (r == 0)
                        r = bring_up(b, &err);
                if (r == 0) {
                        pic__auto_items pic__items items = PIC__ITEMS_INIT;

                        r = b->ops->observe(b, &items, &err);
                }
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                assert_int_equal(pic_error_code(err), r);
                pic_error_free(err);
                if (b != NULL) {
                        assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
                        b->ops->free(b);
                }
        }
        assert_int_equal(r, 0);
        assert_true(n > 10);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(teardown_takes_all), TEST(says_how_far), TEST(many_routes),
                                            TEST(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
