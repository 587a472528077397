/* One log, backwards: over rotations, over clocks that were wrong, from the middle, of files that are none. */
#include "fixture.h"

#include <fcntl.h>
#include <pic/log.h>

#include "engine/logback.h"

static char dir[64];

/* Written to a little after the times that its lines tell. */
static void put(const char *name, const char *text, size_t len)
{
        const struct timespec when[2] = { { NOW / PIC__SECOND + 10, 0 }, { NOW / PIC__SECOND + 10, 0 } };
        char path[160];

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        assert_int_equal(pic__file_write(path, text, len, 0640, NULL), 0);
        assert_int_equal(utimensat(AT_FDCWD, path, when, 0), 0);
}

static void put_text(const char *name, const char *text)
{
        put(name, text, strlen(text));
}

/* All that is wanted, newest first, as "second:text;". */
static void expect(const char *name, const pic__logwant *w, off_t limit, const char *wanted)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
        const char *line;
        pic__logback b;
        pic_time time;
        size_t len;

        pic__logback_open(&b, at, name, limit, NOW);
        while ((r = pic__logback_next(&b, w, &line, &len, &time, NULL)) > 0) {
                pic__logline l;

                pic__logline_read(line, len, &b.by, &l);
                pic__buf_putf(&out, "%d:%.*s;", (int)(time / PIC__SECOND % 100), (int)l.text_len, l.text);
        }
        assert_int_equal(r, 0);
        pic__logback_close(&b);
        close(at);
        assert_string_equal(pic__buf_str(&out), wanted);
}

static int set_up(void **state)
{
        (void)state;
        fixture_dir(dir, sizeof(dir));
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        fixture_drop(dir);
        return 0;
}

static void test_versions(void **state)
{
        pic__logwant w = PIC__LOGWANT_ALL;

        (void)state;
        expect("agent", &w, INT64_MAX, "");
        put_text("agent.log", "2027-01-15T08:00:05Z INFO wg e\n\n2027-01-15T08:00:06Z INFO wg f");
        put_text("agent.log.1", "2027-01-15T08:00:03Z INFO wg c\n2027-01-15T08:00:04Z INFO wg d\n");
        put_text("agent.log.3", "2027-01-15T08:00:01Z INFO wg a\n");
        put_text("agent.log.6", "2027-01-15T08:00:00Z INFO wg none\n");
        expect("agent", &w, INT64_MAX, "6:f;5:e;4:d;3:c;1:a;");
        expect("agent", &w, 31, "5:e;4:d;3:c;1:a;");
        w.since = (pic_time)1800000003 * PIC__SECOND;
        w.until = (pic_time)1800000005 * PIC__SECOND;
        expect("agent", &w, INT64_MAX, "5:e;4:d;3:c;");
}

/* A clock that was wrong before somebody put it right, each way; and lines without a time. */
static void test_clocks(void **state)
{
        pic__logwant w = PIC__LOGWANT_ALL;

        (void)state;
        put_text("agent.log", "no time at first\n2027-01-15T08:00:01Z INFO wg a\n1970-01-01T00:00:09Z INFO wg boot\n"
                              "2035-01-01T00:00:00Z INFO wg future\n2027-01-15T08:00:04Z INFO wg b\nno time\n");
        expect("agent", &w, INT64_MAX, "4:no time;4:b;1:future;1:boot;1:a;1:no time at first;");
        w.since = (pic_time)1800000001 * PIC__SECOND;
        expect("agent", &w, INT64_MAX, "4:no time;4:b;1:future;1:boot;1:a;1:no time at first;");
}

/* More than a block: what is too new is passed over, what is too old is not read; both find the right lines. */
static void test_large(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__logwant w = PIC__LOGWANT_ALL;
        char when[PIC__TIME_TEXT];
        int i;

        (void)state;
        for (i = 0; i < 20000; i++)
                pic__buf_putf(&text, "%s INFO engine line %d\n",
                              pic__time_print(NOW - (pic_time)(20000 - i) * PIC__SECOND, when), i);
        put("agent.log", text.data, text.len);
        w.until = NOW - 10000 * PIC__SECOND;
        w.since = w.until - PIC__SECOND;
        expect("agent", &w, INT64_MAX, "0:line 10000;99:line 9999;");
        w = (pic__logwant)PIC__LOGWANT_ALL;
        w.text = "line 777";
        w.text_len = 8;
        w.until = NOW - 12222 * PIC__SECOND;
        w.since = w.until - 5 * PIC__SECOND;
        expect("agent", &w, INT64_MAX,
               "78:line 7778;77:line 7777;76:line 7776;75:line 7775;74:line 7774;73:line 7773;");
}

/* A line of more than a block is cut; bytes of any kind are only bytes. */
static void test_odd(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r, lines = 0;
        pic__logwant w = PIC__LOGWANT_ALL;
        size_t len, sum = 0;
        const char *line;
        char path[128];
        pic__logback b;
        pic_time time;

        (void)state;
        for (r = 0; r < 200000; r++)
                pic__buf_putc(&text, (char)(r % 7 == 0 ? '\0' : 'x'));
        put("unbound.log", text.data, text.len);
        pic__logback_open(&b, at, "unbound", INT64_MAX, NOW);
        while ((r = pic__logback_next(&b, &w, &line, &len, &time, NULL)) > 0) {
                lines++;
                sum += len;
        }
        pic__logback_close(&b);
        assert_int_equal(r, 0);
        assert_int_equal(sum, 200000);
        assert_int_equal(lines, 4);
        snprintf(path, sizeof(path), "%s/wg.log", dir);
        assert_int_equal(mkdir(path, 0700), 0); /* no file */
        expect("wg", &w, INT64_MAX, "");
        snprintf(path, sizeof(path), "%s/front.log", dir);
        assert_int_equal(symlink("/etc/passwd", path), 0);
        pic__logback_open(&b, at, "front", INT64_MAX, NOW);
        assert_true(pic__logback_next(&b, &w, &line, &len, &time, NULL) < 0);
        pic__logback_close(&b);
        close(at);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = { TEST(test_versions), TEST(test_clocks), TEST(test_large), TEST(test_odd) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
