/* Notifications: ours, other people's about us, other people's about themselves, lost ones. */
#include "space.h"

#include <poll.h>

#include "backend/nft/batch.h"
#include "backend/nft/shape.h"
#include "backend/nft/watch.h"
#include "plan/backend.h"

static pic__nft_sock sock = PIC__NFT_SOCK_INIT;
static pic__nft_watch watch = PIC__NFT_WATCH_INIT;

static int set_up(void **state)
{
        pic__nft_shape shape;
        pic__buf text = PIC__BUF_INIT;

        if (fresh_space(state) < 0 || pic__nft_shape_parse(SHAPE_VALUE, &shape, NULL) < 0)
                return -1;
        pic__nft_shape_text(&shape, NULL, 0, &text, NULL);
        foreign(pic__buf_str(&text));
        pic__buf_free(&text);
        return pic__nft_sock_open(&sock, NULL) < 0 ? -1 : pic__nft_watch_open(&watch, sock.port, NULL);
}

static int tear_down(void **state)
{
        (void)state;
        pic__nft_watch_close(&watch);
        pic__nft_sock_close(&sock);
        return 0;
}

static int rings(void)
{
        struct pollfd p = { .fd = watch.fd, .events = POLLIN };

        return poll(&p, 1, 0) == 1;
}

static void add_own(const char *address)
{
        pic__items bag = PIC__ITEMS_INIT;
        pic__step step;

        put_items(&bag, PIC__I_NFT_PEER4, address, "0x00230000", -1);
        step = step_add(&bag.at[0]);
        assert_int_equal(pic__nft_batch_apply(&sock, &step, 1, NULL), 0);
        pic__items_wipe(&bag);
}

static void test_who(void **state)
{
        (void)state;
        assert_false(rings());
        assert_int_equal(pic__nft_watch_drain(&watch), 0);
        add_own("10.1.0.2");
        assert_true(rings());
        assert_int_equal(pic__nft_watch_drain(&watch), 0);
        foreign("add table inet other\nadd table ip pic\nadd chain ip pic forward\n");
        assert_true(rings());
        assert_int_equal(pic__nft_watch_drain(&watch), 0);
        foreign("add element inet pic peers4 { 10.1.0.3 : 0x00230000 }\n");
        add_own("10.1.0.4");
        assert_int_equal(pic__nft_watch_drain(&watch), PIC__DRAIN_OPEN);
        assert_int_equal(pic__nft_watch_drain(&watch), 0);
}

/* What may let packets pass is told from what only keeps more of them out. */
static void test_opens(void **state)
{
        static const struct {
                const char *text;
                int what;
        } done[] = {
                { "add element inet pic peers4 { 10.1.0.3 : 0x00230000 }\n", PIC__DRAIN_OPEN },
                { "delete element inet pic peers4 { 10.1.0.3 }\n", 1 },
                { "flush map inet pic peers4\n", 0 }, /* of nothing */
                { "add set inet pic more { type ipv4_addr; }\n", 1 },
                { "delete set inet pic more\n", 1 },
                { "insert rule inet pic forward accept\n", PIC__DRAIN_OPEN },
                { "flush chain inet pic forward\n", PIC__DRAIN_OPEN },
                { "add chain inet pic mine\n", PIC__DRAIN_OPEN },
                { "delete chain inet pic mine\n", PIC__DRAIN_OPEN },
                { "add table inet pic { flags dormant; }\n", PIC__DRAIN_OPEN },
                { "flush ruleset\n", PIC__DRAIN_OPEN },
        };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(done) / sizeof(done[0]); i++) {
                foreign(done[i].text);
                assert_int_equal(pic__nft_watch_drain(&watch), done[i].what);
        }
}

static void test_pause(void **state)
{
        (void)state;
        pic__nft_watch_pause(&watch);
        foreign("add element inet pic peers4 { 10.1.0.3 : 0x00230000 }\n");
        pic__nft_watch_resume(&watch, 0);
        assert_int_equal(pic__nft_watch_drain(&watch), 0);
        foreign("add element inet pic peers4 { 10.1.0.4 : 0x00230000 }\n");
        assert_int_equal(pic__nft_watch_drain(&watch), PIC__DRAIN_OPEN);
        pic__nft_watch_pause(&watch);
        pic__nft_watch_resume(&watch, 1);
        assert_int_equal(pic__nft_watch_drain(&watch), PIC__DRAIN_OPEN);
        assert_int_equal(pic__nft_watch_drain(&watch), 0);
}

/* More than the queue holds: it cannot be told any more, so it may have been us. */
static void test_overflow(void **state)
{
        int small = 1;
        unsigned i;

        (void)state;
        assert_int_equal(setsockopt(watch.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
        for (i = 0; i < 50; i++)
                foreign("add table inet other\ndelete table inet other\n");
        assert_int_equal(pic__nft_watch_drain(&watch), PIC__DRAIN_OPEN);
        assert_int_equal(pic__nft_watch_drain(&watch), 0);
}

static void test_closed(void **state)
{
        pic__nft_watch none = PIC__NFT_WATCH_INIT;

        (void)state;
        pic__nft_watch_pause(&none);
        pic__nft_watch_resume(&none, 1);
        assert_int_equal(pic__nft_watch_drain(&none), 0);
        pic__nft_watch_close(&none);
        pic__mem_fail_at(1);
        assert_int_equal(pic__nft_watch_open(&none, 1, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_who, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_opens, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_pause, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_overflow, set_up, tear_down),
                cmocka_unit_test(test_closed),
        };

        NEED_ROOT();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
