/* backend/exit/tor.c: what it refuses, its text (and tor's own opinion of it), what its log means. */
#include "alone.h"

#include <unistd.h>

#include "backend/exit/tor.h"
#include "sys/child.h"

#define TOR "type=tor families=46 "
#define OBFS4                                                                         \
        "obfs4%20192.0.2.20:443%20AAAABBBBCCCCDDDDEEEEFFFF0000111122223333%20cert%3d" \
        "ssH+9rP8dG2NLDN2XuFw63hIO/9MNNinLmxQDpVa+7kTOa9/m+tGWT1SmSYpQ9uTBGa6Hw%20iat-mode%3d0"

static int has(const char *program)
{
        char *path = pic__cmd_find(program);
        int there = path != NULL;

        pic__free(path);
        return there;
}

static void checks(void **state)
{
        const pic__carrier *t = &pic__carrier_tor;

        (void)state;
        taken(t, TOR "bridges= country=", "");
        taken(t, TOR "bridges=192.0.2.20:443%20AAAABBBBCCCCDDDDEEEEFFFF0000111122223333;%20[2001:db8::20]:443;", "");
        if (access("/usr/share/tor/geoip", R_OK) == 0)
                taken(t, TOR "country=de", "");
        if (has("obfs4proxy"))
                taken(t, TOR "bridges=Bridge%20obfs4%20192.0.2.20:443%20cert%3dx", "");
        refused(t, TOR "country=d1", "", "two letters");
        refused(t, TOR "country=deu", "", "two letters");
        refused(t, TOR "bridges=snowflake%20192.0.2.3:1", "", "obfs4");
        refused(t, TOR "bridges=192.0.2.20:443;bridge.example.net:443", "", "bridge 2 has no ADDRESS:PORT");
        refused(t, TOR "bridges=obfs4", "", "bridge 1");
        refused(t, TOR "bridges=obfs4%20x", "", "bridge 1 has no ADDRESS:PORT");
}

static void text_of(const char *words, pic__buf *out)
{
        pic__exit_conf c;

        parse_words(&c, words, "");
        pic__tor_put(out, &c);
        pic__exit_conf_free(&c);
}

/* `tor --verify-config`, with a directory that can be made. */
static void valid(const char *text)
{
        const char *argv[] = { "tor", "--defaults-torrc", "/dev/null",           "-f",
                               "-",   "--DataDirectory",  "/tmp/pic-tor-verify", "--verify-config",
                               NULL };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__cmd_opts opts = { .input = text, .input_len = strlen(text) };

        if (has("tor") && pic__cmd_run(argv, &opts, &out, NULL, NULL) < 0)
                fail_msg("%s", pic__buf_str(&out));
}

static void texts(void **state)
{
        pic__auto_buf pic__buf plain = PIC__BUF_INIT, country = PIC__BUF_INIT, bridges = PIC__BUF_INIT;

        (void)state;
        text_of(TOR "bridges= country=", &plain);
        golden("tor-plain.torrc", pic__buf_str(&plain));
        valid(pic__buf_str(&plain));
        text_of(TOR "country=DE bridges=192.0.2.20:443%20AAAABBBBCCCCDDDDEEEEFFFF0000111122223333", &country);
        golden("tor-country.torrc", pic__buf_str(&country));
        valid(pic__buf_str(&country));
        text_of(TOR "bridges=" OBFS4 ";%20;Bridge%20192.0.2.21:443", &bridges);
        golden("tor-bridges.torrc", pic__buf_str(&bridges));
        valid(pic__buf_str(&bridges));
}

static void program(void **state)
{
        pic__process_spec spec[PIC__PROCESSES_MAX];
        pic__arena arena = PIC__ARENA_INIT;
        char dir[] = "/tmp/pic-tor-XXXXXX", own[64];
        pic__carrier_env env = { .slot = 1, .dir = dir, .user = geteuid(), .arena = &arena };
        pic__exit_conf c;

        (void)state;
        assert_non_null(mkdtemp(dir));
        alone_count = 0;
        parse_words(&c, TOR, "");
        assert_int_equal(pic__carrier_tor.files(&c, &env, NULL), 0);
        assert_non_null(written("torrc"));
        assert_int_equal(pic__carrier_tor.processes(&c, &env, spec, PIC__PROCESSES_MAX, NULL), 1);
        assert_string_equal(spec[0].argv[0], "tor");
        assert_false(spec[0].net_admin || spec[0].bind_low);
        pic__exit_conf_free(&c);
        pic__arena_free(&arena);
        snprintf(own, sizeof(own), "%s/own", dir);
        rmdir(own);
        rmdir(dir);
}

/* As tor 0.4.9.11 wrote them. */
static const struct said said[] = {
        { "Nov 26 05:07:33.000 [notice] Bootstrapped 10% (conn_done): Connected to a relay\n",
          "it is still getting to know the Tor network: wait (\"Bootstrapped 10%" },
        { "Nov 26 05:07:33.000 [notice] Bootstrapped 5% (conn): Connecting to a relay\n",
          "it is still looking for the Tor network" },
        { "Nov 26 05:07:52.000 [warn] No available nodes when trying to choose node. Failing.\n",
          "no relay fits what is asked for" },
        { "Nov 26 05:07:53.000 [notice] Bootstrapped 100% (done): Done\n", "" },
        { "Nov 26 05:51:02.000 [warn] Problem bootstrapping. Stuck at 5% (conn): Connecting to a relay. (Connection "
          "refused; "
          "CONNECTREFUSED; count 11; recommendation warn; host 0000000000000000000000000000000000000000 at "
          "203.0.113.2:443)\n"
          "Nov 26 05:51:02.000 [warn] 10 connections have failed:\n"
          "Nov 26 05:51:02.000 [warn]  10 connections died in state connect()ing with SSL state (No SSL object)\n",
          "nobody of the Tor network answers" },
        { "Nov 26 05:51:02.000 [warn] Problem bootstrapping. Stuck at 5% (conn): Connecting to a relay. (No route to "
          "host; "
          "NOROUTE; count 4; recommendation warn; host BBBBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA at "
          "203.0.113.77:5000)\n",
          "nobody of the Tor network answers" },
        { "Nov 26 05:51:12.000 [notice] Bootstrapped 2% (conn_done_pt): Connected to pluggable transport\n"
          "Nov 26 05:51:12.000 [warn] Proxy Client: unable to connect OR connection (handshaking (proxy)) with "
          "203.0.113.2:443 ID=<none> RSA_ID=AAAABBBBCCCCDDDDEEEEFFFF0000111122223333 (\"general SOCKS server "
          "failure\")\n",
          "the bridge does not answer" },
        { "Nov 26 05:51:12.000 [warn] Managed proxy \"/usr/bin/obfs4proxy\" having PID 28767 terminated with status "
          "code 1\n",
          "the bridges' program does not run" },
        { "Nov 26 05:51:12.000 [warn] Too few items to Bridge line.\n"
          "Nov 26 05:51:12.000 [warn] Failed to parse/validate config: Bridge line did not parse. See logs for "
          "details.\n"
          "Nov 26 05:51:12.000 [err] Reading config failed--see warnings above.\n",
          "tor does not understand its configuration" },
};

static void faults(void **state)
{
        (void)state;
        means(pic__tor_fault_in, said, PIC__COUNT(said));
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(checks), cmocka_unit_test(texts),
                                            cmocka_unit_test(program), cmocka_unit_test(faults) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
