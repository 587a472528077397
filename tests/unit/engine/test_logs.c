/* All logs as one: by time, by area, by page, as text and as JSON; of none, of broken ones, with a full heap. */
#include "fixture.h"

#include <fcntl.h>

#include "engine/logs.h"

static char dir[64];

/* Written to a little after the times that its lines tell. */
static void put(const char *name, const char *text)
{
        const struct timespec when[2] = { { NOW / PIC__SECOND + 10, 0 }, { NOW / PIC__SECOND + 10, 0 } };
        char path[160];

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        assert_int_equal(pic__file_write(path, text, strlen(text), 0640, NULL), 0);
        assert_int_equal(utimensat(AT_FDCWD, path, when, 0), 0);
}

static void expect(const char *area, size_t lines, const char *wanted)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        assert_int_equal(pic__logs_tail(dir, area, lines, NOW * 2, &out, NULL), 0);
        assert_string_equal(pic__buf_str(&out), wanted);
}

#define T(s) "2027-01-15T08:00:0" #s "Z "

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

static void put_some(void)
{
        put("agent.log", T(1) "INFO engine a\n" T(2) "INFO wg b\n" T(4) "ERROR unbound gone\nshort\n");
        put("unbound.log", "[1800000001] unbound[1:0] info: one\n[1800000003] unbound[1:0] error: two \x1b[31m\xff");
        put("unbound.log.1", "[1800000000] unbound[1:0] info: zero\n");
        put("queries.log", "[1800000003] unbound[1:0] reply: secret.example\n"); /* not for everybody */
        put("my notes.log", "not ours\n");
        put("wireguard-go.log", "");
}

static void test_one_row(void **state)
{
        (void)state;
        expect(NULL, 10, "");
        put_some();
        expect(NULL, 100,
               T(0) "INFO dns unbound: zero\n" T(1) "INFO engine a\n" T(1) "INFO dns unbound: one\n" T(
                       2) "INFO wg b\n" T(3) "ERROR dns unbound: two \\x1b[31m\\xff\n" T(4) "ERROR dns unbound: "
                                                                                            "gone\n" T(4) "INFO agent "
                                                                                                          "short\n");
        expect(NULL, 2, T(4) "ERROR dns unbound: gone\n" T(4) "INFO agent short\n");
        expect("dns", 2, T(3) "ERROR dns unbound: two \\x1b[31m\\xff\n" T(4) "ERROR dns unbound: gone\n");
        expect("engine", 5, T(1) "INFO engine a\n");
        expect("agent", 2, T(4) "ERROR dns unbound: gone\n" T(4) "INFO agent short\n");
        expect("store", 5, "");
        expect("wg", 0, "");
}

/* Each page begins where the one before ended, also within one second; together they are all. */
static void test_pages(void **state)
{
        PIC__AUTO(pic__logs_close) pic__logs l = PIC__LOGS_INIT;
        pic__auto_buf pic__buf all = PIC__BUF_INIT, before = PIC__BUF_INIT, page = PIC__BUF_INIT, next = PIC__BUF_INIT;
        pic__logwant w = PIC__LOGWANT_ALL;
        size_t pages = 0;

        (void)state;
        put_some();
        assert_int_equal(pic__logs_open(dir, NOW * 2, &l, NULL), 0);
        do {
                pic__buf_clear(&page);
                pic__buf_clear(&next);
                assert_int_equal(pic__logs_back(&l, &w, before.len > 0 ? pic__buf_str(&before) : NULL, 1, 0, NOW * 2,
                                                &page, &next, NULL),
                                 0);
                pic__buf_puts(&page, pic__buf_str(&all));
                pic__buf_clear(&all);
                pic__buf_puts(&all, pic__buf_str(&page));
                pic__buf_clear(&before);
                pic__buf_puts(&before, pic__buf_str(&next));
                pages++;
        } while (next.len > 0 && pages < 20);
        assert_int_equal(pages, 8);
        expect(NULL, 100, pic__buf_str(&all));
        assert_int_equal(pic__logs_back(&l, &w, "nonsense", 1, 0, NOW, &page, NULL, NULL), PIC_VALUE);
        assert_int_equal(pic__logs_back(&l, &w, "1.1x", 1, 0, NOW, &page, NULL, NULL), PIC_VALUE);
}

static void test_json(void **state)
{
        PIC__AUTO(pic__logs_close) pic__logs l = PIC__LOGS_INIT;
        pic__auto_buf pic__buf out = PIC__BUF_INIT, end = PIC__BUF_INIT;
        pic__logwant w = PIC__LOGWANT_ALL;

        (void)state;
        put("agent.log", T(1) "INFO engine a\n");
        put("haproxy.log", "[NOTICE]   (1) : up\n");
        assert_int_equal(pic__logs_open(dir, NOW * 2, &l, NULL), 0);
        w.since = NOW;
        assert_int_equal(pic__logs_back(&l, &w, NULL, 10, 1, NOW, &out, NULL, NULL), 0);
        assert_string_equal(pic__buf_str(&out),
                            "{\"time\":\"2027-01-15T08:00:01Z\",\"exact\":true,\"level\":\"info\",\"area\":\"engine\","
                            "\"from\":null,\"text\":\"a\"},{\"time\":\"2027-01-15T08:00:10Z\",\"exact\":false,"
                            "\"level\":\"info\",\"area\":\"front\",\"from\":\"haproxy\",\"text\":\"up\"}");
        pic__logs_end(&l, &end);
        assert_memory_equal(pic__buf_str(&end), "1/agent.0.35/haproxy.0.20", 25);
}

/* A line that somebody is writing does not count yet; one that nobody ends does. */
static void test_a_line_without_end(void **state)
{
        PIC__AUTO(pic__logs_close) pic__logs l = PIC__LOGS_INIT;

        (void)state;
        put("agent.log", T(1) "INFO engine a\n" T(2) "INFO eng");
        put("wg.log", "no line yet");
        assert_int_equal(pic__logs_open(dir, NOW / 2, &l, NULL), 0);
        assert_int_equal(l.files.count, 2);
        assert_int_equal(l.files.at[0].size, 35);
        assert_int_equal(l.files.at[1].size, 0);
}

static void test_cannot(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        char path[128];
        pic_error *err = NULL;
        unsigned long n;
        int r = PIC_NOMEM;

        (void)state;
        assert_int_equal(pic__logs_tail(dir, "moon", 5, NOW, &out, &err), PIC_NOTFOUND);
        assert_non_null(strstr(pic_error_hint(err), "agent"));
        pic_error_free(err);
        snprintf(path, sizeof(path), "%s/agent.log", dir);
        assert_int_equal(symlink("/etc/passwd", path), 0);
        assert_true(pic__logs_tail(dir, "agent", 5, NOW, &out, NULL) < 0);
        assert_true(pic__logs_tail(path, "agent", 5, NOW, &out, NULL) < 0);
        assert_int_equal(unlink(path), 0);
        put("agent.log", T(1) "INFO dns a\n");
        put("unbound.log", "[1800000003] b\n");
        for (n = 1; r != 0; n++) {
                pic__buf_free(&out);
                pic__mem_fail_at(n);
                r = pic__logs_tail(dir, "dns", 5, NOW * 2, &out, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        assert_string_equal(pic__buf_str(&out), T(1) "INFO dns a\n" T(3) "INFO dns unbound: b\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = { TEST(test_one_row), TEST(test_pages), TEST(test_json),
                                            TEST(test_a_line_without_end), TEST(test_cannot) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
