/* backend/dns/counts.c: of a real server: what it counted, whom it asks; and that it forgets. */
#include "world.h"

#define TO                       \
        "listen=10.1.0.1 " ZONES \
        " upstream=127.0.0.5@5300,127.0.0.77@5300 dnssec=no forward=corp.example/127.0.0.5@5300"

static void start_upstream(void)
{
        char command[700];

        snprintf(command, sizeof(command),
                 "cat > %s/up.conf <<'E'\nserver:\n username: \"\"\n chroot: \"\"\n pidfile: \"%s/up.pid\"\n "
                 "use-syslog: no\n interface: 127.0.0.5@5300\n local-zone: \"example.\" redirect\n local-data: "
                 "\"example. A 198.51.100.7\"\nE\nunbound -c %s/up.conf && sleep 0.3",
                 world_dir, world_dir, world_dir);
        assert_int_equal(sh(command), 0);
}

static void told(pic__backend *b, pic__buf *text)
{
        pic__json out = PIC__JSON(text);

        pic__buf_clear(text);
        out.comma = 0;
        pic__json_open(&out, '{');
        assert_int_equal(b->ops->counts(b, &out), 1);
        pic__json_close(&out, '}');
}

static void has(const pic__buf *text, const char *part)
{
        if (strstr(pic__buf_str(text), part) == NULL)
                fail_msg("no %s in %s", part, pic__buf_str(text));
}

static void counted(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__backend *b = backend();
        pic__json none = PIC__JSON(&text);
        int i;

        (void)state;
        assert_int_equal(b->ops->counts(b, &none), 0);
        assert_int_equal(b->ops->flush(b, ".", NULL), PIC_NOTFOUND);
        start_upstream();
        must(b, SERVER, "main", NULL, TO);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        for (i = 0; i < 40; i++) { /* until it is known who of the two answers */
                usleep(25000);
                (void)b->ops->drain(b);
        }
        assert_string_equal(dig("a.example"), "198.51.100.7");
        assert_string_equal(dig("a.example"), "198.51.100.7");
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        assert_string_equal(dig("nobody.home.internal"), "status: NXDOMAIN");
        told(b, &text);
        has(&text, "\"queries\":4,\"cache_hits\":3,\"cache_misses\":1");
        has(&text, "\"types\":{\"A\":4}");
        has(&text, "\"codes\":{\"NOERROR\":3,\"NXDOMAIN\":1}");
        has(&text, "\"names\":1");
        has(&text, "{\"zone\":\".\",\"server\":\"127.0.0.5@5300\",\"state\":\"asked\",\"ping_ms\":");
        has(&text, "{\"zone\":\".\",\"server\":\"127.0.0.77@5300\",\"state\":\"silent\",\"ping_ms\":null}");
        has(&text, "{\"zone\":\"corp.example\",\"server\":\"127.0.0.5@5300\",\"state\":\"asked\",\"ping_ms\":");
        /* What was known is gone, what is held is not. */
        assert_true(b->ops->flush(b, "other.example.", NULL) == 0);
        assert_true(b->ops->flush(b, "example.", NULL) > 0);
        assert_int_equal(b->ops->flush(b, "a\nstop", NULL), PIC_VALUE);
        assert_true(b->ops->flush(b, ".", NULL) >= 0);
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        assert_string_equal(dig("a.example"), "198.51.100.7");
        told(b, &text);
        has(&text, "\"cache_misses\":2");
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(counted) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
