/* backend/route/route.c: the backend as a whole. The contract is held by tests/contract/real_route.c. */
#include "world.h"

#include <time.h>

#include "plan/diff.h"

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

/* What exits' packets fall on is not taken away with the rest, if the block is to stay. */
static void teardown_keeps_the_block(void **state)
{
        static const char *const rules[][2] = { { "4001 4", "mark=0x1010/0x1ff0 table=1001" },
                                                { "4001 6", "mark=0x1010/0x1ff0 table=1001" },
                                                { "3998 4", "mark=0x2/0x2 table=254 suppress=0" } };
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        pic__backend *b = backend();
        size_t i;

        (void)state;
        assert_int_equal(must(EXIT_DEVICES " && ip rule add pref 4002 lookup 78 && ip route add default dev lan0 "
                                           "table 1003"),
                         0);
        assert_int_equal(bring_up(b, NULL), 0);
        assert_int_equal(add(b, FLOOR, "1001 4", "unreachable") | add(b, FLOOR, "1001 6", "unreachable"), 0);
        for (i = 0; i < PIC__COUNT(rules); i++)
                assert_int_equal(add(b, RULE, rules[i][0], rules[i][1]), 0);
        assert_int_equal(add(b, DEFAULT, "1001 4", WAY1) | add(b, DEFAULT, "1001 6", WAY61), 0);
        assert_int_equal(b->ops->teardown(b, 1, NULL), 0);
        assert_null(seen(b, DEFAULT, "1001 4"));
        assert_string_equal(seen(b, FLOOR, "1001 4"), "unreachable");
        assert_string_equal(seen(b, FLOOR, "1001 6"), "unreachable");
        for (i = 0; i < PIC__COUNT(rules); i++)
                assert_string_equal(seen(b, RULE, rules[i][0]), rules[i][1]);
        assert_int_equal(sh("ip link show picx1 up | grep -q picx1"), 0); /* is the exit backend's */
        assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
        assert_int_equal(b->ops->observe(b, &items, NULL), 0);
        assert_int_equal(items.count, 0);
        assert_int_equal(sh("ip rule | grep -q ^4002: && ip route show table 1003 | grep -q lan0"), 0);
        b->ops->free(b);
}

/* As the engine does it: what is seen is compared with what is wished, and the steps are taken. */
static size_t mend(pic__backend *b, pic__items *wish)
{
        pic__auto_items pic__items now = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        size_t done = 0;

        assert_int_equal(b->ops->observe(b, &now, NULL), 0);
        assert_int_equal(pic__plan_diff(&now, wish, &steps, NULL), 0);
        if (steps.count > 0)
                assert_int_equal(b->ops->apply(b, steps.at, steps.count, &done, NULL), 0);
        return done;
}

static double ms_since(const struct timespec *from)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)(now.tv_sec - from->tv_sec) * 1e3 + (double)(now.tv_nsec - from->tv_nsec) / 1e6;
}

/* Half of the exits that there can be. */
static void wish_exits(pic__items *wish)
{
        char key[32], value[64];
        unsigned n, family;

        for (n = 1; n <= 127; n++) {
                for (family = 4; family <= 6; family += 2) {
                        snprintf(key, sizeof(key), "%u %u", 1000 + n, family);
                        assert_int_equal(pic__items_add(wish, FLOOR, key, "unreachable", NULL, NULL, NULL), 0);
                        assert_int_equal(
                                pic__items_add(wish, DEFAULT, key, family == 4 ? WAY1 : WAY62, NULL, NULL, NULL), 0);
                        snprintf(key, sizeof(key), "%u %u", 4000 + n, family);
                        snprintf(value, sizeof(value), "mark=0x%x/0x1ff0 table=%u", 0x1000 + 16 * n, 1000 + n);
                        assert_int_equal(pic__items_add(wish, RULE, key, value, NULL, NULL, NULL), 0);
                }
        }
}

/* Somebody empties tables and takes rules away by hand: heard at once as what leaves no time, and mended. */
static void flushed_by_hand(void **state)
{
        static const struct {
                const char *command;
                size_t steps;
        } floods[] = {
                { "ip route flush table 1001", 2 },
                { "ip -6 route flush table 1127", 2 },
                { "ip route flush table 1001; ip -6 route flush table 1001; ip rule del pref 4001; ip -6 rule del "
                  "pref 4001",
                  6 },
                { "ip rule flush; ip rule add pref 32766 lookup main", 127 },
                { "for n in $(seq 1001 1127); do echo route flush table $n; done | ip -batch -", 2 * 127 },
        };
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;
        pic__backend *b = backend();
        struct timespec from;
        size_t i;

        (void)state;
        assert_int_equal(must(EXIT_DEVICES), 0);
        wish_exits(&wish);
        clock_gettime(CLOCK_MONOTONIC, &from);
        assert_int_equal(mend(b, &wish), 6 * 127);
        print_message("127 exits made: %.1f ms\n", ms_since(&from));
        (void)b->ops->drain(b);
        clock_gettime(CLOCK_MONOTONIC, &from);
        assert_int_equal(mend(b, &wish), 0);
        print_message("looked at: %.1f ms\n", ms_since(&from));
        for (i = 0; i < PIC__COUNT(floods); i++) {
                assert_int_equal(must(floods[i].command), 0);
                assert_int_equal(b->ops->drain(b) & ~PIC__DRAIN_NETS, PIC__DRAIN_OPEN);
                clock_gettime(CLOCK_MONOTONIC, &from);
                assert_int_equal(mend(b, &wish), floods[i].steps);
                print_message("%s: mended in %.1f ms\n", floods[i].command, ms_since(&from));
                assert_int_equal(mend(b, &wish), 0);
                assert_int_equal(b->ops->drain(b) & ~PIC__DRAIN_NETS, 0);
        }
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
        const struct CMUnitTest tests[] = { TEST(teardown_takes_all), TEST(teardown_keeps_the_block),
                                            TEST(flushed_by_hand),    TEST(says_how_far),
                                            TEST(many_routes),        TEST(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
