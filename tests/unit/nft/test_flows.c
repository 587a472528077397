/* Flows that end with a right: real entries of connection tracking, made over loopback. */
#include "space.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "backend/nft/flows.h"
#include "backend/nft/msg.h"
#include "backend/nft/shape.h"
#include "backend/nft/sock.h"
#include "base/mem.h"

static const pic__nft_elems none = PIC__VEC_INIT;

/* Flows of local ports below 2000 are class 0x23, others class 0x24. */
static int set_up(void **state)
{
        if (fresh_space(state) < 0)
                return -1;
        foreign("table inet marks { chain out { type filter hook output priority mangle;\n"
                "ct state new udp sport < 2000 ct mark set 0x00230000\n"
                "ct state new udp sport >= 2000 ct mark set 0x00240000\n}\n}\n");
        return 0;
}

static void send_udp(int family, const char *from, uint16_t sport, const char *to, uint16_t dport)
{
        struct sockaddr_storage src = { .ss_family = (sa_family_t)family }, dst = src;
        int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
        socklen_t len = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);

        assert_true(fd >= 0);
        setsockopt(fd, SOL_IP, IP_FREEBIND, &on, sizeof(on));
        if (family == AF_INET) {
                struct sockaddr_in *s = (struct sockaddr_in *)&src, *d = (struct sockaddr_in *)&dst;

                s->sin_port = htons(sport);
                d->sin_port = htons(dport);
                assert_int_equal(inet_pton(family, from, &s->sin_addr), 1);
                assert_int_equal(inet_pton(family, to, &d->sin_addr), 1);
        } else {
                struct sockaddr_in6 *s = (struct sockaddr_in6 *)&src, *d = (struct sockaddr_in6 *)&dst;

                s->sin6_port = htons(sport);
                d->sin6_port = htons(dport);
                assert_int_equal(inet_pton(family, from, &s->sin6_addr), 1);
                assert_int_equal(inet_pton(family, to, &d->sin6_addr), 1);
        }
        assert_int_equal(bind(fd, (struct sockaddr *)&src, len), 0);
        assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&dst, len), 1);
        close(fd);
}

static int count_flow(const struct nlmsghdr *msg, void *data, pic_error **err)
{
        (void)msg;
        (void)err;
        ++*(int *)data;
        return 0;
}

static int flows(void)
{
        pic__nft_sock s = PIC__NFT_SOCK_INIT;
        pic__buf b = PIC__BUF_INIT;
        pic__nft_refusal refusal;
        int n = 0;

        assert_int_equal(pic__nft_sock_open(&s, NULL), 0);
        pic__nft_msg_end(
                &b, pic__nft_msg_begin(&b, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_DUMP, ++s.seq, 0, 0));
        assert_int_equal(pic__nft_sock_dump(&s, &b, count_flow, &n, &refusal, NULL), 0);
        pic__buf_free(&b);
        pic__nft_sock_close(&s);
        return n;
}

static int end_by(pic__step step)
{
        return pic__nft_flows_end(&none, &step, 1, NULL);
}

static void test_peer(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        put_items(&bag, PIC__I_NFT_PEER4, "127.1.0.2", "0x00230000", PIC__I_NFT_PEER6, "::1", "0x00230000",
                  PIC__I_NFT_SUBNET4, "127.9.0.0/16", "0x00230000", PIC__I_NFT_SHAPE, "table", SHAPE_VALUE, -1);
        send_udp(AF_INET, "127.1.0.2", 1000, "127.0.0.1", 9);  /* from it */
        send_udp(AF_INET, "127.1.0.3", 1000, "127.1.0.2", 9);  /* to it */
        send_udp(AF_INET, "127.1.0.3", 1000, "127.0.0.1", 9);  /* neighbour */
        send_udp(AF_INET, "127.9.3.4", 1000, "127.0.0.1", 9);  /* behind one */
        send_udp(AF_INET, "127.0.0.1", 1000, "127.9.3.4", 10); /* to behind one */
        send_udp(AF_INET6, "::1", 1000, "::1", 9);
        assert_int_equal(flows(), 6);
        assert_int_equal(end_by(step_add(&bag.at[0])), 0);
        assert_int_equal(end_by(step_change(&bag.at[3], &bag.at[3])), 0);
        assert_int_equal(end_by(step_remove(&bag.at[0])), 2);
        assert_int_equal(flows(), 4);
        assert_int_equal(end_by(step_remove(&bag.at[2])), 2);
        assert_int_equal(end_by(step_remove(&bag.at[1])), 1);
        assert_int_equal(end_by(step_remove(&bag.at[1])), 0);
        assert_int_equal(flows(), 1);
        pic__items_wipe(&bag);
}

