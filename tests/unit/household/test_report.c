/* Shows: the report is JSON with what was taken and all that is told, and no private key. */
#include "help.h"

static const pic__spot at = { "f", 3 };

static void report(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&out);
        pic__device *d = pic__household_add(&h, at);
        char text[300];

        (void)state;
        h.product = "wg-quick";
        h.at = at;
        h.private_key = pic__household_dup(&h, key(100), 44);
        pic__household_own(&h, "10.8.0.1/24", at, "Address");
        pic__household_endpoint(&h, "2001:db8::1", NULL, at, "Endpoint");
        is(pic__household_endpoint_text(&h, text), "[2001:db8::1]:51820");
        h.listen_port = 7;
        is(pic__household_endpoint_text(&h, text), "[2001:db8::1]:7");
        pic__household_dns(&h, "9.9.9.9", NULL, at, "DNS");
        pic__household_call(&h, d, "an\"na", 5);
        d->private_key = pic__household_dup(&h, key(1), 44);
        pic__household_allow(&h, d, "10.8.0.2", at, "A");
        (void)pic__household_add(&h, at);
        assert_int_equal(pic__household_settle(&h, NULL), 0);
        pic__household_report(&h, "/etc/wireguard", 1, &j);
        assert_non_null(
                strstr(pic__buf_str(&out), "\"product\":\"wg-quick\",\"path\":\"/etc/wireguard\",\"takes_over\":true"));
        assert_non_null(strstr(pic__buf_str(&out), "\"net4\":\"10.8.0.0/24\",\"net6\":null,\"listen_port\":7"));
        assert_non_null(strstr(pic__buf_str(&out), "\"name\":\"an-na\",\"was\":\"an\\\"na\""));
        assert_non_null(strstr(pic__buf_str(&out), "\"private_key\":true,\"preshared\":false,\"untouched\":true"));
        assert_non_null(strstr(pic__buf_str(&out), "\"devices\":1,\"left_out\":1,\"unsafe\":2,\"lost\":1"));
        assert_non_null(strstr(pic__buf_str(&out), "{\"tale\":\"lost\",\"file\":\"f\",\"line\":3,"));
        assert_null(strstr(pic__buf_str(&out), key(1)));
        assert_null(strstr(pic__buf_str(&out), key(100)));
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(report) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
