/* Shows: status tells what is true, and what is missing when nobody answers. */
#include "../../api/world.h"

static void fake_world(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(pic_status_get(w.ctx, 0, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "\"ready\":true"));
        assert_non_null(strstr(pic_report_text(r), "\"name\":\"anna\""));
        assert_int_equal(pic_report_good(r), 1);
        pic_report_unref(r);
        refused(pic_status_get(NULL, 0, &r, &err), PIC_INVALID, "ctx");
        refused(pic_status_get(w.ctx, 0, NULL, &err), PIC_INVALID, "ret_report");
        world_end(&w);
}

static void without_agent(void **state)
{
        static const char *const off[] = { "enabled", "no", NULL };
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(world_add(&w, "peer", "bob", off, &err));
        pic_ctx_unref(w.ctx);
        w.ctx = world_open(w.dir, "real");
        ok(pic_status_get(w.ctx, 0, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "\"agent\":null"));
        assert_non_null(strstr(pic_report_text(r), "\"counts\":{\"peers\":2,\"active\":1"));
        assert_int_equal(pic_report_good(r), 0);
        pic_report_unref(r);
        r = NULL;
        assert_int_equal(pic_status_get(w.ctx, 100, &r, &err), PIC_NOAGENT);
        assert_non_null(strstr(pic_error_hint(err), "picd"));
        pic_error_free(err);
        assert_null(r);
        world_end(&w);
}

static void no_cell(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_dir(&w);
        w.ctx = world_open(w.dir, "real");
        assert_int_equal(pic_status_get(w.ctx, 100, &r, &err), PIC_NOTFOUND);
        assert_non_null(strstr(pic_error_hint(err), "pic init"));
        pic_error_free(err);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(fake_world),
                cmocka_unit_test(without_agent),
                cmocka_unit_test(no_cell),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
