/* backend/dns/dns.c: the backend as a whole, and what its server lets through. The contract is held by
 * tests/contract/real_dns.c. */
#include "world.h"

static char upstream_pid[96];

/* A stand-in for the internet's resolver, on loopback. */
static void upstream_start(void)
{
        char command[1100];

        snprintf(upstream_pid, sizeof(upstream_pid), "%s/up.pid", world_dir);
        snprintf(command, sizeof(command),
                 "cat > %s/up.conf <<'E'\nserver:\n username: \"\"\n chroot: \"\"\n pidfile: \"%s\"\n use-syslog: no\n "
                 "interface: 127.0.0.5@5300\n"
                 " local-zone: \"example.\" static\n local-data: \"good.example. A 198.51.100.7\"\n local-data: "
                 "\"rebind4.example. A 10.1.0.2\"\n"
                 " local-data: \"rebind6.example. AAAA fd12:3456:789a::2\"\n local-data: \"router.example. A "
                 "192.168.1.1\"\n"
                 " local-data: \"link.example. A 169.254.169.254\"\n local-zone: \"home.internal.\" static\n "
                 "local-data: \"leak.home.internal. A 203.0.113.9\"\n local-data: \"good.corp.example. A "
                 "192.168.7.7\"\n "
                 "local-data: \"7.7.168.192.in-addr.arpa. PTR good.corp.example.\"\nE\n"
                 "unbound -c %s/up.conf && sleep 0.3",
                 world_dir, upstream_pid, world_dir);
        assert_int_equal(sh(command), 0);
}

static void upstream_stop(void)
{
        char command[128];

        snprintf(command, sizeof(command), "kill $(cat %s)", upstream_pid);
        assert_int_equal(sh(command), 0);
}

#define FORWARD                                    \
        "listen=10.1.0.1,fd12:3456:789a::1 " ZONES \
        " upstream=127.0.0.5@5300 allow=10.1.0.0/16,fd12:3456:789a::/48 dnssec=no"

/* The answer to `name` asked from `source` at `server`, and how many ms it took. */
static const char *ask(const char *source, const char *server, const char *how, const char *name, int *ret_ms)
{
        static char answer[256];
        char command[400];
        FILE *p;

        snprintf(command, sizeof(command),
                 "dig -b %s @%s %s +tries=1 +time=4 %s | awk '/status:/{s=$6} /^[^;].*\tA\t/{a=\" \" $NF} /Query "
                 "time/{t=$4} "
                 "END{sub(\",\",\"\",s); print t, s a}'",
                 source, server, how, name);
        p = popen(command, "r");
        assert_non_null(p);
        if (fscanf(p, "%d %255[^\n]", ret_ms, answer) != 2)
                snprintf(answer, sizeof(answer), "nothing");
        pclose(p);
        return answer;
}

/* The port for names of the cell only: everybody whom the firewall lets get here and who is a device or an exit is
 * told those at once, and nothing else, be it known already; strangers are told nothing. Exits get no more at the other
 * port, for what they ask there would leave by no exit. */
static void names_only(void **state)
{
        static const struct {
                const char *source;
                const char *server;
                int local;  /* gets the cell's names */
                int public; /* and at port 5300 others' too */
        } who[] = {
                { "10.1.0.2", "10.1.0.1", 1, 1 },
                { "fd12:3456:789a::2", "fd12:3456:789a::1", 1, 1 },
                { "169.254.96.6", "10.1.0.1", 1, 0 },
                { "169.254.99.254", "10.1.0.1", 1, 0 },
                { "fd70:6963:78::1:2", "fd12:3456:789a::1", 1, 0 },
                { "fd70:6963:78::ff:2", "fd12:3456:789a::1", 1, 0 },
                { "169.254.95.6", "10.1.0.1", 0, 0 },
                { "169.254.100.6", "10.1.0.1", 0, 0 },
                { "fd70:6963:79::2", "fd12:3456:789a::1", 0, 0 },
                { "10.2.0.1", "10.1.0.1", 0, 0 },
        };
        static const char *const hows[] = {
                "-p 5301", "-p 5301 +tcp", "-p 53", "-p 53 +tcp", "-p 5300", "-p 5300 +tcp"
        };
        pic__backend *b = backend();
        int ms, slowest = 0;
        char command[96];
        size_t i, k;

        (void)state;
        for (i = 0; i < PIC__COUNT(who); i++) {
                snprintf(command, sizeof(command), "ip addr replace %s/%s dev lo", who[i].source,
                         strchr(who[i].source, ':') != NULL ? "128" : "32");
                assert_int_equal(sh(command), 0);
        }
        upstream_start();
        must(b, SERVER, "main", NULL, FORWARD);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        assert_string_equal(dig("good.example"), "198.51.100.7"); /* known from now on */
        for (i = 0; i < PIC__COUNT(who); i++) {
                for (k = 0; k < PIC__COUNT(hows); k++) {
                        const char *got = ask(who[i].source, who[i].server, hows[k], "anna.home.internal", &ms);

                        if (strcmp(got, who[i].local ? "NOERROR 10.1.0.2" : "REFUSED") != 0)
                                fail_msg("%s %s: %s", who[i].source, hows[k], got);
                        slowest = ms > slowest ? ms : slowest;
                        got = ask(who[i].source, who[i].server, hows[k], "good.example", &ms);
                        if (strcmp(got, who[i].public && k >= 4 ? "NOERROR 198.51.100.7" : "REFUSED") != 0)
                                fail_msg("%s %s: %s", who[i].source, hows[k], got);
                        slowest = ms > slowest ? ms : slowest;
                }
        }
        assert_string_equal(ask("10.1.0.2", "10.1.0.1", "-p 5301", "nobody.home.internal", &ms), "NXDOMAIN");
        assert_string_equal(ask("10.1.0.2", "10.1.0.1", "-p 5301", "-x 10.1.0.2", &ms), "NXDOMAIN");
        print_message("slowest answer %d ms\n", slowest);
        assert_true(slowest < 100);
        upstream_stop();
        b->ops->free(b);
}

