/* Shows: the heap door: zeroed memory, copies, and the failure hook that all out-of-memory tests stand on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"

static void zeroed_and_copied(void **state)
{
        unsigned char *mem = pic__alloc(64), zero[64] = { 0 };
        char *text = pic__strdup("abc"), *part = pic__strndup("abcdef", 3), *whole = pic__strndup("ab", 10);
        char *bytes = pic__memdup("a\0b", 3);

        (void)state;
        assert_non_null(mem);
        assert_memory_equal(mem, zero, 64);
        assert_string_equal(text, "abc");
        assert_string_equal(part, "abc");
        assert_string_equal(whole, "ab");
        assert_memory_equal(bytes, "a\0b\0", 4);
        assert_null(pic__strdup(NULL));
        pic__free(mem);
        pic__free(text);
        pic__free(part);
        pic__free(whole);
        pic__free(bytes);
        pic__free(NULL);
}

static void nothing_is_something(void **state)
{
        void *none = pic__alloc(0), *grown;

        (void)state;
        assert_non_null(none);
        grown = pic__realloc(none, 0);
        assert_non_null(grown);
        pic__free(grown);
}

static void nth_fails_once(void **state)
{
        void *a, *b, *c;

        (void)state;
        pic__mem_fail_at(2);
        a = pic__alloc(1);
        b = pic__alloc(1);
        c = pic__alloc(1);
        assert_non_null(a);
        assert_null(b);
        assert_non_null(c);
        assert_int_equal(pic__mem_fail_at(1), 3);
        assert_null(pic__realloc(a, 10));
        pic__mem_fail_at(1);
        assert_null(pic__strdup("x"));
        pic__mem_fail_at(0);
        pic__free(a);
        pic__free(c);
}

static void automatic(void **state)
{
        char *p = pic__strdup("x");
        char *q = pic__take(p);

        (void)state;
        assert_null(p);
        assert_string_equal(q, "x");
        pic__free_p(&q);
        assert_null(q);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(zeroed_and_copied),
                cmocka_unit_test(nothing_is_something),
                cmocka_unit_test(nth_fails_once),
                cmocka_unit_test(automatic),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
