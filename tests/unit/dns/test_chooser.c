/* backend/dns/chooser.c: who is chosen, without a name server; who answers is played by sockets of the test. What
 * follows for questions is held by test_asked.c. */
#include "world.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static int answerer(const char *addr)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(5355) };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        inet_pton(AF_INET, addr, &at.sin_addr);
        assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
        return fd;
}

/* Answers each question there; `spoil` is added to the id. */
static void answer(int fd, int spoil)
{
        struct sockaddr_in from;
        socklen_t len = sizeof(from);
        uint8_t m[512];
        ssize_t n;

        while ((n = recvfrom(fd, m, sizeof(m), 0, (struct sockaddr *)&from, &len)) > 0) {
                m[1] = (uint8_t)(m[1] + spoil);
                m[2] |= 0x80;
                (void)sendto(fd, m, (size_t)n, 0, (struct sockaddr *)&from, len);
        }
}

static void round_of(pic__chooser *c, int epoll, const int *fds, size_t count)
{
        size_t i;
        int k;

        pic__chooser_ask(c);
        for (k = 0; k < 100 && c->begun != 0; k++) {
                struct pollfd p = { .fd = epoll, .events = POLLIN };

                for (i = 0; i < count; i++)
                        answer(fds[i], 0);
                (void)poll(&p, 1, 20);
                (void)pic__chooser_turn(c);
        }
        assert_int_equal(c->begun, 0);
}

static void chosen(void **state)
{
        int epoll = epoll_create1(EPOLL_CLOEXEC), fds[3];
        pic__dns_server s = { 0 };
        pic__dns_group g;
        pic__chooser c;

        (void)state;
        assert_int_equal(
                pic__dns_server_parse("listen=10.1.0.1 zone=a.b upstream=127.0.0.1@5355,127.0.0.2@5355,127.0.0.3@5355",
                                      &s, NULL),
                0);
        assert_int_equal(pic__dns_group_of(&s, 0, &g), 1);
        assert_int_equal(pic__chooser_open(&c, epoll), 0);
        fds[0] = answerer("127.0.0.3");
        pic__chooser_set(&c, &g);
        assert_int_equal(c.chosen_count, 2); /* until more is known */
        assert_true(c.begun != 0);
        round_of(&c, epoll, fds, 1);
        assert_int_equal(c.chosen_count, 1);
        assert_int_equal(c.chosen[0], 2);
        assert_int_equal(pic__chooser_wants(&c), 1);
        fds[1] = answerer("127.0.0.1");
        fds[2] = answerer("127.0.0.2");
        answer(fds[1], 0);
        round_of(&c, epoll, fds, 3);
        assert_int_equal(c.chosen_count, 2); /* who answered stays */
        assert_int_equal(c.chosen[0], 2);
        assert_int_equal(pic__chooser_wants(&c), 0);
        round_of(&c, epoll, fds, 0);
        assert_int_equal(c.chosen_count, 1);
        assert_int_equal(pic__chooser_wants(&c), 2);
        assert_int_equal(pic__chooser_patience(&c), c.at[2].rtt * 4 > 800 ? c.at[2].rtt * 4 : 800);
        pic__chooser_set(&c, &g);
        assert_int_equal(c.begun, 0); /* the same as before */
        pic__chooser_set(&c, NULL);
        assert_int_equal(c.count, 0);
        assert_int_equal(pic__chooser_wants(&c), 0);
        pic__chooser_close(&c);
        pic__dns_server_free(&s);
        close(fds[0]), close(fds[1]), close(fds[2]), close(epoll);
}

/* A message that is no answer to our question is none. */
static void wrong_id(void **state)
{
        int epoll = epoll_create1(EPOLL_CLOEXEC), fd = answerer("127.0.0.4"), k;
        pic__dns_server s = { 0 };
        pic__dns_group g;
        pic__chooser c;

        (void)state;
        assert_int_equal(
                pic__dns_server_parse("listen=10.1.0.1 zone=a.b upstream=127.0.0.1@5356,127.0.0.4@5355", &s, NULL), 0);
        assert_int_equal(pic__dns_group_of(&s, 0, &g), 1);
        assert_int_equal(pic__chooser_open(&c, epoll), 0);
        pic__chooser_set(&c, &g);
        for (k = 0; k < 60 && c.begun != 0; k++) {
                answer(fd, 1);
                usleep(20000);
                (void)pic__chooser_turn(&c);
        }
        assert_int_equal(c.at[1].state, PIC__FAR_SILENT);
        pic__chooser_close(&c);
        pic__dns_server_free(&s);
        close(fd), close(epoll);
}

static void groups(void **state)
{
        pic__dns_server s = { 0 };
        pic__dns_group g;

        (void)state;
        assert_int_equal(pic__dns_server_parse("listen=10.1.0.1 zone=a.b upstream=9.9.9.9#x.example,9.9.9.10 "
                                               "forward=c.d/192.0.2.1#y.example+192.0.2.2@5353/insecure",
                                               &s, NULL),
                         0);
        assert_int_equal(pic__dns_groups(&s), 2);
        assert_int_equal(pic__dns_group_of(&s, 0, &g), 1);
        assert_string_equal(g.zone, "");
        assert_true(g.count == 2 && !g.tls);
        assert_int_equal(pic__dns_group_of(&s, 1, &g), 1);
        assert_string_equal(g.zone, "c.d");
        assert_string_equal(g.server[1], "192.0.2.2@5353");
        assert_true(g.count == 2 && g.tls);
        assert_int_equal(pic__dns_group_of(&s, 2, &g), 0);
        pic__dns_server_free(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(chosen), TEST(wrong_id), cmocka_unit_test(groups) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
