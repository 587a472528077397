/* A flow as the kernel tells it, and whether a right covers it. Real ones: test_flows.c. */
#include "space.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "backend/nft/flow.h"
#include "backend/nft/msg.h"
#include "model/service.h"

static void put_ip(pic__buf *b, const char *src, const char *dst)
{
        int v6 = strchr(src, ':') != NULL;
        size_t at = pic__nft_nest_begin(b, CTA_TUPLE_IP);
        uint8_t from[16], to[16];

        assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, src, from), 1);
        assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, dst, to), 1);
        pic__nft_attr(b, v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, from, v6 ? 16 : 4);
        pic__nft_attr(b, v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, to, v6 ? 16 : 4);
        pic__nft_nest_end(b, at);
}

static void put_tuple(pic__buf *b, uint16_t type, const char *src, const char *dst, uint16_t sport, uint16_t dport)
{
        size_t tuple = pic__nft_nest_begin(b, type), proto;
        uint16_t from = htons(sport), to = htons(dport);
        uint8_t udp = 17;

        put_ip(b, src, dst);
        proto = pic__nft_nest_begin(b, CTA_TUPLE_PROTO);
        pic__nft_attr(b, CTA_PROTO_NUM, &udp, 1);
        pic__nft_attr(b, CTA_PROTO_SRC_PORT, &from, 2);
        pic__nft_attr(b, CTA_PROTO_DST_PORT, &to, 2);
        pic__nft_nest_end(b, proto);
        pic__nft_nest_end(b, tuple);
}

static void expect_addr(const pic__addr *a, const char *want)
{
        char text[PIC__ADDR_TEXT];

        assert_string_equal(pic__addr_print(a, text), want);
}

static void test_read(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        pic__nft_flow f;
        size_t at = pic__nft_msg_begin(&b, 0x100, 0, 1, AF_INET, 0);

        (void)state;
        put_tuple(&b, CTA_TUPLE_ORIG, "10.1.0.2", "198.51.100.10", 4000, 53);
        put_tuple(&b, CTA_TUPLE_REPLY, "169.254.96.6", "169.254.96.5", 5353, 4001);
        pic__nft_attr_be32(&b, CTA_MARK, 0x231011);
        pic__nft_attr_be32(&b, CTA_ID, 7);
        pic__nft_msg_end(&b, at);
        pic__nft_flow_read((const struct nlmsghdr *)(const void *)b.data, &f);
        expect_addr(&f.orig.src, "10.1.0.2");
        expect_addr(&f.orig.dst, "198.51.100.10");
        expect_addr(&f.reply.src, "169.254.96.6");
        expect_addr(&f.reply.dst, "169.254.96.5");
        assert_int_equal(f.orig.proto, 17);
        assert_int_equal(f.orig.dport, 53);
        assert_int_equal(f.reply.sport, 5353);
        assert_int_equal(f.mark, 0x231011);
        assert_non_null(f.raw);
        assert_non_null(f.id);
        assert_null(f.zone);
        pic__buf_free(&b);
}

static void test_nothing(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        pic__nft_flow f;
        size_t at = pic__nft_msg_begin(&b, 0x100, 0, 1, AF_INET, 0);

        (void)state;
        pic__nft_attr(&b, CTA_MARK, "x", 1);
        pic__nft_attr(&b, CTA_TUPLE_REPLY, "", 0);
        pic__nft_msg_end(&b, at);
        pic__nft_flow_read((const struct nlmsghdr *)(const void *)b.data, &f);
        assert_null(f.raw);
        assert_int_equal(f.mark, 0);
        assert_int_equal(f.reply.src.family, 0);
        pic__buf_free(&b);
}

