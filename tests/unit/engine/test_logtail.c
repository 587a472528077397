/* The end of the logs: by area, by number of lines, of large files, of none. */
#include "fixture.h"

#include "engine/logtail.h"

static char dir[64];

static void put(const char *name, const char *text, size_t len)
{
        char path[160];

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        assert_int_equal(pic__file_write(path, text, len, 0640, NULL), 0);
}

static void expect(const char *area, size_t lines, const char *wanted)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        assert_int_equal(pic__logs_tail(dir, area, lines, &out, NULL), 0);
        assert_string_equal(pic__buf_str(&out), wanted);
}

static void test_areas(void **state)
{
        static const char agent[] = "T1 INFO engine a\nT2 INFO wg b\nT3 ERROR engine c\nshort\nT4 INFO wgx d\n";
        static const char dns[] = "started\nstopped";

        (void)state;
        fixture_dir(dir, sizeof(dir));
        expect(NULL, 10, "");
        expect("agent", 10, "");
        put("agent.log", agent, strlen(agent));
        put("unbound-main.log", dns, strlen(dns));
        put("unbound-main.log.1", "old\n", 4);
        put("wireguard-go.log", "", 0);
        expect("agent", 100, agent);
        expect("agent", 2, "short\nT4 INFO wgx d\n");
        expect("agent", 0, "");
        expect("wg", 10, "T2 INFO wg b\n");
        expect("engine", 1, "T3 ERROR engine c\n");
        expect("dns", 10, "unbound-main: started\nunbound-main: stopped\n");
        expect("dns", 1, "unbound-main: stopped\n");
        expect(NULL, 1, "T4 INFO wgx d\nunbound-main: stopped\n");
        expect("store", 10, "");
        fixture_drop(dir);
}

static void test_large(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, out = PIC__BUF_INIT;
        int i;

        (void)state;
        fixture_dir(dir, sizeof(dir));
        for (i = 0; i < 60000; i++)
                pic__buf_putf(&text, "2027-01-15T08:00:00Z INFO engine line %d\n", i);
        put("agent.log", text.data, text.len);
        expect("agent", 1, "2027-01-15T08:00:00Z INFO engine line 59999\n");
        assert_int_equal(pic__logs_tail(dir, NULL, 1000000, &out, NULL), 0);
        assert_true(out.len > 1000000 && out.len <= 1 << 20);
        assert_memory_equal(out.data, "2027-01-15T", 11); /* begins with a whole line */
        put("agent.log", "no end of line", 14);
        expect("agent", 5, "no end of line\n");
        fixture_drop(dir);
}

static void test_cannot(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        char path[128];
        pic_error *err = NULL;
        unsigned long n;
        int r = PIC_NOMEM;

        (void)state;
        fixture_dir(dir, sizeof(dir));
        assert_int_equal(pic__logs_tail(dir, "moon", 5, &out, &err), PIC_NOTFOUND);
        assert_non_null(strstr(pic_error_hint(err), "agent"));
        pic_error_free(err);
        snprintf(path, sizeof(path), "%s/agent.log", dir);
        assert_int_equal(mkdir(path, 0700), 0); /* no file */
        expect("agent", 5, "");
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(symlink("/etc/passwd", path), 0);
        assert_true(pic__logs_tail(dir, "agent", 5, &out, NULL) < 0);
        assert_int_equal(unlink(path), 0);
        put("agent.log", "T1 INFO dns a\n", 14);
        put("unbound.log", "b\n", 2);
        for (n = 1; r != 0; n++) {
                pic__buf_free(&out);
                pic__mem_fail_at(n);
                r = pic__logs_tail(dir, "dns", 5, &out, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        assert_string_equal(pic__buf_str(&out), "T1 INFO dns a\nunbound: b\n");
        fixture_drop(dir);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_areas), cmocka_unit_test(test_large),
                                            cmocka_unit_test(test_cannot) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
