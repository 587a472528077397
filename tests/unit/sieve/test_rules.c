/* sieve/rules.c: whom which list holds for, and what passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "sieve/rules.h"

static const uint32_t ids[] = { 3, 4, 9 };

static const char text[] =
        "pic-sieve 1\npass home.internal\nlist 3 ads all\nlist 4 games\nlist 77 unknown all\nallow 3 ok.example\n"
        "allow 77 x.example\nfrom 10.1.0.2 4\nfrom 10.9.0.0/16 9,4,77\nfrom fd00::2 4\nnone 169.254.96.0/22\n"
        "from 10.9.8.0/24 9\nend\n";

static uint64_t of(const pic__sieve_rules *r, const char *place)
{
        uint8_t bytes[16];

        if (inet_pton(AF_INET, place, bytes) == 1)
                return pic__sieve_rules_of(r, bytes, 4);
        assert_int_equal(inet_pton(AF_INET6, place, bytes), 1);
        return pic__sieve_rules_of(r, bytes, 16);
}

static uint64_t left(const pic__sieve_rules *r, const char *name)
{
        pic__sieve_name n;

        assert_int_equal(pic__sieve_name_text(name, strlen(name), &n), 0);
        return pic__sieve_rules_left(r, &n, 7);
}

static void whole(void **state)
{
        pic__sieve_rules *r = pic__sieve_rules_read(text, strlen(text), ids, 3);

        (void)state;
        assert_non_null(r);
        assert_int_equal(of(r, "10.1.0.9"), 1);
        assert_int_equal(of(r, "10.1.0.2"), 3);
        assert_int_equal(of(r, "fd00::2"), 3);
        assert_int_equal(of(r, "fd00::3"), 1);
        assert_int_equal(of(r, "10.9.1.1"), 7);
        assert_int_equal(of(r, "10.9.8.7"), 5); /* the longest counts */
        assert_int_equal(of(r, "169.254.97.1"), 0);
        assert_int_equal(left(r, "a.example"), 7);
        assert_int_equal(left(r, "x.ok.example"), 6);
        assert_int_equal(left(r, "nas.home.internal"), 0);
        assert_false(pic__sieve_rules_note(r));
        assert_string_equal(pic__sieve_rules_name(r, 1), "games");
        assert_string_equal(pic__sieve_rules_name(r, 2), "");
        assert_string_equal(pic__sieve_rules_name(r, 99), "");
        pic__sieve_rules_free(r);
}

static void noted(void **state)
{
        static const char says[] = "pic-sieve 1\nnote\nend\n";
        pic__sieve_rules *r = pic__sieve_rules_read(says, strlen(says), ids, 3);

        (void)state;
        assert_non_null(r);
        assert_true(pic__sieve_rules_note(r));
        pic__sieve_rules_free(r);
}

static void many(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        pic__sieve_rules *r;
        char place[32];
        int i;

        (void)state;
        pic__buf_puts(&b, "pic-sieve 1\nlist 3 ads\n");
        for (i = 0; i < 5000; i++)
                pic__buf_putf(&b, "from 10.1.%d.%d %d\n", i / 250, i % 250, i % 2 == 0 ? 3 : 4);
        pic__buf_puts(&b, "end\n");
        r = pic__sieve_rules_read(b.data, b.len, ids, 3);
        assert_non_null(r);
        for (i = 0; i < 5000; i++) {
                snprintf(place, sizeof(place), "10.1.%d.%d", i / 250, i % 250);
                assert_int_equal(of(r, place), i % 2 == 0 ? 1 : 2);
        }
        assert_int_equal(of(r, "10.2.0.1"), 0);
        pic__sieve_rules_free(r);
        pic__buf_free(&b);
}

static void none(void **state)
{
        static const char *const bad[] = { "",
                                           "pic-sieve 2\nend\n",
                                           "pic-sieve 1\nlist 3 ads all\n",
                                           "pic-sieve 1\nfrom 10.0.0.1/33 3\nend\n",
                                           "pic-sieve 1\nnone where\nend\n",
                                           "pic-sieve 1\nhello you two\nend\n",
                                           "pic-sieve 1\npass\nend\n",
                                           "pic-sieve 1\npass a..b\nend\n" };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_null(pic__sieve_rules_read(bad[i], strlen(bad[i]), ids, 3));
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(whole), cmocka_unit_test(noted), cmocka_unit_test(many),
                                            cmocka_unit_test(none) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
