/* sys/dnsmsg.c: questions as bytes, answers as text, and what is no answer. Asking is held by tests/scenario. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sys/dnsmsg.h"

static void words(void **state)
{
        char text[16];

        (void)state;
        assert_int_equal(pic__dnsmsg_type("aaaa"), 28);
        assert_int_equal(pic__dnsmsg_type("TYPE257"), 257);
        assert_int_equal(pic__dnsmsg_type("TYPE70000"), 0);
        assert_int_equal(pic__dnsmsg_type("TYPE"), 0);
        assert_int_equal(pic__dnsmsg_type("nonsense"), 0);
        assert_string_equal(pic__dnsmsg_type_text(33, text), "SRV");
        assert_string_equal(pic__dnsmsg_type_text(99, text), "TYPE99");
        assert_string_equal(pic__dnsmsg_code_text(3, text), "NXDOMAIN");
        assert_string_equal(pic__dnsmsg_code_text(11, text), "RCODE11");
}

static void question(void **state)
{
        static const uint8_t want[] = { 0x12, 0x34, 1,  0x30, 0, 1, 0, 0,  0,  0, 0, 1, 1,    'a', 2, 'b', 'c',
                                        0,    0,    16, 0,    1, 0, 0, 41, 16, 0, 0, 0, 0x80, 0,   0, 0 };
        uint8_t out[PIC__DNSMSG_ASK];
        char name[400];

        (void)state;
        assert_int_equal(pic__dnsmsg_write("a.bc.", 16, PIC__DNSMSG_UNCHECKED, 0x1234, out), sizeof(want));
        assert_memory_equal(out, want, sizeof(want));
        assert_int_equal(pic__dnsmsg_write("a.bc", 16, 0, 0x1234, out), sizeof(want));
        assert_int_equal(pic__dnsmsg_write(".", 2, 0, 1, out), 28);
        assert_int_equal(pic__dnsmsg_write("a..b", 2, 0, 1, out), 0);
        memset(name, 'x', sizeof(name));
        name[64] = '\0';
        assert_int_equal(pic__dnsmsg_write(name, 2, 0, 1, out), 0);
}

static char heard[2048];

static void hear(const char *name, const char *type, uint32_t ttl, const char *rdata, void *data)
{
        size_t n = strlen(heard);

        (void)data;
        snprintf(heard + n, sizeof(heard) - n, "%s %u %s %s|", name, ttl, type, rdata);
}

#define HEAD(answers) 0x12, 0x34, 0x81, 0xa0, 0, 1, 0, answers, 0, 0, 0, 0, 1, 'a', 1, 'b', 0, 0, 1, 0, 1
#define RR(type, len) 0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, len

static void answer(void **state)
{
        static const uint8_t all[] = { HEAD(9),   RR(1, 4),  10,        1,   0,         2,    RR(5, 4), 1,    'c',
                                       0xc0,      14,        RR(15, 6), 0,   10,        1,    'm',      0xc0, 12,
                                       RR(33, 8), 0,         0,         0,   5,         0x13, 0xc4,     0xc0, 12,
                                       RR(16, 9), 2,         'h',       '"', 5,         '\\', ';',      0xe4, ' ',
                                       '.',       RR(46, 2), 1,         2,   RR(64, 3), 1,    2,        3,    RR(12, 1),
                                       0,         RR(6, 24), 0xc0,      12,  0xc0,      14,   0,        0,    0,
                                       1,         0,         0,         0,   2,         0,    0,        0,    3,
                                       0,         0,         0,         4,   0,         0,    0,        5 };
        pic__dnsmsg m;
        size_t i;

        (void)state;
        heard[0] = '\0';
        assert_int_equal(pic__dnsmsg_read(all, sizeof(all), 0x1234, &m, hear, NULL), 0);
        assert_string_equal(heard, "a.b. 60 A 10.1.0.2|a.b. 60 CNAME c.b.|a.b. 60 MX 10 m.a.b.|a.b. 60 SRV 0 5 5060 "
                                   "a.b.|a.b. 60 TXT \"h\\\"\" \"\\\\;\\228 .\"|a.b. 60 SVCB \\# 3 010203|a.b. 60 PTR "
                                   ".|a.b. 60 SOA a.b. b. 1 2 3 4 5|");
        assert_int_equal(m.code, 0);
        assert_int_equal(m.answers, 8);
        assert_true(m.validated && !m.cut);
        assert_int_equal(pic__dnsmsg_read(all, sizeof(all), 0x1235, &m, hear, NULL), -1);
        for (i = 0; i < sizeof(all); i++) /* no piece of it is an answer */
                assert_int_equal(pic__dnsmsg_read(all, i, 0x1234, &m, NULL, NULL), -1);
}

