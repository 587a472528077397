/* Shows: rules between objects hold for single changes and for many. */
#include <time.h>

#include "../../api/world.h"

static void references(void **state)
{
        static const char *const cases[][3] = {
                { "access", "peer:nobody", "nobody" },
                { "groups", "none", "none" },
                { "access", "group:none", "none" },
                { "access", "service:calendar", "service" },
        };
        pic_error *err = NULL;
        size_t i;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "nobodys", NULL, &err));
        for (i = 0; i < 4; i++) {
                const char *fields[] = { cases[i][0], cases[i][1], NULL };

                assert_int_equal(world_add(&w, "peer", "anna", fields, &err), PIC_NOTFOUND);
                assert_non_null(strstr(pic_error_message(err), cases[i][2]));
                assert_non_null(strstr(pic_error_message(err), "anna"));
                assert_string_equal(pic_error_detail(err, "field"), cases[i][0]);
                if (i == 0)
                        assert_non_null(strstr(pic_error_hint(err), "nobodys"));
                pic_error_free(err);
                err = NULL;
        }
        world_end(&w);
}

static void several(void **state)
{
        static const char *const fields[] = { "access", "peer:x,peer:y,lan", NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        assert_int_equal(world_add(&w, "peer", "anna", fields, &err), PIC_NOTFOUND);
        assert_non_null(pic_error_next(err)); /* both are told */
        pic_error_free(err);
        world_end(&w);
}

static void itself(void **state)
{
        static const char *const fields[] = { "access", "peer:anna", NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", fields, &err));
        world_end(&w);
}

static void routed_networks(void **state)
{
        static const char *const one[] = { "subnets", "192.168.9.0/24", NULL };
        static const char *const over[] = { "subnets", "192.168.0.0/16", NULL };
        static const char *const cells[] = { "subnets", "10.77.1.0/24", NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", one, &err));
        assert_true(world_add(&w, "peer", "bob", over, &err) < 0);
        assert_non_null(strstr(pic_error_message(err), "192.168.0.0/16"));
        pic_error_free(err);
        err = NULL;
        assert_true(world_add(&w, "peer", "bob", cells, &err) < 0);
        pic_error_free(err);
        err = NULL;
        ok(world_set(&w, "peer", "anna", "subnets", "", &err));
        ok(world_add(&w, "peer", "bob", over, &err));
        world_end(&w);
}

static void made_and_removed(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "peer", "anna", &err));
        ok(pic_edit_remove(e, "peer", "anna", &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        world_end(&w);
}

/* More objects than are looked at one by one. */
static void many(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        char name[16];
        world w;
        int i;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        for (i = 0; i < 100; i++) {
                snprintf(name, sizeof(name), "p%d", i);
                ok(pic_edit_add(e, "peer", name, &err));
        }
        ok(pic_edit_set(e, "peer", "p50", "address4", "10.78.0.1", &err));
        refused(pic_edit_commit(e, PIC_COMMIT_NOWAIT, NULL, &err), PIC_VALUE, "outside");
        ok(pic_edit_unset(e, "peer", "p50", "address4", &err));
        ok(pic_edit_commit(e, PIC_COMMIT_NOWAIT, NULL, &err));
        pic_edit_unref(e);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(references),      cmocka_unit_test(several),          cmocka_unit_test(itself),
                cmocka_unit_test(routed_networks), cmocka_unit_test(made_and_removed), cmocka_unit_test(many),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
