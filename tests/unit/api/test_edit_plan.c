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
                cmocka_unit_test(same_refusals),
                cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
