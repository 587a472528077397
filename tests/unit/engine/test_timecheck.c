/* Who says what time it is, and when the machine's clock is wrong. */
#include "fixture.h"

#include "codec/doc.h"
#include "codec/json_in.h"
#include "engine/timecheck.h"

static pic__clock_fact told;
static int answers;

static int tell(pic__backend *b, pic__clock_fact *ret)
{
        (void)b;
        *ret = told;
        return answers;
}

/* What is found of the clock, worst first, as "level what"; "" for nothing. */
static const char *found(pic__engine *e)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;
        static char text[512];
        const char *levels[] = { "error", "warning", "info" };

        text[0] = '\0';
        pic__engine_doctor_time(e, pic__snap_cell(e->snap), &f);
        if (f.list.count > 0)
                snprintf(text, sizeof(text), "%s %s", levels[f.list.at[0].level], f.list.at[0].what);
        return text;
}

static pic__doc *time_of(pic__engine *e)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic__doc *doc = NULL;

        assert_int_equal(pic__engine_time(e, &j, NULL), 0);
        assert_int_equal(pic__doc_json(text.data, text.len, "time", &doc, NULL), 0);
        return doc;
}

static void as_wished(void **state)
{
        cell c;
        pic__engine *e;
        pic__doc *d;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_string_equal(found(e), "");
        d = time_of(e);
        assert_true(pic__node_bool(pic__doc_root(d), "serving", 0) && pic__node_bool(pic__doc_root(d), "wished", 0));
        assert_false(pic__node_bool(pic__doc_root(d), "wrong", 1));
        assert_string_equal(pic__node_str(pic__doc_root(d), "name", ""), "ntp.home.internal");
        assert_int_equal(pic__node_list(pic__doc_root(d), "addresses")->count, 2);
        pic__doc_unref(d);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* The journal was written at a time that is not here yet. */
static void behind_the_journal(void **state)
{
        cell c;
        pic__engine *e;
        pic__doc *d;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        c.now -= 60 * PIC__SECOND;
        assert_string_equal(found(e), "");
        c.now -= INT64_C(86400) * 400 * PIC__SECOND;
        assert_memory_equal(found(e), "error this machine's clock says ", 32);
        d = time_of(e);
        assert_true(pic__node_bool(pic__doc_root(d), "wrong", 0));
        pic__doc_unref(d);
        c.now = 5 * PIC__SECOND; /* the battery is dead */
        assert_non_null(strstr(found(e), "1970-01-01"));
        pic__engine_unref(e);
        cell_drop(&c);
}

static void other_clocks(void **state)
{
        pic__backend_ops ops;
        const pic__backend_ops *real;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        cell_set(&c, PIC__CELL, "home", (const char *const[]){ "ntp_servers", "192.0.2.7", NULL });
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        real = e->backends[PIC__B_NTP]->ops;
        ops = *real;
        ops.clock = tell;
        e->backends[PIC__B_NTP]->ops = &ops;
        e->fake = 0; /* what comes now asks nothing of the world but this */
        answers = 1;
        told = (pic__clock_fact){ .follows = 1, .stratum = 2, .reference = "192.0.2.7" };
        assert_string_equal(found(e), "");
        told.offset_us = 900000;
        assert_string_equal(found(e), "");
        told.offset_us = -2500000;
        assert_string_equal(found(e), "warning this machine's clock is 2.5 s ahead, says 192.0.2.7: certificates and "
                                      "one-time codes depend on it");
        told.error_us = 2000000; /* it may be right all the same */
        assert_string_equal(found(e), "");
        told.error_us = 0;
        told.offset_us = INT64_C(7500) * 1000000;
        assert_memory_equal(found(e), "error this machine's clock is 2 h 5 min behind", 46);
        told.offset_us = INT64_C(90) * 1000000;
        assert_non_null(strstr(found(e), "1 min 30 s"));
        told.offset_us = INT64_C(200000) * 1000000;
        assert_non_null(strstr(found(e), "2 d 7 h"));
        told.follows = 0;
        assert_non_null(strstr(found(e), "none of the time servers answers: 192.0.2.7"));
        e->fake = 1;
        e->backends[PIC__B_NTP]->ops = real;
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(as_wished), cmocka_unit_test(behind_the_journal),
                                            cmocka_unit_test(other_clocks) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
