/* Shows: which host names and endpoints are taken. */
#include "help.h"

#include "model/net.h"

static void hostnames(void **state)
{
        static const char *const good[] = { "a",          "internal",    "a-b.c",
                                            "1a.example", "EXAMPLE.com", "xn--bcher-kva.example",
                                            "10.0.0.a" };
        static const char *const bad[] = { "",     ".",   "a.",  ".a",       "a..b", "-a",  "a-",      "a-.b",
                                           "a.-b", "a_b", "a b", "10.0.0.1", "1",    "a.1", "\xc3\xa4" };
        char longest[256], label[80];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(good); i++)
                assert_int_equal(pic__hostname_ok(good[i]), 1);
        for (i = 0; i < PIC__COUNT(bad); i++)
                assert_int_equal(pic__hostname_ok(bad[i]), 0);
        memset(label, 'a', sizeof(label));
        label[63] = '\0';
        assert_int_equal(pic__hostname_ok(label), 1);
        label[63] = 'a';
        label[64] = '\0';
        assert_int_equal(pic__hostname_ok(label), 0);
        for (i = 0; i < 255; i++)
                longest[i] = i % 50 == 49 ? '.' : 'a';
        longest[253] = '\0';
        assert_int_equal(pic__hostname_ok(longest), 1);
        longest[253] = 'a';
        longest[254] = '\0';
        assert_int_equal(pic__hostname_ok(longest), 0);
}

static void endpoints(void **state)
{
        static const struct {
                const char *text, *host;
                int port;
        } good[] = { { "1.2.3.4:51820", "1.2.3.4", 51820 },
                     { "[fd00::1]:1", "fd00::1", 1 },
                     { "home.example:65535", "home.example", 65535 } };
        static const char *const bad[] = { "",      ":",           ":1",     "a",         "a:",
                                           "a:0",   "a:65536",     "a:01",   "a:1x",      "a:-1",
                                           "[::1]", "[::1]:",      "[::1]1", "::1:51820", "[1.2.3.4]:1",
                                           "[a]:1", "300.1.2.3:1", "a b:1",  "[::1:1",    "[fe80::1%eth0]:1" };
        char host[256], big[400];
        uint16_t port;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(good); i++) {
                assert_int_equal(pic__endpoint_parse(good[i].text, host, &port), 0);
                assert_string_equal(host, good[i].host);
                assert_int_equal(port, good[i].port);
        }
        for (i = 0; i < PIC__COUNT(bad); i++)
                if (pic__endpoint_parse(bad[i], host, &port) == 0)
                        fail_msg("%s was taken", bad[i]);
        memset(big, 'a', sizeof(big));
        memcpy(big + 390, ":1", 3);
        assert_int_equal(pic__endpoint_parse(big, host, &port), -1);
}

RUN(T(hostnames), T(endpoints))
