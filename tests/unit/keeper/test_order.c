/* keeper/order.c: what the keeper is told is taken or refused as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keeper/order.h"

static void refused(const char *text, int code)
{
        pic__order o;

        assert_int_equal(pic__order_read(text, strlen(text), &o, NULL), code);
}

static void orders(void **state)
{
        static const char text[] =
                "{\"op\":\"run\",\"dir\":\"/c\",\"public_key\":\"k\",\"url\":\"s3://bucket/f\",\"user\":\"u\","
                "\"passphrase\":\"p\",\"keep\":{\"last\":3,\"weekly\":-1},\"known\":[{\"name\":\"a\",\"sha256\":\"ff\","
                "\"state\":1},7]}";
        const char *sha256;
        pic__order o;

        (void)state;
        assert_int_equal(pic__order_read(text, strlen(text), &o, NULL), 0);
        assert_int_equal(o.op, PIC__ORDER_RUN);
        assert_string_equal(o.keys.passphrase, "p");
        assert_string_equal(o.spec.user, "u");
        assert_true(o.keep.last == 3 && o.keep.weekly == 0);
        assert_int_equal(pic__order_known(&o, "a", &sha256), 1);
        assert_string_equal(sha256, "ff");
        assert_int_equal(pic__order_known(&o, "b", &sha256), 0);
        assert_null(sha256);
        pic__order_clear(&o);
        refused("[]", PIC_INVALID);
        refused("{", PIC_SYNTAX);
        refused("{\"op\":\"burn\",\"url\":\"/a\"}", PIC_INVALID);
        refused("{\"op\":\"list\",\"url\":\"gopher://a\"}", PIC_VALUE);
        refused("{\"op\":\"run\",\"url\":\"/a\"}", PIC_INVALID);
        refused("{\"op\":\"run\",\"url\":\"/a\",\"plain\":true,\"passphrase\":\"p\"}", PIC_INVALID);
        refused("{\"op\":\"run\",\"url\":\"/a\",\"recipients\":[\"age1x\"]}", PIC_SYNTAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(orders) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
