/* Dumps as the kernel sends them, built by hand: a peer over several messages, the endpoint's families, what is broken.
 */
#include <arpa/inet.h>
#include <linux/wireguard.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/wg/kernel_get.h"

struct seen {
        char text[1000];
        int fail_at;
        int count;
};

static int on_device(const pic__wg_device *device, void *data, pic_error **err)
{
        struct seen *s = data;

        snprintf(s->text + strlen(s->text), sizeof(s->text) - strlen(s->text), "device %02x %u;",
                 device->private_key[0], device->port);
        return ++s->count == s->fail_at ? pic__fail(err, PIC_BUSY, "enough") : 0;
}

static int on_peer(pic__wg_peer *p, void *data, pic_error **err)
{
        struct seen *s = data;

        snprintf(s->text + strlen(s->text), sizeof(s->text) - strlen(s->text),
                 "peer %02x %02x %u %zu %s %lld %llu %llu;", p->key[0], p->psk[0], p->keepalive, p->allowed.count,
                 p->endpoint, (long long)p->handshake, (unsigned long long)p->rx, (unsigned long long)p->tx);
        return ++s->count == s->fail_at ? pic__fail(err, PIC_BUSY, "enough") : 0;
}

static struct nl_msg *message(int first)
{
        struct nl_msg *msg = nlmsg_alloc_size(8192);
        uint8_t key[32] = { 0xaa };

        genlmsg_put(msg, 0, 1, 30, 0, NLM_F_MULTI, WG_CMD_GET_DEVICE, WG_GENL_VERSION);
        nla_put_string(msg, WGDEVICE_A_IFNAME, "pic0");
        if (first) {
                nla_put_u16(msg, WGDEVICE_A_LISTEN_PORT, 51820);
                nla_put(msg, WGDEVICE_A_PRIVATE_KEY, 32, key);
        }
        return msg;
}

static void put_allowed(struct nl_msg *msg, int count)
{
        struct nlattr *list = nla_nest_start(msg, WGPEER_A_ALLOWEDIPS), *one;
        uint8_t bytes[16] = { 10 };
        int i;

        for (i = 0; i < count; i++) {
                one = nla_nest_start(msg, 0);
                nla_put_u16(msg, WGALLOWEDIP_A_FAMILY, i % 2 ? AF_INET6 : AF_INET);
                nla_put(msg, WGALLOWEDIP_A_IPADDR, i % 2 ? 16 : 4, bytes);
                nla_put_u8(msg, WGALLOWEDIP_A_CIDR_MASK, 8);
                nla_nest_end(msg, one);
        }
        one = nla_nest_start(msg, 0); /* half a prefix is none */
        nla_put_u16(msg, WGALLOWEDIP_A_FAMILY, AF_INET);
        nla_nest_end(msg, one);
        nla_nest_end(msg, list);
}

/* whole: with everything that only the first part of a peer has. */
static void put_peer(struct nl_msg *msg, uint8_t first, int whole, int allowed)
{
        struct nlattr *nest = nla_nest_start(msg, 0);
        uint8_t key[32] = { first }, psk[32] = { 0x55 };
        struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(1), .sin_addr = { htonl(0x0a000001) } };
        struct sockaddr_in6 six = { .sin6_family = AF_INET6,
                                    .sin6_port = htons(2),
                                    .sin6_addr = IN6ADDR_LOOPBACK_INIT };
        int64_t when[2] = { 1700000000, 5000 };

        nla_put(msg, WGPEER_A_PUBLIC_KEY, 32, key);
        if (whole) {
                nla_put(msg, WGPEER_A_PRESHARED_KEY, 32, psk);
                nla_put_u16(msg, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, 25);
                nla_put(msg, WGPEER_A_LAST_HANDSHAKE_TIME, sizeof(when), when);
                nla_put_u64(msg, WGPEER_A_RX_BYTES, 7);
                nla_put_u64(msg, WGPEER_A_TX_BYTES, 8);
                if (first % 2)
                        nla_put(msg, WGPEER_A_ENDPOINT, sizeof(four), &four);
                else
                        nla_put(msg, WGPEER_A_ENDPOINT, sizeof(six), &six);
        }
        if (allowed > 0)
                put_allowed(msg, allowed);
        nla_nest_end(msg, nest);
}

