/* sieve/msg.c: questions, refusals, heads. That others read them is seen by dig and unbound in tests/scenario. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sieve/msg.h"
#include "sieve/view.h"

#define ASK(flags, count) 0x12, 0x34, flags, 0x10, 0, count, 0, 0, 0, 0, 0, 0
#define NAME 3, 'a', 'd', 's', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0
#define A 0, 1, 0, 1

static void read(void **state)
{
        uint8_t m[] = { ASK(1, 1), NAME, A, 0, 0, 41, 16, 0, 0, 0, 0x80, 0, 0, 0 };
        pic__sieve_question q;
        size_t i;

        (void)state;
        assert_int_equal(pic__sieve_ask_read(m, 29, &q), PIC__SIEVE_OK);
        assert_int_equal(q.end, 29);
        assert_int_equal(q.name.count, 2);
        assert_false(q.edns);
        m[11] = 1;
        assert_int_equal(pic__sieve_ask_read(m, sizeof(m), &q), PIC__SIEVE_OK);
        assert_true(q.edns && q.dnssec);
        for (i = 0; i < 12; i++)
                assert_int_equal(pic__sieve_ask_read(m, i, &q), -1);
        for (; i < 29; i++)
                assert_int_equal(pic__sieve_ask_read(m, i, &q), PIC__SIEVE_FORMERR);
        m[5] = 2;
        assert_int_equal(pic__sieve_ask_read(m, sizeof(m), &q), PIC__SIEVE_FORMERR);
        m[2] = 0x81;
        assert_int_equal(pic__sieve_ask_read(m, sizeof(m), &q), -1);
        m[2] = 0x28;
        assert_int_equal(pic__sieve_ask_read(m, sizeof(m), &q), PIC__SIEVE_NOTIMP);
}

/* Whatever is asked for is one word of a line, and none but its own. */
static void as_text(void **state)
{
        uint8_t m[] = { ASK(1, 1), 4, 'A', ' ', '\n', 0xff, 1, '.', 0, A }, root[] = { ASK(1, 1), 0, A };
        pic__sieve_question q;
        char text[64];

        (void)state;
        assert_int_equal(pic__sieve_ask_read(m, sizeof(m), &q), PIC__SIEVE_OK);
        pic__sieve_ask_text(m, &q, text, sizeof(text));
        assert_string_equal(text, "A\\032\\010\\255.\\046.");
        pic__sieve_ask_text(m, &q, text, 12);
        assert_true(strlen(text) < 12);
        assert_int_equal(pic__sieve_ask_read(root, sizeof(root), &q), PIC__SIEVE_OK);
        pic__sieve_ask_text(root, &q, text, sizeof(text));
        assert_string_equal(text, ".");
}

static void refuse(void **state)
{
        uint8_t m[] = { ASK(1, 1), NAME, A, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0 }, out[PIC__SIEVE_ANSWER];
        pic__sieve_question q;
        size_t n;

        (void)state;
        m[11] = 1;
        assert_int_equal(pic__sieve_ask_read(m, sizeof(m), &q), PIC__SIEVE_OK);
        n = pic__sieve_answer(m, &q, PIC__SIEVE_NXDOMAIN, "ads", out);
        assert_true(n > 29 + 12 && n < sizeof(out));
        assert_memory_equal(out, m, 2);
        assert_int_equal(out[2], 0x81);
        assert_int_equal(out[3], 0x93);
        assert_true(out[5] == 1 && out[7] == 0 && out[9] == 1 && out[11] == 1);
        assert_memory_equal(out + n - 3, "ads", 3);
        assert_int_equal(out[n - 4], 15);
        n = pic__sieve_answer(m, &q, PIC__SIEVE_SERVFAIL, NULL, out);
        assert_int_equal(n, 29 + 11);
        assert_true(out[3] == 0x92 && out[9] == 0 && out[11] == 1);
        assert_int_equal(pic__sieve_ask_read(m, 13, &q), PIC__SIEVE_FORMERR);
        assert_int_equal(pic__sieve_answer(m, &q, PIC__SIEVE_FORMERR, NULL, out), 12);
        assert_int_equal(out[5], 0);
}

static void about(void **state)
{
        uint8_t m[] = { ASK(0x81, 1), NAME, A };
        pic__sieve_name n;

        (void)state;
        assert_int_equal(pic__sieve_name_text("ADS.example", 11, &n), 0);
        assert_true(pic__sieve_about(m, sizeof(m), pic__sieve_number(&n)));
        assert_false(pic__sieve_about(m, sizeof(m), 4));
        assert_false(pic__sieve_about(m, 11, 4));
        m[5] = 0; /* unbound refuses without the question */
        assert_true(pic__sieve_about(m, 12, 4));
        m[2] = 1;
        assert_false(pic__sieve_about(m, sizeof(m), pic__sieve_number(&n)));
}

/* What is done to a question is taken back in its answer, which then says what is wished. */
static void hidden(void **state)
{
        static const uint8_t question[] = { 0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 1, 'b', 0, 0, 1, 0, 1 };
        uint8_t m[sizeof(question)];

        (void)state;
        memcpy(m, question, sizeof(m));
        pic__sieve_hide(m, sizeof(m), 1);
        assert_true(m[13] == ('a' ^ 0x80) && m[15] == 'b' && m[18] == 1);
        pic__sieve_hide(m, sizeof(m), 1);
        assert_memory_equal(m, question, sizeof(m));
        pic__sieve_hide(m, sizeof(m), PIC__SIEVE_AS_NONE + 1);
        assert_true(m[13] == ('a' ^ 0x80) && m[15] == 'b' && m[17] == 0xff && m[3] == 0);
        m[2] |= 0x80; /* its answer: there is nothing of that type */
        pic__sieve_hide(m, sizeof(m), PIC__SIEVE_AS_NONE + 1);
        assert_true(m[13] == 'a' && m[17] == 0 && m[3] == PIC__SIEVE_NXDOMAIN);
        m[3] = PIC__SIEVE_SERVFAIL; /* a failure stays one */
        pic__sieve_hide(m, sizeof(m), PIC__SIEVE_AS_NONE + 1);
        assert_int_equal(m[3], PIC__SIEVE_SERVFAIL);
        m[3] = 0;
        pic__sieve_hide(m, sizeof(m), PIC__SIEVE_AS_TYPE); /* only of this type there is nothing */
        assert_int_equal(m[3], 0);
}

static void head(void **state)
{
        static const uint8_t from[] = { 10, 1, 0, 5 }, to[] = { 10, 1, 0, 1 };
        static const uint8_t want[] = { '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T',  '\n', 0x21, 0x12,
                                        0,    12,   10,   1,    0, 5,    10,   1,   0,   1,   0x11, 0x5c, 0,    53 };
        uint16_t ports[2];
        uint8_t out[PIC__SIEVE_PROXY], six[16] = { 0xfd };

        (void)state;
        memcpy(ports, want + 24, 4);
        assert_int_equal(pic__sieve_proxy(1, 4, from, to, ports, out), sizeof(want));
        assert_memory_equal(out, want, sizeof(want));
        assert_int_equal(pic__sieve_proxy(0, 16, six, six, ports, out), PIC__SIEVE_PROXY);
        assert_true(out[13] == 0x21 && out[15] == 36);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(read),   cmocka_unit_test(as_text),
                                            cmocka_unit_test(refuse), cmocka_unit_test(about),
                                            cmocka_unit_test(hidden), cmocka_unit_test(head) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
