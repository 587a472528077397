/* backend/exit/exit.c: comes, is seen by a second instance, is changed, goes; nothing stays. */
#include "world.h"

/* Whatever carries knows its far end. (Also in tests/qemu, where that is the kernel's device.) */
static void carried(pic__exit *b)
{
        static const char *const argv[] = { "wg", "show", "tun0", "endpoints", NULL };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        if (!b->at[1]->settled)
                fail_msg("nothing carries: %s %s", pic_error_message(b->at[1]->refusal),
                         pic_error_hint(b->at[1]->refusal) != NULL ? pic_error_hint(b->at[1]->refusal) : "");
        assert_int_equal(
                pic__inside_run(b->at[1], by_kernel() ? PIC__INSIDE_ROOT : PIC__INSIDE_USER, argv, NULL, 0, &out, NULL),
                0);
        assert_string_equal(pic__buf_str(&out), FAR_PUBLIC "\t192.0.2.10:51820\n");
        if (getenv("PIC_TEST_WG") != NULL && strcmp(getenv("PIC_TEST_WG"), "kernel") == 0)
                assert_true(by_kernel());
}

static void life(void **state)
{
        pic__backend *b = backend(), *again;

        (void)state;
        assert_null(seen(b));
        must(b, NULL, WG_VALUE, WG_SECRET);
        assert_string_equal(seen(b), WG_VALUE);
        carried((pic__exit *)b);
        again = backend();
        assert_string_equal(seen(again), WG_VALUE);
        again->ops->free(again);
        must(b, WG_VALUE, NULL, NULL);
        assert_null(seen(b));
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(life) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
