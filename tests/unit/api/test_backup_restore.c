/* Shows: a restored cell is the one that was, but for what was answered. */
#include "backup_world.h"

static int restore_to(pic_ctx *ctx, const char *const *answers, pic_error **err)
{
        int fd = open(file, O_RDONLY), r;
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_report *told = NULL;

        o.answers = answers;
        r = pic_backup_restore(ctx, NULL, fd, &o, &told, err);
        close(fd);
        pic_report_unref(told);
        return r;
}

static void elsewhere(void **state)
{
        static const char *const answers[] = { "name", "cottage", "endpoint", "b.example:5", NULL };
        static const char *const odd[] = { "name", NULL }, *const wrong[] = { "endpoint", "no port", NULL };
        pic_error *err = NULL;
        world other;

        (void)state;
        world_dir(&other);
        other.ctx = world_open(other.dir, "fake");
        refused(restore_to(other.ctx, odd, &err), PIC_INVALID, "without a value");
        refused(restore_to(other.ctx, wrong, &err), PIC_VALUE, "endpoint");
        ok(restore_to(other.ctx, answers, &err));
        world_is(&other, "cell", NULL, "name", "cottage");
        world_is(&other, "cell", NULL, "endpoint", "b.example:5");
        world_is(&other, "peer", "anna", "enabled", "true");
        world_end(&other);
        refused(pic_backup_restore(NULL, NULL, 0, NULL, NULL, &err), PIC_INVALID, "ctx");
}

static void over_another(void **state)
{
        pic_error *err = NULL;
        char former[96], command[512];
        pic_ctx *other = world_open(w.dir, "fake");
        pic_obj *cell = NULL;

        (void)state;
        ok(world_remove(&w, "peer", "anna", &err));
        ok(pic_get(other, "cell", NULL, &cell, &err));
        pic_obj_unref(cell);
        refused(restore_to(w.ctx, NULL, &err), PIC_BUSY, "another program has the cell");
        pic_ctx_unref(other);
        w.ctx = pic_ctx_unref(w.ctx);
        w.ctx = world_open(w.dir, "fake");
        ok(restore_to(w.ctx, NULL, &err));
        world_is(&w, "peer", "anna", "enabled", "true");
        snprintf(former, sizeof(former), "%s.before-", w.dir);
        snprintf(command, sizeof(command), "test -f %s*/cell.db && rm -r %s*", former, former);
        assert_int_equal(system(command), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(elsewhere, setup, teardown),
                                            cmocka_unit_test_setup_teardown(over_another, setup, teardown) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
