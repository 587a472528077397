/* Shows: which hours and days are meant; what excludes each other is refused; without an agent the file is read. */
#include "../../api/world.h"

static void ask(const world *w, const pic_traffic_opts *o, const char *part)
{
        pic_report *r = NULL;
        pic_error *err = NULL;

        ok(pic_traffic_get(w->ctx, o, &r, &err));
        if (strstr(pic_report_text(r), part) == NULL)
                fail_msg("no %s in %s", part, pic_report_text(r));
        assert_int_equal(pic_report_good(r), 1);
        pic_report_unref(r);
}

static void test_traffic(void **state)
{
        pic_traffic_opts o = PIC_TRAFFIC_OPTS_INIT;
        pic_report *r = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ask(&w, NULL, "\"span\":\"day\"");
        o.hours = 192;
        ask(&w, &o, "\"span\":\"hour\"");
        o.days = 1;
        refused(pic_traffic_get(w.ctx, &o, &r, &err), PIC_VALUE, "hours");
        o.hours = 193;
        o.days = 0;
        refused(pic_traffic_get(w.ctx, &o, &r, &err), PIC_VALUE, "192 are kept");
        o.hours = 0;
        o.days = 401;
        refused(pic_traffic_get(w.ctx, &o, &r, &err), PIC_VALUE, "400 are kept");
        o.days = 0;
        o.since = 1;
        refused(pic_traffic_get(w.ctx, &o, &r, &err), PIC_VALUE, "days");
        o.since = (pic_time)86400 * 1000000;
        o.until = 399 * o.since;
        ask(&w, &o, "\"since\":\"1970-01-02T00:00:00Z\"");
        o.since = o.until;
        refused(pic_traffic_get(w.ctx, &o, &r, &err), PIC_VALUE, "until");
        o = (pic_traffic_opts)PIC_TRAFFIC_OPTS_INIT;
        o.peer = "nobody";
        refused(pic_traffic_get(w.ctx, &o, &r, &err), PIC_NOTFOUND, "nobody");
        o.connection = "far";
        refused(pic_traffic_get(w.ctx, &o, &r, &err), PIC_VALUE, "connection");
        refused(pic_traffic_get(NULL, NULL, &r, &err), PIC_INVALID, "ctx");
        refused(pic_traffic_get(w.ctx, NULL, NULL, &err), PIC_INVALID, "ret_report");
        world_end(&w);
}

static void without_agent(void **state)
{
        world w;

        (void)state;
        world_init(&w);
        pic_ctx_unref(w.ctx);
        w.ctx = world_open(w.dir, "real");
        ask(&w, NULL, "\"peers\":[]");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_traffic), cmocka_unit_test(without_agent) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
