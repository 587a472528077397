/* Ways out by real proxies: microsocks, dante (SOCKS5), tinyproxy (HTTP CONNECT). */
#include "farends.h"

#define SIX                                                                            \
        "name=p type=proxy " LINKS1 " families=4 remote=[" FAR6 "]:%s endpoint=[" FAR6 \
        "]:1080 protocol=socks5 dns=" WEB4

#define PROXY                                                                                           \
        "name=p type=proxy " LINKS1 " families=4 zones=home.internal remote=" FAR4 ":%d endpoint=" FAR4 \
        ":%d user=%s protocol=%s dns=" WEB4

static const char *value(int port, const char *user, const char *protocol)
{
        static char text[2][1024];
        static int which;

        which = !which;
        snprintf(text[which], sizeof(text[0]), PROXY, port, port, user, protocol);
        return text[which];
}

static void write_far(const char *name, const char *text)
{
        char path[128];

        snprintf(path, sizeof(path), "%s/%s", far_dir, name);
        assert_int_equal(pic__file_write(path, text, strlen(text), 0644, NULL), 0);
}

static const char *far_file(const char *name)
{
        static char path[128];

        snprintf(path, sizeof(path), "%s/%s", far_dir, name);
        return path;
}

/* Nobody reads in the log which device wanted to go where; that something was written at all is seen too. */
static void tells_nobody(void)
{
        assert_int_equal(shell("grep -q '…->…' %s/exit1-redsocks.log", far_log), 0);
        assert_int_not_equal(shell("grep -q '[0-9]\\.[0-9]*\\.[0-9]*\\.[0-9]' %s/exit1-redsocks.log", far_log), 0);
}

/* Without a user, then with one whose password has what a configuration could trip over, then with another one. */
static void socks(void **state)
{
        static const char *const open[] = { "microsocks", "-i", FAR4, "-p", "1080", NULL };
        static const char *const closed[] = { "microsocks",        "-i", FAR4, "-p", "1081", "-u", "an na", "-P",
                                              "p\"a\\ss//*{}=;#é", NULL };
        const char *first = value(1080, "", "socks5"), *second;
        pic__backend *b = backend();

        (void)state;
        far_run(open);
        far_run(closed);
        step(b, NULL, first, "");
        routes();
        fetch_until(WEB4, 80, "you are " WEB4, 3000);
        powerless(b);
        assert_string_equal(ask_exit("who.example.net"), "192.0.2.99");
        assert_string_equal(fetch(WEB4, 99, 1000), ""); /* taken, then cut: nobody is there */
        assert_string_equal(fetch(WEB6, 80, 1000), "refused: Connection refused"); /* at once */
        second = value(1081, "", "socks5");
        step(b, first, second, "");
        fault_until(b, "the proxy wants a user and a password", 3000);
        tells_nobody();
        first = value(1081, "an%20na", "socks5");
        step(b, second, first, "password=p\"a\\ss//*{}%3d;#%c3%a9");
        fetch_until(WEB4, 80, "you are " WEB4, 3000);
        step(b, first, second = value(1081, "anna", "socks5"), "password=x");
        fault_until(b, "the proxy does not take user and password", 3000);
        step(b, second, first = value(1082, "", "socks5"), "");
        fault_until(b, "nobody listens at the proxy's address and port", 3000);
        tells_nobody();
        step(b, first, NULL, NULL);
        b->ops->free(b);
}

static void http(void **state)
{
        const char *argv[] = { "tinyproxy", "-d", "-c", far_file("tiny.conf"), NULL },
                   *first = value(8888, "anna", "http"), *second;
        pic__backend *b = backend();

        (void)state;
        write_far("tiny.conf", "Port 8888\nListen " FAR4 "\nAllow 0.0.0.0/0\nBasicAuth anna sesame\nConnectPort 80\n");
        far_run(argv);
        step(b, NULL, first, "password=sesame");
        routes();
        fetch_until(WEB4, 80, "you are " WEB4, 3000);
        assert_string_equal(fetch(WEB4, 81, 1000), "");
        fault_until(b, "the proxy forbids where devices want to go", 2000);
        tells_nobody();
        second = value(8888, "anna", "http");
        step(b, first, second, "password=wrong");
        fault_until(b, "the proxy does not take user and password", 3000);
        tells_nobody();
        step(b, second, first = value(8888, "", "http"), "");
        fault_until(b, "the proxy wants a user and a password", 3000);
        step(b, first, second = value(8888, "", "socks5"), "");
        assert_string_equal(fetch(WEB4, 80, 500), "");
        step(b, second, NULL, NULL);
        b->ops->free(b);
}

