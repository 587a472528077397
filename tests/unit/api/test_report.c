/* Shows: reports and blobs hold what was put in; NULL is a report of nothing. */
#include "../../api/world.h"
#include "api/api.h"

static void reports(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        pic_report *r = NULL;
        pic_error *err = NULL;

        (void)state;
        pic__buf_puts(&b, "text");
        ok(pic__report_new(&b, 1, &r, &err));
        assert_string_equal(pic_report_text(r), "text");
        assert_int_equal(pic_report_good(r), 1);
        assert_null(pic_report_unref(r));
        assert_string_equal(pic_report_text(NULL), "");
        assert_int_equal(pic_report_good(NULL), 0);
        assert_null(pic_report_unref(NULL));
        b.failed = 1;
        assert_int_equal(pic__report_new(&b, 1, &r, &err), PIC_NOMEM);
        pic_error_free(err);
        pic__mem_fail_at(1);
        assert_int_equal(pic__report_new(&b, 1, &r, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
}

static void blobs(void **state)
{
        pic_blob *b = NULL;

        (void)state;
        assert_int_equal(pic__blob_new("a\0b", 3, &b, NULL), 0);
        assert_int_equal(pic_blob_size(b), 3);
        assert_memory_equal(pic_blob_data(b), "a\0b\0", 4);
        assert_null(pic_blob_unref(b));
        assert_null(pic_blob_data(NULL));
        assert_int_equal(pic_blob_size(NULL), 0);
        assert_null(pic_blob_unref(NULL));
        pic__mem_fail_at(1);
        assert_int_equal(pic__blob_new("a", 1, &b, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reports),
                cmocka_unit_test(blobs),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
