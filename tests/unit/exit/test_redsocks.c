/* backend/exit/redsocks.c: its configuration, and redsocks' own opinion of it; what its log means. */
#include "alone.h"

#include "backend/exit/redsocks.h"
#include "sys/child.h"

static const pic__addr far = { 4, { 192, 0, 2, 10 } };

static void render(pic__buf *out, const char *protocol, const char *user, const char *password)
{
        pic__redsocks r = { protocol, &far, 1080, user, password, 1024 };

        pic__redsocks_put(out, &r);
        assert_false(out->failed);
}

static void texts(void **state)
{
        pic__auto_buf pic__buf plain = PIC__BUF_INIT, user = PIC__BUF_INIT, http = PIC__BUF_INIT;

        (void)state;
        render(&plain, "socks5", "", "");
        golden("redsocks-plain.txt", pic__buf_str(&plain));
        render(&user, "socks5", "an na", "p\"a\\ss//*{}=;#é");
        golden("redsocks-socks5.txt", pic__buf_str(&user));
        render(&http, "http", "anna", "");
        golden("redsocks-http.txt", pic__buf_str(&http));
}

/* `redsocks -t` reads it and says nothing. */
static int parses(const char *text)
{
        const char *argv[] = { "redsocks", "-t", "-c", "/dev/stdin", NULL };
        pic__cmd_opts opts = { .input = text, .input_len = strlen(text) };

        return pic__cmd_run(argv, &opts, NULL, NULL, NULL) == 0;
}

static void own_opinion(void **state)
{
        char *tool = pic__cmd_find("redsocks"), any[256];
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int i;

        (void)state;
        if (tool == NULL)
                skip();
        pic__free(tool);
        for (i = 0; i < 255; i++) /* every byte that is no control */
                any[i] = (char)(i + 1 < ' ' || i + 1 == 0x7f ? 'x' : i + 1);
        any[255] = '\0';
        assert_int_equal(pic__redsocks_check("socks5", any, any, NULL), 0);
        render(&text, "socks5", any, any);
        assert_true(parses(pic__buf_str(&text)));
        assert_false(parses("base { redirector = iptables; } redsocks { login = \"a\"b\"; }\n"));
}

static void refusals(void **state)
{
        char longer[300];

        (void)state;
        memset(longer, 'a', sizeof(longer));
        longer[256] = '\0';
        assert_int_equal(pic__redsocks_check("socks5", "", "", NULL), 0);
        assert_int_equal(pic__redsocks_check("http", "a", "", NULL), 0);
        assert_int_equal(pic__redsocks_check("http", "a", "b:c", NULL), 0);
        assert_int_equal(pic__redsocks_check("socks5", "a:b", "c", NULL), 0);
        assert_int_equal(pic__redsocks_check("http", longer, longer, NULL), 0);
        assert_int_equal(pic__redsocks_check("http", "a:b", "c", NULL), PIC_VALUE);
        assert_int_equal(pic__redsocks_check("socks5", "", "c", NULL), PIC_VALUE);
        assert_int_equal(pic__redsocks_check("socks5", "a\nb", "c", NULL), PIC_VALUE);
        assert_int_equal(pic__redsocks_check("socks5", "a", "c\x7f", NULL), PIC_VALUE);
        assert_int_equal(pic__redsocks_check("socks5", longer, "c", NULL), PIC_VALUE);
        assert_int_equal(pic__redsocks_check("socks5", "a", longer, NULL), PIC_VALUE);
}

