/* backend/dns/server.c: start, find again, change, take away; on a real unbound. */
#include "world.h"

#include <poll.h>

#include "sys/file.h"

static pid_t pid_of(pic__backend *b)
{
        return pic__child_pid(((pic__dns *)b)->child);
}

/* The agent was restarted: the same server goes on. */
static void adopted(void **state)
{
        pic__backend *b = backend();
        pid_t pid;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        pid = pid_of(b);
        b->ops->free(b);
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2"); /* with nobody around */
        b = backend();
        assert_string_equal(seen(b, SERVER, "main"), VALUE);
        assert_string_equal(seen(b, RECORD, "anna.home.internal. A"), "10.1.0.2");
        assert_int_equal(pid_of(b), pid);
        must(b, RECORD, "anna.home.internal. A", "10.1.0.2", NULL);
        b->ops->free(b);
        b = backend(); /* without looking first */
        must(b, RECORD, "berta.home.internal. A", NULL, "10.1.0.3");
        assert_int_equal(step(b, RECORD, "berta.home.internal. A", NULL, "10.1.0.3", NULL), PIC_CONFLICT);
        assert_int_equal(step(b, SERVER, "main", NULL, VALUE, NULL), PIC_CONFLICT);
        b->ops->free(b);
}

/* Somebody wrote into the configuration: what runs cannot be told, so it is made anew. */
static void tampered_conf(void **state)
{
        pic__backend *b = backend();
        char path[128];
        FILE *f;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        b->ops->free(b);
        snprintf(path, sizeof(path), "%s/dns/unbound.conf", world_dir);
        f = fopen(path, "a");
        fputs("# hello\n", f);
        fclose(f);
        b = backend();
        assert_string_equal(seen(b, SERVER, "main"), "");
        assert_null(seen(b, RECORD, "anna.home.internal. A"));
        must(b, SERVER, "main", "", VALUE);
        assert_string_equal(seen(b, SERVER, "main"), VALUE);
        assert_null(seen(b, RECORD, "anna.home.internal. A"));
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        b->ops->free(b);
}

/* Started by a version of this program that wrote another configuration for the same item: made anew. */
static void other_version(void **state)
{
        pic__backend *b = backend();
        pic__auto_buf pic__buf conf = PIC__BUF_INIT, stamp = PIC__BUF_INIT;
        char path[128], hex[65], command[256];
        uint8_t digest[32];
        pid_t pid;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        pid = pid_of(b);
        b->ops->free(b);
        snprintf(path, sizeof(path), "%s/dns/unbound.conf", world_dir);
        snprintf(command, sizeof(command), "sed -i /5301/d %s", path);
        assert_int_equal(sh(command), 0);
        assert_int_equal(pic__file_read(path, 1 << 20, &conf, NULL), 0);
        pic__digest(conf.data, conf.len, digest);
        pic__hex(digest, sizeof(digest), hex);
        pic__buf_putf(&stamp, "%s %s\n", hex, VALUE);
        snprintf(path, sizeof(path), "%s/dns/server", world_dir);
        assert_int_equal(pic__file_write(path, stamp.data, stamp.len, 0600, NULL), 0);
        b = backend();
        assert_string_equal(seen(b, SERVER, "main"), "");
        must(b, SERVER, "main", "", VALUE);
        assert_int_not_equal(pid_of(b), pid);
        assert_string_equal(seen(b, SERVER, "main"), VALUE);
        b->ops->free(b);
        b = backend();
        assert_string_equal(seen(b, SERVER, "main"), VALUE);
        b->ops->free(b);
}