/* A device of another class: what that may goes on, and is that class's from then on. */
static void test_moved(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        foreign("table inet pic { set reach4 { type mark . ipv4_addr; elements = { 0x00240000 . 127.0.0.1 } }\n"
                "set grants6 { type mark . ipv6_addr . inet_proto . inet_service; flags interval;\n"
                "elements = { 0x00240000 . ::1 . udp . 9 } }\n}\n");
        put_items(&bag, PIC__I_NFT_PEER4, "127.1.0.2", "0x00230000", PIC__I_NFT_PEER4, "127.1.0.2", "0x00240000",
                  PIC__I_NFT_SUBNET6, "::/64", "0x00230000", PIC__I_NFT_SUBNET6, "::/64", "0x00240000",
                  PIC__I_NFT_REACH4, "0x00230000 127.0.0.1", "accept", PIC__I_NFT_REACH4, "0x00240000 127.0.0.1",
                  "accept", -1);
        send_udp(AF_INET, "127.1.0.2", 1000, "127.0.0.1", 9); /* may go on */
        send_udp(AF_INET, "127.1.0.2", 1000, "127.0.0.5", 9); /* not */
        send_udp(AF_INET, "127.1.0.3", 1000, "127.1.0.2", 9); /* to it: another's right */
        send_udp(AF_INET6, "::1", 1000, "::1", 9);
        send_udp(AF_INET6, "::1", 1000, "::1", 10);
        assert_int_equal(end_by(step_change(&bag.at[0], &bag.at[1])), 1);
        assert_int_equal(flows(), 4);
        assert_int_equal(end_by(step_change(&bag.at[2], &bag.at[3])), 1);
        assert_int_equal(flows(), 3);
        assert_int_equal(end_by(step_remove(&bag.at[4])), 0); /* its class's no more */
        assert_int_equal(end_by(step_remove(&bag.at[5])), 1);
        assert_int_equal(flows(), 2);
        pic__items_wipe(&bag);
}

/* A device that gets an exit, another one, none: what is near goes on, what is far goes the new way. */
static void test_exits(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;
        pic__step steps[2];

        (void)state;
        foreign("table ip exit { chain post { type nat hook postrouting priority srcnat;\n"
                "udp sport 1100-1199 snat to 169.254.96.5\n}\n}\n"
                "table inet exit { chain out { type filter hook output priority mangle + 1;\n"
                "udp sport 1100-1199 ct state new ct mark set 0x00231010\n}\n}\n"
                "table inet pic { set local4 { type nf_proto . ipv4_addr; flags interval;\n"
                "elements = { ipv4 . 127.0.0.0/16 } }\n}\n");
        put_items(&bag, PIC__I_NFT_PEER4, "127.1.0.2", "0x00230000", PIC__I_NFT_PEER4, "127.1.0.2", "0x00231010",
                  PIC__I_NFT_PEER4, "127.1.0.2", "0x00231020", PIC__I_NFT_SUBNET4, "127.9.0.0/16", "0x00230000",
                  PIC__I_NFT_SUBNET4, "127.9.0.0/16", "0x00231010", PIC__I_NFT_WAY, "0x00001010 picx1", "accept",
                  PIC__I_NFT_WAY, "0x00001010 picx2", "accept", -1);
        send_udp(AF_INET, "127.1.0.2", 1000, "127.0.0.1", 9);
        send_udp(AF_INET, "127.1.0.2", 1000, "127.5.0.1", 9);
        send_udp(AF_INET, "127.1.0.2", 1100, "127.5.0.1", 9);
        send_udp(AF_INET, "127.1.0.3", 1000, "127.5.0.1", 9); /* neighbour */
        send_udp(AF_INET, "127.9.3.4", 1000, "127.5.0.1", 9); /* behind one */
        send_udp(AF_INET, "127.9.3.4", 1000, "127.0.0.1", 9);
        assert_int_equal(flows(), 6);
        assert_int_equal(end_by(step_change(&bag.at[0], &bag.at[1])), 1); /* the direct one */
        assert_int_equal(end_by(step_change(&bag.at[1], &bag.at[2])), 1); /* that by the first exit */
        assert_int_equal(end_by(step_change(&bag.at[2], &bag.at[0])), 0);
        assert_int_equal(end_by(step_change(&bag.at[3], &bag.at[4])), 1);
        assert_int_equal(flows(), 3);
        send_udp(AF_INET, "127.1.0.2", 1101, "127.5.0.1", 9);
        assert_int_equal(end_by(step_add(&bag.at[5])), 0);
        steps[0] = step_remove(&bag.at[5]);
        steps[1] = step_add(&bag.at[6]); /* a group moves on */
        assert_int_equal(pic__nft_flows_end(&none, steps, 2, NULL), 1);
        send_udp(AF_INET, "127.1.0.2", 1102, "127.5.0.1", 9);
        assert_int_equal(end_by(step_change(&bag.at[1], &bag.at[0])), 1);
        assert_int_equal(flows(), 3);
        pic__items_wipe(&bag);
}