#define ZONES_OF_OTHERS                                                                                       \
        FORWARD " forward=corp.example/127.0.0.5@5300/insecure,dead.example/127.0.0.66@5300+127.0.0.67@5300," \
                "168.192.in-addr.arpa/127.0.0.5@5300"

/* Zones of others: asked of their servers, may lead inside; told to who has an exit as well, and nothing else is; one
 * whose servers are silent fails at once; what was known of everything else stays known. */
static void forwards(void **state)
{
        static const struct {
                const char *source, *how, *name, *want;
        } asked[] = {
                { "10.1.0.2", "-p 5300", "good.corp.example", "NOERROR 192.168.7.7" },
                { "10.1.0.2", "-p 5300", "good.example", "NOERROR 198.51.100.7" },
                { "10.1.0.2", "-p 5300", "router.example", "NOERROR" }, /* leads inside: nothing is left of it */
                { "10.1.0.2", "-p 53", "good.corp.example", "REFUSED" },
                { "10.1.0.2", "-p 5301", "good.corp.example", "NOERROR 192.168.7.7" },
                { "10.1.0.2", "-p 5301", "x.corp.example", "NXDOMAIN" },
                { "10.1.0.2", "-p 5301", "anna.home.internal", "NOERROR 10.1.0.2" },
                { "10.1.0.2", "-p 5301", "x.dev.home.internal", "NOERROR 10.1.0.9" },
                { "10.1.0.2", "-p 5301", "nobody.home.internal", "NXDOMAIN" },
                { "10.1.0.2", "-p 5301", "good.example", "REFUSED" },
                { "10.1.0.2", "-p 5301", "corp.example.org", "REFUSED" },
                { "169.254.96.6", "-p 53", "good.corp.example", "NOERROR 192.168.7.7" },
                { "169.254.96.6", "-p 5301 +tcp", "good.corp.example", "NOERROR 192.168.7.7" },
                { "169.254.96.6", "-p 5301", "good.example", "REFUSED" },
                { "169.254.96.6", "-p 5300", "good.example", "REFUSED" },
                { "169.254.96.6", "-p 53", "good.example", "REFUSED" },
                { "169.254.96.6", "-p 53", "anna.home.internal", "NOERROR 10.1.0.2" },
                { "10.2.0.1", "-p 5301", "good.corp.example", "REFUSED" },
        };
        pic__backend *b = backend();
        int ms;
        size_t i;

        (void)state;
        assert_int_equal(sh("ip addr add 10.1.0.2/32 dev lo; ip addr add 169.254.96.6/32 dev lo"), 0);
        upstream_start();
        must(b, SERVER, "main", NULL, FORWARD);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        must(b, RECORD, "*.dev.home.internal. A", NULL, "10.1.0.9");
        assert_string_equal(dig("good.corp.example"), "status: NOERROR"); /* leads inside */
        assert_string_equal(dig("good.example"), "198.51.100.7");
        must(b, SERVER, "main", FORWARD, ZONES_OF_OTHERS);
        assert_string_equal(dig("good.corp.example"), "192.168.7.7");
        assert_string_equal(dig("-x 192.168.7.7"), "good.corp.example.");
        for (i = 0; i < PIC__COUNT(asked); i++) {
                const char *got = ask(asked[i].source, "10.1.0.1", asked[i].how, asked[i].name, &ms);

                if (strcmp(got, asked[i].want) != 0)
                        fail_msg("%s %s %s: %s", asked[i].source, asked[i].how, asked[i].name, got);
        }
        for (i = 0, ms = 9999; i < 3 && ms >= 1000; i++) { /* a machine that has other things to do is late by itself */
                char name[32];

                snprintf(name, sizeof(name), "a%zu.dead.example", i);
                if (strcmp(ask("10.1.0.2", "10.1.0.1", "-p 5300", name, &ms), "SERVFAIL") != 0)
                        ms = 9999;
        }
        print_message("silent servers: SERVFAIL after %d ms\n", ms);
        assert_true(ms < 1000);
        upstream_stop();
        must(b, SERVER, "main", ZONES_OF_OTHERS, FORWARD);
        assert_string_equal(dig("good.example"), "198.51.100.7"); /* still known */
        assert_string_not_equal(dig("good.corp.example"), "192.168.7.7");
        b->ops->free(b);
}

