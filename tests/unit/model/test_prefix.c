/* Shows: prefixes as text and back, membership and overlap against ranges of numbers, numbers of hosts. */
#include "help.h"

#include "model/net.h"

static pic__prefix random_prefix(uint8_t family)
{
        unsigned bits = family == 4 ? 32 : 128;
        pic__prefix p = { { family, { 0 } }, (uint8_t)(rnd() % (bits + 1)) };
        unsigned i;

        for (i = 0; i < bits / 8; i++)
                p.addr.bytes[i] = (uint8_t)(rnd() % 2 ? 10 : rnd());
        pic__prefix_mask(&p);
        return p;
}

static void forms(void **state)
{
        static const char *const bad[] = { "",
                                           "/",
                                           "10.0.0.0",
                                           "10.0.0.0/",
                                           "10.0.0.0/33",
                                           "10.0.0.0/08",
                                           "10.0.0.0/-1",
                                           "10.0.0.0/+8",
                                           "10.0.0.0/8 ",
                                           "10.0.0.0/8/8",
                                           "fd00::/129",
                                           "fd00::/1000",
                                           "10/8",
                                           "x/8",
                                           "1111111111111111111111111111111111111111111111111111111/8" };
        pic__prefix p = { { 0 }, 0 };
        char text[PIC__PREFIX_TEXT];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++)
                assert_int_equal(pic__prefix_parse(bad[i], &p), -1);
        assert_int_equal(p.addr.family, 0);
        assert_int_equal(pic__prefix_parse("10.1.2.3/16", &p), -2);
        pic__prefix_mask(&p);
        assert_string_equal(pic__prefix_print(&p, text), "10.1.0.0/16");
        assert_int_equal(pic__prefix_parse("fd00::1/127", &p), -2);
        assert_int_equal(pic__prefix_parse("0.0.0.0/0", &p), 0);
        assert_int_equal(pic__prefix_parse("FD00::/8", &p), 0);
        assert_string_equal(pic__prefix_print(&p, text), "fd00::/8");
}

static void random_ones(void **state)
{
        int i;

        (void)state;
        for (i = 0; i < 20000; i++) {
                pic__prefix a = random_prefix(i % 2 ? 4 : 6), b = random_prefix(i % 5 ? a.addr.family : 4), c;
                char text[PIC__PREFIX_TEXT];
                pic__range ra, rb;
                int inside, apart;

                assert_int_equal(pic__prefix_parse(pic__prefix_print(&a, text), &c), 0);
                assert_int_equal(pic__addr_cmp(&a.addr, &c.addr), 0);
                assert_int_equal(a.len, c.len);
                pic__prefix_range(&a, &ra);
                pic__prefix_range(&b, &rb);
                inside = a.addr.family == b.addr.family && pic__addr_cmp(&ra.first, &rb.first) <= 0 &&
                         pic__addr_cmp(&rb.first, &ra.last) <= 0;
                assert_int_equal(pic__prefix_has(&a, &b.addr), inside);
                apart = a.addr.family != b.addr.family || pic__addr_cmp(&ra.last, &rb.first) < 0 ||
                        pic__addr_cmp(&rb.last, &ra.first) < 0;
                assert_int_equal(pic__prefix_overlaps(&a, &b), !apart);
        }
}

static void hosts(void **state)
{
        static const struct {
                const char *text;
                uint64_t n;
        } cases[] = { { "10.0.0.0/8", (1u << 24) - 2 },
                      { "10.0.0.0/24", 254 },
                      { "10.0.0.0/30", 2 },
                      { "10.0.0.0/31", 0 },
                      { "10.0.0.0/32", 0 },
                      { "0.0.0.0/0", 0xfffffffe },
                      { "fd00::/64", (uint64_t)1 << 40 },
                      { "fd00::/120", 255 },
                      { "fd00::/127", 1 },
                      { "fd00::/128", 0 },
                      { "fd00::/88", ((uint64_t)1 << 40) - 1 } };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__prefix p;

                assert_int_equal(pic__prefix_parse(cases[i].text, &p), 0);
                assert_true(pic__prefix_hosts(&p) == cases[i].n);
        }
}

RUN(T(forms), T(random_ones), T(hosts))
