/* Shows: doctor answers with findings, also when nothing else answers. */
#include "../../api/world.h"

static void fake_world(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_doctor_run(w.ctx, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "\"findings\":["));
        pic_report_unref(r);
        refused(pic_doctor_run(NULL, &r, &err), PIC_INVALID, "ctx");
        world_end(&w);
}

/* No cell at all, and an engine here that looks as far as it can. */
static void as_far_as_it_can(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_dir(&w);
        w.ctx = world_open(w.dir, "fake");
        ok(pic_doctor_run(w.ctx, &r, &err));
        assert_int_equal(pic_report_good(r), 0);
        assert_non_null(strstr(pic_report_text(r), "\"area\":\"store\""));
        assert_null(strstr(pic_report_text(r), "\"area\":\"agent\""));
        pic_report_unref(r);
        world_end(&w);
        world_init(&w);
        pic_ctx_unref(w.ctx);
        w.ctx = world_open(w.dir, "real");
        ok(pic_doctor_run(w.ctx, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "\"area\":\"agent\""));
        assert_int_equal(pic_report_good(r), 0);
        pic_report_unref(r);
        world_end(&w);
}

/* Nobody runs, and the key is gone: both are findings, not failures. */
static void without_agent(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        char path[128];
        world w;

        (void)state;
        world_init(&w);
        pic_ctx_unref(w.ctx);
        w.ctx = world_open(w.dir, "real");
        snprintf(path, sizeof(path), "%s/key", w.dir);
        assert_int_equal(unlink(path), 0);
        ok(pic_doctor_run(w.ctx, &r, &err));
        assert_int_equal(pic_report_good(r), 0);
        assert_non_null(strstr(pic_report_text(r), "\"area\":\"agent\""));
        assert_non_null(strstr(pic_report_text(r), "key"));
        pic_report_unref(r);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(fake_world),
                cmocka_unit_test(without_agent),
                cmocka_unit_test(as_far_as_it_can),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
