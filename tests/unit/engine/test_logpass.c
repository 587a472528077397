/* What programs write, passed on: over rotations, at no more than its pace, and again where it was not taken. */
#include "fixture.h"

#include <fcntl.h>

#include "engine/logfile.h"
#include "engine/logpass.h"

static char dir[64];
static pic__logpass *pass;
static pic_time now = NOW;
static pic__clock a_clock;
static pic__buf got = PIC__BUF_INIT;
static int refuse_after; /* so many more are taken; -1: all */

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

static int take(int level, const char *area, const char *program, unsigned slot, const char *text, void *data)
{
        assert_ptr_equal(data, &got);
        if (refuse_after == 0)
                return -1;
        refuse_after -= refuse_after > 0;
        pic__buf_putf(&got, "%d %s %s %u %s\n", level, area, program, slot, text);
        return 0;
}

static void turn(const char *wanted)
{
        pic__buf_clear(&got);
        pic__logpass_turn(pass);
        assert_string_equal(pic__buf_str(&got), wanted);
}

static int set_up(void **state)
{
        (void)state;
        fixture_dir(dir, sizeof(dir));
        append("unbound.log", "[1800000000] unbound[12:0] info: old\n");
        refuse_after = -1;
        a_clock = pic__clock_fake(&now);
        assert_int_equal(pic__logpass_open(dir, &a_clock, PIC_LOG_INFO, take, &got, &pass, NULL), 0);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        pass = pic__logpass_unref(pass);
        fixture_drop(dir);
        pic__buf_free(&got);
        return 0;
}

static void test_new_lines(void **state)
{
        (void)state;
        turn("");
        append("agent.log", "2027-01-15T08:00:00Z INFO wg the agent's own\n");
        append("queries.log", "who asked for what\n");
        append("unbound.log", "[1800000001] unbound[12:0] error: a\n[1800000001] unbound[12:0] debug: b\n");
        append("exit3-tor.log", "Jan 15 08:00:01.000 [warn] c\001\n");
        turn("1 exit exit3-tor 3 c\\x01\n0 dns unbound 0 a\n");
        turn("");
        append("unbound.log", "[1800000002] unbound[12:0] info: d\n");
        turn("2 dns unbound 0 d\n");
}

static void test_rotation(void **state)
{
        pic__logfile *file;

        (void)state;
        append("unbound.log", "[1800000001] unbound[12:0] info: before\n");
        turn("2 dns unbound 0 before\n");
        assert_int_equal(pic__logfile_open(dir, &a_clock, NULL, 60, &file, NULL), 0);
        pic__logfile_rotate_children(file);
        append("unbound.log", "[1800000002] unbound[12:0] info: after\n");
        pic__logfile_unref(file);
        turn("2 dns unbound 0 after\n"); /* what was passed on is not again, though the copy is shorter */
        turn("");
}

static void put_many(pic__buf *to, const char *fmt_begin, size_t from, size_t count)
{
        size_t i;

        for (i = 0; i < count; i++)
                pic__buf_putf(to, "%s%zu\n", fmt_begin, from + i);
}

/* One that floods costs the others nothing, and is told. */
static void test_flood(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, wanted = PIC__BUF_INIT;

        (void)state;
        put_many(&text, "[NOTICE]   (12) : ", 0, 1000);
        append("haproxy.log", pic__buf_str(&text));
        append("unbound.log", "[1800000001] unbound[12:0] error: heard\n");
        put_many(&wanted, "2 front haproxy 0 ", 0, PIC__LOGPASS_ONE);
        pic__buf_putf(&wanted, "1 front haproxy 0 %d more lines are in its log alone\n0 dns unbound 0 heard\n",
                      1000 - PIC__LOGPASS_ONE);
        turn(pic__buf_str(&wanted));
        turn("");
}

/* More than is read at a time is passed over, and the next line comes as ever. */
static void test_too_much(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        (void)state;
        put_many(&text, "[NOTICE]   (12) : a line that is long enough to fill a megabyte soon, and then some ", 0,
                 20000);
        append("haproxy.log", pic__buf_str(&text));
        pic__buf_clear(&got);
        pic__logpass_turn(pass);
        assert_non_null(strstr(pic__buf_str(&got), "programs write more than is passed on"));
        assert_true(got.len < 20000);
        append("haproxy.log", "[ALERT]   (12) : last\n");
        turn("0 front haproxy 0 last\n");
}

static void test_not_now(void **state)
{
        (void)state;
        append("unbound.log", "[1800000001] unbound[12:0] info: a\n[1800000001] unbound[12:0] info: b\n");
        append("wg.log", "c\n");
        refuse_after = 1;
        turn("2 dns unbound 0 a\n");
        turn("");
        append("unbound.log", "[1800000001] unbound[12:0] info: d\n");
        refuse_after = -1;
        turn("2 dns unbound 0 b\n2 dns unbound 0 d\n2 wg wg 0 c\n");
        turn("");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = { TEST(test_new_lines), TEST(test_rotation), TEST(test_flood),
                                            TEST(test_too_much), TEST(test_not_now) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
