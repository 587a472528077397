/* backend/route/exit_route.c: floors and ways in the tables of exits. */
#include "world.h"

static pic__backend *ready(void)
{
        assert_int_equal(must(EXIT_DEVICES), 0);
        return backend();
}

static void floors(void **state)
{
        static const char *const keys[] = { "1001 4", "1001 6", "1255 4" };
        pic__backend *b = ready();
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(keys); i++) {
                assert_null(seen(b, FLOOR, keys[i]));
                assert_int_equal(take(b, FLOOR, keys[i], "unreachable"), PIC_NOTFOUND);
                assert_int_equal(add(b, FLOOR, keys[i], "unreachable"), 0);
                assert_string_equal(seen(b, FLOOR, keys[i]), "unreachable");
                assert_int_equal(add(b, FLOOR, keys[i], "unreachable"), PIC_CONFLICT);
        }
        assert_int_equal(sh("ip route show table 1001 | grep -q '^unreachable default proto 112 metric 4278198272'"),
                         0);
        assert_int_equal(take(b, FLOOR, "1001 6", "unreachable"), 0);
        assert_null(seen(b, FLOOR, "1001 6"));
        assert_string_equal(seen(b, FLOOR, "1001 4"), "unreachable");
        b->ops->free(b);
}

/* Somebody made a hole of it: the step that mends it puts the floor in its place. */
static void spoilt_floor(void **state)
{
        pic__backend *b = ready();

        (void)state;
        assert_int_equal(add(b, FLOOR, "1001 4", "unreachable"), 0);
        assert_int_equal(must("ip route replace blackhole default metric 4278198272 table 1001 proto 112"), 0);
        assert_string_equal(seen(b, FLOOR, "1001 4"), "type=6");
        assert_int_equal(step(b, FLOOR, "1001 4", "type=6", "unreachable", NULL), 0);
        assert_string_equal(seen(b, FLOOR, "1001 4"), "unreachable");
        assert_int_equal(sh("[ $(ip route show table 1001 | wc -l) = 1 ]"), 0);
        b->ops->free(b);
}

static void ways(void **state)
{
        pic__backend *b = ready();

        (void)state;
        assert_int_equal(add(b, FLOOR, "1001 4", "unreachable"), 0);
        assert_int_equal(add(b, FLOOR, "1001 6", "unreachable"), 0);
        assert_int_equal(add(b, DEFAULT, "1001 4", WAY1), 0);
        assert_int_equal(add(b, DEFAULT, "1001 6", WAY61), 0);
        assert_string_equal(seen(b, DEFAULT, "1001 4"), WAY1);
        assert_string_equal(seen(b, DEFAULT, "1001 6"), WAY61);
        assert_int_equal(add(b, DEFAULT, "1001 4", WAY1), PIC_CONFLICT);
        assert_int_equal(add(b, DEFAULT, "1001 6", WAY61), PIC_CONFLICT);
        assert_int_equal(step(b, DEFAULT, "1001 4", WAY1, WAY2, NULL), 0);
        assert_int_equal(step(b, DEFAULT, "1001 6", WAY61, WAY62, NULL), 0);
        assert_string_equal(seen(b, DEFAULT, "1001 4"), WAY2);
        assert_string_equal(seen(b, DEFAULT, "1001 6"), WAY62);
        assert_int_equal(sh("[ $(ip route show table 1001 | wc -l) = 2 ] && [ $(ip -6 route show table 1001 | wc -l) = "
                            "2 ]"),
                         0);
        assert_null(seen(b, ROUTE, "0.0.0.0/0"));
        assert_null(seen(b, ROUTE, "::/0"));
        assert_int_equal(take(b, DEFAULT, "1001 4", WAY2), 0);
        assert_int_equal(take(b, DEFAULT, "1001 4", WAY2), PIC_NOTFOUND);
        assert_string_equal(seen(b, FLOOR, "1001 4"), "unreachable");
        b->ops->free(b);
}

/* In the middle of 2,000 changes of the way nothing of IPv4 finds none. Of IPv6 next to nothing: asked in the very
 * moment of a replacement the kernel may say that the table is empty. Then rule 4299 (plan/derive_exit.c) has it. */
