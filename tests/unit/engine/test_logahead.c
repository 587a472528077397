/* What came since: over files that were renamed, or copied and cut; over several of these at once. */
#include "fixture.h"

#include <fcntl.h>

#include "engine/logahead.h"

static char dir[64];
static pic__buf after = PIC__BUF_INIT;

static void append(const char *name, const char *text)
{
        char path[160];
        FILE *f;

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        f = fopen(path, "a");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static void turn(const char *from, const char *to)
{
        char a[160], b[160];

        snprintf(a, sizeof(a), "%s/%s", dir, from);
        snprintf(b, sizeof(b), "%s/%s", dir, to);
        assert_int_equal(rename(a, b), 0);
}

/* As pic__logfile_rotate_children() does. */
static void copy_and_cut(const char *name, const char *to)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char path[160];

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        assert_int_equal(pic__file_read(path, 1 << 20, &text, NULL), 0);
        append(to, pic__buf_str(&text));
        assert_int_equal(truncate(path, 0), 0);
}

static void look(const char *wanted)
{
        PIC__AUTO(pic__logs_close) pic__logs l = PIC__LOGS_INIT;
        pic__auto_buf pic__buf out = PIC__BUF_INIT, next = PIC__BUF_INIT;
        pic__logwant w = PIC__LOGWANT_ALL;
        int more = 0;

        assert_int_equal(pic__logs_open(dir, NOW, &l, NULL), 0);
        assert_int_equal(pic__logs_ahead(&l, &w, pic__buf_str(&after), 0, NOW, &out, &next, &more, NULL), 0);
        assert_false(more);
        assert_string_equal(pic__buf_str(&out), wanted);
        pic__buf_clear(&after);
        pic__buf_puts(&after, pic__buf_str(&next));
}

static int set_up(void **state)
{
        PIC__AUTO(pic__logs_close) pic__logs l = PIC__LOGS_INIT;

        (void)state;
        fixture_dir(dir, sizeof(dir));
        append("agent.log", "2027-01-15T08:00:00Z INFO wg old\n");
        append("unbound.log", "[1800000000] old\n");
        pic__buf_clear(&after);
        assert_int_equal(pic__logs_open(dir, NOW, &l, NULL), 0);
        pic__logs_end(&l, &after);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        fixture_drop(dir);
        pic__buf_free(&after);
        return 0;
}

#define A(s, text) "2027-01-15T08:00:0" #s "Z INFO wg " text "\n"
#define B(s, text) "2027-01-15T08:00:0" #s "Z INFO dns unbound: " text "\n"

static void test_new_lines(void **state)
{
        (void)state;
        look("");
        append("unbound.log", "[1800000002] b\n");
        append("agent.log", A(1, "a") A(3, "c") "2027-01-15T08:00:04Z INFO w");
        look(A(1, "a") B(2, "b") A(3, "c"));
        look("");
        append("agent.log", "g d\n");
        append("wg.log", "2027-01-15T08:00:05Z new\n");
        look(A(4, "d") "2027-01-15T08:00:05Z INFO wg wg: new\n");
        look("");
}

static void test_rotations(void **state)
{
        (void)state;
        append("agent.log", A(1, "a"));
        turn("agent.log", "agent.log.1");
        look(A(1, "a")); /* before there is another */
        append("agent.log", A(2, "b"));
        append("unbound.log", "[1800000001] c\n");
        copy_and_cut("unbound.log", "unbound.log.1");
        append("unbound.log", "[1800000002] d\n");
        look(B(1, "c") A(2, "b") B(2, "d"));
        look("");
        append("agent.log", A(3, "e"));
        turn("agent.log.1", "agent.log.2");
        turn("agent.log", "agent.log.1");
        append("agent.log", A(4, "f"));
        turn("agent.log.2", "agent.log.3");
        turn("agent.log.1", "agent.log.2");
        turn("agent.log", "agent.log.1");
        append("agent.log", A(5, "g"));
        look(A(3, "e") A(4, "f") A(5, "g"));
        turn("unbound.log.1", "unbound.log.2");
        copy_and_cut("unbound.log", "unbound.log.1");
        look("");
        append("unbound.log", "[1800000006] h\n");
        look(B(6, "h"));
}

/* Cut by somebody else, or taken away: it goes on with what is there. */
static void test_cut(void **state)
{
        char path[160];

        (void)state;
        snprintf(path, sizeof(path), "%s/agent.log", dir);
        assert_int_equal(truncate(path, 0), 0);
        look("");
        append("agent.log", A(1, "a"));
        look(A(1, "a"));
        assert_int_equal(unlink(path), 0);
        look("");
}

/* Much at once is given in pieces, none twice, none lost. */
static void test_much(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int i, more = 1, looks = 0;
        size_t lines = 0, n;

        (void)state;
        for (i = 0; i < 200000; i++)
                pic__buf_putf(&text, "2027-01-15T08:00:01Z INFO wg line %d\n", i);
        append("agent.log", pic__buf_str(&text));
        while (more && looks++ < 10) {
                PIC__AUTO(pic__logs_close) pic__logs l = PIC__LOGS_INIT;
                pic__auto_buf pic__buf out = PIC__BUF_INIT, next = PIC__BUF_INIT;
                pic__logwant w = PIC__LOGWANT_ALL;

                assert_int_equal(pic__logs_open(dir, NOW, &l, NULL), 0);
                assert_int_equal(pic__logs_ahead(&l, &w, pic__buf_str(&after), 0, NOW, &out, &next, &more, NULL), 0);
                for (n = 0; n < out.len; n++)
                        lines += out.data[n] == '\n';
                pic__buf_clear(&after);
                pic__buf_puts(&after, pic__buf_str(&next));
        }
        assert_int_equal(lines, 200000);
        assert_true(looks > 1);
}

static void test_nonsense(void **state)
{
        static const char *const bad[] = { "", "2/agent.1.2", "1x", "1/agent.1.2\n", "1 /a" };
        PIC__AUTO(pic__logs_close) pic__logs l = PIC__LOGS_INIT;
        pic__auto_buf pic__buf out = PIC__BUF_INIT, next = PIC__BUF_INIT;
        pic__logwant w = PIC__LOGWANT_ALL;
        int more;
        size_t i;

        (void)state;
        assert_int_equal(pic__logs_open(dir, NOW, &l, NULL), 0);
        for (i = 0; i < PIC__COUNT(bad); i++)
                assert_int_equal(pic__logs_ahead(&l, &w, bad[i], 0, NOW, &out, &next, &more, NULL), PIC_VALUE);
        assert_int_equal(pic__logs_ahead(&l, &w, "1/agent.x.99999999999999999999", 1, NOW, &out, &next, &more, NULL),
                         0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = { TEST(test_new_lines), TEST(test_rotations), TEST(test_cut), TEST(test_much),
                                            TEST(test_nonsense) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
