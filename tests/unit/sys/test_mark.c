/* sys/mark.c: a program that no pid file names is found by its mark, in this network, for that directory alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/mark.h"

static pic__child *child_in(const char *dir)
{
        pic__child *c = NULL;

        assert_int_equal(pic__child_new("one", dir, dir, NULL, &c, NULL), 0);
        return c;
}

static void found(void **state)
{
        static const char *const argv[] = { "sleep", "60", NULL };
        char dir[] = "/tmp/pic-mark-XXXXXX", word[PIC__MARK_MAX], command[64], long_dir[PIC__MARK_MAX];
        const char *env[] = { word, NULL };
        pic__mark m = { .word = "PIC_TEST", .program = "sleep", .dir = dir }, other = m;
        pic__child *first, *second;

        (void)state;
        assert_non_null(mkdtemp(dir));
        first = child_in(dir);
        assert_int_equal(pic__mark_make(&m, "what", 4, word), 0);
        assert_int_equal(pic__child_start(first, argv, env, NULL), 0);
        snprintf(command, sizeof(command), "rm -f %s/*.pid", dir);
        assert_int_equal(system(command), 0);
        second = child_in(dir);
        other.dir = "/tmp";
        assert_int_equal(pic__mark_adopt(&other, second), 0);
        other = m;
        other.word = "PIC_TES";
        assert_int_equal(pic__mark_adopt(&other, second), 0);
        assert_int_equal(pic__mark_adopt(&m, second), 1);
        assert_int_equal(pic__child_pid(second), pic__child_pid(first));
        assert_int_equal(pic__mark_same(&m, pic__child_pid(first), "what", 4), 1);
        assert_int_equal(pic__mark_same(&m, pic__child_pid(first), "that", 4), 0);
        assert_int_equal(pic__mark_same(&m, getpid(), "what", 4), 0);
        assert_int_equal(pic__mark_here(getpid()), 1);
        assert_int_equal(pic__mark_here(0), 0);
        memset(long_dir, 'x', sizeof(long_dir) - 1);
        long_dir[sizeof(long_dir) - 1] = '\0';
        other.dir = long_dir;
        assert_int_equal(pic__mark_make(&other, "what", 4, word), -1);
        pic__child_stop(first, 1000);
        pic__child_unref(first);
        pic__child_unref(second);
        snprintf(command, sizeof(command), "rm -rf %s", dir);
        assert_int_equal(system(command), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(found) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
