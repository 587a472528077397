/* backend/exit/proxy.c: what it refuses, what it writes and starts. */
#include "alone.h"

#define SOCKS "type=proxy families=4 endpoint=proxy.example.net:1080 protocol=socks5 "

static void checks(void **state)
{
        const pic__carrier *p = &pic__carrier_proxy;

        (void)state;
        taken(p, SOCKS "remote=192.0.2.10:1080 user=anna", "password=secret");
        taken(p, SOCKS "remote= user=", "");
        taken(p, "type=proxy endpoint=192.0.2.10:3128 protocol=http", "");
        refused(p, "type=proxy endpoint= protocol=http", "", "HOST:PORT");
        taken(p, "type=proxy endpoint=[2001:db8::1]:1080 remote=[2001:db8::1]:1080 protocol=socks5", "");
        refused(p, SOCKS "user=", "password=secret", "without a user");
        refused(p, SOCKS "user=anna", "password=a%0ab", "control");
}

static pic__arena arena = PIC__ARENA_INIT; /* of the last one's texts */

static int count_of(const char *words, pic__process_spec *spec)
{
        pic__carrier_env env = { .slot = 1, .dir = "/nowhere", .arena = &arena };
        pic__exit_conf c;
        int n;

        parse_words(&c, words, "password=se\"cret");
        alone_count = 0;
        assert_int_equal(pic__carrier_proxy.files(&c, &env, NULL), 0);
        n = pic__carrier_proxy.processes(&c, &env, spec, PIC__PROCESSES_MAX, NULL);
        pic__exit_conf_free(&c);
        return n;
}

/* Who leaves connections waiting is the one that is stuck. */
static void silent(void **state)
{
        pic__carrier_env env = { .slot = 1, .dir = "/nowhere", .arena = &arena };

        (void)state;
        assert_null(pic__carrier_proxy.silent(NULL, &env));
        alone_waiting = PIC__EXIT_TCP_PORT;
        assert_string_equal(pic__carrier_proxy.silent(NULL, &env), "redsocks");
        alone_waiting = PIC__EXIT_SOCKS_PORT;
        assert_string_equal(pic__carrier_proxy.silent(NULL, &env), "socat");
        alone_waiting = 0;
}

static void program(void **state)
{
        pic__process_spec spec[PIC__PROCESSES_MAX];

        (void)state;
        assert_int_equal(count_of(SOCKS "remote=[2001:db8::1]:1080,192.0.2.10:1080 user=anna", spec), 1);
        assert_string_equal(spec[0].name, "redsocks");
        assert_string_equal(spec[0].program, "redsocks");
        assert_non_null(strstr(spec[0].argv[2], "exec redsocks -c " PIC__EXIT_HOME "/redsocks.conf > "));
        assert_null(spec[0].argv[3]);
        assert_false(spec[0].net_admin || spec[0].bind_low);
        assert_string_equal(spec[0].reads[0], "redsocks.conf");
        assert_non_null(strstr(written("redsocks.conf"), "ip = 192.0.2.10;\n        port = 1080;\n"));
        assert_non_null(strstr(written("redsocks.conf"), "password = \"se\\\"cret\";\n"));
        alone_port = 0;
        assert_int_equal(spec[0].ready(NULL, NULL, NULL), 0);
        alone_port = PIC__EXIT_TCP_PORT;
        assert_int_equal(spec[0].ready(NULL, NULL, NULL), 1);
}

/* Nobody knows where it is: nothing runs. */
static void nowhere(void **state)
{
        pic__process_spec spec[PIC__PROCESSES_MAX];

        (void)state;
        assert_int_equal(count_of(SOCKS "remote=", spec), 0);
        assert_int_equal(alone_count, 0);
}

/* Only where redsocks cannot go: somebody stands in its place. */
static void relayed(void **state)
{
        pic__auto_buf pic__buf why = PIC__BUF_INIT;
        pic__process_spec spec[PIC__PROCESSES_MAX];
        pic__exit_conf c;

        (void)state;
        assert_int_equal(count_of(SOCKS "remote=[2001:db8::1]:1081,[2001:db8::2]:1081 user=anna", spec), 2);
        assert_string_equal(spec[0].name, "socat");
        assert_string_equal(spec[1].name, "redsocks");
        assert_non_null(strstr(written("redsocks.conf"), "ip = 127.0.0.1;\n        port = 1080;\n"));
        assert_non_null(strstr(written("redsocks.conf"), "login = \"anna\""));
        alone_port = PIC__EXIT_SOCKS_PORT;
        assert_int_equal(spec[0].ready(NULL, NULL, NULL), 1);
        alone_log = "2026/11/26 05:04:35 socat[26332] E connect(5, AF=10 [2001:db8::1]:1081, 28): Connection refused\n";
        parse_words(&c, SOCKS "remote=[2001:db8::1]:1081", "");
        pic__carrier_proxy.fault(&c, NULL, &why);
        assert_int_equal(strncmp(pic__buf_str(&why), "nobody listens at the proxy", 27), 0);
        alone_log = "";
        pic__exit_conf_free(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(checks), cmocka_unit_test(program),
                                            cmocka_unit_test(silent), cmocka_unit_test(nowhere),
                                            cmocka_unit_test(relayed) };

        int r = cmocka_run_group_tests(tests, NULL, NULL);

        pic__arena_free(&arena);
        return r;
}
