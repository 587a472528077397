/* Arguments of a stranger: each wrong one is refused. */
#include "counting.h"

#include "engine/link.h"

static int ask(pic__engine *e, const char *request, pic__buf *answer)
{
        return pic__verbs_handle(e, request, strlen(request), "uid 1", answer);
}

static void test_traffic(void **state)
{
        static const char *const wrong[] = { "\"peer\":1",
                                             "\"hours\":\"x\"",
                                             "\"from\":-1",
                                             "\"to\":99999999999999",
                                             "\"from\":0,\"to\":1800000000",
                                             "\"peer\":\"nobody\"" };
        pic__buf answer = PIC__BUF_INIT;
        char request[128];
        pic__engine *e;
        size_t i;
        cell c;

        (void)state;
        e = counting_begin(&c);
        assert_int_equal(ask(e, "{\"verb\":\"traffic\",\"hours\":true,\"from\":1800000000,\"to\":1800003600}", &answer),
                         0);
        assert_non_null(strstr(pic__buf_str(&answer), "\"span\":\"hour\""));
        for (i = 0; i < PIC__COUNT(wrong); i++) {
                snprintf(request, sizeof(request), "{\"verb\":\"traffic\",%s}", wrong[i]);
                assert_true(ask(e, request, &answer) < 0);
        }
        pic__buf_free(&answer);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_traffic) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
