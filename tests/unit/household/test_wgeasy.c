/* Shows: wg0.json of wg-easy becomes a server and devices, with the lines of what is told; what is no such file is
 * refused with its place. */
#include "help.h"

#include "household/wgeasy.h"

static char text[4096];

static void good(void **state)
{
        (void)state;
        snprintf(text, sizeof(text),
                 "{\n\"server\": {\"privateKey\": \"%s\", \"publicKey\": \"%s\", \"address\": \"10.8.0.1\"},\n"
                 "\"clients\": {\n"
                 "\"u1\": {\"name\": \"Anna\", \"address\": \"10.8.0.2\", \"privateKey\": \"%s\",\n"
                 " \"publicKey\": \"%s\", \"preSharedKey\": \"%s\", \"enabled\": true, \"createdAt\": \"x\"},\n"
                 "\"u2\": {\"name\": \"Ben\", \"address\": \"10.8.0.3\", \"publicKey\": \"%s\", \"enabled\": false,\n"
                 " \"expiredAt\": \"2020-01-01T00:00:00.000Z\", \"oneTimeLink\": \"abc\",\n"
                 " \"odd\": 1, \"privateKey\": null},\n"
                 "\"u3\": 5},\n\"more\": {}}",
                 key(100), pub(100), key(1), pub(1), key(50), pub(2));
        assert_int_equal(pic__wgeasy_json(&h, text, strlen(text), "wg0.json", NULL), 0);
        is(h.private_key, key(100));
        assert_int_equal(h.net[0].len, 24);
        is(dev(0)->was, "Anna");
        is(dev(0)->private_key, key(1));
        is(dev(0)->preshared, key(50));
        assert_int_equal(dev(0)->disabled, 0);
        is(dev(1)->was, "Ben");
        is(dev(1)->private_key, NULL);
        assert_int_equal(dev(1)->disabled, 1);
        is(dev(1)->expires, "2020-01-01T00:00:00Z");
        assert_told(NOTE, "wg0.json:7: Ben: its time was over");
        assert_told(UNSAFE, "wg0.json:7: Ben: a link that gave its configuration");
        assert_told(LOST, "wg0.json:8: Ben: 'odd' is not known");
        assert_told(LOST, "wg0.json:9: : a client that is none");
        assert_told(LOST, "wg0.json:10: : 'more' is not known");
        assert_told(LOST, "wg0.json:2: : where devices find the server");
        assert_int_equal(dev(2)->dropped, 1);
        untold("abc");
        untold(key(1));
}

static void conf(void **state)
{
        static const char more[] =
                "[Interface]\nPrivateKey = x\nListenPort = 51829\nPreUp = \nPostUp = reboot\n[Peer]\n"
                "ListenPort = 5\n";

        (void)state;
        pic__wgeasy_conf(&h, more, sizeof(more) - 1, "wg0.conf");
        assert_int_equal(h.listen_port, 51829);
        assert_told(LOST, "wg0.conf:5: : PostUp is a command and is never run here: reboot");
        assert_int_equal(h.findings.count, 1);
}

static void refused(void **state)
{
        static const char *const bad[] = { "",
                                           "[]",
                                           "{}",
                                           "5",
                                           "null",
                                           "{\"server\": 1, \"clients\": {}}",
                                           "{\"server\": {}, \"clients\": []}",
                                           "{\"server\":" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic_error *err = NULL;

                assert_int_equal(pic__wgeasy_json(&h, bad[i], strlen(bad[i]), "w", &err), PIC_SYNTAX);
                assert_non_null(strstr(pic_error_message(err), "w"));
                pic_error_free(err);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(good), TEST(conf), TEST(refused) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
