/* Links: found, told apart, marked, removed; made where the kernel has WireGuard. */
#include <linux/rtnetlink.h>

#include "backend/wg/link.h"
#include "backend/wg/transport.h"
#include "world.h"

static pic__nl nl;

static void found_and_told_apart(void **state)
{
        pic__wg_link link;

        (void)state;
        assert_int_equal(pic__wg_link_get(&nl, "nosuch0", &link, NULL), 0);
        assert_int_equal(pic__wg_link_get(&nl, "lo", &link, NULL), 1);
        assert_int_equal(link.index, 1);
        assert_string_equal(link.kind, "");
        assert_int_equal(link.ours, 0);
        assert_int_equal(link.up, 0);
        world_run(NULL, "ip link add pcta type veth peer name pctb; ip link set pcta up alias somebody");
        assert_int_equal(pic__wg_link_get(&nl, "pcta", &link, NULL), 1);
        assert_string_equal(link.kind, "veth");
        assert_int_equal(link.ours, 0);
        assert_int_equal(link.up, 1);
        assert_int_equal(pic__wg_link_ours(&nl, "veth", &link, NULL), 0);
}

static void marked_and_removed(void **state)
{
        pic__wg_link link, ours;

        (void)state;
        assert_int_equal(pic__wg_link_get(&nl, "pcta", &link, NULL), 1);
        assert_int_equal(pic__wg_link_mark(&nl, &link, NULL), 0);
        assert_int_equal(pic__wg_link_ours(&nl, "veth", &ours, NULL), 1);
        assert_int_equal(ours.index, link.index);
        assert_string_equal(ours.name, "pcta");
        assert_int_equal(pic__wg_link_ours(&nl, "wireguard", &ours, NULL), 0);
        assert_int_equal(pic__wg_link_remove(&nl, &link, NULL), 0);
        assert_int_equal(pic__wg_link_get(&nl, "pcta", &link, NULL), 0);
        assert_int_equal(pic__wg_link_remove(&nl, &link, NULL), 0); /* gone is gone */
        ours = (pic__wg_link){ .index = 4711, .name = "gone" };
        assert_int_equal(pic__wg_link_mark(&nl, &ours, NULL), PIC_BACKEND);
}

static void a_loopback_cannot_be_removed(void **state)
{
        pic__wg_link link;
        pic__auto_err pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__wg_link_get(&nl, "lo", &link, NULL), 1);
        assert_true(pic__wg_link_remove(&nl, &link, &err) < 0);
        assert_non_null(strstr(pic_error_message(err), "lo"));
}

static void made(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__wg_link link;
        int r = pic__wg_link_make(&nl, "pctw", &link, &err);

        (void)state;
        if (!pic__wg_kernel_there()) {
                assert_int_equal(r, PIC_UNSUPPORTED);
                assert_non_null(strstr(pic_error_message(err), "no WireGuard"));
                return;
        }
        assert_int_equal(r, 0);
        assert_int_equal(pic__wg_link_get(&nl, "pctw", &link, NULL), 1);
        assert_int_equal(link.ours, 1);
        assert_int_equal(pic__wg_link_remove(&nl, &link, NULL), 0);
}

static void other_messages_are_none(void **state)
{
        struct nlmsghdr h = { .nlmsg_len = sizeof(h), .nlmsg_type = RTM_NEWADDR };
        pic__wg_link link;

        (void)state;
        assert_int_equal(pic__wg_link_parse(&h, &link), -1);
        h.nlmsg_type = RTM_NEWLINK;
        assert_int_equal(pic__wg_link_parse(&h, &link), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(found_and_told_apart),         cmocka_unit_test(marked_and_removed),
                cmocka_unit_test(a_loopback_cannot_be_removed), cmocka_unit_test(made),
                cmocka_unit_test(other_messages_are_none),
        };
        int r;

        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                fprintf(stderr, "SKIPPED: needs root for a network namespace\n");
                return 77;
        }
        if (pic__nl_open(&nl, NETLINK_ROUTE, NULL) < 0)
                return 1;
        r = cmocka_run_group_tests(tests, NULL, NULL);
        pic__nl_close(&nl);
        return r;
}
