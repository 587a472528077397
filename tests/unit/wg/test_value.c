/* DEVICE and PEER items as values, and back to the very same text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/wg/value.h"
#include "model/key.h"
#include "sys/crypto.h"

#define KEY "ZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmY="

static void peer_there_and_back(void **state)
{
        static const char *const values[] = {
                "allowed= keepalive=0",
                "allowed=10.1.0.2/32,fd00::2/128 keepalive=25",
                "allowed=0.0.0.0/0,10.1.0.2/31,10.1.0.2/32,::/0 keepalive=65535",
        };
        static const uint8_t psk[32] = { 7 };
        pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 9 };
        pic__auto_buf pic__buf scratch = PIC__BUF_INIT;
        pic__auto_items pic__items out = PIC__ITEMS_INIT;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(values); i++) {
                pic__item item = { PIC__I_WG_PEER, KEY, values[i], i == 1 ? psk : NULL, 32, NULL };

                assert_int_equal(pic__wg_peer_parse(&item, &peer, NULL), 0);
                assert_int_equal(pic__wg_peer_item(&peer, &scratch, &out, NULL), 0);
                assert_string_equal(out.at[i].key, KEY);
                assert_true(pic__item_same(&out.at[i], &item));
        }
}

static uint64_t sum_of(const char *value, const uint8_t *psk)
{
        const pic__item item = { PIC__I_WG_PEER, KEY, value, psk, 32, NULL };
        pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 0 };

        assert_int_equal(pic__wg_peer_parse(&item, &peer, NULL), 0);
        return pic__wg_peer_sum(&peer);
}

static void sums_tell_peers_apart(void **state)
{
        static const uint8_t psk[32] = { 7 };
        const uint64_t sums[] = {
                sum_of("allowed= keepalive=0", NULL),
                sum_of("allowed= keepalive=1", NULL),
                sum_of("allowed= keepalive=0", psk),
                sum_of("allowed=10.1.0.2/32 keepalive=0", NULL),
                sum_of("allowed=10.1.0.2/31 keepalive=0", NULL),
                sum_of("allowed=10.1.0.2/32,10.1.0.2/32 keepalive=0", NULL),
                sum_of("allowed=10.1.0.2/32,fd00::2/128 keepalive=0", NULL),
        };
        pic__wg_device device = { .port = 5 };
        size_t i, k;

        (void)state;
        for (i = 0; i < PIC__COUNT(sums); i++)
                for (k = 0; k < PIC__COUNT(sums); k++)
                        assert_int_equal(sums[i] == sums[k], i == k);
        assert_int_equal(sums[6], sum_of("allowed=fd00::2/128,10.1.0.2/32 keepalive=0", NULL));
        assert_true(pic__wg_device_sum("a", &device) != pic__wg_device_sum("b", &device));
        device.port = 6;
        assert_true(pic__wg_device_sum("a", &device) != pic__wg_device_sum("a", &(pic__wg_device){ .port = 5 }));
}

/* However WireGuard lists prefixes, the item has them in one order. */
static void prefixes_are_put_in_order(void **state)
{
        pic__item item = { PIC__I_WG_PEER, KEY, "allowed=fd00::2/128,fd00::/64,10.1.0.2/32,10.0.0.0/8 keepalive=0",
                           NULL,           0,   NULL };
        pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 0 };
        pic__auto_buf pic__buf scratch = PIC__BUF_INIT;
        pic__auto_items pic__items out = PIC__ITEMS_INIT;

        (void)state;
        assert_int_equal(pic__wg_peer_parse(&item, &peer, NULL), 0);
        assert_int_equal(pic__wg_peer_item(&peer, &scratch, &out, NULL), 0);
        assert_string_equal(out.at[0].value, "allowed=10.0.0.0/8,10.1.0.2/32,fd00::/64,fd00::2/128 keepalive=0");
}

