/* The watch over exits in a network namespace: each picx<n> is a veth whose other end this test plays by itself: it
 * answers DNS for as long as an exit is to live. The clock is the test's. */
#include "exits_space.h"

#include <poll.h>

#include "base/time.h"
#include "engine/exits_i.h"
#include "sys/crypto.h"

#define S PIC__SECOND
#define MS ((pic_time)1000)
#define T0 ((pic_time)1800000000 * S)

static pic_time now;
static pic__clock clock_;
static char news[4096];

static void hear_news(pic_id id, const char *name, const char *verb, const char *text, void *data)
{
        (void)data;
        snprintf(news + strlen(news), sizeof(news) - strlen(news), "%d %s %s %s\n", (int)id, name, verb, text);
}

/* Lets time go by as the agent would: from one thing that is due to the next. How often it woke. */
static unsigned run(pic__exits *x, pic_time until)
{
        unsigned woken = 0;

        while (now < until) {
                struct pollfd fd = { pic__exits_fd(x), POLLIN, 0 };
                pic_time due = pic__exits_due(x);

                pic__exits_turn(x);
                exits_world_serve();
                if (poll(&fd, 1, 1) > 0) {
                        now += 2 * MS; /* an answer is there: it took so long */
                        pic__exits_turn(x);
                }
                due = pic__exits_due(x);
                now = due == 0 || due > until ? until : due > now ? due : now + MS;
                woken++;
        }
        return woken;
}

static pic__exits *open_exits(void)
{
        const pic__exits_opts opts = { .clock = &clock_, .news = hear_news, .resolv_conf = "/dev/null" };
        pic__exits *x = NULL;
        int i;

        now = T0;
        clock_ = pic__clock_fake(&now);
        news[0] = '\0';
        for (i = 1; i < EXITS_SLOTS; i++)
                exits_alive[i] = 1;
        assert_int_equal(pic__exits_new(&opts, &x, NULL), 0);
        return x;
}

static const pic__exits_known *known_now(const pic__exits *x)
{
        static pic__exits_known k;

        assert_int_equal(pic__exits_known_now(x, &k, NULL), 0);
        return &k;
}

static pic__snap *three(void)
{
        pic__snap *s = world_snap();

        WORLD_WG(s, 2, "one", "1", "endpoint", "203.0.113.7:51820");
        WORLD_WG(s, 3, "two", "2", "endpoint", "203.0.113.8:51820");
        WORLD_PUT(s, PIC__CONNECTION, 4, "name", "both", "type", "group", "slot", "9", "members", "one,two");
        return s;
}

static const pic__exits_known nothing;

/* From nothing to down, over to the standby, and back. */
static void test_life(void **state)
{
        pic__exits *x = open_exits();
        pic__snap *s = three();
        pic_time died;

        (void)state;
        assert_true(pic__exits_due(x) == 0);
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        assert_true(pic__exits_due(x) <= now);
        (void)run(x, T0 + 20 * S);
        assert_true(x->at[1]->health.state == PIC__HEALTH_UP && x->at[2]->health.state == PIC__HEALTH_UP);
        assert_true(x->at[9]->health.state == PIC__HEALTH_UP && x->at[9]->active == 1);
        assert_string_equal(known_now(x)->facts.at[1].remote, "203.0.113.7:51820");
        assert_true(known_now(x)->facts.at[9].judged && known_now(x)->facts.at[9].active == 1);
        assert_string_equal(news, ""); /* that all goes well is no news */
        exits_alive[1] = 0;
        died = now;
        while (x->at[9]->active == 1 && now < died + 30 * S)
                (void)run(x, now + 100 * MS);
        assert_true(now - died <= 15 * S);
        assert_true(known_now(x)->facts.at[1].down && known_now(x)->facts.at[9].active == 2);
        assert_non_null(strstr(news, "2 one exit-down connection one is down: no answer for 3 s\n"));
        assert_non_null(strstr(news, "4 both exit-moved connection both moved from one to two\n"));
        exits_alive[2] = 0;
        (void)run(x, now + 20 * S);
        assert_true(known_now(x)->facts.at[9].down && known_now(x)->facts.at[9].active == 2);
        assert_non_null(strstr(news, "4 both exit-down connection both is down: none of its members works\n"));
        exits_alive[1] = exits_alive[2] = 1;
        news[0] = '\0';
        (void)run(x, now + 5 * S);
        assert_non_null(strstr(news, "2 one exit-up connection one works again, after"));
        assert_false(known_now(x)->facts.at[9].down);
        (void)run(x, now + 60 * S);
        assert_int_equal(known_now(x)->facts.at[9].active, 1); /* back where it is wished */
        pic__exits_unref(x);
        pic__snap_unref(s);
}

