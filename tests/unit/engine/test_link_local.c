/* The fake world in this process: two links take turns, a lock that is held is waited for, a directory without a cell
 * is left alone. */
#include "fixture.h"

#include "engine/link.h"
#include "engine/lockfile.h"

static int call(pic__link *l, const char *verb, const char *args, pic__buf *out, pic_error **err)
{
        pic__buf_clear(out);
        return pic__link_call(l, verb, args, 300, out, err);
}

static void test_turns(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        PIC__AUTO(pic__link_unref_p) pic__link *a = NULL, *b = NULL;
        pic_error *err = NULL;
        char run[96];
        int lock;
        cell c;

        (void)state;
        cell_make(&c);
        pic__engine_opts opts = { .dir = c.dir, .fake = 1, .clock = &c.clock };
        assert_int_equal(pic__link_local(&opts, &a, NULL), 0);
        assert_int_equal(pic__link_local(&opts, &b, NULL), 0);
        assert_int_equal(call(a, "apply", NULL, &out, NULL), 0);
        cell_add_peer(&c, "anna", NULL);
        assert_int_equal(call(b, "apply", "{\"revision\":2}", &out, NULL), 0);
        assert_non_null(strstr(pic__buf_str(&out), "\"applied\":2"));
        assert_int_equal(call(a, "plan", NULL, &out, NULL), 0); /* sees what b did */
        assert_string_equal(pic__buf_str(&out), "{\"revision\":2,\"steps\":[]}");
        assert_int_equal(call(a, "nonsense", NULL, &out, NULL), PIC_INVALID);
        assert_int_equal(call(a, "reveal", "{\"peer\":\"anna\"}", &out, NULL), 0);
        assert_int_equal(call(b, "reveal", "{\"peer\":\"anna\"}", &out, NULL), PIC_BADSTATE);
        snprintf(run, sizeof(run), "%s/run", c.dir);
        assert_int_equal(pic__lock_take(run, PIC__LOCAL_LOCK, 0, "a test", &lock, NULL), 0);
        assert_int_equal(call(a, "ping", NULL, &out, &err), PIC_BUSY);
        pic_error_free(err);
        close(lock);
        assert_int_equal(call(a, "ping", NULL, &out, NULL), 0);
        cell_drop(&c);
}

static void test_no_cell(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        PIC__AUTO(pic__link_unref_p) pic__link *l = NULL;
        pic__engine_opts opts = { .fake = 1 };
        pic_error *err = NULL;
        char dir[64];

        (void)state;
        fixture_dir(dir, sizeof(dir));
        opts.dir = dir;
        assert_int_equal(pic__link_local(&opts, &l, NULL), 0);
        assert_int_equal(call(l, "status", NULL, &out, &err), PIC_NOTFOUND);
        assert_non_null(pic_error_hint(err));
        pic_error_free(err);
        assert_int_equal(rmdir(dir), 0); /* nothing was made in it */
}

static void test_no_memory(void **state)
{
        pic__engine_opts opts = { .dir = "/tmp/x", .fake = 1 };
        pic__link *l = NULL;
        unsigned long n;
        int r = PIC_NOMEM;

        (void)state;
        for (n = 1; r != 0; n++) {
                pic__mem_fail_at(n);
                r = pic__link_local(&opts, &l, NULL);
                pic__mem_fail_at(0);
        }
        assert_true(n > 3);
        pic__link_unref(l);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_turns), cmocka_unit_test(test_no_cell),
                                            cmocka_unit_test(test_no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