static void bad_peers(void **state)
{
        static const char *const values[] = {
                "",
                "allowed=10.1.0.2/32",
                "allow=10.1.0.2/32 keepalive=0",
                "allowed=10.1.0.2 keepalive=0",
                "allowed=10.1.0.2/24 keepalive=0",
                "allowed=10.1.0.2/32,,10.1.0.3/32 keepalive=0",
                "allowed=1111111111111111111111111111111111111111111111111111111111111 keepalive=0",
                "allowed=10.1.0.2/32 keepalive=65536",
                "allowed=10.1.0.2/32 keepalive=",
                "allowed=10.1.0.2/32 keepalive=-1",
                "allowed=10.1.0.2/32 keepalive=0 more"
        };
        pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 0 };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(values); i++) {
                pic__item item = { PIC__I_WG_PEER, KEY, values[i], NULL, 0, NULL };
                pic__auto_err pic_error *err = NULL;

                assert_int_equal(pic__wg_peer_parse(&item, &peer, &err), PIC_INVALID);
                assert_non_null(strstr(pic_error_message(err), KEY));
        }
        assert_int_equal(
                pic__wg_peer_parse(&(pic__item){ PIC__I_WG_PEER, "nokey", "allowed= keepalive=0", NULL, 0, NULL },
                                   &peer, NULL),
                PIC_INVALID);
}

static void device_there_and_back(void **state)
{
        uint8_t private_key[32], public_key[32];
        pic__auto_wg_device pic__wg_device device = { .port = 0 };
        pic__auto_items pic__items out = PIC__ITEMS_INIT;
        char text[PIC__KEY_TEXT], value[PIC__WG_DEVICE_TEXT];
        pic__item item = { PIC__I_WG_DEVICE, "pic0", value, private_key, 32, NULL };

        (void)state;
        pic__wg_keypair(private_key, public_key);
        pic__key_encode(public_key, text);
        snprintf(value, sizeof(value), "port=51820 key=%s", text);
        assert_int_equal(pic__wg_device_parse(&item, &device, NULL), 0);
        assert_int_equal(device.port, 51820);
        assert_int_equal(pic__wg_device_item("pic0", &device, &out, NULL), 0);
        assert_true(pic__item_same(&out.at[0], &item));
        /* A device that has no key yet. */
        memset(&device, 0, sizeof(device));
        assert_int_equal(pic__wg_device_item("pic1", &device, &out, NULL), 0);
        assert_string_equal(out.at[1].value, "port=0 key=");
        assert_null(out.at[1].secret);
}

static void bad_devices(void **state)
{
        static const char *const values[] = {
                "", "port=1", "port=70000 key=" KEY, "port=1 key=short", "port=x key=" KEY, "port=1 key=" KEY
        };
        uint8_t private_key[32] = { 8 };
        pic__auto_wg_device pic__wg_device device = { .port = 0 };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(values); i++) { /* the last: a key that is not the private key's */
                pic__item item = { PIC__I_WG_DEVICE, "pic0", values[i], private_key, 32, NULL };

                assert_int_equal(pic__wg_device_parse(&item, &device, NULL), PIC_INVALID);
        }
        assert_int_equal(
                pic__wg_device_parse(&(pic__item){ PIC__I_WG_DEVICE, "pic0", values[5], NULL, 0, NULL }, &device, NULL),
                PIC_INVALID);
}

static void out_of_memory(void **state)
{
        pic__item item = { PIC__I_WG_PEER, KEY, "allowed=10.1.0.2/32,fd00::2/128 keepalive=25", NULL, 0, NULL };
        unsigned long n;

        (void)state;
        for (n = 1; n < 20; n++) {
                pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 0 };
                pic__auto_buf pic__buf scratch = PIC__BUF_INIT;
                pic__auto_items pic__items out = PIC__ITEMS_INIT;
                int r;

                pic__mem_fail_at(n);
                r = pic__wg_peer_parse(&item, &peer, NULL);
                if (r == 0)
                        r = pic__wg_peer_item(&peer, &scratch, &out, NULL);
                if (pic__mem_fail_at(0) < n) {
                        assert_int_equal(r, 0);
                        return;
                }
                assert_int_equal(r, PIC_NOMEM);
        }
        fail_msg("it never ran through");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(peer_there_and_back),
                cmocka_unit_test(prefixes_are_put_in_order),
                cmocka_unit_test(bad_peers),
                cmocka_unit_test(device_there_and_back),
                cmocka_unit_test(bad_devices),
                cmocka_unit_test(out_of_memory),
                cmocka_unit_test(sums_tell_peers_apart),
        };

        if (pic__crypto_start(NULL) < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