static pic__far_end far_end; /* whom exit 1 waits for */
static unsigned awaited_asked;

static size_t awaited(unsigned slot, pic__far_end *out, void *data)
{
        (void)data;
        awaited_asked++;
        *out = far_end;
        return slot == 1 && far_end.port != 0;
}

/* Somebody who takes connections and does nothing with them. */
static int takes(void)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
        socklen_t size = sizeof(at);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
        assert_int_equal(listen(fd, 64), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
        far_end = (pic__far_end){ { 4, { 127, 0, 0, 1 } }, ntohs(at.sin_port) };
        return fd;
}

static pic_time until_down(pic__exits *x, unsigned slot)
{
        pic_time from = now;

        while (x->at[slot]->health.state != PIC__HEALTH_DOWN && now < from + 60 * S)
                (void)run(x, now + 100 * MS);
        return now - from;
}

/* Its carrier's connection stands still, and its far end is there: not dead yet. One is gone: dead as ever. */
static void test_still(void **state)
{
        pic__exits *x = open_exits();
        pic__snap *s = three();
        int fd = takes();

        (void)state;
        x->opts.awaited = awaited;
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        (void)run(x, T0 + 20 * S);
        assert_int_equal(awaited_asked, 0); /* while all is well nobody is asked */
        exits_alive[1] = 0;
        while (x->at[1]->health.lost == 0)
                (void)run(x, now + 100 * MS);
        (void)run(x, now + 10 * S);
        assert_true(x->at[1]->health.state == PIC__HEALTH_UP && x->at[1]->health.lost > 0 && awaited_asked > 3);
        exits_alive[1] = 1;
        (void)run(x, now + 2 * S);
        assert_true(x->at[1]->health.state == PIC__HEALTH_UP && x->at[1]->health.lost == 0);
        assert_string_equal(news, "");
        exits_alive[1] = 0;
        assert_in_range(until_down(x, 1), 13 * S, 24 * S); /* it only takes connections */
        exits_alive[1] = 1;
        (void)run(x, now + 30 * S);
        exits_alive[1] = 0;
        close(fd);
        assert_in_range(until_down(x, 1), 2 * S, 13 * S);
        pic__exits_unref(x);
        pic__snap_unref(s);
}

/* An agent that has nothing to watch does not wake for it; one with idle exits hardly does. */
static void test_idle(void **state)
{
        pic__exits *x = open_exits();
        pic__snap *s = world_snap();

        (void)state;
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        pic__exits_turn(x);
        assert_true(pic__exits_due(x) == 0);
        pic__snap_unref(s);
        s = three();
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        (void)run(x, T0 + 20 * S);
        assert_in_range(run(x, T0 + 120 * S), 40, 80); /* counters each 2 s, probes together each 10 s */
        pic__exits_unref(x);
        pic__snap_unref(s);
}

/* Who is taken away, turned off, replaced. */
static void test_changes(void **state)
{
        pic__exits *x = open_exits();
        pic__snap *s = three();

        (void)state;
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        (void)run(x, T0 + 5 * S);
        WORLD_WG(s, 2, "one", "1", "endpoint", "127.0.0.1:51820"); /* edited, and not well */
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        (void)run(x, T0 + 6 * S);
        assert_int_equal(x->at[1]->health.state, PIC__HEALTH_UP); /* nobody made it yet */
        assert_string_equal(known_now(x)->facts.at[1].remote, "");
        pic__exits_made(x, 1);
        assert_int_equal(x->at[1]->health.state, PIC__HEALTH_STARTING);
        pic__exits_made(x, 200);
        pic__exits_alarm(x);
        assert_true(x->at[2]->health.probe_at == now);
        pic__snap_drop(s, PIC__CONNECTION, 3);
        WORLD_WG(s, 7, "other", "2", "endpoint", "203.0.113.9:1");
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        assert_true(x->at[2]->id == 7 && x->at[2]->health.state == PIC__HEALTH_STARTING);
        assert_int_equal(x->at[9]->member_count, 1);
        WORLD_WG(s, 7, "other", "2", "enabled", "no");
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        assert_null(x->at[2]);
        assert_true(known_now(x)->id[2] == 0 && known_now(x)->id[1] == 2);
        pic__exits_unref(x);
        pic__snap_unref(s);
}

