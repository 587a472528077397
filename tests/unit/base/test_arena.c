/* Shows: an arena gives aligned, zeroed, lasting memory of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

static void many_sizes(void **state)
{
        pic__arena a = PIC__ARENA_INIT;
        char *texts[500];
        size_t i, j;

        (void)state;
        for (i = 0; i < 500; i++) {
                unsigned char *mem = pic__arena_alloc(&a, i * 7);

                assert_non_null(mem);
                assert_int_equal((uintptr_t)mem % alignof(max_align_t), 0);
                for (j = 0; j < i * 7; j++)
                        assert_int_equal(mem[j], 0);
                memset(mem, 0xee, i * 7);
                texts[i] = pic__arena_printf(&a, "text %zu", i);
                assert_non_null(texts[i]);
        }
        for (i = 0; i < 500; i++) {
                char want[32];

                snprintf(want, sizeof(want), "text %zu", i);
                assert_string_equal(texts[i], want);
        }
        pic__arena_free(&a);
        assert_null(a.blocks);
}

static void copies(void **state)
{
        pic__arena a = PIC__ARENA_INIT;
        char big[3000], *text;

        (void)state;
        assert_string_equal(pic__arena_dup(&a, "hello", 4), "hell");
        assert_string_equal(pic__arena_dup(&a, NULL, 0), "");
        memset(big, 'x', sizeof(big) - 1);
        big[sizeof(big) - 1] = '\0';
        text = pic__arena_printf(&a, "%s!", big);
        assert_int_equal(strlen(text), sizeof(big));
        assert_int_equal(text[sizeof(big) - 1], '!');
        assert_non_null(pic__arena_alloc(&a, 1 << 20));
        pic__arena_wipe(&a);
        assert_null(a.blocks);
}

static void refused(void **state)
{
        pic__arena a = PIC__ARENA_INIT;
        char big[20000];

        (void)state;
        memset(big, 'y', sizeof(big) - 1);
        big[sizeof(big) - 1] = '\0';
        assert_null(pic__arena_alloc(&a, SIZE_MAX - 8));
        pic__mem_fail_at(1);
        assert_null(pic__arena_dup(&a, "x", 1));
        pic__mem_fail_at(1);
        assert_null(pic__arena_printf(&a, "%s", big));
        pic__mem_fail_at(0);
        assert_string_equal(pic__arena_dup(&a, "x", 1), "x");
        pic__arena_free(&a);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(many_sizes), cmocka_unit_test(copies),
                                            cmocka_unit_test(refused) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