/* Devices that turned before: the last word counts, and a device that goes meanwhile is gone. */
static void test_late(void **state)
{
        static const char *const keys[] = { "127.1.0.2", "127.1.0.3", "127.9.0.0/16" };
        pic__nft_elems late = PIC__VEC_INIT;
        pic__items bag = PIC__ITEMS_INIT;
        pic__step step;
        size_t i, k;

        (void)state;
        for (i = 0; i < PIC__COUNT(keys); i++)
                for (k = 0; k < 2; k++) { /* to an exit, and back */
                        pic__item item = { .kind = i < 2 ? PIC__I_NFT_PEER4 : PIC__I_NFT_SUBNET4,
                                           .key = keys[i],
                                           .value = k == 0 ? "0x00231010" : "0x00230000" };
                        pic__nft_elem e;

                        assert_int_equal(pic__nft_elem_parse(&item, &e, NULL), 0);
                        assert_int_equal(pic__vec_push(&late, e), 0);
                }
        put_items(&bag, PIC__I_NFT_PEER4, keys[1], "0x00230000", -1);
        for (i = 0; i < PIC__COUNT(keys); i++)
                send_udp(AF_INET, i < 2 ? keys[i] : "127.9.3.4", 1000, "127.5.0.1", 9);
        foreign("table inet pic { set local4 { type nf_proto . ipv4_addr; flags interval; }\n}\n");
        assert_int_equal(pic__nft_flows_end(&late, NULL, 0, NULL), 0); /* they fit what is now */
        assert_int_equal(flows(), 3);
        step = step_remove(&bag.at[0]);
        assert_int_equal(pic__nft_flows_end(&late, &step, 1, NULL), 1);
        late.count = 1; /* the first of them is by that exit now */
        assert_int_equal(pic__nft_flows_end(&late, NULL, 0, NULL), 1);
        assert_int_equal(flows(), 1);
        pic__vec_free(&late);
        pic__items_wipe(&bag);
}