#define PUBLIC \
        FORWARD " public=home.good.example/10.1.0.1+fd12:3456:789a::1/wild,good.example/10.1.0.1+fd12:3456:789a::1"

/* Public names of the cell: inside they lead into the tunnel, for whoever may ask anything; what is beside a name that
 * is not all below it is asked outside, and told to nobody who may not. */
static void public_names(void **state)
{
        static const struct {
                const char *how, *name, *want;
        } asked[] = {
                { "-p 5300", "home.good.example", "NOERROR 10.1.0.1" },
                { "-p 5301", "home.good.example", "NOERROR 10.1.0.1" },
                { "-p 53", "home.good.example", "NOERROR 10.1.0.1" },
                { "-p 5301", "cloud.home.good.example", "NOERROR 10.1.0.1" },
                { "-p 5300", "cloud.home.good.example AAAA", "NOERROR" },
                { "-p 5301", "cloud.home.good.example TXT", "NOERROR" },
                { "-p 5300", "good.example", "NOERROR 10.1.0.1" },
                { "-p 5301", "good.example", "NOERROR 10.1.0.1" },
                { "-p 5301", "www.good.example", "REFUSED" },
                { "-p 5301", "good.example TXT", "REFUSED" },
        };
        static const char *const values[] = { PUBLIC, PUBLIC " forward=corp.example/127.0.0.5@5300/insecure" };
        pic__backend *b = backend();
        size_t i, k;
        int ms;

        (void)state;
        assert_int_equal(sh("ip addr add 10.1.0.2/32 dev lo"), 0);
        upstream_start();
        must(b, SERVER, "main", NULL, FORWARD);
        assert_string_equal(dig("good.example"), "198.51.100.7");
        for (k = 0; k < PIC__COUNT(values); k++) {
                must(b, SERVER, "main", k == 0 ? FORWARD : values[k - 1], values[k]);
                for (i = 0; i < PIC__COUNT(asked); i++) {
                        const char *got = ask("10.1.0.2", "10.1.0.1", asked[i].how, asked[i].name, &ms);

                        if (strcmp(got, asked[i].want) != 0)
                                fail_msg("%zu: %s %s: %s", k, asked[i].how, asked[i].name, got);
                }
                assert_string_equal(ask("10.1.0.2", "10.1.0.1", "-p 5300", "www.good.example", &ms), "NXDOMAIN");
                assert_string_equal(dig("cloud.home.good.example AAAA"), "fd12:3456:789a::1");
        }
        must(b, SERVER, "main", values[1], FORWARD);
        assert_string_equal(dig("good.example"), "198.51.100.7");
        upstream_stop();
        b->ops->free(b);
}

static void rebinding(void **state)
{
        static const char *const inside[] = { "rebind4.example", "rebind6.example AAAA", "router.example",
                                              "link.example" };
        pic__backend *b = backend();
        size_t i;

        (void)state;
        upstream_start();
        must(b, SERVER, "main", NULL, FORWARD);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        assert_string_equal(dig("good.example"), "198.51.100.7");
        for (i = 0; i < PIC__COUNT(inside); i++)
                if (strncmp(dig(inside[i]), "status: ", 8) != 0)
                        fail_msg("%s leads inside: %s", inside[i], dig(inside[i]));
        /* The cell's own zone is its own: nothing about it is asked outside. */
        assert_string_equal(dig("leak.home.internal"), "status: NXDOMAIN");
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        upstream_stop();
        b->ops->free(b);
}

static void upstream_changes(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        upstream_start();
        must(b, SERVER, "main", VALUE, FORWARD);
        assert_string_equal(dig("good.example"), "198.51.100.7");
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        upstream_stop();
        b->ops->free(b);
}

