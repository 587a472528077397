/* Asking the kernel: answers, refusals with its own words, lack of rights. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <sys/resource.h>

#include "backend/wg/nl.h"
#include "world.h"

static struct nl_msg *new_link(const char *kind)
{
        struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        struct ifinfomsg ifi = { .ifi_index = 0 };
        struct nlattr *info;

        nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO);
        nla_put_string(msg, IFLA_IFNAME, "pcttest0");
        info = nla_nest_start(msg, IFLA_LINKINFO);
        nla_put_string(msg, IFLA_INFO_KIND, kind);
        nla_nest_end(msg, info);
        return msg;
}

static int count(const struct nlmsghdr *h, void *data)
{
        unsigned *n = data;

        assert_int_equal(h->nlmsg_type, RTM_NEWLINK);
        return ++*n == 99 ? -EINVAL : 0;
}

static struct nl_msg *dump_links(void)
{
        struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_DUMP);
        struct ifinfomsg ifi = { .ifi_index = 0 };

        nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO);
        return msg;
}

static void a_dump_and_again(void **state)
{
        pic__auto_nl_msg struct nl_msg *msg = dump_links(), *again = dump_links(), *stopped = dump_links();
        unsigned n = 0, m = 0;
        pic__nl nl;

        (void)state;
        assert_int_equal(pic__nl_open(&nl, NETLINK_ROUTE, NULL), 0);
        assert_int_equal(pic__nl_ask(&nl, msg, count, &n), 0);
        assert_true(n >= 1); /* lo */
        assert_int_equal(pic__nl_ask(&nl, again, count, &m), 0);
        assert_int_equal(n, m);
        m = 98;
        assert_int_equal(pic__nl_ask(&nl, stopped, count, &m), -EINVAL);
        pic__nl_close(&nl);
        pic__nl_msg_free(NULL);
}

static void a_refusal_carries_the_kernels_words(void **state)
{
        pic__auto_nl_msg struct nl_msg *msg = new_link("no-such-kind");
        pic__auto_err pic_error *err = NULL;
        pic__nl nl;
        int r;

        (void)state;
        assert_int_equal(pic__nl_open(&nl, NETLINK_ROUTE, NULL), 0);
        r = pic__nl_ask(&nl, msg, NULL, NULL);
        assert_int_equal(r, -EOPNOTSUPP);
        assert_int_equal(pic__nl_fail(&nl, &err, -r, "link %s", "x"), PIC_UNSUPPORTED);
        assert_string_equal(pic_error_detail(err, "extack"), "Unknown device type");
        assert_string_equal(pic_error_message(err), "link x: Operation not supported (Unknown device type)");
        assert_int_equal(atoi(pic_error_detail(err, "errno")), EOPNOTSUPP);
        pic__nl_close(&nl);
}

static void no_right_is_denied_with_a_hint(void **state)
{
        pic__auto_nl_msg struct nl_msg *msg = new_link("veth");
        pic__auto_err pic_error *err = NULL;
        pic__nl nl;
        int r;

        (void)state;
        assert_int_equal(seteuid(65534), 0);
        assert_int_equal(pic__nl_open(&nl, NETLINK_ROUTE, NULL), 0);
        r = pic__nl_ask(&nl, msg, NULL, NULL);
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(r, -EPERM);
        assert_int_equal(pic__nl_fail(&nl, &err, -r, "link"), PIC_DENIED);
        assert_non_null(strstr(pic_error_hint(err), "CAP_NET_ADMIN"));
        pic__nl_close(&nl);
}

static void codes(void **state)
{
        pic__nl nl = { .sock = NULL };

        (void)state;
        assert_int_equal(pic__nl_fail(&nl, NULL, ETIMEDOUT, "x"), PIC_TIMEOUT);
        assert_int_equal(pic__nl_fail(&nl, NULL, ENOMEM, "x"), PIC_NOMEM);
        assert_int_equal(pic__nl_fail(&nl, NULL, EINVAL, "x"), PIC_BACKEND);
}

static void no_descriptors_and_no_memory(void **state)
{
        struct rlimit old, none;
        pic__nl nl;
        int r;

        (void)state;
        getrlimit(RLIMIT_NOFILE, &old);
        none = old;
        none.rlim_cur = 3;
        setrlimit(RLIMIT_NOFILE, &none);
        r = pic__nl_open(&nl, NETLINK_ROUTE, NULL);
        setrlimit(RLIMIT_NOFILE, &old);
        assert_int_equal(r, PIC_BACKEND);
        pic__mem_fail_at(1);
        r = pic__nl_open(&nl, NETLINK_ROUTE, NULL);
        pic__mem_fail_at(0);
        assert_int_equal(r, PIC_NOMEM);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_dump_and_again),
                cmocka_unit_test(a_refusal_carries_the_kernels_words),
                cmocka_unit_test(no_right_is_denied_with_a_hint),
                cmocka_unit_test(codes),
                cmocka_unit_test(no_descriptors_and_no_memory),
        };

        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                fprintf(stderr, "SKIPPED: needs root for a network namespace\n");
                return 77;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
