/* Steps as words and as JSON. */
#include "plan/diff.h"
#include "sample.h"

static const uint8_t secret[32] = "not to be seen by anybody here";
static const uint8_t other[32] = "another one";

static const char *text_of(const pic__step *step, pic__buf *out)
{
        pic__buf_clear(out);
        pic__step_text(step, out);
        assert_null(strstr(pic__buf_str(out), "seen"));
        return pic__buf_str(out);
}

static const char *json_of(const pic__step *step, pic__buf *out)
{
        pic__json j = PIC__JSON(out);

        pic__buf_clear(out);
        pic__step_json(step, &j);
        assert_null(strstr(pic__buf_str(out), "seen"));
        return pic__buf_str(out);
}

static void wg_peers_by_name(void **state)
{
        const pic__item anna = { PIC__I_WG_PEER, "KEY=", "allowed=10.1.0.2/32,192.168.9.0/24,fd12::2/128 keepalive=0",
                                 secret,         32,     "peer anna" };
        const pic__item seen = { PIC__I_WG_PEER, "KEY=", "allowed=10.1.0.3/32 keepalive=0", NULL, 0, NULL };
        const pic__item rekeyed = { PIC__I_WG_PEER, "KEY=", anna.value, other, 32, "peer anna" };
        const pic__step add = { PIC__ADD, PIC__I_WG_PEER, NULL, &anna },
                        gone = { PIC__REMOVE, PIC__I_WG_PEER, &seen, NULL };
        const pic__step change = { PIC__CHANGE, PIC__I_WG_PEER, &seen, &anna },
                        again = { PIC__CHANGE, PIC__I_WG_PEER, &anna, &rekeyed };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        (void)state;
        assert_string_equal(text_of(&add, &out), "add wg peer anna (10.1.0.2, 192.168.9.0/24, fd12::2)");
        assert_string_equal(text_of(&gone, &out), "remove wg peer KEY= (10.1.0.3)");
        assert_string_equal(text_of(&change, &out), "change wg peer anna: allowed=10.1.0.3/32 keepalive=0 -> "
                                                    "allowed=10.1.0.2/32,192.168.9.0/24,fd12::2/128 keepalive=0");
        assert_string_equal(text_of(&again, &out), "change wg peer anna: new secret");
}

static void others_by_key(void **state)
{
        const pic__item old = { PIC__I_ROUTE_LINK, "pic0", "up mtu=1420", NULL, 0, NULL },
                        new = { PIC__I_ROUTE_LINK, "pic0", "up mtu=1380", NULL, 0, "cell" };
        const pic__item addr = { PIC__I_ROUTE_ADDR, "pic0 10.1.0.1/16", "", NULL, 0, "cell" };
        const pic__item bad = { PIC__I_DNS_RECORD, "a\033[1m. A", "10.1.0.2", NULL, 0, NULL };
        const pic__step change = { PIC__CHANGE, PIC__I_ROUTE_LINK, &old, &new },
                        add = { PIC__ADD, PIC__I_ROUTE_ADDR, NULL, &addr };
        const pic__step gone = { PIC__REMOVE, PIC__I_DNS_RECORD, &bad, NULL };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        (void)state;
        assert_string_equal(text_of(&change, &out), "change route link pic0: up mtu=1420 -> up mtu=1380 (cell)");
        assert_string_equal(text_of(&add, &out), "add route addr pic0 10.1.0.1/16 (cell)");
        assert_string_equal(text_of(&gone, &out), "remove dns record a\\x1b[1m. A 10.1.0.2");
}

static void json_says_all_but_secrets(void **state)
{
        const pic__item old = { PIC__I_WG_DEVICE, "pic0", "port=1 key=K", secret, 32, NULL },
                        new = { PIC__I_WG_DEVICE, "pic0", "port=2 key=K", secret, 32, "cell" };
        const pic__item blind = { PIC__I_WG_DEVICE, "pic0", "port=2 key=K", NULL, 0, NULL },
                        peer = { PIC__I_WG_PEER, "KEY=", "allowed= keepalive=0", other, 32, "peer anna" };
        const pic__item peer2 = { PIC__I_WG_PEER, "KEY=", "allowed= keepalive=0", NULL, 0, "peer anna" };
        const pic__step change = { PIC__CHANGE, PIC__I_WG_DEVICE, &old, &new },
                        lost = { PIC__REMOVE, PIC__I_WG_DEVICE, &blind, NULL };
        const pic__step rekey = { PIC__CHANGE, PIC__I_WG_PEER, &peer2, &peer },
                        add = { PIC__ADD, PIC__I_WG_DEVICE, NULL, &new };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        (void)state;
        assert_string_equal(json_of(&change, &out),
                            "{\"verb\":\"change\",\"backend\":\"wg\",\"kind\":\"wg.device\",\"key\":\"pic0\","
                            "\"before\":\"port=1 key=K\","
                            "\"after\":\"port=2 key=K\",\"risk\":\"session\",\"reversible\":true,\"object\":\"cell\"}");
        assert_string_equal(json_of(&lost, &out),
                            "{\"verb\":\"remove\",\"backend\":\"wg\",\"kind\":\"wg.device\",\"key\":\"pic0\","
                            "\"before\":\"port=2 key=K\","
                            "\"after\":null,\"risk\":\"session\",\"reversible\":false,\"object\":null}");
        assert_string_equal(
                json_of(&rekey, &out),
                "{\"verb\":\"change\",\"backend\":\"wg\",\"kind\":\"wg.peer\",\"key\":\"KEY=\",\"before\":\"allowed= "
                "keepalive=0\","
                "\"after\":\"allowed= keepalive=0\",\"risk\":\"traffic\",\"reversible\":true,\"object\":\"peer "
                "anna\",\"secret_changed\":true}");
        assert_string_equal(
                json_of(&add, &out),
                "{\"verb\":\"add\",\"backend\":\"wg\",\"kind\":\"wg.device\",\"key\":\"pic0\",\"before\":null,"
                "\"after\":\"port=2 key=K\",\"risk\":\"none\",\"reversible\":true,\"object\":\"cell\"}");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(wg_peers_by_name),
                cmocka_unit_test(others_by_key),
                cmocka_unit_test(json_says_all_but_secrets),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
