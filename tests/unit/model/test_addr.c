/* Shows: addresses as text and back, and arithmetic against 128-bit integers. */
#include "help.h"

#include "model/net.h"

typedef unsigned __int128 u128;

static u128 number(const pic__addr *a)
{
        u128 n = 0;
        int i;

        for (i = 0; i < (a->family == 4 ? 4 : 16); i++)
                n = n << 8 | a->bytes[i];
        return n;
}

static pic__addr random_addr(uint8_t family)
{
        pic__addr a = { .family = family };
        int i;

        for (i = 0; i < (family == 4 ? 4 : 16); i++)
                a.bytes[i] = (uint8_t)(rnd() % 3 == 0 ? 0 : rnd());
        return a;
}

static void forms(void **state)
{
        static const char *const bad[] = { "",         "1.2.3",     "1.2.3.4.5",    "01.2.3.4", "256.1.1.1", "1.2.3.4 ",
                                           " 1.2.3.4", "1.2.3.4/8", "fe80::1%eth0", "[::1]",    ":::",       "1::2::3",
                                           "12345::",  "::1.2.3",   "0x1.2.3.4",    "1.2.3.-4" };
        static const struct {
                const char *in, *out;
        } good[] = { { "1.2.3.4", "1.2.3.4" },
                     { "FD00:0:0:0:0:0:0:1", "fd00::1" },
                     { "::", "::" },
                     { "2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1" },
                     { "::ffff:1.2.3.4", "::ffff:1.2.3.4" } };
        char text[PIC__ADDR_TEXT];
        pic__addr a = { 0 };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++)
                assert_int_equal(pic__addr_parse(bad[i], &a), -1);
        assert_int_equal(a.family, 0);
        assert_string_equal(pic__addr_print(&a, text), "");
        for (i = 0; i < PIC__COUNT(good); i++) {
                assert_int_equal(pic__addr_parse(good[i].in, &a), 0);
                assert_string_equal(pic__addr_print(&a, text), good[i].out);
        }
}

static void round_trip(void **state)
{
        int i;

        (void)state;
        for (i = 0; i < 20000; i++) {
                pic__addr a = random_addr(i % 2 ? 4 : 6), b;
                char text[PIC__ADDR_TEXT];

                assert_int_equal(pic__addr_parse(pic__addr_print(&a, text), &b), 0);
                assert_int_equal(pic__addr_cmp(&a, &b), 0);
                assert_int_equal(a.family, b.family);
        }
}

static void arithmetic(void **state)
{
        int i;

        (void)state;
        for (i = 0; i < 20000; i++) {
                uint8_t family = i % 2 ? 4 : 6;
                pic__addr a = random_addr(family), b = random_addr(family), sum = { 0 };
                uint64_t n = i % 3 ? rnd() : (uint64_t)rnd() << 32 | rnd();
                u128 na = number(&a), nb = number(&b), top = family == 4 ? 0xffffffffu : ~(u128)0;
                int fits = n <= top - na;

                assert_int_equal(pic__addr_add(&a, n, &sum), fits ? 0 : -1);
                if (fits) {
                        assert_true(number(&sum) == na + n);
                        assert_true(pic__addr_sub(&sum, &a) == n);
                }
                assert_int_equal(pic__addr_cmp(&a, &b) < 0, na < nb);
                if (na >= nb)
                        assert_true(pic__addr_sub(&a, &b) == (na - nb > UINT64_MAX ? UINT64_MAX : (uint64_t)(na - nb)));
                else
                        assert_true(pic__addr_sub(&a, &b) == UINT64_MAX);
        }
}

static void families_are_ordered(void **state)
{
        pic__addr a = { 4, { 255 } }, b = { 6, { 0 } };

        (void)state;
        assert_true(pic__addr_cmp(&a, &b) < 0);
        assert_true(pic__addr_cmp(&b, &a) > 0);
}

RUN(T(forms), T(round_trip), T(arithmetic), T(families_are_ordered))
