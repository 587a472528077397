/* backend/dns/cache.c: what was known of the internet is known after a restart as well. */
#include "world.h"

#define AT(listen) "listen=" listen " " ZONES " upstream=127.0.0.5@5300 dnssec=no"

static void start_upstream(void)
{
        char command[900];

        snprintf(command, sizeof(command),
                 "cat > %s/up.conf <<'E'\nserver:\n username: \"\"\n chroot: \"\"\n pidfile: \"%s/up.pid\"\n "
                 "use-syslog: no\n interface: 127.0.0.5@5300\n local-zone: \"example.\" redirect\n local-data: "
                 "\"example. 3600 A 198.51.100.7\"\n local-zone: \"text.\" redirect\n local-data: 'text. 3600 TXT "
                 "\"a;rrset b\" \"msg c\\010msg d\"'\nE\nunbound -c %s/up.conf && sleep 0.3",
                 world_dir, world_dir, world_dir);
        assert_int_equal(sh(command), 0);
}

static void stop_upstream(void)
{
        char command[128];

        snprintf(command, sizeof(command), "kill $(cat %s/up.pid); sleep 0.2", world_dir);
        assert_int_equal(sh(command), 0);
}

static void over_a_restart(void **state)
{
        pic__backend *b = backend();
        char text[1024];
        pid_t before;

        (void)state;
        start_upstream();
        must(b, SERVER, "main", NULL, AT("10.1.0.1"));
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        /* Enough for several pieces. */
        assert_int_equal(sh("seq -f 'name%g.example' 1 600 | xargs -n 60 dig +short @10.1.0.1 | sort | uniq -c | grep "
                            "-q '600 198.51.100.7'"),
                         0);
        snprintf(text, sizeof(text), "%s", dig("x.text TXT +short"));
        assert_non_null(strstr(text, "d\""));
        stop_upstream();
        before = pic__child_pid(((pic__dns *)b)->child);
        must(b, SERVER, "main", AT("10.1.0.1"), AT("10.1.0.1,10.2.0.1"));
        assert_int_not_equal(before, pic__child_pid(((pic__dns *)b)->child));
        assert_int_equal(
                sh("seq -f 'name%g.example' 1 600 | xargs -n 60 dig +short +tries=1 +time=2 @10.1.0.1 | sort | "
                   "uniq -c | grep -q '600 198.51.100.7'"),
                0);
        assert_string_equal(dig("x.text TXT +short"), text);
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        assert_string_equal(dig("other.example"), "status: SERVFAIL"); /* nobody to ask any more */
        b->ops->free(b);
}

/* What is no dump is not given to anybody, and a server that is not there takes nothing. */
static void nothing_known(void **state)
{
        static const char *const texts[] = {
                "", "START_RRSET_CACHE\n", "END_RRSET_CACHE\nSTART_RRSET_CACHE\n",
                "START_RRSET_CACHE\nEND_RRSET_CACHE\nSTART_MSG_CACHE\nEND_MSG_CACHE\nEOF\n",
                "START_RRSET_CACHE\n;rrset x\nEND_RRSET_CACHE\nSTART_MSG_CACHE\nmsg \nEND_"
                "MSG_CACHE\nEOF\n"
        };
        pic__auto_buf pic__buf known = PIC__BUF_INIT;
        pic__backend *b = backend();
        size_t i;

        (void)state;
        pic__dns_cache_take((pic__dns *)b, &known);
        assert_int_equal(known.len, 0);
        must(b, SERVER, "main", NULL, AT("10.1.0.1"));
        for (i = 0; i < PIC__COUNT(texts); i++) {
                pic__buf_clear(&known);
                pic__buf_puts(&known, texts[i]);
                pic__dns_cache_give((pic__dns *)b, &known);
        }
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(over_a_restart), TEST(nothing_known) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
