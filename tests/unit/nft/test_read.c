/* Reading: the fingerprint sees what matters and nothing else; elements that are not of our making are passed over. */
#include "space.h"

#include <arpa/inet.h>

#include "backend/nft/read.h"
#include "base/mem.h"

static void make_table(const char *elements4)
{
        pic__nft_shape shape;
        pic__buf text = PIC__BUF_INIT;

        assert_int_equal(pic__nft_shape_parse(SHAPE_VALUE, &shape, NULL), 0);
        pic__nft_shape_text(&shape, NULL, 0, &text, NULL);
        foreign(pic__buf_str(&text));
        pic__buf_free(&text);
        if (elements4 != NULL)
                foreign(elements4);
}

static int print_of(pic__nft_sock *s, uint8_t digest[32])
{
        pic__nft_sizes sizes = { 0, 0, 0 };
        int r = pic__nft_read_print(s, digest, &sizes, NULL);

        if (r > 0)
                assert_true(sizes.chains > 0);
        return r;
}

static void test_print(void **state)
{
        static const char *const same[] = {
                "add element inet pic peers4 { 10.1.0.2 : 0x00230000 }\n",
                "add table inet other\n",
                "add table ip pic\nadd chain ip pic forward\n",
        };
        static const char *const other[] = {
                "add rule inet pic portal drop\n",
                "insert rule inet pic portal accept\n",
                "add chain inet pic more\n",
                "add set inet pic more { type ipv4_addr; }\n",
                "add table inet pic { flags dormant; }\n",
                ("delete set inet pic more\ndelete chain inet pic more\n"
                 "add chain inet pic more { type filter hook output priority 0; }\n"),
        };
        pic__nft_sock s = PIC__NFT_SOCK_INIT;
        uint8_t first[32], then[32];
        size_t i;

        (void)state;
        assert_int_equal(pic__nft_sock_open(&s, NULL), 0);
        assert_int_equal(print_of(&s, first), 0);
        make_table(NULL);
        assert_int_equal(print_of(&s, first), 1);
        for (i = 0; i < PIC__COUNT(same); i++) {
                foreign(same[i]);
                assert_int_equal(print_of(&s, then), 1);
                assert_memory_equal(first, then, 32);
        }
        make_table(NULL); /* new handles */
        assert_int_equal(print_of(&s, then), 1);
        assert_memory_equal(first, then, 32);
        for (i = 0; i < PIC__COUNT(other); i++) {
                foreign(other[i]);
                assert_int_equal(print_of(&s, then), 1);
                assert_memory_not_equal(first, then, 32);
                memcpy(first, then, 32);
        }
        pic__nft_sock_close(&s);
}

static void test_generation(void **state)
{
        pic__nft_sock s = PIC__NFT_SOCK_INIT;
        uint32_t before = 0, after = 0;

        (void)state;
        assert_int_equal(pic__nft_sock_open(&s, NULL), 0);
        assert_int_equal(pic__nft_read_generation(&s, &before, NULL), 0);
        foreign("add table inet other\n");
        assert_int_equal(pic__nft_read_generation(&s, &after, NULL), 0);
        assert_int_equal(after, before + 1);
        pic__nft_sock_close(&s);
}

static void test_elements(void **state)
{
        pic__items items = PIC__ITEMS_INIT, only = PIC__ITEMS_INIT;
        pic__nft_sock s = PIC__NFT_SOCK_INIT;

        (void)state;
        assert_int_equal(pic__nft_sock_open(&s, NULL), 0);
        assert_int_equal(pic__nft_read_elements(&s, PIC__NFT_ALL_FORMS, &items, NULL), 0); /* no table */
        assert_int_equal(items.count, 0);
        make_table("add element inet pic peers4 { 10.1.0.2 : 0x00230000 }\n"
                   "add element inet pic subnets4 { ipv4 . 192.168.9.0/24 : 0x00230000 }\n"
                   "add element inet pic grants6 { 0x00230000 . fd00::5 . udp . 53 }\n"
                   "add element inet pic reach6 { 0x00230000 . fd12::7 }\n"
                   "add element inet pic wide4 { 0x00230000 . 1.0.0.0-9.255.255.255 }\n"
                   "add element inet pic local6 { ipv6 . fd12::/64 }\n"
                   "add element inet pic ways { 0x00001010 . \"picx1\" }\n"
                   "add element inet pic open { 0x00001011 }\n"
                   "add element inet pic resolvers4 { 0x00001010 : 169.254.96.6 . 53 }\n"
                   "add element inet pic resolvers6 { 0x00001010 : fd70:6963:78::1:2 . 53 }\n"
                   "add element inet pic spaces { \"picx1\" : 0x00002010 }\n"
                   "add element inet pic carriers6 { 0x00002010 . 2001:db8::7 . udp . 51820 }\n");
        assert_int_equal(pic__nft_read_elements(&s, PIC__NFT_ALL_FORMS, &items, NULL), 0);
        assert_int_equal(items.count, 12);
        expect_item(&items, PIC__I_NFT_PEER4, "10.1.0.2", "0x00230000");
        expect_item(&items, PIC__I_NFT_SUBNET4, "192.168.9.0/24", "0x00230000");
        expect_item(&items, PIC__I_NFT_GRANT6, "0x00230000 fd00::5-fd00::5 17 53-53", "accept");
        expect_item(&items, PIC__I_NFT_REACH6, "0x00230000 fd12::7", "accept");
        expect_item(&items, PIC__I_NFT_WIDE4, "0x00230000 1.0.0.0-9.255.255.255", "accept");
        expect_item(&items, PIC__I_NFT_LOCAL6, "fd12::-fd12::ffff:ffff:ffff:ffff", "local");
        expect_item(&items, PIC__I_NFT_WAY, "0x00001010 picx1", "accept");
        expect_item(&items, PIC__I_NFT_OPEN, "0x00001011", "open");
        expect_item(&items, PIC__I_NFT_RESOLVER4, "0x00001010", "169.254.96.6 53");
        expect_item(&items, PIC__I_NFT_RESOLVER6, "0x00001010", "fd70:6963:78::1:2 53");
        expect_item(&items, PIC__I_NFT_SPACE, "picx1", "0x00002010");
        expect_item(&items, PIC__I_NFT_CARRIER6, "0x00002010 2001:db8::7-2001:db8::7 17 51820-51820", "accept");
        assert_int_equal(pic__nft_read_elements(&s, PIC__NFT_FORM(PIC__NFT_OPEN), &only, NULL), 0);
        assert_int_equal(only.count, 1);
        pic__items_wipe(&only);
        pic__items_wipe(&items);
        pic__nft_sock_close(&s);
}

