/* A call over any link: how the request is put together and the answer opened. */
#include "fixture.h"

#include "engine/link_i.h"
#include "engine/wire.h"

static char seen[256];
static const char *reply;
static int refuse;

static int ask(pic__link *l, const pic__buf *request, unsigned timeout_ms, pic__buf *answer, pic_error **err)
{
        (void)l;
        assert_true(timeout_ms > 0);
        snprintf(seen, sizeof(seen), "%s", request->data);
        if (refuse)
                return pic__fail(err, PIC_NOAGENT, "nobody");
        pic__buf_puts(answer, reply);
        return 0;
}

static int ask_along(pic__link *l, const pic__buf *request, int file, unsigned timeout_ms, pic__buf *answer,
                     pic_error **err)
{
        assert_int_equal(file, 42);
        return ask(l, request, timeout_ms, answer, err);
}

static int freed;
static void drop(pic__link *l)
{
        (void)l;
        freed++;
}

static void test_call(void **state)
{
        static const pic__link_ops ops = { ask, drop, ask_along };
        pic__link link = { &ops };
        pic__buf result = PIC__BUF_INIT, huge = PIC__BUF_INIT;
        pic_error *err = NULL;

        (void)state;
        reply = PIC__WIRE_OK "{\"x\":1}}";
        assert_int_equal(pic__link_call(&link, "ping", NULL, 0, &result, NULL), 0);
        assert_string_equal(seen, "{\"verb\":\"ping\"}");
        assert_string_equal(pic__buf_str(&result), "{\"x\":1}");
        assert_int_equal(pic__link_call(&link, "ping", " { } ", 5, &result, NULL), 0);
        assert_string_equal(seen, "{\"verb\":\"ping\"}");
        assert_int_equal(pic__link_call(&link, "status", "{\"peers\":false}", 5, &result, NULL), 0);
        assert_string_equal(seen, "{\"verb\":\"status\",\"peers\":false}");
        assert_int_equal(pic__link_call(&link, "status", "[1]", 5, &result, NULL), PIC_INVALID);
        pic__buf_puts(&huge, "{\"a\":\"");
        memset(pic__buf_room(&huge, PIC__WIRE_REQUEST_MAX), 'x', PIC__WIRE_REQUEST_MAX);
        pic__buf_added(&huge, PIC__WIRE_REQUEST_MAX);
        pic__buf_puts(&huge, "\"}");
        assert_int_equal(pic__link_call(&link, "status", huge.data, 5, &result, NULL), PIC_INVALID);
        assert_int_equal(pic__link_call_along(&link, "backup-try", "{\"a\":1}", 42, 5, &result, NULL), 0);
        assert_string_equal(seen, "{\"verb\":\"backup-try\",\"a\":1}");
        reply = "{\"ok\":false,\"error\":{\"code\":\"BUSY\",\"message\":\"m\",\"hint\":\"h\",\"details\":{}}}";
        assert_int_equal(pic__link_call(&link, "apply", NULL, 5, &result, &err), PIC_BUSY);
        assert_string_equal(pic_error_hint(err), "h");
        pic_error_free(err);
        refuse = 1;
        assert_int_equal(pic__link_call(&link, "apply", NULL, 5, &result, NULL), PIC_NOAGENT);
        pic__mem_fail_at(1);
        assert_int_equal(pic__link_call(&link, "apply", NULL, 5, &result, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
        assert_null(pic__link_unref(NULL));
        assert_null(pic__link_unref(&link));
        assert_int_equal(freed, 1);
        pic__buf_free(&huge);
        pic__buf_free(&result);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_call) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