static void test_class(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;
        pic__step steps[2];

        (void)state;
        put_items(&bag, PIC__I_NFT_GRANT4, "0x00230000 127.0.0.1-127.0.0.9 17 9-20", "accept", /* 0 */
                  PIC__I_NFT_GRANT4, "0x00230000 127.0.0.1-127.0.0.9 17 9-9", "accept",        /* 1 */
                  PIC__I_NFT_GRANT4, "0x00230000 127.0.0.1-127.0.0.9 6 0-65535", "accept",     /* 2 */
                  PIC__I_NFT_REACH4, "0x00230000 127.0.0.2", "accept",                         /* 3 */
                  PIC__I_NFT_WIDE4, "0x00240000 127.0.0.0-127.0.0.255", "accept",              /* 4 */
                  PIC__I_NFT_REACH6, "0x00230000 ::1", "accept", -1);                          /* 5 */
        send_udp(AF_INET, "127.0.0.1", 1000, "127.0.0.1", 9);
        send_udp(AF_INET, "127.0.0.1", 1000, "127.0.0.1", 20);
        send_udp(AF_INET, "127.0.0.1", 1000, "127.0.0.1", 21);
        send_udp(AF_INET, "127.0.0.1", 1000, "127.0.0.2", 30);
        send_udp(AF_INET, "127.0.0.1", 3000, "127.0.0.2", 30);
        send_udp(AF_INET, "127.0.0.1", 3000, "127.0.0.1", 9);
        send_udp(AF_INET6, "::1", 1000, "::1", 9);
        assert_int_equal(flows(), 7);
        assert_int_equal(end_by(step_remove(&bag.at[2])), 0);
        steps[0] = step_remove(&bag.at[0]); /* 9-20 shrinks to 9 */
        steps[1] = step_add(&bag.at[1]);
        assert_int_equal(pic__nft_flows_end(&none, steps, 2, NULL), 1);
        assert_int_equal(end_by(step_remove(&bag.at[1])), 1);
        assert_int_equal(end_by(step_remove(&bag.at[3])), 1);
        assert_int_equal(end_by(step_remove(&bag.at[4])), 2);
        assert_int_equal(end_by(step_remove(&bag.at[5])), 1);
        assert_int_equal(flows(), 1);
        pic__items_wipe(&bag);
}

/* The table was made anew: nobody knows what it allowed before, so what it does not allow now ends. */
/* A network goes out of a class's wide right (it became one of the machine's own); what the class was granted there by
 * itself goes on. */
static void test_else_granted(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;
        pic__step steps[2];

        (void)state;
        foreign("table inet pic { set reach4 { type mark . ipv4_addr; elements = { 0x00230000 . 127.0.5.2 } }\n"
                "set grants4 { type mark . ipv4_addr . inet_proto . inet_service; flags interval;\n"
                "elements = { 0x00230000 . 127.0.5.3 . udp . 9, 0x00240000 . 127.0.5.4 . udp . 9 } }\n}\n");
        put_items(&bag, PIC__I_NFT_WIDE4, "0x00230000 127.0.0.0-127.0.255.255", "accept", PIC__I_NFT_WIDE4,
                  "0x00230000 127.0.0.0-127.0.4.255", "accept", -1);
        send_udp(AF_INET, "127.0.0.1", 1000, "127.0.5.2", 9);  /* reached by name */
        send_udp(AF_INET, "127.0.0.1", 1000, "127.0.5.3", 9);  /* by address and port */
        send_udp(AF_INET, "127.0.0.1", 1000, "127.0.5.3", 10); /* another port */
        send_udp(AF_INET, "127.0.0.1", 1000, "127.0.5.4", 9);  /* another class's */
        send_udp(AF_INET, "127.0.0.1", 1000, "127.0.4.4", 9);  /* still wide */
        steps[0] = step_remove(&bag.at[0]);
        steps[1] = step_add(&bag.at[1]);
        assert_int_equal(pic__nft_flows_end(&none, steps, 2, NULL), 2);
        assert_int_equal(flows(), 3);
        pic__items_wipe(&bag);
}

