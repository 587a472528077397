/* Messages as bytes: lengths, padding, nesting, and no memory. */
#include "space.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>

#include "backend/nft/attrs.h"
#include "backend/nft/msg.h"
#include "base/mem.h"

static size_t build(pic__buf *b)
{
        size_t at, nest;

        pic__nft_batch_begin(b, 7);
        at = pic__nft_msg_begin(b, 0xa09, NLM_F_CREATE, 8, 1, 0);
        pic__nft_attr_str(b, 1, "pic");
        nest = pic__nft_nest_begin(b, 3);
        pic__nft_attr(b, 2, "12345", 5);
        pic__nft_attr_be32(b, 4, 0x01020304);
        pic__nft_nest_end(b, nest);
        pic__nft_msg_end(b, at);
        pic__nft_msg_ask_ack(b, at);
        pic__nft_batch_end(b, 9);
        return at;
}

static void test_layout(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        size_t at = build(&b), seen = 0;
        const struct nlmsghdr *msg = (const struct nlmsghdr *)(const void *)(b.data + at);
        const struct nlattr *attr, *in;
        int left = (int)(b.len - at);

        (void)state;
        assert_true(mnl_nlmsg_ok(msg, left));
        assert_int_equal(msg->nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK);
        assert_int_equal(msg->nlmsg_seq, 8);
        pic__nft_each(attr, msg)
        {
                seen++;
                if (mnl_attr_get_type(attr) == 1)
                        assert_string_equal(mnl_attr_get_str(attr), "pic");
                if (mnl_attr_get_type(attr) != 3)
                        continue;
                assert_true((attr->nla_type & NLA_F_NESTED) != 0);
                pic__nft_each_in(in, attr)
                {
                        seen++;
                        if (mnl_attr_get_type(in) == 2)
                                assert_int_equal(mnl_attr_get_payload_len(in), 5);
                        else
                                assert_memory_equal(mnl_attr_get_payload(in), "\1\2\3\4", 4);
                }
        }
        assert_int_equal(seen, 4);
        msg = mnl_nlmsg_next(msg, &left);
        assert_true(mnl_nlmsg_ok(msg, left));
        assert_int_equal(msg->nlmsg_type, NFNL_MSG_BATCH_END);
        assert_int_equal(left, (int)msg->nlmsg_len);
        pic__buf_free(&b);
}

static void test_no_memory(void **state)
{
        unsigned long n;

        (void)state;
        for (n = 1; n < 4; n++) {
                pic__buf b = PIC__BUF_INIT;

                pic__mem_fail_at(n);
                build(&b);
                pic__mem_fail_at(0);
                pic__buf_free(&b);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_layout),
                cmocka_unit_test(test_no_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
