/* The door to libnftables: there, not there, wrong library, refused text. */
#include "space.h"

static void test_missing(void **state)
{
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__nft_text_can("libnot-there.so.1"), 0);
        assert_int_equal(pic__nft_text_run("libnot-there.so.1", "list ruleset", &err), PIC_UNSUPPORTED);
        assert_non_null(strstr(pic_error_hint(err), "libnftables1"));
        pic_error_free(err);
}

/* A library that is something else. */
static void test_other_library(void **state)
{
        (void)state;
        assert_int_equal(pic__nft_text_can("libm.so.6"), 0);
        assert_int_equal(pic__nft_text_run("libm.so.6", "list ruleset", NULL), PIC_UNSUPPORTED);
}

static void test_runs(void **state)
{
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__nft_text_can(NULL), 1);
        assert_int_equal(pic__nft_text_run(NULL, "add table inet other\nadd chain inet other c\n", &err), 0);
        assert_null(err);
}

/* All or nothing, and the words of nft. */
static void test_refused(void **state)
{
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__nft_text_run(NULL, "add table inet one\nadd rule inet nowhere c drop\n", &err),
                         PIC_BACKEND);
        assert_non_null(strstr(pic_error_message(err), "nftables refused"));
        assert_non_null(pic_error_detail(err, "stderr"));
        assert_null(strchr(pic_error_message(err), '\n'));
        pic_error_free(err);
        err = NULL;
        assert_int_equal(pic__nft_text_run(NULL, "delete table inet one\n", &err), PIC_BACKEND);
        pic_error_free(err);
        assert_int_equal(pic__nft_text_run(NULL, "no such words", NULL), PIC_BACKEND);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_missing),
                cmocka_unit_test(test_other_library),
                cmocka_unit_test_setup(test_runs, fresh_space),
                cmocka_unit_test_setup(test_refused, fresh_space),
        };

        NEED_ROOT();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
