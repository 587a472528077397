/* Shows: the table is told whole, as text and as JSON, the same for both. */
#include "../../api/world.h"

static void table(void **state)
{
        pic_report *text = NULL, *json = NULL;
        pic_error *err = NULL;
        const char *at;
        size_t rows = 0, cells = 0;

        (void)state;
        ok(pic_connection_policy(0, &text, &err));
        ok(pic_connection_policy(PIC_POLICY_JSON, &json, &err));
        for (at = pic_report_text(json); (at = strstr(at, "\"verdict\"")) != NULL; at++)
                cells++;
        for (at = pic_report_text(text); (at = strchr(at, '\n')) != NULL; at++)
                rows++;
        /* six tables, each with a title, the states, a row for each of 18 kinds of packets; between them an empty line
         */
        assert_int_equal(rows, 6 * 20 + 5 + 14); /* and what the words mean */
        assert_int_equal(cells, 6 * 18 * 7);
        assert_non_null(strstr(pic_report_text(text), "\ndevice udp4        reject"));
        assert_non_null(strstr(pic_report_text(json), "{\"carries\":\"block\",\"state\":\"opened\",\"packet\":\"device "
                                                      "tcp4\",\"verdict\":\"reject\"}"));
        pic_report_unref(text);
        pic_report_unref(json);
        refused(pic_connection_policy(2, &text, &err), PIC_INVALID, "flags");
        refused(pic_connection_policy(0, NULL, &err), PIC_INVALID, "ret_report");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(table) };

        return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
