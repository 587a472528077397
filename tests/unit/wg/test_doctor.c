/* What doctor finds, with rights and without, and how each way is named. */
#include "world.h"

struct found {
        char text[2000];
        int count;
};

static void keep(int level, const char *area, const char *what, const char *fix, void *data)
{
        struct found *f = data;

        assert_int_equal(level, PIC_LOG_ERROR);
        assert_string_equal(area, "wg");
        assert_true(strlen(fix) > 0);
        snprintf(f->text + strlen(f->text), sizeof(f->text) - strlen(f->text), "%s|", what);
        f->count++;
}

static void ask(const pic__wg_opts *opts, struct found *f)
{
        pic__backend *b = NULL;

        memset(f, 0, sizeof(*f));
        assert_int_equal(pic__wg_new(opts, &b, NULL), 0);
        b->ops->doctor(b, keep, f);
        b->ops->free(b);
}

static void all_is_well(void **state)
{
        pic__wg_opts opts = { .run_dir = world_dir, .log_dir = world_dir, .userspace = 1 };
        struct found f;

        (void)state;
        ask(&opts, &f);
        assert_string_equal(f.text, "");
        opts.userspace = 0;
        ask(&opts, &f);
        assert_string_equal(f.text, "");
}

static void no_rights(void **state)
{
        pic__wg_opts opts = { .run_dir = world_dir, .log_dir = world_dir, .userspace = 1 };
        struct found f;

        (void)state;
        assert_int_equal(seteuid(65534), 0);
        ask(&opts, &f);
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(f.count, 1);
        assert_non_null(strstr(f.text, "CAP_NET_ADMIN"));
}

static void only_the_kernel(void **state)
{
        pic__wg_opts opts = { .run_dir = world_dir, .log_dir = world_dir, .kernel = 1 };
        struct found f;

        (void)state;
        ask(&opts, &f);
        if (f.count != 0)
                assert_string_equal(f.text, "the kernel has no WireGuard, and wireguard-go is not allowed|");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(all_is_well), cmocka_unit_test(no_rights),
                                            cmocka_unit_test(only_the_kernel) };
        int r = world_open();

        if (r != 0)
                return r;
        r = cmocka_run_group_tests(tests, NULL, NULL);
        world_close();
        return r;
}
