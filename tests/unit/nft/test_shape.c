/* The table's text: golden files (PIC_TEST_REGENERATE=1 writes them anew), the parser of the item's value. */
#include "space.h"

#include "backend/nft/rules.h"
#include "backend/nft/shape.h"
#include "sys/file.h"

static void golden(const char *name, const pic__buf *text)
{
        char path[300];
        pic__buf want = PIC__BUF_INIT;

        snprintf(path, sizeof(path), "%s/golden/nft/%s", PIC_TEST_DATA, name);
        if (getenv("PIC_TEST_REGENERATE") != NULL)
                assert_int_equal(pic__file_write(path, text->data, text->len, 0644, NULL), 0);
        assert_int_equal(pic__file_read(path, 1 << 20, &want, NULL), 0);
        assert_string_equal(pic__buf_str(text), pic__buf_str(&want));
        pic__buf_free(&want);
}

static void shape_of(const char *value, pic__nft_shape *ret)
{
        assert_int_equal(pic__nft_shape_parse(value, ret, NULL), 0);
}

static void test_table(void **state)
{
        static const pic__item items[] = {
                { PIC__I_NFT_PEER4, "10.1.0.2", "0x00230000", NULL, 0, NULL },
                { PIC__I_NFT_PEER4, "10.1.0.3", "0x00241011", NULL, 0, NULL },
                { PIC__I_NFT_SUBNET6, "fd34::/64", "0x00230000", NULL, 0, NULL },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 445-445", "accept", NULL, 0, NULL },
                { PIC__I_NFT_LOCAL4, "10.1.0.0-10.1.255.255", "local", NULL, 0, NULL },
                { PIC__I_NFT_WAY, "0x00001010 picx1", "accept", NULL, 0, NULL },
                { PIC__I_NFT_OPEN, "0x00001011", "open", NULL, 0, NULL },
                { PIC__I_NFT_RESOLVER6, "0x00001010", "fd70:6963:78::1:2 53", NULL, 0, NULL },
                { PIC__I_NFT_SPACE, "picx1", "0x00002010", NULL, 0, NULL },
                { PIC__I_NFT_CARRIER4, "0x00002010 203.0.113.7-203.0.113.7 17 51820-51820", "accept", NULL, 0, NULL },
        };
        pic__nft_elem elems[PIC__COUNT(items)];
        pic__buf text = PIC__BUF_INIT;
        pic__nft_shape shape;
        pic__nft_sizes sizes;
        size_t i, rules;

        (void)state;
        for (i = 0; i < PIC__COUNT(items); i++)
                assert_int_equal(pic__nft_elem_parse(&items[i], &elems[i], NULL), 0);
        shape_of(SHAPE_VALUE, &shape);
        pic__nft_shape_text(&shape, NULL, 0, &text, &sizes);
        rules = sizes.rules;
        pic__buf_clear(&text);
        assert_int_equal(pic__nft_shape_close(&shape, 4, "eth9"), 0);
        assert_int_equal(pic__nft_shape_close(&shape, 6, "br-0.5"), 0);
        pic__nft_shape_text(&shape, elems, PIC__COUNT(elems), &text, &sizes);
        assert_int_equal(sizes.rules, rules + 2);
        golden("table.nft", &text);
        assert_int_equal(sizes.sets, PIC__NFT_SETS + PIC__NFT_COUNTED);
        assert_true(sizes.chains > 5 && sizes.rules > 30);
        pic__buf_clear(&text);
        pic__nft_shape_text(&shape, NULL, 0, &text, NULL);
        assert_null(strstr(pic__buf_str(&text), "elements"));
        pic__buf_free(&text);
}

/* The names of devices are whatever somebody called them: nothing of them may become nft's language. */
static void test_closed_names(void **state)
{
        static const char *const bad[] = { "", "eth0\"", "x\ny", "eth*", "a b", "0123456789abcdef", "-x", "{", "$dev" };
        pic__nft_shape shape;
        size_t i;

        (void)state;
        shape_of(SHAPE_VALUE, &shape);
        for (i = 0; i < PIC__COUNT(bad); i++)
                assert_int_equal(pic__nft_shape_close(&shape, 4, bad[i]), -1);
        assert_int_equal(pic__nft_shape_close(&shape, 4, "pic0"), 0);  /* ours: no matter */
        assert_int_equal(pic__nft_shape_close(&shape, 4, "picx7"), 0); /* has rules of its own */
        assert_int_equal(shape.closed_count, 0);
        for (i = 0; i < PIC__NFT_CLOSED; i++)
                assert_int_equal(pic__nft_shape_close(&shape, 4, "lan0"), 0);
        assert_int_equal(pic__nft_shape_close(&shape, 4, "lan1"), -1);
}

static void test_block(void **state)
{
        pic__buf text = PIC__BUF_INIT;
        pic__nft_shape shape;

        (void)state;
        shape_of(SHAPE_VALUE, &shape);
        pic__nft_block_text(&shape, &text);
        golden("block.nft", &text);
        pic__buf_free(&text);
}

static void test_smallest_net(void **state)
{
        pic__buf text = PIC__BUF_INIT;
        pic__nft_shape shape;

        (void)state;
        shape_of("dev=a net4=255.255.255.255/32 net6=ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128 port=65535", &shape);
        pic__nft_shape_text(&shape, NULL, 0, &text, NULL);
        assert_non_null(strstr(pic__buf_str(&text), "ip daddr 255.255.255.255 jump portal"));
        pic__buf_free(&text);
}

static void test_parse(void **state)
{
        static const char *const bad[] = {
                "",
                "changed",
                "dev=pic0",
                SHAPE_VALUE " ",
                SHAPE_VALUE " x=1",
                "dev= net4=10.1.0.0/16 net6=fd12::/48 port=1",
                "dev=sixteen_letters_ net4=10.1.0.0/16 net6=fd12::/48 port=1",
                "dev=a\" net4=10.1.0.0/16 net6=fd12::/48 port=1",
                "dev=-a net4=10.1.0.0/16 net6=fd12::/48 port=1",
                "dev=.. net4=10.1.0.0/16 net6=fd12::/48 port=1",
                "dev=a net4=10.1.0.1/16 net6=fd12::/48 port=1",
                "dev=a net4=fd12::/48 net6=fd12::/48 port=1",
                "dev=a net4=10.1.0.0/16 net6=10.1.0.0/16 port=1",
                "dev=a net4=10.1.0.0/16 net6=fd12::/48 port=0",
                "dev=a net4=10.1.0.0/16 net6=fd12::/48 port=65536",
                "dev=a net4=10.1.0.0/16 net6=fd12::/48 port=1x",
                "dev=a net4=10.1.0.0/16 net6=fd12::/48 port=999999999",
                "dev=a net6=fd12::/48 net4=10.1.0.0/16 port=1",
        };
        pic__nft_shape shape;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic_error *err = NULL;

                if (pic__nft_shape_parse(bad[i], &shape, &err) != PIC_INVALID)
                        fail_msg("taken: %s", bad[i]);
                pic_error_free(err);
        }
        shape_of(SHAPE_VALUE, &shape);
        assert_string_equal(shape.dev, "pic0");
        assert_int_equal(shape.port, 51820);
        assert_int_equal(shape.net4.len, 16);
        assert_int_equal(shape.net6.len, 48);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table),        cmocka_unit_test(test_closed_names), cmocka_unit_test(test_block),
                cmocka_unit_test(test_smallest_net), cmocka_unit_test(test_parse),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