/* Only the cell's networks are answered, though it can be reached from others. */
static void strangers(void **state)
{
        static const char both[] = "listen=10.1.0.1,10.2.0.1,fd12:3456:789a::1,fd77::1 " ZONES
                                   " upstream= allow=10.1.0.0/16,fd12:3456:789a::/48";
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, both);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        assert_int_equal(sh("ip addr add 10.2.0.9/32 dev lo && ip addr add fd77::9/128 dev lo nodad"), 0);
        assert_string_equal(dig_at("-b 10.1.0.1 @10.2.0.1", "anna.home.internal"), "10.1.0.2");
        assert_string_equal(dig_at("-b 10.2.0.9 @10.2.0.1", "anna.home.internal"), "status: REFUSED");
        assert_string_equal(dig_at("-b 10.2.0.9 @10.1.0.1", "anna.home.internal"), "status: REFUSED");
        assert_string_equal(dig_at("-b fd12:3456:789a::1 @fd77::1", "anna.home.internal"), "10.1.0.2");
        assert_string_equal(dig_at("-b fd77::9 @fd77::1", "anna.home.internal"), "status: REFUSED");
        b->ops->free(b);
}

static void odd_steps(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(step(b, PIC__I_WG_PEER, "x", NULL, "y", NULL), PIC_INVALID);
        assert_int_equal(step(b, SERVER, "other", NULL, VALUE, NULL), PIC_INVALID);
        assert_int_equal(step(b, SERVER, "main", VALUE, VALUE, NULL), PIC_NOTFOUND);
        assert_int_equal(step(b, SERVER, "main", VALUE, NULL, NULL), 0);
        assert_int_equal(step(b, SERVER, "main", NULL, "listen=nowhere", NULL), PIC_INVALID);
        b->ops->free(b);
}

/* A record in the row with the server is refused: the server and those before are there. */
static void refused_with_server(void **state)
{
        pic__item items[] = { { .kind = SERVER, .key = "main", .value = VALUE },
                              { .kind = RECORD, .key = "a.home.internal. A", .value = "10.1.0.2" },
                              { .kind = RECORD, .key = "b.home.internal. A", .value = "nonsense" },
                              { .kind = RECORD, .key = "a.home.internal. A", .value = "10.1.0.2" } };
        pic__step steps[] = { { PIC__ADD, SERVER, NULL, &items[0] },
                              { PIC__ADD, RECORD, NULL, &items[1] },
                              { PIC__ADD, RECORD, NULL, &items[2] } };
        pic__step going[] = { { PIC__REMOVE, RECORD, &items[3], NULL }, { PIC__REMOVE, SERVER, &items[0], NULL } };
        pic__auto_err pic_error *err = NULL;
        pic__auto_items pic__items none = PIC__ITEMS_INIT;
        pic__backend *b = backend();
        size_t done = 99;

        (void)state;
        assert_int_equal(b->ops->apply(b, steps, 3, &done, &err), PIC_INVALID);
        assert_int_equal(done, 2);
        assert_non_null(strstr(pic_error_message(err), "nonsense"));
        assert_string_equal(seen(b, RECORD, "a.home.internal. A"), "10.1.0.2");
        assert_int_equal(b->ops->apply(b, going, 2, &done, NULL), 0);
        assert_int_equal(done, 2);
        assert_int_equal(b->ops->observe(b, &none, NULL), 0);
        assert_int_equal(none.count, 0);
        b->ops->free(b);
}

static void run_dir(void **state)
{
        static const char *const bad[] = { "relative/dir", "/tmp/with\"quote",
                                           ("/tmp/a-very-long-directory-name-that-goes-on-and-on/"
                                            "and-on-and-on-until-no-socket-fits-into-its-name-any-more") };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic__dns_opts opts = { .run_dir = bad[i], .log_dir = "/tmp" };
                pic__auto_err pic_error *err = NULL;
                pic__backend *b = NULL;

                assert_int_equal(pic__dns_new(&opts, &b, &err), PIC_INVALID);
                assert_null(b);
        }
}

static void no_memory(void **state)
{
        unsigned long n;
        int r = -1;

        (void)state;
        for (n = 1; r < 0 && n < 50; n++) {
                pic__dns_opts opts = { .run_dir = world_dir, .log_dir = world_log };
                pic__auto_items pic__items items = PIC__ITEMS_INIT;
                pic__backend *b = NULL;

                pic__mem_fail_at(n);
                r = pic__dns_new(&opts, &b, NULL);
                if (r == 0)
                        r = b->ops->observe(b, &items, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                if (b != NULL)
                        b->ops->free(b);
        }
        assert_int_equal(r, 0);
        assert_true(n > 8);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(forwards),   TEST(public_names),        TEST(rebinding),
                                            TEST(names_only), TEST(upstream_changes),    TEST(strangers),
                                            TEST(odd_steps),  TEST(refused_with_server), TEST(run_dir),
                                            TEST(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
