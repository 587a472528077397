/* Shows: each option of a search, alone and together, on rows made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/search.h"

static const pic__journal_row row = { .seq = 7,
                                      .revision = 5,
                                      .time = 1000,
                                      .actor = "root",
                                      .way = "cli",
                                      .kind = "peer",
                                      .id = 3,
                                      .name = "anna",
                                      .verb = "change",
                                      .text = "peer anna: Note nothing" };

static int has(const pic_history_opts *o, pic_id id)
{
        pic__search s;

        assert_int_equal(pic__search_make(o, "test", &s, NULL), 0);
        s.id = id;
        return pic__search_has(&s, &row);
}

#define WITH(member, value)                                         \
        &(const pic_history_opts)                                   \
        {                                                           \
                .size = sizeof(pic_history_opts), .member = (value) \
        }

static void each(void **state)
{
        (void)state;
        assert_true(has(NULL, 0));
        assert_true(has(WITH(kind, "peer"), 0));
        assert_false(has(WITH(kind, "group"), 0));
        assert_true(has(WITH(name, "ANNA"), 0));
        assert_true(has(WITH(name, "anne"), 3)); /* she has that name now */
        assert_false(has(WITH(name, "anne"), 4));
        assert_true(has(WITH(actor, "root"), 0));
        assert_false(has(WITH(actor, "roo"), 0));
        assert_true(has(WITH(verb, "change"), 0));
        assert_false(has(WITH(verb, "add"), 0));
        assert_true(has(WITH(way, "cli"), 0));
        assert_false(has(WITH(way, "http"), 0));
        assert_true(has(WITH(text, "note NOTHING"), 0));
        assert_true(has(WITH(text, ""), 0));
        assert_false(has(WITH(text, "something"), 0));
        assert_true(has(WITH(first, 5), 0));
        assert_false(has(WITH(first, 6), 0));
        assert_true(has(WITH(last, 5), 0));
        assert_false(has(WITH(last, 4), 0));
        assert_true(has(WITH(since, 1000), 0));
        assert_false(has(WITH(since, 1001), 0));
        assert_true(has(WITH(until, 1000), 0));
        assert_false(has(WITH(until, 999), 0));
}

/* What an older program knows of the options counts; what a newer one has must be nothing. */
static void sizes(void **state)
{
        struct {
                pic_history_opts o;
                char more[8];
        } newer = { .o = { .size = sizeof(newer), .verb = "change" } };
        pic_history_opts older = { .size = offsetof(pic_history_opts, way), .way = "http" };
        pic_error *err = NULL;
        pic__search s;

        (void)state;
        assert_true(has(&older, 0));
        assert_true(has(&newer.o, 0));
        newer.more[3] = 1;
        assert_int_equal(pic__search_make(&newer.o, "call", &s, &err), PIC_INVALID);
        pic_error_free(err);
        assert_int_equal(pic__search_make(WITH(kind, "pear"), "call", &s, NULL), PIC_INVALID);
        assert_int_equal(pic__search_make(&(const pic_history_opts){ .size = 0 }, "call", &s, NULL), PIC_INVALID);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(each), cmocka_unit_test(sizes) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
