/* backend/dns/asked.c: with silent upstreams a question fails in less than a second, however many there are; one that
 * answers is found among them, and again when another one is. */
#include "world.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "sys/file.h"

static int64_t now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* As the agent's loop does, for so long or until something comes from `fd`. */
static void turn(pic__backend *b, int fd, int ms)
{
        static int64_t ticked;
        int64_t until = now() + ms;

        do {
                struct pollfd p[2] = { { .fd = b->ops->event_fd(b), .events = POLLIN },
                                       { .fd = fd, .events = POLLIN } };

                (void)poll(p, 2, 50);
                (void)b->ops->drain(b);
                if (now() - ticked >= 2000) {
                        b->ops->tick(b);
                        ticked = now();
                }
                if (p[1].revents != 0)
                        return;
        } while (now() < until);
}

/* The status of the answer, or what it says; how long it took. */
static const char *ask(pic__backend *b, const char *name, int *ret_ms)
{
        static char out[128];
        char command[300];
        FILE *p;

        snprintf(command, sizeof(command),
                 "dig @10.1.0.1 +tries=1 +time=9 %s | awk '/status:/{s=$6} /^[^;].*\tA\t/{a=$NF} /Query time/{t=$4} "
                 "END{sub(\",\",\"\",s); print t+0, a != \"\" ? a : s != \"\" ? s : \"nothing\"}'",
                 name);
        p = popen(command, "r");
        assert_non_null(p);
        turn(b, fileno(p), 20000);
        assert_int_equal(fscanf(p, "%d %127[^\n]", ret_ms, out), 2);
        pclose(p);
        return out;
}

/* "listen=… upstream=127.0.8.1,127.0.8.2,…": what goes there is dropped. */
static const char *silent(int count, const char *tail, const char *more)
{
        static char value[1024];
        size_t n = (size_t)snprintf(value, sizeof(value), "listen=10.1.0.1 " ZONES " dnssec=no upstream=%s", more);
        int i;

        for (i = 1; i <= count; i++)
                n += (size_t)snprintf(value + n, sizeof(value) - n, "%s127.0.8.%d%s", value[n - 1] == '=' ? "" : ",", i,
                                      tail);
        return value;
}

static void drop(void)
{
        assert_int_equal(sh("nft 'table inet t { chain c { type filter hook input priority 0; ip daddr 127.0.8.0/24 "
                            "drop; }; }'"),
                         0);
}

static void all_silent(void **state)
{
        static const struct {
                int count;
                const char *tail;
        } rows[] = { { 1, "" }, { 3, "" }, { 8, "" }, { 8, "#dot.example" } };
        pic__backend *b = backend();
        char former[1024];
        size_t i;
        int k, ms;

        (void)state;
        drop();
        for (i = 0; i < PIC__COUNT(rows); i++) {
                int slowest = 0, late = 0;

                must(b, SERVER, "main", i > 0 ? former : NULL, silent(rows[i].count, rows[i].tail, ""));
                snprintf(former, sizeof(former), "%s", silent(rows[i].count, rows[i].tail, ""));
                for (k = 0; k < 3; k++) {
                        char name[32];

                        snprintf(name, sizeof(name), "n%zu-%d.example", i, k);
                        assert_string_equal(ask(b, name, &ms), "SERVFAIL");
                        slowest = ms > slowest ? ms : slowest;
                        late += ms >= 1000;
                }
                print_message("%d silent %s: SERVFAIL after %d ms at most\n", rows[i].count,
                              rows[i].tail[0] != '\0' ? "by TLS" : "ones", slowest);
                assert_true(late <= 1); /* a machine that has other things to do is late by itself, but not always */
        }
        b->ops->free(b);
}

