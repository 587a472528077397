/* Shows: a plan says what a commit would do, refuses what it would refuse, and changes nothing. */
#include "../../api/world.h"
#include "base/mem.h"

static void looks_and_leaves(void **state)
{
        pic_error *err = NULL;
        pic_plan *plan = NULL;
        pic_list *list = NULL;
        pic_edit *e = NULL;
        const char *json;
        world w;
        size_t i;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "peer", "anna", &err));
        ok(pic_edit_set(e, "peer", "anna", "groups", "kids", &err));
        ok(pic_edit_set(e, "group", "kids", "access", "internet", &err));
        ok(pic_edit_plan(e, &plan, &err));
        assert_true(pic_plan_count(plan) > 3);
        for (i = 0; i < pic_plan_count(plan); i++)
                assert_true(strlen(pic_plan_text(plan, i)) > 5);
        json = pic_plan_json(plan);
        assert_non_null(strstr(json, "\"changes\":[{\"kind\":\"group\",\"name\":\"kids\",\"verb\":\"change\""));
        assert_non_null(strstr(json, "{\"kind\":\"peer\",\"name\":\"anna\",\"verb\":\"add\""));
        assert_non_null(strstr(json, "\"backend\":\"wg\""));
        assert_non_null(strstr(json, "(secret)"));
        pic_plan_unref(plan);
        ok(pic_list_get(w.ctx, "peer", &list, &err));
        assert_int_equal(pic_list_count(list), 0); /* nothing happened */
        pic_list_unref(list);
        ok(pic_edit_commit(e, 0, NULL, &err)); /* and the edit is still good */
        pic_edit_unref(e);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_remove(e, "peer", "anna", &err));
        ok(pic_edit_plan(e, &plan, &err));
        assert_non_null(strstr(pic_plan_json(plan), "\"verb\":\"remove\""));
        assert_non_null(strstr(pic_plan_text(plan, 0), "remove"));
        pic_plan_unref(plan);
        pic_edit_unref(e);
        world_end(&w);
}