static void test_made_anew(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        foreign("table inet pic { map peers4 { type ipv4_addr : mark; elements = { 127.1.0.2 : 0x00230000 } }\n"
                "map subnets4 { type nf_proto . ipv4_addr : mark; flags interval;\n"
                "elements = { ipv4 . 127.9.0.0/16 : 0x00240000 } }\n"
                "set reach4 { type mark . ipv4_addr; elements = { 0x00230000 . 127.0.0.5, 0x00990000 . 127.0.0.6 } }\n"
                "set grants4 { type mark . ipv4_addr . inet_proto . inet_service; flags interval;\n"
                "elements = { 0x00240000 . 127.0.0.0/8 . udp . 9 } }\n}\n");
        put_items(&bag, PIC__I_NFT_SHAPE, "table", "dev=pic0 net4=127.1.0.0/16 net6=fd12::/48 port=51820",
                  PIC__I_NFT_SHAPE, "table", PIC__NFT_CHANGED, -1);
        send_udp(AF_INET, "127.1.0.2", 1000, "127.0.0.5", 9); /* may */
        send_udp(AF_INET, "127.1.0.2", 1000, "127.0.0.6", 9); /* another class may */
        send_udp(AF_INET, "127.1.0.2", 1000, "127.1.0.1", 9); /* to the cell */
        send_udp(AF_INET, "127.1.0.1", 1000, "127.1.0.2", 9); /* the cell itself */
        send_udp(AF_INET, "127.1.0.1", 1000, "127.1.0.1", 53);
        send_udp(AF_INET, "127.1.0.2", 1000, "127.1.0.1", 53); /* nobody led it on */
        send_udp(AF_INET, "127.1.0.7", 1000, "127.0.0.5", 9);  /* of a device that is no more */
        send_udp(AF_INET, "127.9.3.4", 1000, "127.0.0.6", 9);  /* behind one: may */
        send_udp(AF_INET, "127.9.3.4", 1000, "127.0.0.6", 10); /* not this port */
        send_udp(AF_INET, "127.0.0.1", 1000, "127.0.0.6", 10); /* nothing of ours */
        assert_int_equal(flows(), 10);
        assert_int_equal(end_by(step_change(&bag.at[0], &bag.at[1])), 0); /* back to what somebody else made */
        assert_int_equal(end_by(step_add(&bag.at[0])), 4);
        assert_int_equal(flows(), 6);
        assert_int_equal(end_by(step_change(&bag.at[1], &bag.at[0])), 0);
        pic__items_wipe(&bag);
}

/* More than fit into one message to the kernel. */
static void test_many(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;
        unsigned i;

        (void)state;
        put_items(&bag, PIC__I_NFT_SUBNET4, "127.1.0.0/16", "0x00230000", -1);
        for (i = 0; i < 2000; i++)
                send_udp(AF_INET, "127.1.0.2", (uint16_t)(1000 + i), "127.0.0.1", 9);
        assert_int_equal(end_by(step_remove(&bag.at[0])), 2000);
        assert_int_equal(flows(), 0);
        pic__items_wipe(&bag);
}

static void test_no_memory(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;
        pic__step steps[3];
        unsigned long n;
        int r = -1;

        (void)state;
        put_items(&bag, PIC__I_NFT_PEER4, "127.1.0.2", "0x00230000", PIC__I_NFT_REACH4, "0x00230000 127.0.0.2",
                  "accept", PIC__I_NFT_SUBNET4, "127.9.0.0/16", "0x00230000", -1);
        steps[0] = step_remove(&bag.at[0]);
        steps[1] = step_remove(&bag.at[1]);
        steps[2] = step_remove(&bag.at[2]);
        for (n = 1; r < 0 && n < 100; n++) {
                send_udp(AF_INET, "127.1.0.2", 1000, "127.0.0.1", 9);
                pic__mem_fail_at(n);
                r = pic__nft_flows_end(&none, steps, 3, NULL);
                pic__mem_fail_at(0);
                if (r < 0)
                        assert_int_equal(r, PIC_NOMEM);
        }
        assert_int_equal(r, 1);
        bag.at[0].key = "no address";
        assert_int_equal(pic__nft_flows_end(&none, steps, 1, NULL), PIC_INVALID);
        pic__items_wipe(&bag);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_peer, set_up),         cmocka_unit_test_setup(test_moved, set_up),
                cmocka_unit_test_setup(test_made_anew, set_up),    cmocka_unit_test_setup(test_class, set_up),
                cmocka_unit_test_setup(test_else_granted, set_up), cmocka_unit_test_setup(test_many, set_up),
                cmocka_unit_test_setup(test_no_memory, set_up),    cmocka_unit_test_setup(test_exits, set_up),
                cmocka_unit_test_setup(test_late, set_up),
        };

        NEED_ROOT();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
