/* One device that asks, without end, for names whose servers are silent takes nobody else's names: how much one waits
 * for is limited, and a server that is silent about some names is no dead one. */
#include "world.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#define LIAR "127.0.8.1"
#define RATE 200  /* a second, of who floods */
#define ASKED 100 /* of another */
#define WHILE 2   /* s, each */

static int64_t now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int place(const char *addr, int port, const char *to, int to_port)
{
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) }, b = a;
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 1 << 20;

        b.sin_port = htons((uint16_t)to_port);
        if (inet_pton(AF_INET, addr, &a.sin_addr) != 1 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
            (to != NULL &&
             (inet_pton(AF_INET, to, &b.sin_addr) != 1 || connect(fd, (struct sockaddr *)&b, sizeof(b)) < 0)))
                abort();
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
        return fd;
}

static pid_t beside(void (*run)(void))
{
        pid_t pid = fork();

        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                run();
                _exit(0);
        }
        return pid;
}

static void over(pid_t pid)
{
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
}

/* Answers at once, and names that begin with "silent" never. */
static void lie(void)
{
        static const uint8_t said[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 51, 100, 7 };
        int fd = place(LIAR, 53, NULL, 0);

        for (;;) {
                struct sockaddr_in from;
                socklen_t len = sizeof(from);
                uint8_t m[1024];
                ssize_t n = recvfrom(fd, m, sizeof(m) - sizeof(said), 0, (struct sockaddr *)&from, &len);
                size_t end = 12;

                if (n < 18 || (m[13] | 0x20) == 's')
                        continue;
                while (end < (size_t)n && m[end] != 0)
                        end += 1u + m[end];
                end += 5;
                m[2] = 0x81;
                m[3] = 0x80;
                m[7] = 1;
                memset(m + 8, 0, 4);
                memcpy(m + end, said, sizeof(said));
                (void)sendto(fd, m, end + sizeof(said), 0, (struct sockaddr *)&from, len);
        }
}

static void ask(int fd, unsigned number, const char *begin)
{
        uint8_t m[128] = { (uint8_t)(number >> 8), (uint8_t)number, 1, 0, 0, 1 };
        char label[32];
        int n = snprintf(label, sizeof(label), "%s%u", begin, number);
        size_t at = 12;

        m[at++] = (uint8_t)n;
        memcpy(m + at, label, (size_t)n);
        at += (size_t)n;
        memcpy(m + at, "\7example\0\0\1\0\1", 13);
        (void)send(fd, m, at + 13, MSG_DONTWAIT);
}

static void flood(void)
{
        int fd = place("10.1.0.1", 0, "10.1.0.1", 53);
        int64_t begun = now();
        unsigned n;

        for (n = 0;; n++) {
                int64_t left = begun + n * 1000 / RATE - now();

                if (left > 0)
                        usleep((useconds_t)left * 1000);
                ask(fd, n, "silent");
        }
}

/* How many of `count` questions, `gap` ms apart, are answered with an address. */
static int good(const char *begin, int count, int gap)
{
        int fd = place("10.2.0.1", 0, "10.1.0.1", 5300), got = 0, n = 0;
        int64_t begun = now(), end = begun + count * gap + 2000;

        while (got < count && now() < end) {
                struct pollfd p = { .fd = fd, .events = POLLIN };
                uint8_t m[1024];

                while (n < count && now() >= begun + n * gap)
                        ask(fd, (unsigned)n++, begin);
                if (poll(&p, 1, 5) == 1 && recv(fd, m, sizeof(m), 0) > 12)
                        got += (m[3] & 15) == 0 && m[7] > 0;
        }
        close(fd);
        return got;
}

static void others_are_answered(void **state)
{
        pic__backend *b = backend();
        pid_t liar, who;
        int found, burst, own;

        (void)state;
        liar = beside(lie);
        must(b, SERVER, "main", NULL,
             "listen=10.1.0.1 " ZONES " dnssec=no upstream=" LIAR " allow=10.1.0.0/16,10.2.0.0/16");
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        assert_int_equal(good("before", 100, 0), 100); /* as a browser begins */
        who = beside(flood);
        usleep(1500000); /* long enough to be taken for dead, when nobody else asks */
        found = good("other", ASKED, WHILE * 1000 / ASKED);
        burst = good("burst", 100, 0);
        own = sh("dig @10.1.0.1 +time=1 +tries=1 +short anna.home.internal | grep -qx 10.1.0.2");
        over(who);
        over(liar);
        print_message("%d a second of one device are silent: of another's %d are answered, of 100 at once %d\n", RATE,
                      found, burst);
        assert_int_equal(found, ASKED);
        assert_int_equal(burst, 100);
        assert_int_equal(own, 0);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(others_are_answered, setup, cleanup) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