static void never_none(void **state)
{
        pic__backend *b = ready();
        char command[400];
        int i;

        (void)state;
        /* IPv6 passes a hop over that does not answer, which these do not. */
        assert_int_equal(must("ip neigh add fd70:6963:78::1:2 lladdr 02:00:00:00:00:01 nud permanent dev picx1 && "
                              "ip neigh add fd70:6963:78::2:2 lladdr 02:00:00:00:00:02 nud permanent dev picx2"),
                         0);
        assert_int_equal(add(b, FLOOR, "1001 4", "unreachable") | add(b, DEFAULT, "1001 4", WAY1), 0);
        assert_int_equal(add(b, FLOOR, "1001 6", "unreachable") | add(b, DEFAULT, "1001 6", WAY61), 0);
        assert_int_equal(add(b, RULE, "4001 4", "mark=0x1010/0x1ff0 table=1001"), 0);
        assert_int_equal(add(b, RULE, "4001 6", "mark=0x1010/0x1ff0 table=1001"), 0);
        snprintf(command, sizeof(command),
                 "for a in 192.0.2.1 2001:db8::1; do (while [ ! -e %s/stop ]; do echo route get $a mark 0x1010; done | "
                 "ip -force -batch - > %s/got.$a 2>&1) & done",
                 world_dir, world_dir);
        assert_int_equal(must(command), 0);
        snprintf(command, sizeof(command), "for f in %s/got.*; do [ $(grep -c 'dev picx' $f) -gt 200 ]; done",
                 world_dir);
        for (i = 0; i < 1000 || (i < 50000 && (i % 500 != 0 || sh(command) != 0)); i++) {
                assert_int_equal(step(b, DEFAULT, "1001 4", i % 2 ? WAY2 : WAY1, i % 2 ? WAY1 : WAY2, NULL), 0);
                assert_int_equal(step(b, DEFAULT, "1001 6", i % 2 ? WAY62 : WAY61, i % 2 ? WAY61 : WAY62, NULL), 0);
        }
        snprintf(command, sizeof(command),
                 "touch %s/stop; sleep 0.2; cd %s; for f in got.*; do [ $(grep -c 'dev picx' $f) -gt 200 ]; done; "
                 "! grep -i -e unreach -e 'no route' got.192.0.2.1 && "
                 "[ $(($(grep -c unreach got.2001:db8::1) * 100)) -le $(grep -c 'dev picx' got.2001:db8::1) ]",
                 world_dir, world_dir);
        assert_int_equal(must(command), 0);
        b->ops->free(b);
}

static void without_device(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(add(b, FLOOR, "1001 4", "unreachable"), 0);
        assert_int_equal(step(b, DEFAULT, "1001 4", NULL, WAY1, &err), PIC_NOTFOUND);
        assert_non_null(strstr(pic_error_message(err), "no device picx1"));
        assert_non_null(strstr(pic_error_hint(err), "namespace"));
        assert_int_equal(take(b, DEFAULT, "1001 4", WAY1), 0); /* went with it */
        assert_int_equal(must(EXIT_DEVICES), 0);
        assert_int_equal(add(b, DEFAULT, "1001 4", WAY1), 0);
        assert_int_equal(must("ip link del picx1"), 0);
        assert_null(seen(b, DEFAULT, "1001 4"));
        /* Replaced by what it was to become all the same. */
        assert_int_equal(step(b, DEFAULT, "1001 4", WAY1, WAY2, NULL), 0);
        assert_string_equal(seen(b, DEFAULT, "1001 4"), WAY2);
        b->ops->free(b);
}

/* Routes of others: none of them is touched, and one is in the way. */
static void foreign(void **state)
{
        pic__auto_err pic_error *err = NULL, *bad = NULL;
        pic__backend *b = ready();

        (void)state;
        assert_int_equal(must("ip route add 198.51.100.0/24 dev lan0 table 1001"), 0);
        assert_int_equal(step(b, FLOOR, "1001 4", NULL, "unreachable", &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "table 1001 is used by somebody else: 198.51.100.0/24"));
        assert_non_null(strstr(pic_error_hint(err), "ip -4 route show table 1001"));
        assert_int_equal(add(b, FLOOR, "1001 6", "unreachable"), 0);
        assert_int_equal(must("ip route flush table 1001"), 0);
        assert_int_equal(add(b, FLOOR, "1001 4", "unreachable"), 0);
        assert_int_equal(must("ip route add default dev lan0 table 1001"), 0);
        assert_null(seen(b, DEFAULT, "1001 4"));
        assert_int_equal(step(b, DEFAULT, "1001 4", NULL, WAY1, &bad), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(bad), "0.0.0.0/0 dev=lan0"));
        assert_int_equal(take(b, DEFAULT, "1001 4", WAY1), PIC_NOTFOUND);
        assert_int_equal(sh("ip route show table 1001 | grep -q lan0"), 0);
        b->ops->free(b);
}

