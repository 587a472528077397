/* Shows: columns are as wide as they must, and what does not fit goes in the right order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/table.h"

static const char *const heads[] = { "name", "address", "~access", "expires", "~note" };
static char *shown;

static struct table *make(const char *const *cells)
{
        struct table *t = table_new(heads, 5);

        assert_non_null(t);
        for (; *cells != NULL; cells++)
                assert_int_equal(table_cell(t, *cells), 0);
        return t;
}

/* What is printed, in `shown`; answers how many columns are missing. */
static size_t print(const char *const *cells, int color, size_t width)
{
        struct table *t = make(cells);
        size_t missing, size;
        FILE *out;

        free(shown);
        out = open_memstream(&shown, &size);
        assert_non_null(out);
        missing = table_print(t, out, color, width);
        fclose(out);
        table_free(t);
        return missing;
}

static void as_wide_as_needed(void **state)
{
        static const char *const rows[] = { "anna",     "10.1.0.2", "internet", "",   "",  "bob",
                                            "10.1.0.3", "",         "",         "hi", NULL };

        (void)state;
        assert_int_equal(print(rows, 0, 0), 0);
        assert_string_equal(shown, "name  address   access    expires  note\n"
                                   "anna  10.1.0.2  internet  -        -\n"
                                   "bob   10.1.0.3  -         -        hi\n");
        assert_int_equal(print(rows, 1, 0), 0);
        assert_int_equal(strncmp(shown, "\033[1mname  address   access    expires  note\033[0m\nanna ", 50), 0);
}

static void too_narrow(void **state)
{
        static const char *const rows[] = { "anna", "10.1.0.2", "internet,lan,peers", "", "a long note of hers", NULL };
        static const char *const full[] = {
                "anna", "10.1.0.2", "internet,lan,peers", "2030-01-01", "a long note of hers", NULL
        };

        (void)state;
        assert_int_equal(print(rows, 0, 60), 0); /* 64 with the empty column */
        assert_string_equal(shown, "name  address   access              note\n"
                                   "anna  10.1.0.2  internet,lan,peers  a long note of hers\n");
        assert_int_equal(print(rows, 0, 50), 0); /* the longest text gives first */
        assert_string_equal(shown, "name  address   access            note\n"
                                   "anna  10.1.0.2  internet,lan,pe…  a long note of …\n");
        assert_int_equal(print(full, 0, 39), 2); /* not all of them: the rest is not cut more than it must */
        assert_string_equal(shown, "name  address   access\n"
                                   "anna  10.1.0.2  internet,lan,peers\n");
        assert_int_equal(print(full, 0, 30), 2);
        assert_string_equal(shown, "name  address   access\n"
                                   "anna  10.1.0.2  internet,lan,…\n");
        assert_int_equal(print(full, 0, 1), 4); /* the first one stays whatever comes */
        assert_string_equal(shown, "name\nanna\n");
}

/* Columns of the terminal, not bytes. */
static void other_scripts(void **state)
{
        static const char *const rows[] = { "ünä", "a", "日本語", "b", "", "x", "y", "z", "c", "", NULL };
        static const char *const wide[] = { "x", "y", "日本語テキスト日本語", "", "", NULL };

        (void)state;
        assert_int_equal(print(rows, 0, 0), 0);
        assert_string_equal(shown, "name  address  access  expires  note\n"
                                   "ünä   a        日本語  b        -\n"
                                   "x     y        z       c        -\n");
        assert_int_equal(print(wide, 0, 30), 0);
        assert_string_equal(shown, "name  address  access\nx     y        日本語テキスト…\n");
}

static void empty(void **state)
{
        static const char *const none[] = { NULL };

        (void)state;
        assert_int_equal(print(none, 0, 0), 0);
        assert_string_equal(shown, "name  address  access  expires  note\n");
        assert_int_equal(table_print(NULL, stdout, 0, 80), 0);
        table_free(NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(as_wide_as_needed),
                cmocka_unit_test(too_narrow),
                cmocka_unit_test(other_scripts),
                cmocka_unit_test(empty),
        };
        int r;

        assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
        r = cmocka_run_group_tests(tests, NULL, NULL);
        free(shown);
        return r;
}
