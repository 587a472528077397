/* Answers of wireguard-go: whole, in pieces of any size, and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/wg/uapi_scan.h"

static const char answer[] = "private_key=e84b5a6d2717c1003a13b431570353dbaca9146cf150c5f8575680feba52027a\n"
                             "listen_port=12912\n"
                             "fwmark=7\n"
                             "public_key=b85996fecc9c7f1fc6d2572a76eda11d59bcd20be8e543b15ce4bd85a8e75a33\n"
                             "preshared_key=188515093e952f5f22e865cef3012e72f8b5f0b598ac0309d5dacce3b70fcf52\n"
                             "protocol_version=1\n"
                             "endpoint=[abcd:23::33%2]:51820\n"
                             "last_handshake_time_sec=1700000000\n"
                             "last_handshake_time_nsec=123456789\n"
                             "rx_bytes=18446744073\n"
                             "tx_bytes=5\n"
                             "persistent_keepalive_interval=111\n"
                             "allowed_ip=192.168.4.4/32\n"
                             "allowed_ip=fd00::/64\n"
                             "public_key=58402E695BA1772B1CC9309755F043251EA77FDCF10FBE63989CEB7E19321376\n"
                             "some_new_word=1\n"
                             "errno=0\n\n";

struct seen {
        char text[600];
        int fail_at;
        int count;
};

static int on_device(const pic__wg_device *device, void *data, pic_error **err)
{
        struct seen *s = data;

        (void)err;
        snprintf(s->text + strlen(s->text), sizeof(s->text) - strlen(s->text), "device %02x %u;",
                 device->private_key[0], device->port);
        return ++s->count == s->fail_at ? PIC_BUSY : 0;
}

static int on_peer(pic__wg_peer *p, void *data, pic_error **err)
{
        struct seen *s = data;

        (void)err;
        snprintf(s->text + strlen(s->text), sizeof(s->text) - strlen(s->text),
                 "peer %02x%02x %02x %u %zu %s %lld %llu %llu;", p->key[0], p->key[31], p->psk[0], p->keepalive,
                 p->allowed.count, p->endpoint, (long long)p->handshake, (unsigned long long)p->rx,
                 (unsigned long long)p->tx);
        return ++s->count == s->fail_at ? PIC_BUSY : 0;
}

static const char expected[] = "device e8 12912;"
                               "peer b833 18 111 2 [abcd:23::33%2]:51820 1700000000123456 18446744073 5;"
                               "peer 5876 00 0 0  0 0 0;";

/* Gives the text in pieces that end anywhere. */
static int scan(const char *text, size_t piece, struct seen *seen, int *ret_result, int *ret_done, pic_error **err)
{
        pic__wg_reader reader = { on_device, on_peer, seen };
        pic__auto_uapi_scan pic__uapi_scan s = { .reader = &reader, .err = err };
        size_t from = 0, to = 0, len = strlen(text), used;
        int r = 0;

        while (r == 0 && to < len) {
                to = to + piece < len ? to + piece : len;
                r = pic__uapi_scan_lines(&s, text + from, to - from, &used);
                from += used;
        }
        *ret_result = s.result;
        *ret_done = s.done;
        return r;
}

static void whole_and_in_pieces(void **state)
{
        size_t piece;

        (void)state;
        for (piece = 1; piece <= sizeof(answer); piece += piece < 90 ? 1 : 97) {
                struct seen seen = { .count = 0 };
                int result = -1, done = 0;

                assert_int_equal(scan(answer, piece, &seen, &result, &done, NULL), 0);
                assert_string_equal(seen.text, expected);
                assert_int_equal(result, 0);
                assert_int_equal(done, 1);
        }
}

static void nothing_but_a_device(void **state)
{
        struct seen seen = { .count = 0 };
        int result, done;

        (void)state;
        assert_int_equal(scan("listen_port=5\nerrno=0\n\n", 100, &seen, &result, &done, NULL), 0);
        assert_string_equal(seen.text, "device 00 5;");
}

static void a_refusal(void **state)
{
        struct seen seen = { .count = 0 };
        int result, done;

        (void)state;
        assert_int_equal(scan("errno=-98\n\n", 100, &seen, &result, &done, NULL), 0);
        assert_int_equal(result, 98);
        assert_int_equal(seen.count, 0);
}

static int keep_key(pic__wg_peer *p, void *data, pic_error **err)
{
        (void)err;
        memcpy(data, p->key, 32);
        return 0;
}

