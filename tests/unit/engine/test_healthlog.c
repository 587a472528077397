/* What is the same with another number goes on; infos are nobody's health; the agent notes each minute, and nothing
 * when nothing changed. */
#include "counting.h"

#include "engine/health.h"
#include "engine/healthlog.h"
#include "engine/traffic.h"

static char *told(const char *dir)
{
        pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        char *copy;

        assert_int_equal(pic__healthlog_read(dir, 0, 0, 100, &j, NULL), 0);
        copy = pic__strdup(pic__buf_str(&text));
        pic__buf_free(&text);
        return copy;
}

static void expect(const char *dir, const char *text)
{
        char *is = told(dir);

        assert_string_equal(is, text);
        pic__free(is);
}

static void note(pic__stats *st, const char *what, uint64_t *digest, int wanted, pic_time now)
{
        pic__findings f = PIC__FINDINGS_INIT;

        if (what != NULL)
                pic__found(PIC_LOG_ERROR, "exit", what, "mend it", &f);
        pic__found(PIC_LOG_INFO, "exit", "nothing much", NULL, &f);
        assert_int_equal(pic__healthlog_news(&f, *digest), wanted);
        if (wanted)
                assert_int_equal(pic__healthlog_note(st, &f, now, digest, NULL), 0);
        pic__findings_free(&f);
}

static void test_notes(void **state)
{
        pic__stats *st = NULL;
        uint64_t digest = 0;
        char dir[64];

        (void)state;
        fixture_dir(dir, sizeof(dir));
        expect(dir, "{\"findings\":[]}");
        assert_int_equal(pic__stats_open(dir, 1, &st, NULL, NULL), 0);
        note(st, NULL, &digest, 0, NOW);
        note(st, "vpn1: no answer for 3 s (loss 12.5 %)", &digest, 1, NOW);
        note(st, "vpn1: no answer for 63 s (loss 100 %)", &digest, 0, NOW);
        note(st, "vpn2: no answer for 63 s (loss 100 %)", &digest, 1, NOW + 60 * PIC__SECOND);
        expect(dir, "{\"findings\":[{\"level\":\"error\",\"area\":\"exit\",\"what\":\"vpn2: no answer for 63 s (loss "
                    "100 %)\","
                    "\"fix\":\"mend it\",\"began\":\"2027-01-15T08:01:00Z\",\"ended\":null},"
                    "{\"level\":\"error\",\"area\":\"exit\",\"what\":\"vpn1: no answer for 3 s (loss 12.5 "
                    "%)\",\"fix\":\"mend it\","
                    "\"began\":\"2027-01-15T08:00:00Z\",\"ended\":\"2027-01-15T08:01:00Z\"}]}");
        pic__stats_unref(st);
        fixture_drop(dir);
}

/* By the agent's own look. */
static void test_agent(void **state)
{
        static const char *const no_endpoint[] = { "endpoint", NULL, NULL };
        pic__engine *e;
        char *is;
        cell c;

        (void)state;
        e = counting_begin(&c);
        pic__engine_traffic_tick(e);
        c.now += 30 * PIC__SECOND;
        pic__engine_traffic_tick(e); /* what was started has its time */
        expect(c.dir, "{\"findings\":[]}");
        cell_set(&c, PIC__CELL, "home", no_endpoint);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        c.now += 60 * PIC__SECOND;
        pic__engine_traffic_tick(e);
        is = told(c.dir);
        assert_non_null(strstr(is, "the cell has no endpoint"));
        assert_non_null(strstr(is, "\"ended\":null"));
        pic__free(is);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_notes), cmocka_unit_test(test_agent) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
