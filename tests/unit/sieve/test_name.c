/* sieve/name.c: the same number for the same name, as text and as bytes; what is no name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sieve/name.h"

static uint64_t of(const char *text)
{
        pic__sieve_name n;

        return pic__sieve_name_text(text, strlen(text), &n) == 0 ? pic__sieve_number(&n) : 0;
}

static void texts(void **state)
{
        static const char *const bad[] = {
                "", ".", "a..b", ".a", "a b", "10.0.0.256", "1.2.3.4", "a.b:c", "\xc3\xa4.de"
        };
        char longest[300];
        size_t i;

        (void)state;
        assert_true(of("ads.example") != 0);
        assert_true(of("ads.example") == of("ADS.Example."));
        assert_true(of("ads.example") != of("adse.xample"));
        assert_true(of("a.b") != of("ab"));
        assert_true(of("_x-1.example") != 0);
        for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_true(of(bad[i]) == 0);
        memset(longest, 'a', sizeof(longest));
        longest[64] = '\0';
        assert_true(of(longest) == 0);
        longest[63] = '\0';
        assert_true(of(longest) != 0);
}

static void parents(void **state)
{
        pic__sieve_name n;

        (void)state;
        assert_int_equal(pic__sieve_name_text("a.b.example", 11, &n), 0);
        assert_int_equal(n.count, 3);
        assert_true(n.at[0] == of("example") && n.at[1] == of("b.example") && n.at[2] == of("a.b.example"));
        assert_int_equal(n.at[2] & PIC__SIEVE_HOW, 0);
}

static void bytes(void **state)
{
        static const uint8_t m[] = { 1, 'A', 2, 'b', 'C', 0, 7 }, open_end[] = { 3, 'a', 'b' },
                             pointer[] = { 0xc0, 12 };
        pic__sieve_name n;
        uint8_t many[300];
        size_t i;

        (void)state;
        assert_int_equal(pic__sieve_name_wire(m, sizeof(m), 0, &n), 6);
        assert_true(pic__sieve_number(&n) == of("a.bc"));
        assert_int_equal(pic__sieve_name_wire(m, 5, 0, &n), 0);
        assert_int_equal(pic__sieve_name_wire(open_end, sizeof(open_end), 0, &n), 0);
        assert_int_equal(pic__sieve_name_wire(pointer, sizeof(pointer), 0, &n), 0);
        assert_int_equal(pic__sieve_name_wire((const uint8_t *)"", 1, 0, &n), 1); /* the root */
        assert_int_equal(n.count, 0);
        for (i = 0; i < sizeof(many); i++)
                many[i] = i % 2 == 0 ? 1 : 'x';
        assert_int_equal(pic__sieve_name_wire(many, sizeof(many), 0, &n), 0); /* 255 bytes are the most */
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(texts), cmocka_unit_test(parents),
                                            cmocka_unit_test(bytes) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
