/* Shows: a cell is made whole or not at all; its networks are random unless given. */
#include <sys/stat.h>

#include "../../api/world.h"
#include "base/mem.h"

static void init(world *w)
{
        world_dir(w);
        w->ctx = world_open(w->dir, "fake");
}

static int mode_of(const world *w, const char *name)
{
        char path[128];
        struct stat st;

        snprintf(path, sizeof(path), "%s/%s", w->dir, name);
        assert_int_equal(stat(path, &st), 0);
        return (int)(st.st_mode & 0777);
}

static void random_networks(void **state)
{
        static const char *const fields[] = { "name", "home", NULL };
        pic_error *err = NULL;
        pic_obj *cell = NULL, *other = NULL;
        char *a4, *a6, *b6;
        world w, v;

        (void)state;
        init(&w);
        init(&v);
        ok(pic_cell_init(w.ctx, fields, &cell, &err));
        ok(pic_cell_init(v.ctx, fields, &other, &err));
        a4 = pic_obj_get(cell, "net4");
        a6 = pic_obj_get(cell, "net6");
        b6 = pic_obj_get(other, "net6");
        assert_int_equal(strncmp(a4, "10.", 3), 0);
        assert_non_null(strstr(a4, ".0.0/16"));
        assert_int_equal(strncmp(a6, "fd", 2), 0);
        assert_non_null(strstr(a6, "::/48"));
        assert_string_not_equal(a6, b6);
        pic_text_free(a4);
        pic_text_free(a6);
        pic_text_free(b6);
        assert_int_equal(mode_of(&w, "."), 0700);
        assert_int_equal(mode_of(&w, "key"), 0600);
        assert_int_equal(mode_of(&w, "cell.db"), 0600);
        refused(pic_cell_init(w.ctx, fields, NULL, &err), PIC_EXISTS, "already");
        pic_obj_unref(cell);
        pic_obj_unref(other);
        world_end(&w);
        world_end(&v);
}

static void refusals(void **state)
{
        static const char *const none[] = { NULL };
        static const char *const odd[] = { "name", NULL };
        static const char *const unknown[] = { "name", "home", "lisen_port", "1", NULL };
        static const char *const system_field[] = { "name", "home", "public_key", "x", NULL };
        static const char *const bad_net[] = { "name", "home", "net4", "10.0.0.1/16", NULL };
        static const char *const bad_name[] = { "name", "-", NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        init(&w);
        refused(pic_cell_init(NULL, none, NULL, &err), PIC_INVALID, "ctx");
        refused(pic_cell_init(w.ctx, NULL, NULL, &err), PIC_INVALID, "fields");
        refused(pic_cell_init(w.ctx, odd, NULL, &err), PIC_INVALID, "without a value");
        refused(pic_cell_init(w.ctx, none, NULL, &err), PIC_VALUE, "name");
        refused(pic_cell_init(w.ctx, unknown, NULL, &err), PIC_NOTFOUND, "lisen_port");
        refused(pic_cell_init(w.ctx, system_field, NULL, &err), PIC_DENIED, "public_key");
        refused(pic_cell_init(w.ctx, bad_net, NULL, &err), PIC_VALUE, "10.0.0.1/16");
        refused(pic_cell_init(w.ctx, bad_name, NULL, &err), PIC_VALUE, "name");
        assert_int_equal(access(w.dir, F_OK), -1); /* nothing was made */
        world_end(&w);
}

/* Whatever allocation fails: a whole cell or nothing at all. */
static void out_of_memory(void **state)
{
        static const char *const fields[] = { "name", "home", NULL };
        unsigned long n, made;

        (void)state;
        for (n = 1;; n++) {
                pic_error *err = NULL;
                pic_obj *cell = NULL;
                world w;
                int r;

                init(&w);
                pic__mem_fail_at(n);
                r = pic_cell_init(w.ctx, fields, &cell, &err);
                made = pic__mem_fail_at(0);
                if (r < 0) {
                        assert_int_equal(r, PIC_NOMEM);
                        assert_int_equal(access(w.dir, F_OK), -1);
                }
                pic_error_free(err);
                pic_obj_unref(cell);
                world_end(&w);
                if (made < n)
                        break;
        }
        assert_true(n > 20);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(random_networks),
                cmocka_unit_test(refusals),
                cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