/* The first connections come together: one learns that a password is wanted, the other is logged as not let in. */
static void http_at_once(void **state)
{
        const char *argv[] = { "tinyproxy", "-d", "-c", far_file("tiny.conf"), NULL }, *v = value(8888, "anna", "http");
        pic__auto_buf pic__buf why = PIC__BUF_INIT;
        pic__backend *b = backend();
        int i, fds[4];
        pid_t pid;

        (void)state;
        write_far("tiny.conf", "Port 8888\nListen " FAR4 "\nAllow 0.0.0.0/0\nBasicAuth anna sesame\nConnectPort 80\n");
        pid = far_run(argv);
        nap(300);
        step(b, NULL, v, "password=sesame");
        routes();
        for (i = 0; i < 4; i++)
                fds[i] = dial(WEB4, 80, 1000);
        nap(500);
        for (i = 0; i < 4; i++)
                if (fds[i] >= 0)
                        close(fds[i]);
        fetch_until(WEB4, 80, "you are " WEB4, 3000);
        assert_int_equal(shell("grep -q 'auth failed' %s/exit1-redsocks.log", far_log), 0);
        signal_one(pid, SIGSTOP);
        (void)fetch(WEB4, 80, 500);
        b->ops->fault(b, "1", &why);
        signal_one(pid, SIGCONT);
        assert_string_equal(pic__buf_str(&why), "");
        step(b, v, NULL, NULL);
        b->ops->free(b);
}

static void dante(void **state)
{
        const char *argv[] = { "danted", "-f", far_file("danted.conf"), NULL }, *v = value(1085, "", "socks5");
        pic__backend *b = backend();

        (void)state;
        write_far("danted.conf",
                  "logoutput: stderr\ninternal: " FAR4 " port = 1085\nexternal: " WEB4 "\nclientmethod: none\n"
                  "socksmethod: none\nuser.unprivileged: nobody\n"
                  "client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n"
                  "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n");
        far_run(argv);
        step(b, NULL, v, "");
        routes();
        fetch_until(WEB4, 80, "you are " WEB4, 5000);
        step(b, v, NULL, NULL);
        b->ops->free(b);
}

/* A proxy that has an IPv6 address only. */
static void by_ipv6(void **state)
{
        static const char *const open[] = { "microsocks", "-i", FAR6, "-p", "1080", NULL };
        static char v[512], w[512];
        pic__backend *b = backend();

        (void)state;
        snprintf(v, sizeof(v), SIX, "1080");
        snprintf(w, sizeof(w), SIX, "1099");
        far_run(open);
        step(b, NULL, v, "");
        routes();
        fetch_until(WEB4, 80, "you are " WEB4, 3000);
        powerless(b);
        assert_string_equal(ask_exit("who.example.net"), "192.0.2.99");
        signal_one(pid_of(b, "socat"), SIGKILL);
        comes_back(b, "you are " WEB4, 5000);
        step(b, v, w, "");
        fault_until(b, "nobody listens at the proxy's address and port", 3000);
        tells_nobody();
        step(b, w, NULL, NULL);
        b->ops->free(b);
}

/* A far end that says nothing: connections hang until the far end or the device gives up, none gets out. */
static void silent(void **state)
{
        static const char *const open[] = { "microsocks", "-i", FAR4, "-p", "1083", NULL };
        const char *v = value(1083, "", "socks5");
        pic__backend *b = backend();
        pid_t pid = far_run(open);

        (void)state;
        step(b, NULL, v, "");
        routes();
        fetch_until(WEB4, 80, "you are " WEB4, 3000);
        signal_one(pid, SIGSTOP);
        assert_string_equal(fetch(WEB4, 80, 500), "");
        signal_one(pid, SIGCONT);
        fetch_until(WEB4, 80, "you are " WEB4, 3000);
        far_end(pid);
        fault_until(b, "nobody listens at the proxy's address and port", 3000);
        step(b, v, NULL, NULL);
        b->ops->free(b);
}

int main(void)
{
        static const char *const programs[] = { "redsocks", "microsocks", "tinyproxy", "danted",
                                                "socat",    "unbound",    "dig",       NULL };
        const struct CMUnitTest tests[] = { FAR_TEST(socks), FAR_TEST(http),    FAR_TEST(http_at_once),
                                            FAR_TEST(dante), FAR_TEST(by_ipv6), FAR_TEST(silent) };
        int r = far_open(programs);

        if (r != 0)
                return r;
        r = cmocka_run_group_tests(tests, NULL, NULL);
        far_close();
        return r;
}