static void test_covers(void **state)
{
        static const pic__item items[] = {
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.1-192.168.1.9 17 53-80", "accept", NULL, 0, NULL },
                { PIC__I_NFT_WIDE6, "0x00230000 fd00::-fd00::9", "accept", NULL, 0, NULL },
                { PIC__I_NFT_CARRIER4, "0x00002010 203.0.113.7-203.0.113.7 17 51820-51820", "accept", NULL, 0, NULL },
        };
        static const struct {
                uint32_t mark;
                const char *from; /* where answers come from */
                uint8_t proto;
                uint16_t port;
                int want;
        } cases[] = {
                { 0x230000, "192.168.1.1", 17, 53, 1 },  { 0x230000, "192.168.1.9", 17, 80, 1 },
                { 0x230000, "192.168.1.10", 17, 80, 0 }, { 0x230000, "192.168.1.9", 17, 81, 0 },
                { 0x230000, "192.168.1.9", 6, 80, 0 },   { 0x240000, "192.168.1.9", 17, 80, 0 },
                { 0x230000, "fd00::9", 58, 0, 1 },       { 0x230000, "fd00::a", 58, 0, 0 },
                { 0x2010, "203.0.113.7", 17, 51820, 1 }, { 0x2020, "203.0.113.7", 17, 51820, 0 },
        };
        pic__nft_elems list = PIC__VEC_INIT;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(items); i++) {
                pic__nft_elem e;

                assert_int_equal(pic__nft_elem_parse(&items[i], &e, NULL), 0);
                assert_int_equal(pic__vec_push(&list, e), 0);
        }
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__nft_flow f = { .reply = { .proto = cases[i].proto, .sport = cases[i].port } };

                assert_int_equal(pic__addr_parse(cases[i].from, &f.reply.src), 0);
                if (pic__nft_covers(&list, cases[i].mark, &f) != cases[i].want)
                        fail_msg("%s %u", cases[i].from, cases[i].port);
        }
        pic__vec_free(&list);
}

/* What was led to the front belongs to the service that was dialled, not to the cell's own address. */
static void test_served(void **state)
{
        static const pic__item items[] = {
                { PIC__I_NFT_SERVED4, "0x00230000 10.1.0.9", "accept", NULL, 0, NULL },
                { PIC__I_NFT_GRANT4, "0x00230000 10.1.0.0-10.1.255.255 0-255 0-65535", "accept", NULL, 0, NULL },
        };
        static const struct {
                const char *dialled, *from;
                uint16_t dport, sport;
                int served, want;
        } cases[] = {
                { "10.1.0.9", "10.1.0.1", 443, PIC__SERVICE_TLS_PORT, 1, 1 },
                { "10.1.0.8", "10.1.0.1", 443, PIC__SERVICE_TLS_PORT, 1, 0 },
                { "10.1.0.9", "10.1.0.1", 80, PIC__SERVICE_PORT, 1, 1 },
                { "10.1.0.9", "10.1.0.1", 443, PIC__SERVICE_DOORS + PIC__SERVICES_MAX - 1, 1, 1 },
                { "10.1.0.9", "10.1.0.1", 443, PIC__SERVICE_DOORS + PIC__SERVICES_MAX, 0, 1 },
                { "10.1.0.1", "10.1.0.1", PIC__SERVICE_TLS_PORT, PIC__SERVICE_TLS_PORT, 0, 1 },
                { "10.1.0.9", "10.1.0.9", 443, 443, 0, 1 },
        };
        pic__nft_elems list = PIC__VEC_INIT;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(items); i++) {
                pic__nft_elem e;

                assert_int_equal(pic__nft_elem_parse(&items[i], &e, NULL), 0);
                assert_int_equal(pic__vec_push(&list, e), 0);
        }
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__nft_flow f = { .orig = { .proto = 6, .dport = cases[i].dport },
                                    .reply = { .proto = 6, .sport = cases[i].sport } };

                assert_int_equal(pic__addr_parse(cases[i].dialled, &f.orig.dst), 0);
                assert_int_equal(pic__addr_parse(cases[i].from, &f.reply.src), 0);
                assert_int_equal(pic__nft_flow_served(&f), cases[i].served);
                assert_int_equal(pic__nft_covers(&list, 0x230000, &f), cases[i].want);
        }
        pic__vec_free(&list);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_served),
                cmocka_unit_test(test_read),
                cmocka_unit_test(test_nothing),
                cmocka_unit_test(test_covers),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
