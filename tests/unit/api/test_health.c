/* Shows: what was wrong is read from the file, which need not be there; wrong times are refused. */
#include "../../api/world.h"

static void test_history(void **state)
{
        pic_health_opts o = PIC_HEALTH_OPTS_INIT;
        pic_report *r = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_health_history(w.ctx, NULL, &r, &err));
        assert_string_equal(pic_report_text(r), "{\"findings\":[]}");
        assert_int_equal(pic_report_good(r), 1);
        pic_report_unref(r);
        o.since = 2;
        o.until = 1;
        refused(pic_health_history(w.ctx, &o, &r, &err), PIC_VALUE, "until");
        refused(pic_health_history(NULL, NULL, &r, &err), PIC_INVALID, "ctx");
        refused(pic_health_history(w.ctx, NULL, NULL, &err), PIC_INVALID, "ret_report");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_history) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