/* With our protocol number, but not as we make them: told as what no wish is, and mended by one step. */
static void spoilt_ways(void **state)
{
        static const char *const spoilt[][2] = {
                { "ip route add default via 169.254.96.10 dev picx2 metric 7 table 1001 proto 112", "several" },
                { "ip route replace default via 169.254.96.10 dev picx2 table 1001 proto 112", WAY2 },
                { "ip route del default table 1001 metric 0; ip route add default via 169.254.96.6 dev picx1 metric 9 "
                  "table 1001 proto 112",
                  WAY1 " metric=9" },
                { "ip route replace prohibit default table 1001 proto 112", "dev=none type=8" },
        };
        pic__backend *b = ready();
        size_t i;

        (void)state;
        assert_int_equal(add(b, FLOOR, "1001 4", "unreachable"), 0);
        for (i = 0; i < PIC__COUNT(spoilt); i++) {
                char value[128];

                assert_int_equal(add(b, DEFAULT, "1001 4", WAY1), 0);
                assert_int_equal(must(spoilt[i][0]), 0);
                snprintf(value, sizeof(value), "%s", seen(b, DEFAULT, "1001 4"));
                assert_string_equal(value, spoilt[i][1]);
                assert_int_equal(step(b, DEFAULT, "1001 4", value, WAY1, NULL), 0);
                assert_string_equal(seen(b, DEFAULT, "1001 4"), WAY1);
                assert_int_equal(take(b, DEFAULT, "1001 4", WAY1), 0);
                assert_int_equal(sh("[ $(ip route show table 1001 | wc -l) = 1 ]"), 0);
        }
        b->ops->free(b);
}

/* Ways beside ways, in both families. */
static void spoilt_by_another_hop(void **state)
{
        static const struct {
                const char *key, *way, *command;
        } cases[] = {
                { "1001 4", WAY1,
                  "ip route replace default table 1001 proto 112 nexthop via 169.254.96.6 dev picx1 nexthop via "
                  "169.254.96.10 "
                  "dev picx2" },
                { "1001 6", WAY61, "ip -6 route append default via fd70:6963:78::2:2 dev picx2 table 1001 proto 112" },
                { "1001 6", WAY61,
                  "ip -6 route add default via fd70:6963:78::2:2 dev picx2 metric 5 table 1001 proto 112" },
        };
        pic__backend *b = ready();
        size_t i;

        (void)state;
        assert_int_equal(add(b, FLOOR, "1001 4", "unreachable") | add(b, FLOOR, "1001 6", "unreachable"), 0);
        assert_int_equal(add(b, DEFAULT, "1001 4", WAY1) | add(b, DEFAULT, "1001 6", WAY61), 0);
        for (i = 0; i < PIC__COUNT(cases); i++) {
                char value[128];

                assert_int_equal(must(cases[i].command), 0);
                snprintf(value, sizeof(value), "%s", seen(b, DEFAULT, cases[i].key));
                assert_string_not_equal(value, cases[i].way);
                assert_int_equal(step(b, DEFAULT, cases[i].key, value, cases[i].way, NULL), 0);
                if (strcmp(seen(b, DEFAULT, cases[i].key), cases[i].way) != 0)
                        fail_msg("%s: %s after %s", cases[i].command, seen(b, DEFAULT, cases[i].key), value);
        }
        assert_int_equal(sh("[ $(ip -6 route show table 1001 | wc -l) = 2 ]"), 0);
        assert_int_equal(sh("[ $(ip route show table 1001 | wc -l) = 2 ]"), 0);
        b->ops->free(b);
}

static void bad_items(void **state)
{
        static const char *const keys[] = { "",        "1001", "1001 5",  "1000 4", "1256 4",
                                            "1001  4", "x 4",  "1001 44", "254 4",  "-1 4" };
        static const char *const values[] = { "",
                                              "picx1",
                                              "dev=picx1",
                                              "dev=picx1 via=",
                                              "dev=picx1 via=fd70:6963:78::1:2",
                                              "dev=picx1 via=169.254.96.6 metric=4",
                                              "dev=picx1  via=169.254.96.6",
                                              "via=169.254.96.6",
                                              "dev=averyverylongname via=169.254.96.6" };
        pic__backend *b = ready();
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(keys); i++) {
                assert_int_equal(add(b, FLOOR, keys[i], "unreachable"), PIC_INVALID);
                assert_int_equal(add(b, DEFAULT, keys[i], WAY1), PIC_INVALID);
        }
        for (i = 0; i < PIC__COUNT(values); i++) {
                assert_int_equal(add(b, FLOOR, "1001 4", values[i]), PIC_INVALID);
                assert_int_equal(add(b, DEFAULT, "1001 4", values[i]), PIC_INVALID);
        }
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(floors),      TEST(spoilt_floor),          TEST(ways),      TEST(never_none),    TEST(foreign),
                TEST(spoilt_ways), TEST(spoilt_by_another_hop), TEST(bad_items), TEST(without_device)
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