static void changes(void **state)
{
        static const char other[] =
                "listen=10.1.0.1,fd12:3456:789a::1 " ZONES " upstream=192.0.2.53 allow=10.1.0.0/16,fd12:3456:789a::/48";
        static const char moved[] = "listen=10.2.0.1 " ZONES " upstream= allow=10.2.0.0/24";
        static const char renamed[] =
                "listen=10.2.0.1 zone=den.internal reverse=1.10.in-addr.arpa upstream= allow=10.2.0.0/24";
        pic__backend *b = backend();
        pid_t pid;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        must(b, RECORD, PTR4, NULL, "anna.home.internal.");
        pid = pid_of(b);
        must(b, SERVER, "main", VALUE, other);
        assert_int_equal(pid_of(b), pid); /* the same one */
        assert_string_equal(seen(b, SERVER, "main"), other);
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        must(b, SERVER, "main", other, moved);
        assert_int_not_equal(pid_of(b), pid);
        assert_string_equal(dig_at("-b 10.2.0.1 @10.2.0.1", "anna.home.internal"), "10.1.0.2");
        assert_string_equal(dig_at("-b 10.2.0.1 @10.2.0.1", "-x 10.1.0.2"), "anna.home.internal.");
        must(b, SERVER, "main", moved, renamed);
        assert_null(seen(b, RECORD, "anna.home.internal. A"));
        assert_string_equal(seen(b, RECORD, PTR4), "anna.home.internal.");
        assert_string_equal(dig_at("-b 10.2.0.1 @10.2.0.1", "anna.den.internal"), "status: NXDOMAIN");
        b->ops->free(b);
}

static int occupy(const char *addr)
{
        char command[400];

        snprintf(command, sizeof(command),
                 "printf 'server:\\n username: \"\"\\n chroot: \"\"\\n pidfile: \"%s/other.pid\"\\n use-syslog: no\\n "
                 "interface: %s\\n' > %s/other.conf",
                 world_dir, addr, world_dir);
        if (sh(command) != 0)
                return -1;
        snprintf(command, sizeof(command), "unbound -c %s/other.conf && sleep 0.3", world_dir);
        return sh(command);
}

static void leave(void)
{
        char command[128];

        snprintf(command, sizeof(command), "kill $(cat %s/other.pid) && sleep 0.2", world_dir);
        assert_int_equal(sh(command), 0);
}

static void port_taken(void **state)
{
        pic__auto_err pic_error *err = NULL, *again = NULL;
        pic__backend *b = backend();
        struct pollfd p = { .fd = b->ops->event_fd(b), .events = POLLIN };
        int i, r = 0;

        (void)state;
        assert_int_equal(occupy("10.1.0.1"), 0);
        assert_int_equal(step(b, SERVER, "main", NULL, VALUE, &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "port 53 of 10.1.0.1 is taken"));
        assert_non_null(strstr(pic_error_hint(err), "ss -tulpn sport = :53"));
        assert_null(seen(b, SERVER, "main"));
        /* Not at once again; and the reason is still told. */
        for (i = 0; i < 5 && r != PIC_BUSY; i++) {
                pic_error_free(again);
                again = NULL;
                r = step(b, SERVER, "main", NULL, VALUE, &again);
        }
        assert_int_equal(r, PIC_BUSY);
        assert_non_null(strstr(pic_error_message(again), "is taken"));
        leave();
        assert_int_equal(poll(&p, 1, 5000), 1); /* time to try */
        assert_int_equal(b->ops->drain(b), 1);
        must(b, SERVER, "main", NULL, VALUE);
        b->ops->free(b);
}

/* unbound's own words, as seen with 1.17. */
static void port_taken_words(void **state)
{
        static const char *const words[][2] = {
                { "[1] unbound[2:0] error: bind: address already in use\n[1] unbound[2:0] fatal error: could not open "
                  "ports\n",
                  "UDP port 53, 5300 or 5301 is taken" },
                { "[1] unbound[2:0] error: can't bind socket: Address already in use for fd20::1 port 53\n[1] fatal "
                  "error: x",
                  "port 53 of fd20::1 is taken" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(words); i++) {
                pic__auto_err pic_error *err = NULL;
                char text[256];

                snprintf(text, sizeof(text), "%s", words[i][0]);
                assert_int_equal(pic__dns_explain(text, "log", &err), PIC_CONFLICT);
                assert_non_null(strstr(pic_error_message(err), words[i][1]));
                assert_non_null(strstr(pic_error_hint(err), "ss -tulpn sport = :53"));
        }
}

/* A change that does not work out leaves what was. */
static void change_fails(void **state)
{
        static const char moved[] = "listen=10.2.0.1 " ZONES " upstream= allow=10.2.0.0/24";
        pic__auto_err pic_error *err = NULL;
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        assert_int_equal(step(b, SERVER, "main", VALUE, "listen=", NULL), PIC_INVALID);
        assert_int_equal(occupy("10.2.0.1"), 0);
        assert_int_equal(step(b, SERVER, "main", VALUE, moved, &err), PIC_CONFLICT);
        assert_string_equal(seen(b, SERVER, "main"), VALUE);
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        leave();
        b->ops->free(b);
}

/* An address that is not there yet does not keep it from starting. */
static void address_comes_later(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL,
             "listen=10.77.0.1,fd88::1 zone=home.internal reverse= upstream= allow=10.77.0.0/16,fd88::/48");
        must(b, RECORD, "anna.home.internal. A", NULL, "10.77.0.2");
        assert_int_equal(sh("ip addr add 10.77.0.1/16 dev lo; ip addr add fd88::1/48 dev lo nodad"), 0);
        assert_string_equal(dig_at("-b 10.77.0.1 @10.77.0.1", "anna.home.internal"), "10.77.0.2");
        assert_string_equal(dig_at("-b fd88::1 @fd88::1", "anna.home.internal"), "10.77.0.2");
        b->ops->free(b);
}