/* What the former agent knew. */
static void test_recall(void **state)
{
        pic__exits_known before = { .id = { 0 } };
        pic__exits *x = open_exits();
        pic__snap *s = three();

        (void)state;
        WORLD_WG(s, 2, "one", "1", "endpoint", "vpn.example:51820");
        exits_alive[1] = 0;
        assert_int_equal(
                pic__exits_known_parse(&before, "1 2 down - 203.0.113.77:51820\n2 99 down - -\n9 4 up 2 -\n", NULL), 0);
        assert_int_equal(pic__exits_watch(x, s, &before, NULL), 0);
        pic__exits_turn(x);
        assert_true(known_now(x)->facts.at[1].down && !known_now(x)->facts.at[2].down);
        assert_string_equal(known_now(x)->facts.at[1].remote, "203.0.113.77:51820");
        assert_int_equal(known_now(x)->facts.at[9].active, 2);
        (void)run(x, T0 + 10 * S);
        assert_null(strstr(news, "exit-moved")); /* nothing moves at a restart */
        exits_alive[1] = 1;
        (void)run(x, T0 + 15 * S);
        assert_non_null(strstr(news, "exit-up connection one works again"));
        pic__exits_known_clear(&before);
        pic__exits_unref(x);
        pic__snap_unref(s);
}

/* Traffic that gets no answer is looked into at once. */
static void test_traffic(void **state)
{
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(4000), .sin_addr = { htonl(0xc6336401) } };
        const pic__passed passed = { .tx = { [1] = 5 } };
        pic__exits *x = open_exits();
        pic__snap *s = three();
        uint32_t mark = 0x1010;
        pic_time died;
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        (void)state;
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)), 0);
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        (void)run(x, T0 + 21 * S);
        died = now;
        exits_alive[1] = 0;
        while (x->at[1]->health.state == PIC__HEALTH_UP && now < died + 30 * S) {
                assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
                (void)run(x, now + 200 * MS);
        }
        assert_true(now - died <= 5 * S);
        assert_int_equal(x->at[1]->tx, 0); /* the cable's counters are not what is told */
        pic__exits_passed(x, &passed);
        assert_int_equal(x->at[1]->tx, 5);
        close(fd);
        pic__exits_unref(x);
        pic__snap_unref(s);
}

/* A way that is not there is no way past it. */
static void test_no_way(void **state)
{
        pic__exits *x = open_exits();
        pic__snap *s = world_snap();

        (void)state;
        WORLD_WG(s, 2, "lost", "77", "endpoint", "203.0.113.7:51820");
        WORLD_PUT(s, PIC__CONNECTION, 3, "name", "stop", "type", "block", "slot", "3");
        WORLD_PUT(s, PIC__CONNECTION, 4, "name", "void", "type", "wireguard", "slot", "4"); /* carries nothing */
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        (void)run(x, T0 + 30 * S);
        assert_true(known_now(x)->facts.at[77].down && known_now(x)->facts.at[4].down);
        assert_false(known_now(x)->facts.at[3].down);
        assert_non_null(strstr(news, "2 lost exit-down connection lost is down: no answer for"));
        assert_non_null(strstr(news, "No such device"));
        pic__exits_unref(x);
        pic__snap_unref(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_life),    cmocka_unit_test(test_still),  cmocka_unit_test(test_idle),
                cmocka_unit_test(test_changes), cmocka_unit_test(test_recall), cmocka_unit_test(test_traffic),
                cmocka_unit_test(test_no_way),
        };

        if (exits_world_make() < 0 || pic__crypto_start(NULL) < 0) {
                printf("SKIP: needs root and the right to make network namespaces\n");
                return 77;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
