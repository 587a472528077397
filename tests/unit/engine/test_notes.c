/* Shows: the agent's own rows are written, and bounded, across restarts. */
#include "fixture.h"

#include "engine/notes.h"

static cell c;
static pic__engine *e;

static int set_up(void **state)
{
        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        pic__engine_unref(e);
        cell_drop(&c);
        return 0;
}

static int keep(const pic__journal_row *row, void *data)
{
        snprintf(data, 256, "%s|%s|%s|%s|%s|%s", row->actor, row->way, row->kind, row->name, row->verb, row->text);
        assert_null(row->before);
        assert_null(row->after);
        return 1;
}

static int note(const char *verb, const char *text, const pic__bound *bound)
{
        return pic__engine_note(e, "agent", verb, text, bound, NULL);
}

static void test_written(void **state)
{
        pic_revision before = 0, after = 0;
        char row[256];

        (void)state;
        assert_int_equal(pic__store_revision(e->store, &before, NULL), 0);
        assert_int_equal(note("start", "agent started", &pic__bound_life), 1);
        assert_int_equal(pic__store_journal_back(e->store, 0, keep, row, NULL), 1);
        assert_string_equal(row, "agent|agent|cell|home|start|agent started");
        assert_int_equal(pic__store_revision(e->store, &after, NULL), 0);
        assert_int_equal(before, after);
}

static void test_bounded(void **state)
{
        int64_t rows;
        char text[16];
        unsigned i;

        (void)state;
        assert_int_equal(note("repair", "a", &pic__bound_trouble), 1);
        assert_int_equal(note("repair", "a", &pic__bound_trouble), 0); /* the same again */
        pic__engine_unref(e);
        e = cell_open(&c); /* nothing is forgotten by a restart */
        assert_int_equal(note("repair", "a", &pic__bound_trouble), 0);
        assert_int_equal(pic__engine_note(e, "root", "repair", "a", &pic__bound_trouble, NULL), 1); /* another */
        for (i = 0; i < 100; i++) {
                snprintf(text, sizeof(text), "b%u", i);
                (void)note("repair", text, &pic__bound_trouble);
        }
        rows = pic__store_last_seq(e->store);
        assert_int_equal(rows, 1 + 20);
        assert_int_equal(note("drift", "a", &pic__bound_trouble), 1); /* of another verb */
        c.now += 3601 * PIC__SECOND;
        assert_int_equal(note("repair", "a", &pic__bound_trouble), 1);
}

static unsigned logged;

static void on_log(int level, const char *area, const char *message, void *data)
{
        (void)data;
        (void)message;
        logged += level == PIC_LOG_WARNING && strcmp(area, "audit") == 0;
}

/* A row that cannot be written is no reason to stop. */
static void test_no_memory(void **state)
{
        const pic__log log = { on_log, NULL, PIC_LOG_INFO };

        (void)state;
        pic__engine_unref(e);
        e = cell_open_log(&c, &log);
        pic__mem_fail_at(1);
        pic__engine_remark(e, "agent", "start", "x", &pic__bound_life);
        pic__mem_fail_at(0);
        assert_int_equal(logged, 1);
        pic__engine_remark(e, "agent", "start", "x", &pic__bound_life);
        assert_int_equal(pic__store_last_seq(e->store), 2);
}

/* Refusals: a row, a count, and the count as a row when it is time; a failure is logged. */
static void test_refused(void **state)
{
        const pic__log log = { on_log, NULL, PIC_LOG_INFO };
        char row[256];

        (void)state;
        logged = 0;
        pic__engine_unref(e);
        e = cell_open_log(&c, &log);
        pic__engine_refused_rest(e);
        assert_int_equal(pic__store_last_seq(e->store), 1);
        pic__engine_refused(e, "uid 7", "cli", "no", 0);
        pic__engine_refused(e, "uid 7", "cli", "no", 0);
        assert_int_equal(pic__store_journal_back(e->store, 0, keep, row, NULL), 1);
        assert_string_equal(row, "uid 7|cli|cell|home|refused|no");
        assert_int_equal(pic__store_last_seq(e->store), 2);
        c.now += 3601 * PIC__SECOND;
        pic__mem_fail_at(1);
        pic__engine_refused_rest(e);
        pic__mem_fail_at(1);
        pic__engine_refused(e, "uid 7", "cli", "no", 0);
        pic__mem_fail_at(0);
        assert_int_equal(logged, 2);
        pic__engine_refused_rest(e);
        assert_int_equal(pic__store_journal_back(e->store, 0, keep, row, NULL), 1);
        assert_string_equal(row, "agent|agent|cell|home|refused|refused 1 times without a row");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = { TEST(test_written), TEST(test_bounded), TEST(test_no_memory),
                                            TEST(test_refused) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
