/* Shows: what happened is found by object, actor, verb, time and revision; past states come as documents and
 * differences. */
#include "../../api/world.h"

static size_t count(world *w, const pic_history_opts *o)
{
        pic_history *h = NULL;
        size_t n;

        assert_int_equal(pic_history_get(w->ctx, o, &h, NULL), 0);
        n = pic_history_count(h);
        assert_null(pic_history_at(h, n));
        pic_history_unref(h);
        return n;
}

static void found(void **state)
{
        static const char *const lan[] = { "access", "lan", NULL };
        pic_history_opts o = PIC_HISTORY_OPTS_INIT;
        pic_error *err = NULL;
        pic_history *h = NULL;
        pic_revision r = 0;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", lan, &err));
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(world_set(&w, "peer", "anna", "name", "anne", &err));
        ok(world_add(&w, "peer", "bert", NULL, &err));
        ok(world_remove(&w, "peer", "bert", &err));
        assert_int_equal(count(&w, NULL), 6);
        ok(pic_history_get(w.ctx, NULL, &h, &err));
        assert_int_equal(pic_event_revision(pic_history_at(h, 0)), 6);
        assert_string_equal(pic_event_verb(pic_history_at(h, 0)), "remove");
        pic_history_unref(h);
        o.kind = "peer";
        assert_int_equal(count(&w, &o), 4);
        o.name = "ANNE"; /* her whole life, also under her old name */
        assert_int_equal(count(&w, &o), 2);
        o.name = "bert"; /* is gone */
        assert_int_equal(count(&w, &o), 2);
        o.name = "nobody";
        assert_int_equal(count(&w, &o), 0);
        o = (pic_history_opts)PIC_HISTORY_OPTS_INIT;
        o.verb = "add";
        assert_int_equal(count(&w, &o), 4);
        o.first = 2;
        o.last = 3;
        assert_int_equal(count(&w, &o), 2);
        o = (pic_history_opts)PIC_HISTORY_OPTS_INIT;
        o.actor = "nobody";
        assert_int_equal(count(&w, &o), 0);
        o.actor = NULL;
        o.max = 2;
        assert_int_equal(count(&w, &o), 2);
        o.before = 2;
        assert_int_equal(count(&w, &o), 1);
        o = (pic_history_opts)PIC_HISTORY_OPTS_INIT;
        o.until = 1;
        assert_int_equal(count(&w, &o), 0);
        refused(pic_revision_at(w.ctx, 1, &r, &err), PIC_NOTFOUND, "no cell at that time");
        ok(pic_revision_at(w.ctx, INT64_MAX, &r, &err));
        assert_int_equal(r, 6);
        o.kind = "cat";
        refused(pic_history_get(w.ctx, &o, &h, &err), PIC_INVALID, "kind");
        refused(pic_history_get(NULL, NULL, &h, &err), PIC_INVALID, "ctx");
        o.size = 1;
        refused(pic_history_get(w.ctx, &o, &h, &err), PIC_INVALID, "size");
        assert_int_equal(pic_history_count(NULL), 0);
        assert_null(pic_history_unref(NULL));
        world_end(&w);
}

static void past(void **state)
{
        static const char *const lan[] = { "access", "lan", NULL };
        pic_error *err = NULL;
        pic_report *report = NULL;
        pic_plan *plan = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", lan, &err));
        ok(world_set(&w, "peer", "anna", "access", "10.9.9.9:tcp/445", &err));
        ok(pic_export_at(w.ctx, 1, 0, &report, &err));
        assert_null(strstr(pic_report_text(report), "anna"));
        report = pic_report_unref(report);
        ok(pic_export_at(w.ctx, 2, 0, &report, &err));
        assert_non_null(strstr(pic_report_text(report), "access: [lan]"));
        report = pic_report_unref(report);
        refused(pic_export_at(w.ctx, 4, 0, &report, &err), PIC_NOTFOUND, "4");
        ok(pic_diff_get(w.ctx, 2, 3, &plan, &err));
        assert_non_null(strstr(pic_plan_json(plan),
                               "{\"field\":\"access\",\"before\":\"lan\",\"after\":\"10.9.9.9:tcp/445\"}"));
        assert_true(pic_plan_count(plan) > 0);
        plan = pic_plan_unref(plan);
        ok(pic_diff_get(w.ctx, 3, 3, &plan, &err));
        assert_int_equal(pic_plan_count(plan), 0);
        plan = pic_plan_unref(plan);
        ok(pic_diff_get(w.ctx, 3, 1, &plan, &err)); /* backwards: she goes */
        assert_non_null(strstr(pic_plan_json(plan), "\"verb\":\"remove\""));
        pic_plan_unref(plan);
        refused(pic_diff_get(w.ctx, 0, 1, &plan, &err), PIC_NOTFOUND, "0");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(found), cmocka_unit_test(past) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
