/* The socket: answers, refusals with the kernel's words, a dump stopped half-way, sending more than a default buffer
 * takes. */
#include "space.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "backend/nft/msg.h"
#include "backend/nft/sock.h"

#define NFT_TYPE(msg) ((uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | (msg)))

static void open_sock(pic__nft_sock *s)
{
        *s = (pic__nft_sock)PIC__NFT_SOCK_INIT;
        assert_int_equal(pic__nft_sock_open(s, NULL), 0);
        assert_true(s->port != 0);
}

static int count_one(const struct nlmsghdr *msg, void *data, pic_error **err)
{
        (void)msg;
        (void)err;
        ++*(int *)data;
        return 0;
}

static int stop(const struct nlmsghdr *msg, void *data, pic_error **err)
{
        (void)msg;
        (void)data;
        return pic__fail(err, PIC_CANCELED, "enough");
}

static int dump_tables(pic__nft_sock *s, pic__nft_msg_fn fn, void *data, pic__nft_refusal *refusal, pic_error **err)
{
        pic__buf b = PIC__BUF_INIT;
        int r;

        pic__nft_msg_end(&b, pic__nft_msg_begin(&b, NFT_TYPE(NFT_MSG_GETTABLE), NLM_F_DUMP, ++s->seq, 0, 0));
        r = pic__nft_sock_dump(s, &b, fn, data, refusal, err);
        pic__buf_free(&b);
        return r;
}

static void test_dump(void **state)
{
        pic__nft_refusal refusal;
        pic_error *err = NULL;
        pic__nft_sock s;
        int seen = 0;

        (void)state;
        foreign("add table inet a\nadd table ip b\nadd table ip6 c\n");
        open_sock(&s);
        assert_int_equal(dump_tables(&s, stop, NULL, &refusal, &err), PIC_CANCELED);
        pic_error_free(err);
        assert_int_equal(dump_tables(&s, count_one, &seen, &refusal, NULL), 0);
        assert_int_equal(seen, 3);
        assert_int_equal(refusal.error, 0);
        pic__nft_sock_close(&s);
        pic__nft_sock_close(&s);
}

/* A transaction of `count` sets in table `name`. */
static int make_sets(pic__nft_sock *s, const char *name, size_t count, pic__nft_refusal *refusal, pic_error **err)
{
        pic__buf b = PIC__BUF_INIT;
        size_t at = 0, i;
        char set[32];
        int r;

        pic__nft_batch_begin(&b, ++s->seq);
        for (i = 0; i < count; i++) {
                snprintf(set, sizeof(set), "s%zu", i);
                at = pic__nft_msg_begin(&b, NFT_TYPE(NFT_MSG_NEWSET), NLM_F_CREATE | NLM_F_EXCL, ++s->seq, NFPROTO_INET,
                                        0);
                pic__nft_attr_str(&b, NFTA_SET_TABLE, name);
                pic__nft_attr_str(&b, NFTA_SET_NAME, set);
                pic__nft_attr_be32(&b, NFTA_SET_KEY_LEN, 4);
                pic__nft_attr_be32(&b, NFTA_SET_ID, (uint32_t)i + 1);
                pic__nft_msg_end(&b, at);
        }
        pic__nft_msg_ask_ack(&b, at);
        pic__nft_batch_end(&b, s->seq + 1);
        r = pic__nft_sock_send(s, &b, refusal, err);
        pic__buf_free(&b);
        return r;
}

static void test_send(void **state)
{
        pic__nft_refusal refusal;
        pic_error *err = NULL;
        pic__nft_sock s;

        (void)state;
        foreign("add table inet a\n");
        open_sock(&s);
        assert_int_equal(make_sets(&s, "a", 6000, &refusal, &err), 0); /* half a megabyte in one message */
        assert_int_equal(make_sets(&s, "a", 1, &refusal, &err), PIC_BACKEND);
        assert_int_equal(refusal.error, EEXIST);
        assert_null(err);
        assert_int_equal(pic__nft_refused(&refusal, "making", &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "making: "));
        assert_string_equal(pic_error_detail(err, "errno"), "17");
        pic_error_free(err);
        err = NULL;
        assert_int_equal(make_sets(&s, "nowhere", 1, &refusal, &err), PIC_BACKEND);
        assert_int_equal(refusal.error, ENOENT);
        assert_true(refusal.offset != 0);
        pic__nft_sock_close(&s);
}

static void test_no_answer(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        pic__nft_refusal refusal;
        pic__nft_sock s;

        (void)state;
        open_sock(&s);
        pic__nft_batch_begin(&b, ++s.seq);
        pic__nft_batch_end(&b, s.seq + 1);
        assert_int_equal(pic__nft_sock_send(&s, &b, &refusal, NULL), PIC_BACKEND);
        b.failed = 1;
        assert_int_equal(pic__nft_sock_send(&s, &b, &refusal, NULL), PIC_NOMEM);
        pic__buf_free(&b);
        pic__nft_sock_close(&s);
}

static void test_refused(void **state)
{
        static const struct {
                int error, code;
        } rows[] = { { EPERM, PIC_DENIED },
                     { EACCES, PIC_DENIED },
                     { ENOMEM, PIC_NOMEM },
                     { EEXIST, PIC_CONFLICT },
                     { EINVAL, PIC_BACKEND } };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(rows); i++) {
                pic__nft_refusal refusal = { .error = rows[i].error, .text = "the kernel's words" };
                pic_error *err = NULL;

                assert_int_equal(pic__nft_refused(&refusal, "it", &err), rows[i].code);
                if (rows[i].code != PIC_NOMEM)
                        assert_string_equal(pic_error_detail(err, "extack"), "the kernel's words");
                if (rows[i].code == PIC_DENIED)
                        assert_non_null(strstr(pic_error_hint(err), "CAP_NET_ADMIN"));
                pic_error_free(err);
        }
}

static void test_no_memory(void **state)
{
        pic__nft_sock s = PIC__NFT_SOCK_INIT;

        (void)state;
        pic__mem_fail_at(1);
        assert_int_equal(pic__nft_sock_open(&s, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
        pic__nft_sock_close(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_dump, fresh_space),
                cmocka_unit_test_setup(test_send, fresh_space),
                cmocka_unit_test_setup(test_no_answer, fresh_space),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_no_memory),
        };

        NEED_ROOT();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