static int give(pic__wg_dump *d, struct nl_msg *msg)
{
        int r = pic__wg_dump_message(nlmsg_hdr(msg), d);

        nlmsg_free(msg);
        return r;
}

static struct nl_msg *first_message(void)
{
        struct nl_msg *msg = message(1);
        struct nlattr *peers = nla_nest_start(msg, WGDEVICE_A_PEERS);

        put_peer(msg, 1, 1, 2);
        put_peer(msg, 2, 1, 3);
        nla_nest_end(msg, peers);
        return msg;
}

static struct nl_msg *second_message(void)
{
        struct nl_msg *msg = message(0);
        struct nlattr *peers = nla_nest_start(msg, WGDEVICE_A_PEERS), *odd;

        put_peer(msg, 2, 0, 4);       /* goes on */
        odd = nla_nest_start(msg, 0); /* no key: none */
        nla_put_u16(msg, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, 25);
        nla_nest_end(msg, odd);
        put_peer(msg, 3, 0, 0);
        nla_nest_end(msg, peers);
        return msg;
}

static void a_peer_over_two_messages(void **state)
{
        struct seen seen = { .count = 0 };
        pic__wg_reader reader = { on_device, on_peer, &seen };
        pic__auto_wg_dump pic__wg_dump d = { .reader = &reader };

        (void)state;
        assert_int_equal(give(&d, first_message()), 0);
        assert_int_equal(give(&d, second_message()), 0);
        assert_int_equal(give(&d, message(0)), 0);
        assert_int_equal(pic__wg_dump_end(&d), 0);
        assert_int_equal(pic__wg_dump_end(&d), 0);
        assert_string_equal(seen.text, "device aa 51820;"
                                       "peer 01 55 25 2 10.0.0.1:1 1700000000000005 7 8;"
                                       "peer 02 55 25 7 [::1]:2 1700000000000005 7 8;"
                                       "peer 03 00 0 0  0 0 0;");
}

static void the_reader_ends_it(void **state)
{
        int at;

        (void)state;
        for (at = 1; at <= 4; at++) {
                struct seen seen = { .fail_at = at };
                pic__wg_reader reader = { on_device, on_peer, &seen };
                pic__auto_err pic_error *err = NULL;
                pic__auto_wg_dump pic__wg_dump d = { .reader = &reader, .err = &err };
                int r = give(&d, first_message());

                if (r == 0)
                        r = give(&d, second_message());
                if (r == 0)
                        r = pic__wg_dump_end(&d);
                assert_true(r < 0);
                assert_int_equal(d.failed, PIC_BUSY);
                assert_int_equal(pic_error_code(err), PIC_BUSY);
                assert_int_equal(seen.count, at);
        }
}

static void out_of_memory(void **state)
{
        struct seen seen = { .count = 0 };
        pic__wg_reader reader = { on_device, on_peer, &seen };
        pic__auto_wg_dump pic__wg_dump d = { .reader = &reader };

        (void)state;
        pic__mem_fail_at(1);
        assert_true(give(&d, first_message()) < 0);
        pic__mem_fail_at(0);
        assert_int_equal(d.failed, PIC_NOMEM);
}

static void a_broken_message(void **state)
{
        struct seen seen = { .count = 0 };
        pic__wg_reader reader = { on_device, on_peer, &seen };
        pic__auto_wg_dump pic__wg_dump d = { .reader = &reader };
        struct nlmsghdr h = { .nlmsg_len = sizeof(h) };

        (void)state;
        assert_true(pic__wg_dump_message(&h, &d) < 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_peer_over_two_messages),
                cmocka_unit_test(the_reader_ends_it),
                cmocka_unit_test(out_of_memory),
                cmocka_unit_test(a_broken_message),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
