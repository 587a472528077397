/* Each finding once, worst first, and only so many. */
#include "fixture.h"

#include "engine/findings.h"

static void test_list(void **state)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);

        (void)state;
        pic__foundf(&f, PIC_LOG_INFO, "a", NULL, "%d", 1);
        pic__found(PIC_LOG_ERROR, "a", "bad", "mend it", &f);
        pic__found(PIC_LOG_INFO, "a", "1", "said already", &f);
        pic__found(PIC_LOG_INFO, "b", "1", NULL, &f);
        assert_int_equal(pic__findings_json(&f, &j, NULL), 0);
        assert_string_equal(pic__buf_str(&b),
                            "[{\"level\":\"error\",\"area\":\"a\",\"what\":\"bad\",\"fix\":\"mend it\",\"act\":null},"
                            "{\"level\":\"info\",\"area\":\"a\",\"what\":\"1\",\"fix\":null,\"act\":null},"
                            "{\"level\":\"info\",\"area\":\"b\",\"what\":\"1\",\"fix\":null,\"act\":null}]");
}

static void test_bounded(void **state)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);
        int i;

        (void)state;
        for (i = 0; i < PIC__FINDINGS_MAX + 7; i++)
                pic__foundf(&f, PIC_LOG_INFO, "a", NULL, "%d", i);
        assert_int_equal(f.list.count, PIC__FINDINGS_MAX);
        assert_int_equal(pic__findings_json(&f, &j, NULL), 0);
        assert_non_null(strstr(pic__buf_str(&b), "\"7 more findings are not listed\""));
}

static void test_error(void **state)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;
        pic_error *err = NULL;

        (void)state;
        (void)pic__fail(&err, PIC_IO, "no disk");
        pic__hint(&err, "buy one");
        pic__found_error(&f, PIC_LOG_ERROR, "disk", err);
        pic_error_free(err);
        assert_string_equal(f.list.at[0].what, "no disk");
        assert_string_equal(f.list.at[0].fix, "buy one");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_list),
                cmocka_unit_test(test_bounded),
                cmocka_unit_test(test_error),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
