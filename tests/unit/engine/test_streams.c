/* Streams between the host and devices end, so that nothing is sent again and again when the tunnel is gone; all others
 * go on. */
#include "fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <unistd.h>

#include "engine/engine_i.h"

struct stream {
        int listener, client, server;
};

static void join(struct stream *s, const char *address)
{
        struct sockaddr_in6 at6 = { .sin6_family = AF_INET6 };
        struct sockaddr_in at4 = { .sin_family = AF_INET };
        int v6 = strchr(address, ':') != NULL;
        struct sockaddr *at = v6 ? (struct sockaddr *)&at6 : (struct sockaddr *)&at4;
        socklen_t len = v6 ? sizeof(at6) : sizeof(at4);
        int r = -1, i;

        assert_int_equal(inet_pton(at->sa_family, address, v6 ? (void *)&at6.sin6_addr : (void *)&at4.sin_addr), 1);
        s->listener = socket(at->sa_family, SOCK_STREAM, 0);
        s->client = socket(at->sa_family, SOCK_STREAM, 0);
        for (i = 0; r < 0 && i < 100; i++) { /* an address of version 6 is there when nobody else has it */
                r = bind(s->listener, at, len);
                if (r < 0)
                        (void)usleep(20000);
        }
        assert_int_equal(r, 0);
        assert_int_equal(listen(s->listener, 1), 0);
        assert_int_equal(getsockname(s->listener, at, &len), 0);
        assert_int_equal(connect(s->client, at, len), 0);
        s->server = accept(s->listener, NULL, NULL);
        assert_true(s->server >= 0);
}

static int alive(const struct stream *s)
{
        char byte;
        ssize_t n = recv(s->client, &byte, 1, MSG_DONTWAIT);

        return n < 0 && errno == EAGAIN;
}

static void leave(const struct stream *s)
{
        close(s->client);
        close(s->server);
        close(s->listener);
}

static void test_streams(void **state)
{
        static const char *const at[] = { "10.77.0.1", "fd77::1", "127.0.0.1", "::1" };
        pic__log log = { 0 };
        struct stream s[4];
        pic_obj *home = NULL;
        size_t i;

        (void)state;
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                print_message("skipped: needs root for a network namespace\n");
                skip();
        }
        assert_int_equal(system("ip link set lo up && ip addr add 10.77.0.1/16 dev lo && "
                                "ip addr add fd77::1/48 dev lo nodad"),
                         0);
        assert_int_equal(pic__obj_new(PIC__CELL, &home, NULL), 0);
        for (i = 0; i < 4; i++)
                join(&s[i], at[i]);
        pic__streams_end(home, &log); /* has no networks */
        for (i = 0; i < 4; i++)
                assert_true(alive(&s[i]));
        assert_int_equal(pic__obj_set(home, "net4", "10.77.0.0/16", 0, NULL), 0);
        assert_int_equal(pic__obj_set(home, "net6", "fd77::/48", 0, NULL), 0);
        pic__streams_end(home, &log);
        for (i = 0; i < 4; i++) {
                assert_int_equal(alive(&s[i]), i >= 2);
                leave(&s[i]);
        }
        pic__obj_unref(home);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_streams) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
