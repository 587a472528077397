/* Which lines are wanted: text, words, connections, levels, areas. */
#include "fixture.h"

#include <pic/log.h>

#include "engine/logwant.h"

/* As a reader asks: the block first, then the line. */
static int wants(const pic__logwant *w, const char *name, const char *line)
{
        char hay[256];
        size_t len = strlen(line);
        pic__logwriter by;
        pic__logline l;
        int is, any;

        pic__logwriter_make(name, &by);
        pic__logline_read(line, len, &by, &l);
        memcpy(hay, line, len);
        if (w->fold)
                pic__log_fold(line, len, hay);
        any = pic__logwant_any(w, &by, line, hay, len);
        is = pic__logwant_is(w, &by, &l, line, hay, len);
        assert_true(any || !is);
        return is;
}

#define AGENT(rest) "2026-01-31T12:00:00Z " rest

static void test_text(void **state)
{
        pic__logwant w = PIC__LOGWANT_ALL;

        (void)state;
        assert_true(wants(&w, "agent", AGENT("INFO wg x")));
        w.text = "handshake";
        w.text_len = 9;
        assert_true(wants(&w, "wg", "a handshake"));
        assert_false(wants(&w, "wg", "a Handshake"));
        w.fold = 1;
        assert_true(wants(&w, "wg", "a HandShake"));
        assert_false(wants(&w, "wg", "a hand"));
}

static void test_level_and_area(void **state)
{
        pic__logwant w = PIC__LOGWANT_ALL;

        (void)state;
        w.level = PIC_LOG_WARNING;
        assert_true(wants(&w, "agent", AGENT("ERROR wg x")));
        assert_false(wants(&w, "agent", AGENT("INFO wg x")));
        w.level = PIC_LOG_DEBUG;
        w.area = "dns";
        assert_true(wants(&w, "unbound", "x"));
        assert_true(wants(&w, "agent", AGENT("INFO unbound started as process 9")));
        assert_false(wants(&w, "agent", AGENT("INFO wg x")));
        w.area = "agent";
        assert_true(wants(&w, "agent", AGENT("INFO wg x")));
        assert_false(wants(&w, "wg", "x"));
}

static void test_words(void **state)
{
        static const char *const words[] = { "anna", "10.20.0.2", "AbCd…wxyz" };
        pic__logwant w = PIC__LOGWANT_ALL;

        (void)state;
        w.words = words;
        w.word_count = 3;
        assert_true(wants(&w, "agent", AGENT("INFO engine peer 'anna' shown")));
        assert_true(wants(&w, "agent", AGENT("INFO engine hanna and anna")));
        assert_false(wants(&w, "agent", AGENT("INFO engine hanna, anna-2, annas")));
        assert_true(wants(&w, "wg", "from 10.20.0.2: x"));
        assert_false(wants(&w, "wg", "from 10.20.0.21: x"));
        assert_true(wants(&w, "wg", "peer(AbCd…wxyz) - up"));
        w.slot = 3;
        assert_true(wants(&w, "exit3-tor", "whatever"));
        assert_false(wants(&w, "exit4-tor", "whatever"));
        w.word_count = 0;
        assert_true(wants(&w, "exit3-tor", "whatever"));
        assert_false(wants(&w, "wg", "whatever"));
}

/* What the agent says of a connection's program names that, not the connection: the block is not passed over. */
static void test_programs(void **state)
{
        static const char *const words[] = { "vpn", "picx3" };
        pic__logwant w = PIC__LOGWANT_ALL;

        (void)state;
        w.words = words;
        w.word_count = 2;
        w.slot = 3;
        assert_true(wants(&w, "agent", AGENT("WARNING exit3-tor process 7 is gone")));
        assert_false(wants(&w, "agent", AGENT("WARNING exit33-tor process 7 is gone")));
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_text), cmocka_unit_test(test_level_and_area),
                                            cmocka_unit_test(test_words), cmocka_unit_test(test_programs) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