/* Sets with our names and other types. */
static void test_strange(void **state)
{
        pic__items items = PIC__ITEMS_INIT;
        pic__nft_sock s = PIC__NFT_SOCK_INIT;

        (void)state;
        foreign("table inet pic {\n"
                "set peers4 { type ipv6_addr; elements = { fd00::1 }\n}\n"
                "set grants4 { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 1-2 }\n}\n"
                "set reach4 { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 11.0.0.0/8 }\n}\n"
                "map peers6 { type ipv6_addr : verdict; elements = { fd00::1 : accept }\n}\n"
                "}\n");
        assert_int_equal(pic__nft_sock_open(&s, NULL), 0);
        assert_int_equal(pic__nft_read_elements(&s, PIC__NFT_ALL_FORMS, &items, NULL), 0);
        assert_int_equal(items.count, 0); /* the shape differs anyway */
        pic__items_wipe(&items);
        pic__nft_sock_close(&s);
}

/* A datagram of 128 bytes with its headers. */
static void send_marked(uint32_t mark)
{
        const struct sockaddr_in to = { .sin_family = AF_INET,
                                        .sin_port = htons(9),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const char text[100] = "";

        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)), 0);
        assert_int_equal(sendto(fd, text, sizeof(text), 0, (const struct sockaddr *)&to, sizeof(to)), sizeof(text));
        close(fd);
}

/* Of who has a class and an exit, by the exit; nothing of it is a change of the table. */
static void test_passed(void **state)
{
        pic__nft_sock s = PIC__NFT_SOCK_INIT;
        uint8_t before[32], after[32];
        pic__passed sum;

        (void)state;
        assert_int_equal(pic__nft_sock_open(&s, NULL), 0);
        assert_int_equal(pic__nft_read_passed(&s, &sum, NULL), 0); /* no table: nothing */
        assert_int_equal(sum.tx[1], 0);
        make_table(NULL);
        assert_int_equal(print_of(&s, before), 1);
        send_marked(0x00231010);
        send_marked(0x00241011); /* the same exit */
        send_marked(0x00231ff0);
        send_marked(0x00230010); /* goes directly */
        assert_int_equal(pic__nft_read_passed(&s, &sum, NULL), 0);
        assert_int_equal(sum.tx[1], 256);
        assert_int_equal(sum.tx[255], 128);
        assert_int_equal(sum.tx[0] + sum.tx[2] + sum.rx[1], 0);
        assert_int_equal(print_of(&s, after), 1);
        assert_memory_equal(before, after, 32);
        pic__nft_sock_close(&s);
}

static void test_no_memory(void **state)
{
        pic__nft_sock s = PIC__NFT_SOCK_INIT;
        unsigned long n;
        int done = 0;

        (void)state;
        make_table("add element inet pic peers4 { 10.1.0.2 : 0x00230000 }\n");
        assert_int_equal(pic__nft_sock_open(&s, NULL), 0);
        for (n = 1; !done && n < 200; n++) {
                pic__items items = PIC__ITEMS_INIT;
                pic__nft_sizes sizes;
                uint8_t digest[32];
                uint32_t generation;
                int r;

                pic__mem_fail_at(n);
                r = pic__nft_read_generation(&s, &generation, NULL);
                if (r >= 0)
                        r = pic__nft_read_print(&s, digest, &sizes, NULL);
                if (r >= 0)
                        r = pic__nft_read_elements(&s, PIC__NFT_ALL_FORMS, &items, NULL);
                pic__mem_fail_at(0);
                pic__items_wipe(&items);
                done = r >= 0;
                if (!done)
                        assert_int_equal(r, PIC_NOMEM);
        }
        assert_true(done);
        pic__nft_sock_close(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_print, fresh_space),
                cmocka_unit_test_setup(test_generation, fresh_space),
                cmocka_unit_test_setup(test_elements, fresh_space),
                cmocka_unit_test_setup(test_strange, fresh_space),
                cmocka_unit_test_setup(test_passed, fresh_space),
                cmocka_unit_test_setup(test_no_memory, fresh_space),
        };

        NEED_ROOT();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
