/* Shows: a household is one wish of an edit; what is there decides whether the cell takes over; what is wrong is
 * refused before anything is wished, with its place; what cannot be is told by field. */
#include "../../api/world.h"

#include <sys/stat.h>

#define SERVER "EBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLm8="

static char dir[64], path[96];

static void put(const char *more)
{
        FILE *out;

        strcpy(dir, "/tmp/pic-test-household-XXXXXX");
        assert_non_null(mkdtemp(dir));
        snprintf(path, sizeof(path), "%s/wg0.conf", dir);
        out = fopen(path, "w");
        assert_non_null(out);
        fprintf(out,
                "[Interface]\nPrivateKey = " SERVER "\nAddress = 10.8.0.1/24\nListenPort = 51820\n# anna\n[Peer]\n"
                "PublicKey = c2TTZ5U+mH2BIjcmWG0trYvYhzYCkQ2RnFZ5rYeJfGI=\nAllowedIPs = 10.8.0.2/32\n%s",
                more);
        fclose(out);
        assert_int_equal(chmod(path, 0600), 0);
}

static void end(world *w)
{
        world_end(w);
        world_rm(dir);
}

static int import(world *w, uint32_t flags, const char *access, pic_report **told, pic_error **err)
{
        pic_household_opts opts = PIC_HOUSEHOLD_OPTS_INIT;
        pic_edit *e = NULL;
        int r;

        opts.flags = flags;
        opts.access = access;
        assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
        r = pic_household_import(e, dir, &opts, told, err);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

static void taken(void **state)
{
        pic_report *told = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        put("PostUp = x\n");
        ok(import(&w, 0, NULL, &told, &err));
        assert_int_equal(pic_report_good(told), 0);
        assert_non_null(strstr(pic_report_text(told), "\"takes_over\":true"));
        assert_null(strstr(pic_report_text(told), SERVER));
        pic_report_unref(told);
        world_is(&w, "peer", "anna", "address4", "10.8.0.2");
        world_is(&w, "peer", "anna", "access", "internet,lan,peers");
        world_is(&w, "cell", NULL, "net4", "10.8.0.0/24");
        /* it is all there already: by field, with its place, and nothing half */
        refused(import(&w, 0, NULL, NULL, &err), PIC_EXISTS, "wg0.conf:6:1: ");
        end(&w);
}

static void joins(void **state)
{
        pic_report *told = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        put("");
        ok(import(&w, PIC_HOUSEHOLD_JOIN, "", &told, &err));
        assert_non_null(strstr(pic_report_text(told), "\"takes_over\":false"));
        pic_report_unref(told);
        world_is(&w, "cell", NULL, "net4", "10.77.0.0/16");
        world_is(&w, "peer", "anna", "access", NULL);
        ok(world_remove(&w, "peer", "anna", &err));
        ok(import(&w, PIC_HOUSEHOLD_TAKE_OVER, NULL, NULL, &err));
        world_is(&w, "cell", NULL, "net4", "10.8.0.0/24");
        end(&w);
}

static void refuses(void **state)
{
        pic_household_opts opts = PIC_HOUSEHOLD_OPTS_INIT;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_dir(&w);
        w.ctx = world_open(w.dir, "fake");
        put("");
        ok(pic_edit_new(w.ctx, &e, &err));
        refused(pic_household_import(e, dir, NULL, NULL, &err), PIC_NOTFOUND, "");
        refused(pic_household_import(NULL, dir, NULL, NULL, &err), PIC_INVALID, "edit");
        refused(pic_household_import(e, NULL, NULL, NULL, &err), PIC_INVALID, "path");
        opts.flags = 3;
        refused(pic_household_import(e, dir, &opts, NULL, &err), PIC_INVALID, "flags");
        pic_edit_unref(e);
        w.ctx = pic_ctx_unref(w.ctx);
        world_rm(w.dir);
        world_init(&w);
        refused(import(&w, 0, "nowhere!", NULL, &err), PIC_VALUE, "access");
        ok(pic_edit_new(w.ctx, &e, &err));
        refused(pic_household_import(e, "/nonexistent", NULL, NULL, &err), PIC_NOTFOUND, "/nonexistent");
        refused(pic_household_import(e, "/dev/null", NULL, NULL, &err), PIC_VALUE, "neither");
        ok(pic_household_import(e, path, NULL, NULL, &err)); /* the edit is as good as before */
        ok(pic_edit_commit(e, 0, NULL, &err));
        refused(pic_household_import(e, dir, NULL, NULL, &err), PIC_BADSTATE, "committed");
        pic_edit_unref(e);
        end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(taken), cmocka_unit_test(joins),
                                            cmocka_unit_test(refuses) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
