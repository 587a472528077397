/* Elements: the four forms and the way between them. */
#include "space.h"

#include <arpa/inet.h>

#include "backend/nft/elem.h"

static const struct sample {
        enum pic__item_kind kind;
        const char *key, *value;
        const char *bytes, *end; /* hex; end NULL: none */
        const char *text;
} samples[] = {
        { PIC__I_NFT_PEER4, "10.1.0.2", "0x00231010", "0a010002", NULL, "10.1.0.2 : 0x00231010" },
        { PIC__I_NFT_PEER6, "fd12::2", "0x00230000", "fd120000000000000000000000000002", NULL, "fd12::2 : 0x00230000" },
        { PIC__I_NFT_SUBNET4, "192.168.9.0/24", "0x00230000", "02000000c0a80900", "02000000c0a809ff",
          "ipv4 . 192.168.9.0-192.168.9.255 : 0x00230000" },
        { PIC__I_NFT_SUBNET4, "0.0.0.0/0", "0x00230000", "0200000000000000", "02000000ffffffff",
          "ipv4 . 0.0.0.0-255.255.255.255 : 0x00230000" },
        { PIC__I_NFT_SUBNET6, "fd34::/127", "0xffff0000", "0a000000fd340000000000000000000000000000",
          "0a000000fd340000000000000000000000000001", "ipv6 . fd34::-fd34::1 : 0xffff0000" },
        { PIC__I_NFT_REACH4, "0x00230000 10.1.0.7", "accept", "000023000a010007", NULL, "0x00230000 . 10.1.0.7" },
        { PIC__I_NFT_REACH6, "0x00230000 fd12::7", "accept", "00002300fd120000000000000000000000000007", NULL,
          "0x00230000 . fd12::7" },
        { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 445-445", "accept",
          "00230000c0a801000600000001bd0000", "00230000c0a801ff0600000001bd0000",
          "0x00230000 . 192.168.1.0-192.168.1.255 . 6-6 . 445-445" },
        { PIC__I_NFT_GRANT6, "0x00230000 fd00::5-fd00::6 0-255 0-65535", "accept",
          "00230000fd0000000000000000000000000000050000000000000000",
          "00230000fd000000000000000000000000000006ff000000ffff0000",
          "0x00230000 . fd00::5-fd00::6 . 0-255 . 0-65535" },
        { PIC__I_NFT_WIDE4, "0x00010000 1.0.0.0-9.255.255.255", "accept", "0001000001000000", "0001000009ffffff",
          "0x00010000 . 1.0.0.0-9.255.255.255" },
        { PIC__I_NFT_WIDE6, "0x00010000 2000::-2fff::1", "accept", "0001000020000000000000000000000000000000",
          "000100002fff0000000000000000000000000001", "0x00010000 . 2000::-2fff::1" },
};

static void hex(const uint8_t *data, size_t len, char *to)
{
        size_t i;

        for (i = 0; i < len; i++)
                sprintf(to + 2 * i, "%02x", data[i]);
}

static void test_forms(void **state)
{
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(samples); i++) {
                const struct sample *s = &samples[i];
                pic__item item = { s->kind, s->key, s->value, NULL, NULL };
                uint8_t key[PIC__NFT_KEY_MAX], end[PIC__NFT_KEY_MAX];
                char shown[2 * PIC__NFT_KEY_MAX + 1], key_text[PIC__NFT_ITEM_TEXT], value_text[PIC__NFT_ITEM_TEXT];
                pic__buf text = PIC__BUF_INIT;
                pic__nft_elem e, back;
                int ranged;

                assert_int_equal(pic__nft_elem_parse(&item, &e, NULL), 0);
                ranged = pic__nft_elem_bytes(&e, key, end);
                assert_int_equal(ranged, s->end != NULL);
                hex(key, e.set->key_len, shown);
                if (htonl(1) != 1 && e.set->form != PIC__NFT_REACH) /* a class in a hash set is in the host's order */
                        assert_string_equal(shown, s->bytes);
                if (ranged) {
                        hex(end, e.set->key_len, shown);
                        assert_string_equal(shown, s->end);
                }
                assert_int_equal(pic__nft_elem_read(e.set, key, e.set->key_len, ranged ? end : NULL, e.mark, &back), 0);
                pic__nft_elem_item(&back, key_text, value_text);
                assert_string_equal(key_text, s->key);
                assert_string_equal(value_text, s->value);
                pic__nft_elem_text(&back, &text);
                assert_string_equal(pic__buf_str(&text), s->text);
                pic__buf_free(&text);
        }
}

