/* Shows: the front is asked of the agent; good is what serves as wished. */
#include "../../api/world.h"

static void fake_world(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_front_get(w.ctx, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "\"serving\":true"));
        assert_non_null(strstr(pic_report_text(r), "\"url\":\"https://home."));
        assert_int_equal(pic_report_good(r), 1);
        pic_report_unref(r);
        ok(world_set(&w, "cell", NULL, "front", "no", &err));
        ok(pic_front_get(w.ctx, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "\"serving\":false"));
        assert_int_equal(pic_report_good(r), 1);
        pic_report_unref(r);
        refused(pic_front_get(NULL, &r, &err), PIC_INVALID, "ctx");
        refused(pic_front_get(w.ctx, NULL, &err), PIC_INVALID, "ret_report");
        world_end(&w);
}

static void without_agent(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        pic_ctx_unref(w.ctx);
        w.ctx = world_open(w.dir, "real");
        assert_int_equal(pic_front_get(w.ctx, &r, &err), PIC_NOAGENT);
        pic_error_free(err);
        assert_null(r);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(fake_world), cmocka_unit_test(without_agent) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