/* A zone of others with two of them, asked again and again. */
static void zones_silent(void **state)
{
        static const char *const values[] = {
                "listen=10.1.0.1 " ZONES " upstream= dnssec=no forward=corp.example/127.0.8.1+127.0.8.2",
                "listen=10.1.0.1 " ZONES
                " upstream= dnssec=no forward=corp.example/127.0.8.1#a.example+127.0.8.2#b.example"
        };
        pic__backend *b = backend();
        size_t i;
        int k, ms;

        (void)state;
        drop();
        for (i = 0; i < PIC__COUNT(values); i++) {
                int slowest = 0, late = 0;

                must(b, SERVER, "main", i > 0 ? values[i - 1] : NULL, values[i]);
                for (k = 0; k < 3; k++) {
                        char name[32];

                        snprintf(name, sizeof(name), "z%zu-%d.corp.example", i, k);
                        assert_string_equal(ask(b, name, &ms), "SERVFAIL");
                        slowest = ms > slowest ? ms : slowest;
                        late += ms >= 1000;
                }
                print_message("a zone with two silent ones: SERVFAIL after %d ms at most\n", slowest);
                assert_true(late <= 1);
        }
        b->ops->free(b);
}

static void start_live(const char *addr)
{
        char command[600];

        snprintf(command, sizeof(command),
                 "cat > %s/live.conf <<'E'\nserver:\n username: \"\"\n chroot: \"\"\n pidfile: \"%s/live.pid\"\n "
                 "use-syslog: no\n interface: %s\n local-zone: \"example.\" redirect\n local-data: \"example. A "
                 "198.51.100.7\"\nE\nunbound -c %s/live.conf && sleep 0.2",
                 world_dir, world_dir, addr, world_dir);
        assert_int_equal(sh(command), 0);
}

static void stop_live(void)
{
        char command[128];

        snprintf(command, sizeof(command), "kill $(cat %s/live.pid); sleep 0.2", world_dir);
        assert_int_equal(sh(command), 0);
}

/* How long it takes until a question is answered. */
static int until_found(pic__backend *b, const char *prefix)
{
        int64_t begin = now();
        char name[64];
        int i, ms;

        for (i = 0; now() - begin < 15000; i++) {
                snprintf(name, sizeof(name), "%s%d.example", prefix, i);
                if (strcmp(ask(b, name, &ms), "198.51.100.7") == 0)
                        return (int)(now() - begin);
        }
        fail_msg("%s: nobody answers", prefix);
        return 0;
}

static void one_lives(void **state)
{
        pic__backend *b = backend();
        char value[1024];
        int took;

        (void)state;
        drop();
        snprintf(value, sizeof(value), "%s", silent(6, "", "127.0.0.5,127.0.8.77,127.0.0.6"));
        start_live("127.0.0.6");
        must(b, SERVER, "main", NULL, value);
        took = until_found(b, "a");
        print_message("one live of nine: found after %d ms\n", took);
        assert_true(took < 3000);
        turn(b, -1, 800);
        assert_int_equal(((pic__dns *)b)->choosers[0].chosen_count, 1);
        stop_live();
        start_live("127.0.0.5"); /* now it is another one */
        took = until_found(b, "b");
        print_message("another one instead: found after %d ms\n", took);
        assert_true(took < 8000);
        /* Whoever comes after us knows it from the file, and that it is so now. */
        b->ops->free(b);
        b = backend();
        assert_non_null(seen(b, SERVER, "main"));
        assert_string_equal(ask(b, "c.example", &took), "198.51.100.7");
        turn(b, -1, 900);
        assert_string_equal(ask(b, "d.example", &took), "198.51.100.7");
        stop_live();
        b->ops->free(b);
}

/* By TLS, too: whoever takes a connection is asked, and still by that name. */
static void by_tls(void **state)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(853) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__backend *b = backend();

        (void)state;
        drop();
        inet_pton(AF_INET, "127.0.0.9", &at.sin_addr);
        assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(listen(fd, 5), 0);
        must(b, SERVER, "main", NULL, silent(3, "#dot.example", "127.0.0.9#dot.example"));
        turn(b, -1, 900);
        assert_int_equal(pic__file_read(((pic__dns *)b)->asked, 4096, &text, NULL), 0);
        assert_non_null(
                strstr(text.data, "forward-tls-upstream: yes\n        forward-addr: 127.0.0.9@853#dot.example\n"));
        assert_null(strstr(text.data, "127.0.8."));
        close(fd);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(all_silent), TEST(zones_silent), TEST(one_lives), TEST(by_tls) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
