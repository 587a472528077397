/* Shows: plans read the agent's words, and say what separates the world from the wishes. */
#include "../../api/world.h"
#include "api/plan.h"

static void parsed(void **state)
{
        static const char json[] = "{\"revision\":7,\"steps\":["
                                   "{\"verb\":\"add\",\"backend\":\"wg\",\"kind\":\"wg.peer\",\"key\":\"K\",\"before\":"
                                   "null,\"after\":\"allowed=10.1.0.2/32 keepalive=0\",\"object\":\"peer anna\"},"
                                   "{\"verb\":\"change\",\"backend\":\"route\",\"kind\":\"route.link\",\"key\":"
                                   "\"pic0\",\"before\":\"up mtu=1\",\"after\":\"up mtu=2\",\"object\":null},"
                                   "{\"verb\":\"remove\",\"backend\":\"dns\",\"kind\":\"dns.record\",\"key\":\"a. "
                                   "A\",\"before\":\"10.1.0.2\",\"after\":null}]}";
        pic_plan *p = NULL;
        pic_error *err = NULL;

        (void)state;
        ok(pic__plan_parse(json, strlen(json), &p, &err));
        assert_int_equal(pic_plan_count(p), 3);
        assert_string_equal(pic_plan_text(p, 0), "add wg peer anna (10.1.0.2)");
        assert_non_null(strstr(pic_plan_text(p, 1), "up mtu=1 -> up mtu=2"));
        assert_non_null(strstr(pic_plan_text(p, 2), "remove dns record"));
        assert_null(pic_plan_text(p, 3));
        assert_non_null(strstr(pic_plan_json(p), "\"revision\":7"));
        pic_plan_unref(p);
        refused(pic__plan_parse("{\"steps\":[{\"kind\":\"moon\"}]}", 27, &p, &err), PIC_BACKEND, "step");
        refused(pic__plan_parse("{", 1, &p, &err), PIC_BACKEND, "understood");
        refused(pic__plan_parse("{}", 2, &p, &err), PIC_BACKEND, "without steps");
        ok(pic__plan_parse("{\"steps\":[]}", 12, &p, &err));
        assert_int_equal(pic_plan_count(p), 0);
        pic_plan_unref(p);
        assert_int_equal(pic_plan_count(NULL), 0);
        assert_string_equal(pic_plan_json(NULL), "{}");
        assert_null(pic_plan_unref(NULL));
}

/* The fake world is not brought up to a commit that did not wait: the plan says what is missing, repair does it. */
static void whole_world(void **state)
{
        pic_error *err = NULL;
        pic_plan *p = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "peer", "anna", &err));
        ok(pic_edit_commit(e, PIC_COMMIT_NOWAIT, NULL, &err));
        pic_edit_unref(e);
        ok(pic_plan_get(w.ctx, PIC_PLAN_REPAIR, &p, &err));
        assert_true(pic_plan_count(p) > 3);
        pic_plan_unref(p);
        ok(pic_plan_get(w.ctx, 0, &p, &err));
        assert_int_equal(pic_plan_count(p), 0);
        pic_plan_unref(p);
        refused(pic_plan_get(w.ctx, 8, &p, &err), PIC_INVALID, "flags");
        refused(pic_plan_get(NULL, 0, &p, &err), PIC_INVALID, "ctx");
        world_end(&w);
}

static void no_agent(void **state)
{
        pic_error *err = NULL;
        pic_plan *p = NULL;
        world w;

        (void)state;
        world_init(&w);
        pic_ctx_unref(w.ctx);
        w.ctx = world_open(w.dir, "real");
        refused(pic_plan_get(w.ctx, 0, &p, &err), PIC_NOAGENT, "agent");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(parsed),
                cmocka_unit_test(whole_world),
                cmocka_unit_test(no_agent),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