/* As redsocks 0.5 wrote them, with microsocks and tinyproxy behind it. */
static const struct said said[] = {
        { "1795669231.834626 notice main.c:165 main(...) redsocks started, conn_max=2500\n", "" },
        { "1795669233.504392 notice socks5.c:243 socks5_read_auth_reply(...) [10.1.0.2:56860->198.51.100.10:80]: "
          "Socks5 "
          "auth failure, status 2\n",
          "the proxy does not take user and password: set user and password anew (\"Socks5 auth failure, status 2\")" },
        { "1795669233.822734 notice socks5.c:209 socks5_read_auth_methods(...) [10.1.0.2:56874->198.51.100.10:80]: "
          "socks5_is_known_auth_method: Socks5 server refused all our auth methods.\n",
          "the proxy wants a user and a password" },
        { "1795669234.140231 notice utils.c:223 red_is_socket_connected_ok(...) connect: Connection refused\n"
          "1795669234.140251 notice redsocks.c:958 redsocks_relay_connected(...) [10.1.0.2:56878->198.51.100.10:80]: "
          "red_is_socket_connected_ok: Connection refused\n",
          "nobody listens at the proxy's address and port" },
        { "1795669239.111791 notice http-connect.c:138 httpc_read_cb(...) [169.254.96.5:45452->198.51.100.10:81]: HTTP "
          "Proxy error: HTTP/1.0 403 Access violation\n",
          "the proxy forbids where devices want to go" },
        { "1795669239.434001 notice http-connect.c:138 httpc_read_cb(...) [10.1.0.2:56918->198.51.100.10:80]: HTTP "
          "Proxy "
          "error: HTTP/1.0 401 Unauthorized\n",
          "the proxy does not take user and password" },
        { "1795669239.756740 notice http-connect.c:92 httpc_read_cb(...) [10.1.0.2:56932->198.51.100.10:80]: HTTP "
          "Proxy "
          "auth required, but no login/password configured: HTTP/1.0 407 Proxy Authentication Required\n",
          "the proxy wants a user and a password" },
        { "1795669253.976267 err redsocks.c:1390 redsocks_init_instance(...) bind: Address already in use\n",
          "another program has the redirector's port" },
        { "1795669239.756740 notice http-connect.c:92 httpc_read_cb(...) [10.1.0.2:56932->198.51.100.10:80]: HTTP "
          "Proxy auth required, but no login/password configured: HTTP/1.0 407 Proxy Authentication Required\n"
          "1795669241.834626 notice main.c:165 main(...) redsocks started, conn_max=2500\n",
          "" },
        /* Once, at the first connections: only what came before them. */
        { "1795669239.756740 notice http-connect.c:86 httpc_read_cb(...) [10.1.0.2:56932->198.51.100.10:80]: HTTP "
          "Proxy auth failed: HTTP/1.0 407 Proxy Authentication Required\n",
          "" },
        { "1795669234.140251 notice redsocks.c:958 redsocks_relay_connected(...) [10.1.0.2:56878->198.51.100.10:80]: "
          "red_is_socket_connected_ok: Connection refused\n"
          "1795669239.756740 notice http-connect.c:86 httpc_read_cb(...) [10.1.0.2:56932->198.51.100.10:80]: HTTP "
          "Proxy auth failed: HTTP/1.0 407 Proxy Authentication Required",
          "nobody listens at the proxy's address and port" },
        { "1795669239.756740 notice http-connect.c:86 httpc_read_cb(...) [10.1.0.2:56932->198.51.100.10:80]: HTTP "
          "Proxy auth failed: HTTP/1.0 407 Proxy Authentication Required\n"
          "1795669244.756740 notice http-connect.c:86 httpc_read_cb(...) [10.1.0.2:56942->198.51.100.10:80]: HTTP "
          "Proxy auth failed: HTTP/1.0 407 Proxy Authentication Required\n",
          "the proxy does not take user and password" },
        /* Of a device's own far end, and nothing of the proxy's. */
        { "1795669244.415406 notice socks5.c:288 socks5_read_reply(...) [169.254.96.5:42516->198.51.100.10:99]: Socks5 "
          "server status: connection refused (5)\n",
          "" },
};

static void faults(void **state)
{
        (void)state;
        means(pic__redsocks_fault_in, said, PIC__COUNT(said));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(texts),
                cmocka_unit_test(own_opinion),
                cmocka_unit_test(refusals),
                cmocka_unit_test(faults),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
