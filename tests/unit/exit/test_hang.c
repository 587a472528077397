/* backend/exit/hang.c: who is stopped or stuck is replaced, who only has a dead far end is not. */
#include "world.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "backend/exit/hang.h"

#define ICE "/sys/fs/cgroup/unified/pic-test-hang"

static pic__exit_space *space(pic__backend *b)
{
        return ((pic__exit *)b)->at[1];
}

static int pid_of(const char *name)
{
        return atoi(said("cat %s/exit/1/exit1-%s.pid 2>/dev/null", world_dir, name));
}

/* Frozen: it lives, sleeps for all that one can see, and does nothing. 0: cannot be done here. */
static int freeze(int pid)
{
        return sh("mkdir -p " ICE " 2>/dev/null && echo %d >" ICE "/cgroup.procs && echo 1 >" ICE "/cgroup.freeze",
                  pid) == 0;
}

static void thaw(void)
{
        (void)sh("echo 0 2>/dev/null >" ICE "/cgroup.freeze; sleep 0.1; rmdir " ICE);
}

static int told(pic__backend *b, int down, const char *words)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r = b->ops->revive(b, "1", down, &text);

        if (r && strstr(pic__buf_str(&text), words) == NULL)
                fail_msg("%s", pic__buf_str(&text));
        return r;
}

static void stopped_one(pic__backend *b, const char *name, const char *program)
{
        int was = pid_of(name), i;
        char words[64];

        assert_true(was > 1);
        kill(was, SIGSTOP);
        (void)sh("sleep 0.05");
        b->ops->tick(b);
        snprintf(words, sizeof(words), "restarted: %s was stopped", program);
        assert_true(told(b, 0, words));
        assert_false(told(b, 0, ""));
        for (i = 0; i < 100 && (pid_of(name) == was || pid_of(name) == 0); i++) {
                (void)sh("sleep 0.02");
                b->ops->drain(b);
        }
        assert_true(pid_of(name) > 1 && pid_of(name) != was);
}

static void stopped(void **state)
{
        pic__backend *b = backend();
        int pid;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        stopped_one(b, "names", "unbound");
        assert_int_equal(space(b)->hang.gap, 20 * 1000000);
        pid = pid_of("names"); /* somebody insists: not at once again */
        kill(pid, SIGSTOP);
        (void)sh("sleep 0.05");
        b->ops->tick(b);
        assert_int_equal(pid_of("names"), pid);
        space(b)->hang.at -= 20 * (pic_time)1000000;
        b->ops->tick(b);
        assert_int_not_equal(pid_of("names"), pid);
        assert_int_equal(space(b)->hang.gap, 40 * 1000000);
        space(b)->hang.at -= 2000 * (pic_time)1000000;
        if (!by_kernel())
                stopped_one(b, "wireguard", "wireguard-go");
        assert_string_equal(seen(b), WG_VALUE);
        b->ops->free(b);
}

static void look(pic__backend *b)
{
        space(b)->hang.look = 0;
}

static void stuck(void **state)
{
        pic__backend *b = backend();
        int pid;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        pid = pid_of("wireguard");
        look(b);
        assert_false(told(b, 1, "")); /* it answers, as dead as its far end is */
        look(b);
        assert_false(told(b, 1, ""));
        assert_int_equal(pid_of("wireguard"), pid);
        if (by_kernel() || !freeze(pid)) {
                b->ops->free(b);
                skip();
        }
        look(b);
        assert_false(told(b, 1, "")); /* once is no time */
        assert_false(told(b, 0, "")); /* and forgotten when it works */
        look(b);
        assert_false(told(b, 1, ""));
        look(b);
        assert_true(told(b, 1, "restarted: wireguard-go did not answer"));
        thaw();
        b->ops->drain(b);
        assert_true(pid_of("wireguard") > 1 && pid_of("wireguard") != pid);
        b->ops->free(b);
}

static void resolver(void **state)
{
        pic__backend *b = backend();
        int pid;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        pid = pid_of("names");
        (void)sh("sleep 0.5");
        b->ops->tick(b);
        assert_int_equal(space(b)->hang.unread, 0);
        if (!freeze(pid)) {
                b->ops->free(b);
                skip();
        }
        (void)who_am_i("169.254.96.6", "udp", "0.1");
        (void)sh("/usr/bin/python3 -c \"import socket\n"
                 "socket.socket(socket.AF_INET,socket.SOCK_DGRAM).sendto(b'x'*30,('169.254.96.6',53))\"");
        b->ops->tick(b);
        assert_int_not_equal(space(b)->hang.unread, 0);
        assert_int_equal(pid_of("names"), pid);
        space(b)->hang.unread -= 20 * (pic_time)1000000;
        b->ops->tick(b);
        thaw();
        assert_true(told(b, 0, "restarted: unbound did not answer"));
        assert_true(pid_of("names") > 1 && pid_of("names") != pid);
        b->ops->free(b);
}

static void kernel_says(void **state)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(4567) };
        unsigned long long work = 0;
        char st = '?';
        int tcp, udp, to;

        (void)state;
        assert_int_equal(pic__hang_state(getpid(), &st, &work), 0);
        assert_int_equal(st, 'R');
        assert_int_equal(pic__hang_state(0x7ffffff0, &st, &work), -1);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        tcp = socket(AF_INET, SOCK_STREAM, 0);
        udp = socket(AF_INET, SOCK_DGRAM, 0);
        assert_int_equal(bind(tcp, (void *)&at, sizeof(at)) | bind(udp, (void *)&at, sizeof(at)) | listen(tcp, 5), 0);
        assert_int_equal(pic__hang_unread(getpid(), 1, 4567), 0);
        assert_int_equal(pic__hang_unread(getpid(), 0, 4567), 0);
        to = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(to, (void *)&at, sizeof(at)), 0);
        assert_int_equal(sendto(to = socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0, (void *)&at, sizeof(at)), 1);
        assert_int_equal(pic__hang_unread(getpid(), 1, 4567), 1);
        assert_true(pic__hang_unread(getpid(), 0, 4567) > 0);
        assert_int_equal(pic__hang_unread(getpid(), 0, 4568), 0);
        close(tcp);
        close(udp);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(stopped), TEST(stuck), TEST(resolver), TEST(kernel_says) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