/* What it means in packets, and whether it cuts the one who makes it. */
static void meaning_and_session(void **state)
{
        static const char *const fields[] = { "access", "10.77.0.1:tcp/22,192.168.1.10:tcp/445", NULL };
        pic_error *err = NULL;
        pic_plan *plan = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", fields, &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_set(e, "peer", "anna", "access", "10.77.0.1:tcp/22", &err));
        ok(pic_edit_plan(e, &plan, &err));
        assert_int_equal(pic_plan_meaning_count(plan), 1);
        assert_string_equal(pic_plan_meaning(plan, 0),
                            "anna loses tcp/445 to 192.168.1.10 (10.77.0.2 -> 192.168.1.10 tcp/445)");
        assert_null(pic_plan_meaning(plan, 1));
        assert_non_null(strstr(pic_plan_json(plan), "\"meaning\":[{\"who\":\"anna\",\"count\":1,\"peers\":[\"anna\"],"
                                                    "\"verb\":\"loses\",\"to\":\"192.168.1.10\",\"proto\":\"tcp\","
                                                    "\"ports\":\"445\",\"families\":[4],\"part\":false,"));
        assert_non_null(strstr(pic_plan_json(plan), "\"session\":null"));
        assert_int_equal(pic_plan_risk(plan), PIC_RISK_TRAFFIC);
        pic_plan_unref(plan);
        ok(pic_edit_session(e, "10.77.0.2", NULL, 0, &err));
        ok(pic_edit_plan(e, &plan, &err));
        assert_int_equal(pic_plan_risk(plan), PIC_RISK_TRAFFIC);
        assert_non_null(strstr(pic_plan_json(plan), "\"session\":{\"address\":\"10.77.0.2\",\"peer\":\"anna\","
                                                    "\"cut\":false,\"reason\":null}"));
        pic_plan_unref(plan);
        ok(pic_edit_set(e, "peer", "anna", "access", "", &err));
        ok(pic_edit_plan(e, &plan, &err));
        assert_int_equal(pic_plan_risk(plan), PIC_RISK_SESSION);
        assert_non_null(strstr(pic_plan_json(plan), "may not reach tcp/22 of 10.77.0.1 any more"));
        pic_plan_unref(plan);
        ok(pic_edit_session(e, NULL, NULL, 0, &err));
        ok(pic_edit_plan(e, &plan, &err));
        assert_int_equal(pic_plan_risk(plan), PIC_RISK_TRAFFIC);
        pic_plan_unref(plan);
        pic_edit_unref(e);
        /* another interface may cut anybody; not one who comes from elsewhere */
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_set(e, "cell", NULL, "device", "pic7", &err));
        ok(pic_edit_plan(e, &plan, &err));
        assert_int_equal(pic_plan_risk(plan), PIC_RISK_SESSION);
        assert_int_equal(pic_plan_meaning_count(plan), 0);
        pic_plan_unref(plan);
        ok(pic_edit_session(e, "203.0.113.9", "198.51.100.1", 2222, &err));
        ok(pic_edit_plan(e, &plan, &err));
        assert_int_equal(pic_plan_risk(plan), PIC_RISK_TRAFFIC);
        pic_plan_unref(plan);
        refused(pic_edit_session(e, "here", NULL, 0, &err), PIC_VALUE, "source");
        refused(pic_edit_session(e, "10.77.0.2", "fd00::1", 0, &err), PIC_VALUE, "family");
        refused(pic_edit_session(e, "10.77.0.2", "x", 0, &err), PIC_VALUE, "destination");
        refused(pic_edit_session(e, "10.77.0.2", NULL, 70000, &err), PIC_INVALID, "port");
        refused(pic_edit_session(NULL, NULL, NULL, 0, &err), PIC_INVALID, "edit");
        refused(pic_edit_override(NULL, NULL, &err), PIC_INVALID, "edit");
        refused(pic_edit_override(e, "", &err), PIC_VALUE, "override");
        refused(pic_edit_override(e, "two\nlines", &err), PIC_VALUE, "override");
        ok(pic_edit_commit(e, 0, NULL, &err));
        refused(pic_edit_session(e, "10.77.0.2", NULL, 0, &err), PIC_BADSTATE, "committed");
        refused(pic_edit_override(e, "x", &err), PIC_BADSTATE, "committed");
        pic_edit_unref(e);
        assert_int_equal(pic_plan_risk(NULL), PIC_RISK_NONE);
        assert_null(pic_plan_meaning(NULL, 0));
        world_end(&w);
}

static void same_refusals(void **state)
{
        static const char *const fields[] = { "groups", "kids", NULL };
        pic_error *err = NULL;
        pic_plan *plan = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(world_add(&w, "peer", "anna", fields, &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        refused(pic_edit_plan(e, NULL, &err), PIC_INVALID, "ret_plan");
        refused(pic_edit_plan(NULL, &plan, &err), PIC_INVALID, "edit");
        ok(pic_edit_remove(e, "group", "kids", &err));
        refused(pic_edit_plan(e, &plan, &err), PIC_INUSE, "anna"); /* judged at commit, so judged here */
        pic_edit_unref(e);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "peer", "anna", &err));
        refused(pic_edit_plan(e, &plan, &err), PIC_EXISTS, "anna");
        pic_edit_unref(e);
        world_end(&w);
}

static void out_of_memory(void **state)
{
        unsigned long n, made;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "peer", "anna", &err));
        for (n = 1;; n += n < 60 ? 1 : 11) {
                pic_plan *plan = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic_edit_plan(e, &plan, &err);
                made = pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                pic_error_free(err);
                err = NULL;
                pic_plan_unref(plan);
                if (made < n)
                        break;
        }
        pic_edit_unref(e);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(looks_and_leaves),
                cmocka_unit_test(meaning_and_session),
                cmocka_unit_test(same_refusals),
                cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
