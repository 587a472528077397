/* Shows: drift answers, good or not, with an agent's engine and without one; it repairs only by one that is asked. */
#include "../../api/world.h"

static void spoil(const world *w, const char *name, const char *text)
{
        char path[160];
        FILE *f;

        snprintf(path, sizeof(path), "%s/fake/%s", w->dir, name);
        f = fopen(path, "w");
        assert_non_null(f);
        fputs(text, f);
        fclose(f);
}

static void fake_world(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        char path[160];
        world w;

        (void)state;
        world_init(&w);
        ok(pic_drift_get(w.ctx, PIC_DRIFT_REPAIR, &r, &err)); /* nobody has applied anything yet */
        assert_true(pic_report_good(r));
        pic_report_unref(r);
        ok(pic_drift_get(w.ctx, 0, &r, &err));
        assert_true(pic_report_good(r));
        assert_non_null(strstr(pic_report_text(r), "\"steps\":[],\"foreign\":[],\"repair\":true,\"repaired\":0}"));
        pic_report_unref(r);
        snprintf(path, sizeof(path), "%s/fake/route", w.dir);
        assert_int_equal(unlink(path), 0);
        ok(pic_drift_get(w.ctx, 0, &r, &err));
        assert_false(pic_report_good(r));
        assert_non_null(strstr(pic_report_text(r), "\"kind\":\"route.link\""));
        pic_report_unref(r);
        ok(pic_drift_get(w.ctx, PIC_DRIFT_REPAIR, &r, &err));
        assert_true(pic_report_good(r));
        pic_report_unref(r);
        spoil(&w, "nft.strangers", "info|nothing much|\n");
        ok(pic_drift_get(w.ctx, 0, &r, &err));
        assert_true(pic_report_good(r));
        pic_report_unref(r);
        spoil(&w, "nft.strangers", "warning|a hole|\n");
        ok(pic_drift_get(w.ctx, 0, &r, &err));
        assert_false(pic_report_good(r));
        pic_report_unref(r);
        refused(pic_drift_get(w.ctx, 2, &r, &err), PIC_INVALID, "flags");
        world_end(&w);
}

/* Nobody runs: who only asks is told what can be seen from here (without the right to see it, that), and nothing is
 * done. */
static void without_agent(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        pic_ctx_unref(w.ctx);
        w.ctx = world_open(w.dir, "real");
        refused(pic_drift_get(w.ctx, PIC_DRIFT_REPAIR, &r, &err), PIC_NOAGENT, "no agent");
        if (geteuid() == 0) {
                ok(pic_drift_get(w.ctx, 0, &r, &err));
                assert_false(pic_report_good(r));
                assert_non_null(strstr(pic_report_text(r), "\"kind\":\"nft.shape\""));
                pic_report_unref(r);
        }
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(fake_world),
                cmocka_unit_test(without_agent),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
