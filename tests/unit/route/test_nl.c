/* backend/route/nl.c: requests, dumps, and the kernel's own words. */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/socket.h>

static void open_is_cloexec(void **state)
{
        pic__route_nl nl = { 0 };

        (void)state;
        assert_int_equal(pic__route_nl_open(&nl, NULL), 0);
        assert_true(fcntl(nl_socket_get_fd(nl.sock), F_GETFD) & FD_CLOEXEC);
        assert_true(nl.port != 0);
        pic__route_nl_close(&nl);
        pic__route_nl_close(&nl);
}

static int change(pic__route_nl *nl, int type, int flags, const void *header, size_t len, pic_error **err)
{
        struct nl_msg *m = pic__route_nl_msg(type, NLM_F_REQUEST | flags, header, len);
        int r;

        assert_non_null(m);
        r = pic__route_nl_change(nl, m, "try", err);
        nlmsg_free(m);
        return r;
}

static void says_why(void **state)
{
        struct ifinfomsg link = { .ifi_index = 9999, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
        struct ifaddrmsg addr = { .ifa_family = AF_INET, .ifa_prefixlen = 40, .ifa_index = 1 };
        struct rtmsg route = { .rtm_family = AF_INET, .rtm_dst_len = 24, .rtm_type = 200, .rtm_table = RT_TABLE_MAIN };
        pic__auto_err pic_error *a = NULL, *b = NULL, *c = NULL;
        pic__route_nl nl = { 0 };

        (void)state;
        assert_int_equal(pic__route_nl_open(&nl, NULL), 0);
        assert_int_equal(change(&nl, RTM_NEWLINK, 0, &link, sizeof(link), &a), PIC_NOTFOUND);
        assert_string_equal(pic_error_detail(a, "errno"), "19");
        assert_int_equal(change(&nl, RTM_NEWADDR, NLM_F_CREATE, &addr, sizeof(addr), &b), PIC_BACKEND);
        assert_non_null(strstr(pic_error_message(b), "try: "));
        assert_int_equal(change(&nl, RTM_NEWROUTE, NLM_F_CREATE, &route, sizeof(route), &c), PIC_BACKEND);
        /* The kernel's sentence, which libnl would drop. */
        assert_non_null(pic_error_detail(c, "extack"));
        assert_non_null(strstr(pic_error_message(c), pic_error_detail(c, "extack")));
        pic__route_nl_close(&nl);
}

static void dumps_and_walks(void **state)
{
        struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
        struct nl_msg *m = pic__route_nl_msg(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, &header, sizeof(header));
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        const struct nlmsghdr *h = NULL;
        pic__route_nl nl = { 0 };
        int links = 0;

        (void)state;
        assert_int_equal(pic__route_nl_open(&nl, NULL), 0);
        assert_int_equal(pic__route_nl_dump(&nl, m, &out, NULL), 0);
        while ((h = pic__route_nl_next(&out, h)) != NULL) {
                assert_int_equal(h->nlmsg_type, RTM_NEWLINK);
                links++;
        }
        assert_int_equal(links, 4); /* lo, pic0, lan0, far0 */
        nlmsg_free(m);
        pic__route_nl_close(&nl);
}

static void refused_dump(void **state)
{
        struct ifinfomsg header = { .ifi_family = AF_UNSPEC, .ifi_type = 77 }; /* strict checking wants zero */
        struct nl_msg *m = pic__route_nl_msg(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, &header, sizeof(header));
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        pic__route_nl nl = { 0 };
        int r;

        (void)state;
        assert_int_equal(pic__route_nl_open(&nl, NULL), 0);
        r = pic__route_nl_dump(&nl, m, &out, &err);
        if (r == 0) { /* a kernel without strict checking answers */
                assert_true(out.len > 0);
        } else {
                assert_int_equal(r, PIC_BACKEND);
                assert_non_null(strstr(pic_error_message(err), "nvalid"));
        }
        nlmsg_free(m);
        pic__route_nl_close(&nl);
}

static void without_the_right(void **state)
{
        struct ifinfomsg link = { .ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
        pic__auto_err pic_error *err = NULL;
        pic__route_nl nl = { 0 };
        int r;

        (void)state;
        assert_int_equal(pic__route_nl_open(&nl, NULL), 0);
        assert_int_equal(seteuid(65534), 0);
        r = change(&nl, RTM_NEWLINK, 0, &link, sizeof(link), &err);
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(r, PIC_DENIED);
        assert_non_null(strstr(pic_error_hint(err), "CAP_NET_ADMIN"));
        pic__route_nl_close(&nl);
}

static void no_memory(void **state)
{
        struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
        struct nl_msg *m = pic__route_nl_msg(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, &header, sizeof(header));
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        pic__route_nl nl = { 0 };

        (void)state;
        assert_int_equal(pic__route_nl_open(&nl, NULL), 0);
        pic__mem_fail_at(1);
        assert_int_equal(pic__route_nl_dump(&nl, m, &out, &err), PIC_NOMEM);
        pic__mem_fail_at(0);
        /* What was left of that answer does not disturb the next. */
        assert_int_equal(pic__route_nl_dump(&nl, m, &out, NULL), 0);
        nlmsg_free(m);
        pic__route_nl_close(&nl);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(open_is_cloexec), TEST(says_why),          TEST(dumps_and_walks),
                                            TEST(refused_dump),    TEST(without_the_right), TEST(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
