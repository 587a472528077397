/* Peers packed into messages: what was put in is read back from them, over as many messages as it takes, none too long.
 */
#include <errno.h>
#include <linux/wireguard.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/wg/kernel_get.h"
#include "backend/wg/kernel_set.h"

static struct sent {
        unsigned messages;
        unsigned peers, prefixes;
        unsigned parts; /* peers named in messages: more than peers when one was split */
        unsigned replace, remove;
        uint8_t last[32];
        unsigned fail_at; /* message */
} sent;

static void count_peer(struct nlattr *nest)
{
        struct nlattr *attr[WGPEER_A_MAX + 1], *at;
        uint32_t flags;
        int left;

        assert_int_equal(nla_parse_nested(attr, WGPEER_A_MAX, nest, NULL), 0);
        assert_non_null(attr[WGPEER_A_PUBLIC_KEY]);
        flags = attr[WGPEER_A_FLAGS] != NULL ? nla_get_u32(attr[WGPEER_A_FLAGS]) : 0;
        sent.parts++;
        sent.replace += (flags & WGPEER_F_REPLACE_ALLOWEDIPS) != 0;
        sent.remove += (flags & WGPEER_F_REMOVE_ME) != 0;
        if (memcmp(sent.last, nla_data(attr[WGPEER_A_PUBLIC_KEY]), 32) != 0 || sent.peers == 0) {
                sent.peers++;
                /* Always said, so that they can also go away. */
                if (!(flags & WGPEER_F_REMOVE_ME)) {
                        assert_non_null(attr[WGPEER_A_PRESHARED_KEY]);
                        assert_non_null(attr[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL]);
                }
        } else {
                assert_int_equal(flags, 0);
                assert_null(attr[WGPEER_A_PRESHARED_KEY]);
        }
        memcpy(sent.last, nla_data(attr[WGPEER_A_PUBLIC_KEY]), 32);
        if (attr[WGPEER_A_ALLOWEDIPS] == NULL)
                return;
        nla_for_each_nested(at, attr[WGPEER_A_ALLOWEDIPS], left) sent.prefixes++;
}

static int keep(pic__wg_batch *b)
{
        struct nlattr *attr[WGDEVICE_A_MAX + 1], *at;
        int left;

        assert_true(nlmsg_hdr(b->msg)->nlmsg_len <= PIC__WG_BATCH_ROOM);
        if (++sent.messages == sent.fail_at)
                return -EPERM;
        assert_int_equal(genlmsg_parse(nlmsg_hdr(b->msg), 0, attr, WGDEVICE_A_MAX, NULL), 0);
        assert_int_equal(nla_get_u32(attr[WGDEVICE_A_IFINDEX]), 7);
        assert_null(attr[WGDEVICE_A_FLAGS]);
        nla_for_each_nested(at, attr[WGDEVICE_A_PEERS], left) count_peer(at);
        return 0;
}

static pic__wg_batch batch(void)
{
        memset(&sent, 0, sizeof(sent));
        return (pic__wg_batch){ .family = 30, .index = 7, .send = keep };
}

static void fill(pic__wg_peer *peer, unsigned n, unsigned prefixes)
{
        unsigned i;

        pic__wg_peer_clear(peer);
        memcpy(peer->key, &n, sizeof(n));
        peer->key[31] = 1;
        for (i = 0; i < prefixes; i++)
                pic__vec_push(&peer->allowed,
                              (pic__prefix){ { i % 2 ? 6 : 4, { 10, (uint8_t)(i >> 8), (uint8_t)i } }, 24 });
}

static void many_peers(void **state)
{
        pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 0 };
        pic__wg_batch b = batch();
        unsigned i;

        (void)state;
        assert_int_equal(pic__wg_batch_flush(&b), 0);
        assert_int_equal(sent.messages, 0);
        for (i = 0; i < 1000; i++) {
                fill(&peer, i, 2);
                assert_int_equal(pic__wg_batch_set(&b, &peer, i % 2 == 0), 0);
        }
        for (i = 0; i < 1000; i++) {
                fill(&peer, 5000 + i, 0);
                assert_int_equal(pic__wg_batch_remove(&b, peer.key), 0);
        }
        assert_int_equal(pic__wg_batch_flush(&b), 0);
        assert_int_equal(sent.peers, 2000);
        assert_int_equal(sent.prefixes, 2000);
        assert_int_equal(sent.replace, 500);
        assert_int_equal(sent.remove, 1000);
        assert_in_range(sent.messages, 5, 12);
}

