/* What is found begins once, ends once, and is told by when it was. */
#include "help.h"

#include "store/stats.h"

#define MINUTE (60 * PIC__SECOND)

static pic__stats *st;
static char told[2000];

static int take(const pic__health_row *row, void *data)
{
        char line[200];

        (void)data;
        snprintf(line, sizeof(line), "%s %s %lld-%lld;", row->area, row->what,
                 (long long)((row->began - NOON) / MINUTE),
                 row->ended != 0 ? (long long)((row->ended - NOON) / MINUTE) : -1LL);
        strncat(told, line, sizeof(told) - strlen(told) - 1);
        return 0;
}

static const char *tell(pic_time since, pic_time until, uint32_t max)
{
        told[0] = '\0';
        needs(pic__stats_health(st, since, until, max, take, NULL, &err));
        return told;
}

static void found(const pic__health_row *rows, size_t count, int minute)
{
        needs(pic__stats_begin(st, &err));
        needs(pic__stats_found(st, rows, count, NOON + minute * MINUTE, &err));
        needs(pic__stats_end(st, &err));
}

static void test_history(void **state)
{
        const pic__health_row rows[] = { { 0, "exit", "a #", "a 1", "mend", 0, 0 },
                                         { 1, "dns", "b", "b", NULL, 0, 0 } };
        const pic__health_row again[] = { { 0, "exit", "a #", "a 2", "mend", 0, 0 } };

        (void)state;
        needs(pic__stats_open(test_dir, 1, &st, NULL, &err));
        found(rows, 2, 0);
        found(again, 1, 5); /* the same with another number; the other ended */
        assert_string_equal(tell(0, 0, 10), "exit a 1 0--1;dns b 0-5;");
        found(NULL, 0, 6);
        found(rows, 2, 9);
        found(NULL, 0, 1); /* the clock was put back */
        assert_string_equal(tell(0, 0, 10), "dns b 9-9;exit a 1 9-9;dns b 0-5;exit a 1 0-6;");
        assert_string_equal(tell(0, 0, 1), "dns b 9-9;");
        assert_string_equal(tell(NOON + 6 * MINUTE, NOON + 8 * MINUTE, 10), "exit a 1 0-6;");
        pic__stats_unref(st);
}

static void test_bound(void **state)
{
        char text[16];
        const pic__health_row row = { 0, "exit", text, text, NULL, 0, 0 };
        int i;

        (void)state;
        needs(pic__stats_open(test_dir, 1, &st, NULL, &err));
        needs(pic__stats_begin(st, &err));
        for (i = 0; i < 5100; i++) {
                snprintf(text, sizeof(text), "x%d", i);
                needs(pic__stats_found(st, &row, 1, NOON + i, &err));
        }
        needs(pic__stats_found(st, NULL, 0, NOON + i, &err));
        needs(pic__stats_end(st, &err));
        assert_non_null(strstr(tell(0, NOON + 101, 1), "x101 "));
        assert_string_equal(tell(0, NOON + 99, 1), "");
        pic__stats_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_history, new_dir, drop_dir),
                cmocka_unit_test_setup_teardown(test_bound, new_dir, drop_dir),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
