/* What a version says of itself, and which of two is newer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "update/update.h"

static void order(void **state)
{
        static const char *const up[] = { "0.0.9",  "0.1~rc1", "0.1~rc2", "0.1",   "0.1.0", "0.1.0a",   "0.1.1",
                                          "0.1.10", "0.2",     "0.10",    "1.0~a", "1.0",   "1.0+git2", "1.0+git10" };
        size_t n = sizeof(up) / sizeof(up[0]), i, j;

        (void)state;
        for (i = 0; i < n; i++) {
                for (j = 0; j < n; j++) {
                        int r = up_version_cmp(up[i], up[j]);

                        assert_int_equal((r > 0) - (r < 0), (i > j) - (i < j));
                }
        }
        assert_int_equal(up_version_cmp("1.02", "1.2"), 0);
}

static void parts_of_paths(void **state)
{
        static const char *const bad[] = { "", ".", "..", ".1", "a1", "1/2", "1 2", "1\n", "-1" };
        char name[UP_VERSION], longest[UP_VERSION + 1];
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(up_version_ok(bad[i]));
        memset(longest, '1', UP_VERSION);
        longest[UP_VERSION] = '\0';
        assert_false(up_version_ok(longest));
        assert_false(up_kept_name(longest, name));
        longest[UP_VERSION - 1] = '\0';
        assert_true(up_version_ok(longest));
        assert_true(up_kept_name("1.2.3.deb", name));
        assert_string_equal(name, "1.2.3");
        assert_true(up_kept_name("1.2.3", name));
        assert_false(up_kept_name("made", name));
}

static void with_text(const char *root, const char *text)
{
        char path[UP_PATH];

        assert_int_equal(up_parents(root, "share/pic/release"), 0);
        assert_int_equal(up_path(path, root, "/share/pic/release", NULL), 0);
        assert_int_equal(up_write(path, text, 0644), 0);
}

static void what_it_says(void **state)
{
        static const char head[] = "version 1.2\narch x\nprefix /p\n";
        static const char *const bad[] = { "",
                                           "version 1.2\n",
                                           "x",
                                           "file a\nversion 1.2\narch x\n",
                                           "version 1.2\narch x\nprefix /p\n",
                                           "version ../x\narch x\nprefix /p\nfile a\n" };
        static const char *const out[] = { "/etc/passwd", "..", "../a", "a/../b", "a/..", "a//b", "" };
        char root[] = "/tmp/pic-release-XXXXXX", text[4096];
        struct release r;
        size_t i;
        int n;

        (void)state;
        assert_non_null(mkdtemp(root));
        assert_int_equal(up_release_read(root, &r), -1); /* there is none */
        up_forget();
        for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                with_text(root, bad[i]);
                assert_int_equal(up_release_read(root, &r), -1);
                up_forget();
        }
        for (i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
                snprintf(text, sizeof(text), "%sfile ok\nfile %s\n", head, out[i]);
                with_text(root, text);
                assert_int_equal(up_release_read(root, &r), -1);
                assert_non_null(strstr(up_why(), "damaged"));
                up_forget();
        }
        n = snprintf(text, sizeof(text), "%sfuture word\n", head);
        for (i = 0; i < 100; i++)
                n += snprintf(text + n, sizeof(text) - (size_t)n, "file d/f%zu\n", i);
        with_text(root, text);
        assert_int_equal(up_release_read(root, &r), 0);
        assert_int_equal(r.count, 100);
        assert_string_equal(r.files[99], "d/f99");
        assert_string_equal(r.version, "1.2");
        up_release_clear(&r);
        assert_int_equal(up_wipe(root), 0);
        assert_int_equal(access(root, F_OK), -1);
        assert_int_equal(up_wipe(root), 0); /* nothing is fine */
}

static void programs(void **state)
{
        static const char *const fine[] = { "sh", "-c", "echo out; echo one >&2; echo two >&2", NULL };
        static const char *const fails[] = { "sh", "-c", "echo why >&2; exit 3", NULL };
        static const char *const stays[] = { "sleep", "60", NULL };
        static const char *const none[] = { "/nonexistent/program", NULL };
        struct output o;

        (void)state;
        assert_int_equal(up_run(fine, 10, &o), 0);
        assert_string_equal(o.out, "out\n");
        assert_string_equal(o.err, "two");
        up_output_clear(&o);
        assert_int_equal(up_run(fails, 10, &o), 3);
        up_output_clear(&o);
        assert_int_equal(up_must(fails, 10, &o), -1);
        assert_non_null(strstr(up_why(), "why"));
        up_output_clear(&o);
        up_forget();
        assert_int_equal(up_must(none, 10, &o), -1);
        up_output_clear(&o);
        up_forget();
        assert_int_equal(up_run(stays, 0, &o), -1);
        assert_non_null(strstr(up_why(), "has not ended"));
        up_output_clear(&o);
        up_forget();
        assert_null(up_json(fine, 10));
        up_forget();
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(order),
                cmocka_unit_test(parts_of_paths),
                cmocka_unit_test(what_it_says),
                cmocka_unit_test(programs),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
