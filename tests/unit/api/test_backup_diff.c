/* Shows: what a backup would change here is told as a plan, with the questions of a cell that moves; nothing is
 * touched.
 */
#include "backup_world.h"

static int diff(pic_ctx *ctx, const char *const *answers, pic_plan **plan, pic_error **err)
{
        int fd = open(file, O_RDONLY), r;
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;

        o.answers = answers;
        r = pic_backup_diff(ctx, NULL, fd, &o, plan, err);
        close(fd);
        return r;
}

static int says(const pic_plan *plan, const char *words)
{
        return strstr(pic_plan_json(plan), words) != NULL;
}

static void here(void **state)
{
        pic_error *err = NULL;
        pic_plan *plan = NULL;

        (void)state;
        ok(diff(w.ctx, NULL, &plan, &err));
        assert_int_equal(pic_plan_count(plan), 0);
        assert_true(says(plan, "\"changes\":[]") && says(plan, "\"questions\":[]"));
        pic_plan_unref(plan);
        ok(world_remove(&w, "peer", "anna", &err));
        ok(world_add(&w, "peer", "bob", NULL, &err));
        ok(world_set(&w, "cell", NULL, "mtu", "1300", &err));
        ok(diff(w.ctx, NULL, &plan, &err));
        assert_true(pic_plan_count(plan) > 0);
        assert_true(says(plan, "\"name\":\"anna\",\"verb\":\"add\"") &&
                    says(plan, "\"name\":\"bob\",\"verb\":\"remove\"") && says(plan, "\"before\":\"1300\""));
        pic_plan_unref(plan);
        world_is(&w, "cell", NULL, "mtu", "1300");
}

/* The same numbers are other devices there. */
static void of_another(void **state)
{
        static const char *const answers[] = { "endpoint", "b.example:5", NULL };
        pic_error *err = NULL;
        pic_plan *plan = NULL;
        world other;

        (void)state;
        world_dir(&other);
        other.ctx = world_open(other.dir, "fake");
        ok(diff(other.ctx, NULL, &plan, &err)); /* nobody is here */
        assert_true(says(plan, "\"field\":\"endpoint\",\"value\":\"a.example:51820\",\"needed\":false"));
        pic_plan_unref(plan);
        pic_ctx_unref(other.ctx);
        world_init(&other);
        ok(world_add(&other, "peer", "carl", NULL, &err));
        ok(diff(other.ctx, answers, &plan, &err));
        assert_true(says(plan, "\"name\":\"anna\",\"verb\":\"add\"") &&
                    says(plan, "\"name\":\"carl\",\"verb\":\"remove\"") && says(plan, "b.example:5") &&
                    says(plan, "\"questions\":[]"));
        pic_plan_unref(plan);
        world_end(&other);
        refused(pic_backup_diff(NULL, NULL, 0, NULL, &plan, &err), PIC_INVALID, "ctx");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(here, setup, teardown),
                                            cmocka_unit_test_setup_teardown(of_another, setup, teardown) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