/* Names that lead to themselves or out of the message, data that is too short. */
static void broken(void **state)
{
        static const uint8_t loop[] = { HEAD(1), 0xc0, 21, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 1, 2, 3, 4 };
        static const uint8_t ahead[] = { HEAD(1), 0xc0, 30, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 1, 2, 3, 4 };
        static const uint8_t small[] = { HEAD(1), RR(1, 3), 1, 2, 3 };
        static const uint8_t text[] = { HEAD(1), RR(16, 2), 5, 'x' };
        static const uint8_t inside[] = { HEAD(2), RR(15, 3), 0, 10, 1, RR(1, 4), 1, 2, 3, 4 };
        pic__dnsmsg m;

        (void)state;
        assert_int_equal(pic__dnsmsg_read(loop, sizeof(loop), 0x1234, &m, NULL, NULL), -1);
        assert_int_equal(pic__dnsmsg_read(ahead, sizeof(ahead), 0x1234, &m, NULL, NULL), -1);
        assert_int_equal(pic__dnsmsg_read(small, sizeof(small), 0x1234, &m, NULL, NULL), -1);
        assert_int_equal(pic__dnsmsg_read(text, sizeof(text), 0x1234, &m, NULL, NULL), -1);
        assert_int_equal(pic__dnsmsg_read(inside, sizeof(inside), 0x1234, &m, NULL, NULL), -1);
}

/* What stands beside the answer: an extended error among options of EDNS, or half of one. */
static void why(void **state)
{
        static const uint8_t told[] = { 0x12, 0x34, 0x81, 0x82, 0,   1, 0,  0,  0, 0,    0, 1,   1,   'a', 1, 'b',
                                        0,    0,    1,    0,    1,   0, 0,  41, 4, 0xd0, 0, 0,   0,   0,   0, 14,
                                        0,    3,    0,    1,    'x', 0, 15, 0,  5, 0,    7, 'o', 'l', 'd' };
        static const uint8_t half[] = { 0x12, 0x34, 0x81, 0x82, 0,  1, 0,    0, 0, 0, 0, 1, 1, 'a', 1,  'b', 0, 0, 1,
                                        0,    1,    0,    0,    41, 4, 0xd0, 0, 0, 0, 0, 0, 5, 0,   15, 0,   9, 0 };
        pic__dnsmsg m;
        char text[32];
        size_t i;

        (void)state;
        assert_int_equal(pic__dnsmsg_read(told, sizeof(told), 0x1234, &m, NULL, NULL), 0);
        assert_int_equal(m.code, 2);
        assert_int_equal(m.why, 7);
        assert_string_equal(pic__dnsmsg_why_text(7, text), "a signature has expired");
        assert_string_equal(pic__dnsmsg_why_text(4711, text), "extended error 4711");
        assert_null(pic__dnsmsg_why_text(-1, text));
        for (i = 21; i < sizeof(told); i++) {
                assert_int_equal(pic__dnsmsg_read(told, i, 0x1234, &m, NULL, NULL), 0);
                assert_int_equal(m.why, -1);
        }
        assert_int_equal(pic__dnsmsg_read(half, sizeof(half), 0x1234, &m, NULL, NULL), 0);
        assert_int_equal(m.why, -1);
}

static void nobody(void **state)
{
        uint8_t answer_[PIC__DNSMSG_MAX];
        pic_error *err = NULL;
        uint16_t id;

        (void)state;
        assert_int_equal(pic__dnsmsg_ask("here", 53, "a.b", 1, 0, 50, answer_, &id, &err), PIC_VALUE);
        pic_error_free(err);
        assert_int_equal(pic__dnsmsg_ask("127.0.0.1", 1, "a..b", 1, 0, 50, answer_, &id, NULL), PIC_VALUE);
        assert_int_equal(pic__dnsmsg_ask("127.0.0.1", 1, "a.b", 1, 0, 500, answer_, &id, NULL), PIC_BACKEND);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(words),  cmocka_unit_test(question),
                                            cmocka_unit_test(answer), cmocka_unit_test(broken),
                                            cmocka_unit_test(nobody), cmocka_unit_test(why) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