/* It does not start for another reason: its own words. */
static void does_not_start(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__backend *b = backend();
        char path[128];

        (void)state;
        snprintf(path, sizeof(path), "%s/dns/control.sock/x", world_dir);
        assert_int_equal(pic__dir_make(path, 0700, NULL), 0); /* where its socket should be */
        assert_true(step(b, SERVER, "main", NULL, VALUE, &err) < 0);
        assert_true(pic_error_message(err)[0] != '\0');
        assert_null(seen(b, SERVER, "main"));
        b->ops->free(b);
}

static void small(void **state)
{
        pic__backend *b = backend();
        char path[64], line[128];
        long kb = 0;
        FILE *f;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid_of(b));
        f = fopen(path, "r");
        while (fgets(line, sizeof(line), f) != NULL)
                (void)sscanf(line, "VmRSS: %ld", &kb);
        fclose(f);
        print_message("unbound RSS %ld kB\n", kb);
        assert_in_range(kb, 1000, 24000);
        b->ops->free(b);
}

/* A start is left running beside other steps; what becomes of it is known at its end. */
static void begun(void **state)
{
        pic__backend *b = backend();
        pic__dns *d = (pic__dns *)b;
        pic__auto_err pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__dns_begin(d, VALUE, NULL), 0);
        assert_true(d->begun);
        assert_int_equal(sh("ss -Hltn sport = :53 | grep -q 10.1.0.1"), 0); /* it has its ports */
        assert_int_equal(b->ops->finish(b, NULL), 0);
        assert_false(d->begun);
        assert_string_equal(seen(b, SERVER, "main"), VALUE);
        assert_int_equal(b->ops->finish(b, NULL), 0); /* nothing begun: nothing to wait for */
        assert_int_equal(b->ops->teardown(b, 0, NULL), 0);

        assert_int_equal(pic__dns_begin(d, VALUE, NULL), 0);
        kill(pic__child_pid(d->child), SIGKILL);
        assert_int_equal(b->ops->finish(b, &err), PIC_BACKEND);
        assert_null(seen(b, SERVER, "main"));
        b->ops->free(b);
}

/* Which allocation is the last one depends on how often a starting server is asked, and what fails in a question that
 * is asked again anyway goes unnoticed: so a fixed number, more than a start takes. */
static void no_memory(void **state)
{
        unsigned long n;

        (void)state;
        for (n = 40; n != (unsigned long)-1; n--) {
                pic__backend *b = backend();
                pic__dns *d = (pic__dns *)b;
                int r;

                pic__mem_fail_at(n); /* 0, at the end: never */
                r = pic__dns_begin(d, VALUE, NULL);
                if (r == 0)
                        r = pic__dns_finish(d, NULL);
                if (r == 0)
                        r = pic__dns_change(d, VALUE " dnssec=no", NULL);
                pic__mem_fail_at(0);
                if (r != 0 && (n == 0 || (r != PIC_NOMEM && r != PIC_BUSY &&
                                          r != PIC_UNSUPPORTED))) /* the last: no memory for the name of unbound */
                        fail_msg("%lu: %d", n, r);
                assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
                b->ops->free(b);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(adopted),          TEST(begun),        TEST(tampered_conf),
                                            TEST(other_version),    TEST(changes),      TEST(port_taken),
                                            TEST(port_taken_words), TEST(change_fails), TEST(address_comes_later),
                                            TEST(does_not_start),   TEST(small),        TEST(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
