/* The event descriptor: what makes it readable, and what counts as news. */
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>

#include "backend/wg/events.h"
#include "world.h"

static pic__wg_events ev;
static pic__nl nl;

static int readable(int ms)
{
        struct pollfd p = { .fd = ev.epoll, .events = POLLIN };

        return poll(&p, 1, ms) == 1;
}

static unsigned drain_all(const pic__wg_link *link)
{
        unsigned heard = 0;

        while (readable(100))
                heard |= pic__wg_events_drain(&ev, link);
        return heard;
}

static void kicked(void **state)
{
        pic__wg_link none = { .index = 0 };

        (void)state;
        assert_int_equal(readable(0), 0);
        assert_int_equal(pic__wg_events_drain(&ev, &none), 0);
        pic__wg_events_kick(&ev);
        pic__wg_events_kick(&ev);
        assert_int_equal(readable(1000), 1);
        assert_int_equal(pic__wg_events_drain(&ev, &none), PIC__WG_HEARD_KICK);
        assert_int_equal(readable(0), 0);
}

static void links(void **state)
{
        pic__wg_link link, none = { .index = 0 };

        (void)state;
        world_run(NULL,
                  "ip link add pcta type veth peer name pctb; ip link set pctb up; ip link set pcta up alias pic");
        assert_int_equal(drain_all(&none), 0);
        assert_int_equal(pic__wg_link_get(&nl, "pcta", &link, NULL), 1);
        world_run(NULL, "ip link set pcta mtu 1400; ip link set pctb mtu 1400; ip link add pctc type veth peer name "
                        "pctd; ip link del pctc");
        assert_int_equal(drain_all(&link), 0);
        world_run(NULL, "ip link set pcta down");
        assert_int_equal(drain_all(&link), PIC__WG_HEARD_LINK);
        world_run(NULL, "ip link set pcta up");
        drain_all(&link);
        world_run(NULL, "ip link set pcta alias other");
        assert_int_equal(drain_all(&link), PIC__WG_HEARD_LINK);
        world_run(NULL, "ip link set pcta alias pic");
        drain_all(&link);
        world_run(NULL, "ip link set pcta down; ip link set pcta name pctx; ip link set pctx up");
        assert_int_equal(drain_all(&link), PIC__WG_HEARD_LINK);
        world_run(NULL, "ip link set pctx down; ip link set pctx name pcta; ip link set pcta up");
        drain_all(&link);
        world_run(NULL, "ip link del pcta");
        assert_int_equal(drain_all(&link), PIC__WG_HEARD_LINK);
}

/* So many changes that the socket's room is not enough: something was lost, so look. */
static void lost_messages(void **state)
{
        pic__wg_link other = { .index = 4711, .name = "other" };

        (void)state;
        world_run(NULL, "ip link add pcta type veth peer name pctb; for i in $(seq 400); do for j in 1 2 3; do echo "
                        "link set pcta mtu 14$j$j; done; done | "
                        "ip -batch -; ip link del pcta");
        assert_int_equal(drain_all(&other), PIC__WG_HEARD_LINK);
        world_run(NULL, "ip link set lo up");
        assert_int_equal(drain_all(&other), 0);
}

static void a_process_dies(void **state)
{
        const char *const argv[] = { "sleep", "60", NULL };
        PIC__AUTO(pic__child_unref_p) pic__child *child = NULL;
        pic__wg_link none = { .index = 0 };
        int i;

        (void)state;
        assert_int_equal(pic__child_new("wg", world_dir, world_dir, NULL, &child, NULL), 0);
        pic__wg_events_watch(&ev, child); /* none runs */
        for (i = 0; i < 2; i++) {
                assert_int_equal(pic__child_start(child, argv, NULL, NULL), 0);
                pic__wg_events_watch(&ev, child);
                pic__wg_events_watch(&ev, child);
                assert_int_equal(readable(50), 0);
                kill(pic__child_pid(child), SIGKILL);
                assert_int_equal(readable(1000), 1);
                assert_int_equal(pic__wg_events_drain(&ev, &none), 0);
                assert_int_equal(pic__child_alive(child), 0);
                assert_int_equal(readable(0), 0); /* it left with the process */
        }
}

static void cannot_open(void **state)
{
        struct rlimit old, none;
        pic__wg_events other;
        int i, r = -1;

        (void)state;
        getrlimit(RLIMIT_NOFILE, &old);
        for (i = 3; i < 20 && r < 0; i++) {
                none = old;
                none.rlim_cur = (rlim_t)i;
                setrlimit(RLIMIT_NOFILE, &none);
                r = pic__wg_events_open(&other, NULL);
                setrlimit(RLIMIT_NOFILE, &old);
                if (i == 3)
                        assert_int_equal(r, PIC_IO);
        }
        assert_int_equal(r, 0);
        pic__wg_events_close(&other);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(kicked),         cmocka_unit_test(links),       cmocka_unit_test(lost_messages),
                cmocka_unit_test(a_process_dies), cmocka_unit_test(cannot_open),
        };
        int r = world_open();

        if (r != 0)
                return r;
        if (pic__nl_open(&nl, NETLINK_ROUTE, NULL) < 0 || pic__wg_events_open(&ev, NULL) < 0)
                return 1;
        r = cmocka_run_group_tests(tests, NULL, NULL);
        pic__wg_events_close(&ev);
        pic__nl_close(&nl);
        world_close();
        return r;
}