static void test_bad(void **state)
{
        static const struct {
                enum pic__item_kind kind;
                const char *key, *value;
        } bad[] = {
                { PIC__I_NFT_SHAPE, "table", "" },
                { PIC__I_WG_PEER, "10.1.0.2", "0x00230000" },
                { PIC__I_NFT_PEER4, "10.1.0.2 ", "0x00230000" },
                { PIC__I_NFT_PEER4, "fd12::2", "0x00230000" },
                { PIC__I_NFT_PEER4, "10.1.0.2; flush ruleset", "0x00230000" },
                { PIC__I_NFT_PEER4, "1111111111111111111111111111111111111111111111111111", "0x00230000" },
                { PIC__I_NFT_PEER4, "10.1.0.2", "0x0023000" },
                { PIC__I_NFT_PEER4, "10.1.0.2", "0x002300000" },
                { PIC__I_NFT_PEER4, "10.1.0.2", "0x0023000G" },
                { PIC__I_NFT_PEER4, "10.1.0.2", "2300000000" },
                { PIC__I_NFT_PEER6, "10.1.0.2", "0x00230000" },
                { PIC__I_NFT_SUBNET4, "192.168.9.1/24", "0x00230000" },
                { PIC__I_NFT_SUBNET4, "fd00::/64", "0x00230000" },
                { PIC__I_NFT_SUBNET6, "192.168.9.0/24", "0x00230000" },
                { PIC__I_NFT_REACH4, "0x00230001 10.1.0.7", "accept" },
                { PIC__I_NFT_REACH4, "0x00230000-10.1.0.7", "accept" },
                { PIC__I_NFT_REACH4, "0x00230000 10.1.0.7", "drop" },
                { PIC__I_NFT_REACH6, "0x00230000 10.1.0.7", "accept" },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.9-192.168.1.1 6 445-445", "accept" },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0 6 445-445", "accept" },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255", "accept" },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6", "accept" },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 256 1-1", "accept" },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6-5 1-1", "accept" },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6-x 1-1", "accept" },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 06 1-1", "accept" },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 2-1", "accept" },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 1", "accept" },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 1-65536", "accept" },
                { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 x", "accept" },
                { PIC__I_NFT_GRANT6, "0x00230000 fd00::-192.168.1.255 6 1-1", "accept" },
                { PIC__I_NFT_WIDE4, "0x00230000 1.0.0.0-9.255.255.255 6", "accept" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic__item item = { bad[i].kind, bad[i].key, bad[i].value, NULL, NULL };
                pic_error *err = NULL;
                pic__nft_elem e;

                if (pic__nft_elem_parse(&item, &e, &err) != PIC_INVALID)
                        fail_msg("taken: %s -> %s", bad[i].key, bad[i].value);
                assert_int_equal(pic_error_code(err), PIC_INVALID);
                pic_error_free(err);
        }
}

/* Somebody else's element in our set: shown as it is, equal to no wish. */
static void test_foreign_range(void **state)
{
        const pic__nft_set *set = pic__nft_set_of(PIC__I_NFT_SUBNET4);
        static const uint8_t first[8] = { 2, 0, 0, 0, 192, 168, 9, 1 }, last[8] = { 2, 0, 0, 0, 192, 168, 9, 254 };
        char key[PIC__NFT_ITEM_TEXT], value[PIC__NFT_ITEM_TEXT];
        pic__nft_elem e;

        (void)state;
        assert_int_equal(pic__nft_elem_read(set, first, 8, last, 0x230000, &e), 0);
        pic__nft_elem_item(&e, key, value);
        assert_string_equal(key, "192.168.9.1-192.168.9.254");
        assert_int_equal(pic__nft_elem_read(set, first, 7, last, 0x230000, &e), -1);
        assert_null(pic__nft_set_of(PIC__I_NFT_SHAPE));
        assert_null(pic__nft_set_of(PIC__I_DNS_RECORD));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_forms),
                cmocka_unit_test(test_bad),
                cmocka_unit_test(test_foreign_range),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