/* Keys are decoded eight digits at a time: every byte in every place. */
static void every_byte_of_a_key(void **state)
{
        static const char digits[] = "0123456789abcdefABCDEF";
        char text[] = "public_key=0000000000000000000000000000000000000000000000000000000000000000\nerrno=0\n\n";
        char *key_text = text + sizeof("public_key=") - 1;
        int c, place;

        (void)state;
        for (c = 1; c < 256; c++) {
                for (place = 0; c != '\n' && place < 64; place++) {
                        uint8_t key[32] = { 1 }, want[32] = { 0 };
                        pic__wg_reader reader = { NULL, keep_key, key };
                        pic__auto_uapi_scan pic__uapi_scan s = { .reader = &reader };
                        const char *digit = c < 128 ? strchr(digits, c) : NULL;
                        size_t used;

                        key_text[place] = (char)c;
                        assert_int_equal(pic__uapi_scan_lines(&s, text, sizeof(text) - 1, &used),
                                         digit != NULL ? 0 : PIC_BACKEND);
                        key_text[place] = '0';
                        if (digit == NULL)
                                continue;
                        want[place / 2] = (uint8_t)(digit - digits > 15 ? digit - digits - 6 : digit - digits);
                        want[place / 2] = (uint8_t)(place % 2 == 0 ? want[place / 2] << 4 : want[place / 2]);
                        assert_memory_equal(key, want, sizeof(key));
                }
        }
}

static void bad_lines(void **state)
{
        static const char *const lines[] = {
                "no equals sign\n",
                "public_key=12\n",
                "public_key=g84b5a6d2717c1003a13b431570353dbaca9146cf150c5f8575680feba52027a\n",
                "private_key=\n",
                "preshared_key=e84b5a6d2717c1003a13b431570353dbaca9146cf150c5f8575680feba52027a0\n",
                "listen_port=65536\n",
                "listen_port=\n",
                "persistent_keepalive_interval=1x\n",
                "rx_bytes=12345678901234567890\n",
                "tx_bytes=-1\n",
                "last_handshake_time_sec=9223372036854775807\n",
                "last_handshake_time_nsec=1000000000\n",
                "allowed_ip=10.0.0.1\n",
                "allowed_ip=1111111111111111111111111111111111111111111111111111111111111111111\n",
                "errno=x\n",
                "errno=\n",
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(lines); i++) {
                struct seen seen = { .count = 0 };
                pic__auto_err pic_error *err = NULL;
                int result, done;

                if (scan(lines[i], 1000, &seen, &result, &done, &err) != PIC_BACKEND)
                        fail_msg("taken: %s", lines[i]);
                assert_int_equal(pic_error_code(err), PIC_BACKEND);
                assert_null(strstr(pic_error_message(err), "e84b5a6d")); /* no key in the words */
        }
}

static void the_reader_ends_it(void **state)
{
        int at;

        (void)state;
        for (at = 1; at <= 3; at++) {
                struct seen seen = { .fail_at = at };
                int result, done;

                assert_int_equal(scan(answer, 1000, &seen, &result, &done, NULL), PIC_BUSY);
                assert_int_equal(seen.count, at);
        }
}

static void out_of_memory(void **state)
{
        struct seen seen = { .count = 0 };
        int result, done, r;

        (void)state;
        pic__mem_fail_at(1);
        r = scan(answer, 1000, &seen, &result, &done, NULL);
        pic__mem_fail_at(0);
        assert_int_equal(r, PIC_NOMEM);
}

/* Long endpoints are cut, not overrun. */
static void long_endpoint(void **state)
{
        char text[400];
        struct seen seen = { .count = 0 };
        int result, done;

        (void)state;
        snprintf(text, sizeof(text), "public_key=%064d\nendpoint=%0200d\nerrno=0\n\n", 0, 0);
        assert_int_equal(scan(text, 1000, &seen, &result, &done, NULL), 0);
        assert_int_equal(seen.count, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(whole_and_in_pieces), cmocka_unit_test(nothing_but_a_device),
                cmocka_unit_test(a_refusal),           cmocka_unit_test(bad_lines),
                cmocka_unit_test(every_byte_of_a_key), cmocka_unit_test(the_reader_ends_it),
                cmocka_unit_test(out_of_memory),       cmocka_unit_test(long_endpoint),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
