/* Elements: the four forms and the way between them. */
#include "space.h"

#include <arpa/inet.h>

#include "backend/nft/elem_raw.h"

static const struct sample {
        enum pic__item_kind kind;
        const char *key, *value;
        const char *bytes, *end, *data; /* hex, as on a little-endian machine; end, data NULL: none */
        const char *text;
} samples[] = {
        { PIC__I_NFT_PEER4, "10.1.0.2", "0x00231010", "0a010002", NULL, "10102300", "10.1.0.2 : 0x00231010" },
        { PIC__I_NFT_PEER6, "fd12::2", "0x00230000", "fd120000000000000000000000000002", NULL, "00002300",
          "fd12::2 : 0x00230000" },
        { PIC__I_NFT_SUBNET4, "192.168.9.0/24", "0x00230000", "02000000c0a80900", "02000000c0a809ff", "00002300",
          "ipv4 . 192.168.9.0-192.168.9.255 : 0x00230000" },
        { PIC__I_NFT_SUBNET4, "0.0.0.0/0", "0x00230000", "0200000000000000", "02000000ffffffff", "00002300",
          "ipv4 . 0.0.0.0-255.255.255.255 : 0x00230000" },
        { PIC__I_NFT_SUBNET6, "fd34::/127", "0xffff0000", "0a000000fd340000000000000000000000000000",
          "0a000000fd340000000000000000000000000001", "0000ffff", "ipv6 . fd34::-fd34::1 : 0xffff0000" },
        { PIC__I_NFT_REACH4, "0x00230000 10.1.0.7", "accept", "000023000a010007", NULL, NULL, "0x00230000 . 10.1.0.7" },
        { PIC__I_NFT_REACH6, "0x00230000 fd12::7", "accept", "00002300fd120000000000000000000000000007", NULL, NULL,
          "0x00230000 . fd12::7" },
        { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 445-445", "accept",
          "00230000c0a801000600000001bd0000", "00230000c0a801ff0600000001bd0000", NULL,
          "0x00230000 . 192.168.1.0-192.168.1.255 . 6-6 . 445-445" },
        { PIC__I_NFT_GRANT6, "0x00230000 fd00::5-fd00::6 0-255 0-65535", "accept",
          "00230000fd0000000000000000000000000000050000000000000000",
          "00230000fd000000000000000000000000000006ff000000ffff0000", NULL,
          "0x00230000 . fd00::5-fd00::6 . 0-255 . 0-65535" },
        { PIC__I_NFT_WIDE4, "0x00010000 1.0.0.0-9.255.255.255", "accept", "0001000001000000", "0001000009ffffff", NULL,
          "0x00010000 . 1.0.0.0-9.255.255.255" },
        { PIC__I_NFT_WIDE6, "0x00010000 2000::-2fff::1", "accept", "0001000020000000000000000000000000000000",
          "000100002fff0000000000000000000000000001", NULL, "0x00010000 . 2000::-2fff::1" },
        { PIC__I_NFT_SERVED4, "0x00230000 10.1.0.9", "accept", "000023000a010009", NULL, NULL,
          "0x00230000 . 10.1.0.9" },
        { PIC__I_NFT_SERVED6, "0x00230000 fd12::9", "accept", "00002300fd120000000000000000000000000009", NULL, NULL,
          "0x00230000 . fd12::9" },
        { PIC__I_NFT_DOOR6, "fd12::9", "5500", "fd120000000000000000000000000009", NULL, "157c", "fd12::9 : 5500" },
        { PIC__I_NFT_LOCAL4, "10.1.0.0-10.1.255.255", "local", "020000000a010000", "020000000a01ffff", NULL,
          "ipv4 . 10.1.0.0-10.1.255.255" },
        { PIC__I_NFT_LOCAL6, "fd12::-fd12::ffff", "local", "0a000000fd120000000000000000000000000000",
          "0a000000fd12000000000000000000000000ffff", NULL, "ipv6 . fd12::-fd12::ffff" },
        { PIC__I_NFT_WAY, "0x00001010 picx1", "accept", "1010000070696378310000000000000000000000", NULL, NULL,
          "0x00001010 . \"picx1\"" },
        { PIC__I_NFT_OPEN, "0x00001011", "open", "11100000", NULL, NULL, "0x00001011" },
        { PIC__I_NFT_RESOLVER4, "0x00001010", "169.254.96.6 53", "10100000", NULL, "a9fe600600350000",
          "0x00001010 : 169.254.96.6 . 53" },
        { PIC__I_NFT_RESOLVER6, "0x00001ff0", "fd12::1 5301", "f01f0000", NULL,
          "fd12000000000000000000000000000114b50000", "0x00001ff0 : fd12::1 . 5301" },
        { PIC__I_NFT_SPACE, "picx255", "0x00002ff0", "70696378323535000000000000000000", NULL, "f02f0000",
          "\"picx255\" : 0x00002ff0" },
        { PIC__I_NFT_CARRIER4, "0x00002010 203.0.113.7-203.0.113.7 17 51820-51820", "accept",
          "00002010cb00710711000000ca6c0000", "00002010cb00710711000000ca6c0000", NULL,
          "0x00002010 . 203.0.113.7-203.0.113.7 . 17-17 . 51820-51820" },
        { PIC__I_NFT_CARRIER6, "0x00002010 2001:db8::7-2001:db8::8 6 1-443", "accept",
          "0000201020010db80000000000000000000000070600000000010000",
          "0000201020010db80000000000000000000000080600000001bb0000", NULL,
          "0x00002010 . 2001:db8::7-2001:db8::8 . 6-6 . 1-443" },
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
                pic__item item = { s->kind, s->key, s->value, NULL, 0, NULL };
                uint8_t key[PIC__NFT_KEY_MAX], end[PIC__NFT_KEY_MAX], data[PIC__NFT_DATA_MAX];
                char shown[2 * PIC__NFT_KEY_MAX + 1], key_text[PIC__NFT_ITEM_TEXT], value_text[PIC__NFT_ITEM_TEXT];
                pic__buf text = PIC__BUF_INIT;
                pic__nft_elem e, back;
                int ranged;

                assert_int_equal(pic__nft_elem_parse(&item, &e, NULL), 0);
                ranged = pic__nft_elem_bytes(&e, key, end);
                assert_int_equal(ranged, s->end != NULL);
                hex(key, e.set->key_len, shown);
                if (htonl(1) != 1 || e.set->ranged) /* a mark in a hash set is in the host's order */
                        assert_string_equal(shown, s->bytes);
                if (ranged) {
                        hex(end, e.set->key_len, shown);
                        assert_string_equal(shown, s->end);
                }
                pic__nft_elem_data(&e, data);
                assert_int_equal(e.set->data_len > 0, s->data != NULL);
                hex(data, e.set->data_len, shown);
                if (htonl(1) != 1 && s->data != NULL)
                        assert_string_equal(shown, s->data);
                assert_int_equal(pic__nft_elem_read(e.set, key, e.set->key_len, ranged ? end : NULL, data, &back), 0);
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
                { PIC__I_NFT_SERVED4, "0x00230001 10.1.0.9", "accept" },
                { PIC__I_NFT_SERVED4, "10.1.0.9", "accept" },
                { PIC__I_NFT_DOOR6, "10.1.0.9", "5500" },
                { PIC__I_NFT_DOOR6, "fd12::9", "65536" },
                { PIC__I_NFT_DOOR6, "fd12::9", "0x157c" },
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
                { PIC__I_NFT_LOCAL4, "10.1.0.0/16", "local" },
                { PIC__I_NFT_LOCAL4, "10.1.0.0-10.1.255.255", "accept" },
                { PIC__I_NFT_LOCAL4, "10.1.0.0-10.1.255.255", "local " },
                { PIC__I_NFT_LOCAL6, "10.1.0.0-10.1.255.255", "local" },
                { PIC__I_NFT_WAY, "0x00001010", "accept" },
                { PIC__I_NFT_WAY, "0x00001010 ", "accept" },
                { PIC__I_NFT_WAY, "0x00001010 picx*", "accept" },
                { PIC__I_NFT_WAY, "0x00001010 picx1 ", "accept" },
                { PIC__I_NFT_WAY, "0x00001010 \"picx1\"", "accept" },
                { PIC__I_NFT_WAY, "0x00001010 sixteen_letters_", "accept" },
                { PIC__I_NFT_WAY, "0x00001010 picx1", "open" },
                { PIC__I_NFT_OPEN, "0x00001011 ", "open" },
                { PIC__I_NFT_OPEN, "4113", "open" },
                { PIC__I_NFT_OPEN, "0x00001011", "" },
                { PIC__I_NFT_RESOLVER4, "0x00001010", "169.254.96.6" },
                { PIC__I_NFT_RESOLVER4, "0x00001010", "169.254.96.6 053" },
                { PIC__I_NFT_RESOLVER4, "0x00001010", "169.254.96.6 65536" },
                { PIC__I_NFT_RESOLVER4, "0x00001010", "169.254.96.6 53 " },
                { PIC__I_NFT_RESOLVER4, "0x00001010", "fd12::1 53" },
                { PIC__I_NFT_RESOLVER6, "0x00001010", "FD12::1 53" },
                { PIC__I_NFT_RESOLVER6, "0x00001010", "10.1.0.1 53" },
                { PIC__I_NFT_SPACE, "", "0x00002010" },
                { PIC__I_NFT_SPACE, "picx1 ", "0x00002010" },
                { PIC__I_NFT_SPACE, "picx1", "0x2010" },
                { PIC__I_NFT_CARRIER4, "0x00002010 203.0.113.7 17 51820-51820", "accept" },
                { PIC__I_NFT_CARRIER6, "0x00002010 203.0.113.7-203.0.113.7 17 51820-51820", "accept" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic__item item = { bad[i].kind, bad[i].key, bad[i].value, NULL, 0, NULL };
                pic_error *err = NULL;
                pic__nft_elem e;

                if (pic__nft_elem_parse(&item, &e, &err) != PIC_INVALID)
                        fail_msg("taken: %s -> %s", bad[i].key, bad[i].value);
                assert_int_equal(pic_error_code(err), PIC_INVALID);
                pic_error_free(err);
        }
}

static void test_kinds(void **state)
{
        size_t i;

        (void)state;
        assert_null(pic__nft_set_of(PIC__I_NFT_SHAPE));
        assert_null(pic__nft_set_of(PIC__I_DNS_RECORD));
        for (i = 0; i < PIC__NFT_SETS; i++)
                assert_ptr_equal(pic__nft_set_of(pic__nft_sets[i].kind), &pic__nft_sets[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_forms),
                cmocka_unit_test(test_bad),
                cmocka_unit_test(test_kinds),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