/* Of every length around the places where a message is full. */
static void a_peer_over_several_messages(void **state)
{
        pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 0 };
        unsigned n;

        (void)state;
        for (n = 700; n < 3000; n = n < 1100 ? n + 1 : n + 477) {
                pic__wg_batch b = batch();

                fill(&peer, 1, 3);
                assert_int_equal(pic__wg_batch_set(&b, &peer, 1), 0);
                fill(&peer, 2, n);
                assert_int_equal(pic__wg_batch_set(&b, &peer, 1), 0);
                fill(&peer, 3, 3);
                assert_int_equal(pic__wg_batch_set(&b, &peer, 1), 0);
                assert_int_equal(pic__wg_batch_flush(&b), 0);
                assert_int_equal(sent.peers, 3);
                assert_int_equal(sent.replace, 3);
                assert_int_equal(sent.prefixes, n + 6);
        }
        assert_true(sent.parts > 3);
}

static void a_failure_empties_the_batch(void **state)
{
        pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 0 };
        unsigned at;

        (void)state;
        for (at = 1; at <= 2; at++) {
                pic__wg_batch b = batch();

                sent.fail_at = at;
                fill(&peer, 1, 2500);
                assert_int_equal(pic__wg_batch_set(&b, &peer, 1), -EPERM);
                assert_null(b.msg);
                assert_int_equal(pic__wg_batch_flush(&b), 0);
        }
        {
                pic__wg_batch b = batch();
                int r = 0;

                sent.fail_at = 1;
                while (r == 0)
                        r = pic__wg_batch_remove(&b, peer.key);
                assert_int_equal(r, -EPERM);
                assert_null(b.msg);
        }
}

static char said[2][64];

static int keep_endpoints(pic__wg_batch *b)
{
        struct nlattr *attr[WGDEVICE_A_MAX + 1], *peer[WGPEER_A_MAX + 1], *at;
        size_t n = 0;
        int left;

        assert_int_equal(genlmsg_parse(nlmsg_hdr(b->msg), 0, attr, WGDEVICE_A_MAX, NULL), 0);
        nla_for_each_nested(at, attr[WGDEVICE_A_PEERS], left)
        {
                assert_int_equal(nla_parse_nested(peer, WGPEER_A_MAX, at, NULL), 0);
                if (peer[WGPEER_A_ENDPOINT] != NULL)
                        pic__wg_endpoint_text(peer[WGPEER_A_ENDPOINT], said[n++], sizeof(said[0]));
        }
        assert_int_equal(n, 2);
        return 0;
}

/* Where a device was is said when it is known, else nothing is said of it. */
static void endpoints(void **state)
{
        pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 0 };
        pic__wg_batch b = batch();
        static const char *const given[] = { "203.0.113.7:51820", "", "[2001:db8::7]:9" };
        unsigned i;

        (void)state;
        b.send = keep_endpoints;
        for (i = 0; i < 3; i++) {
                fill(&peer, i, 1);
                memset(peer.endpoint, 0, sizeof(peer.endpoint));
                memcpy(peer.endpoint, given[i], strlen(given[i]));
                assert_int_equal(pic__wg_batch_set(&b, &peer, 1), 0);
        }
        assert_int_equal(pic__wg_batch_flush(&b), 0);
        assert_string_equal(said[0], given[0]);
        assert_string_equal(said[1], given[2]);
        memcpy(peer.endpoint, "nowhere", 8);
        assert_int_equal(pic__wg_batch_set(&b, &peer, 1), -EINVAL);
        assert_null(b.msg);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(endpoints),
                cmocka_unit_test(many_peers),
                cmocka_unit_test(a_peer_over_several_messages),
                cmocka_unit_test(a_failure_empties_the_batch),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
