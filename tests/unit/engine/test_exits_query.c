/* A probe's question and answer as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "engine/exits_query.h"

static const pic__question root = { ".", PIC__QUERY_NS, 1 };
static const pic__question whoami = { "myip.example.org", PIC__QUERY_A, 1 };

static void test_writes(void **state)
{
        static const uint8_t want[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1 };
        uint8_t out[PIC__QUERY_MAX];
        char label[80], name[400];

        (void)state;
        assert_int_equal(pic__query_write(&root, 0x1234, out), sizeof(want));
        assert_memory_equal(out, want, sizeof(want));
        assert_int_equal(pic__query_id(out, sizeof(want)), 0x1234);
        assert_int_equal(pic__query_id(out, 11), -1);
        assert_int_equal(pic__query_read(&root, out, sizeof(want), NULL), -1); /* a question is no answer */
        memset(label, 'a', sizeof(label));
        label[64] = '\0';
        assert_int_equal(pic__query_write(&(pic__question){ label, 1, 1 }, 1, out), 0);
        label[63] = '\0';
        assert_int_not_equal(pic__query_write(&(pic__question){ label, 1, 1 }, 1, out), 0);
        snprintf(name, sizeof(name), "%s.%s.%s.%s", label, label, label, label);
        assert_int_equal(pic__query_write(&(pic__question){ name, 1, 1 }, 1, out), 0); /* 256 bytes */
        name[strlen(name) - 2] = '\0';
        assert_int_equal(pic__query_write(&(pic__question){ name, 1, 1 }, 1, out), 12 + 255 + 4);
        assert_int_equal(pic__query_write(&(pic__question){ "a..b", 1, 1 }, 1, out), 0);
        assert_int_equal(pic__query_write(&(pic__question){ "a.", 1, 1 }, 1, out), 0);
        assert_int_equal(pic__query_write(&(pic__question){ ".a", 1, 1 }, 1, out), 0);
}

/* The answer to `q` with these records behind the question. */
static size_t answer(const pic__question *q, uint8_t code, unsigned count, const void *records, size_t size,
                     uint8_t *out)
{
        size_t n = pic__query_write(q, 7, out);

        out[2] |= 0x80;
        out[3] = code;
        out[7] = (uint8_t)count;
        memcpy(out + n, records, size);
        return n + size;
}

#define POINTED "\xc0\x0c"
#define ALIAS POINTED "\0\x05\0\x01\0\0\0\x3c\0\x05\3www\0"
#define ADDRESS POINTED "\0\x01\0\x01\0\0\0\x3c\0\x04\xc6\x33\x64\x0a"

static void test_reads(void **state)
{
        uint8_t msg[600];
        char text[PIC__QUERY_TEXT] = "old";
        size_t n;

        (void)state;
        n = answer(&whoami, 0, 2, ALIAS ADDRESS, sizeof(ALIAS ADDRESS) - 1, msg);
        assert_int_equal(pic__query_read(&whoami, msg, n, text), 0);
        assert_string_equal(text, "198.51.100.10");
        assert_int_equal(pic__query_read(&whoami, msg, n, NULL), 0);
        msg[13] = 'M'; /* as it was asked, but for the case */
        assert_int_equal(pic__query_read(&whoami, msg, n, text), 0);
        assert_int_equal(pic__query_read(&root, msg, n, text), -1);
        assert_string_equal(text, "");
        n = answer(&whoami, 5, 0, "", 0, msg); /* refused is an answer too */
        assert_int_equal(pic__query_read(&whoami, msg, n, text), 5);
        msg[5] = 0; /* and some do not say what they refuse */
        assert_int_equal(pic__query_read(&whoami, msg, 12, text), 5);
        msg[3] = 0;
        assert_int_equal(pic__query_read(&whoami, msg, 12, text), -1);
        assert_int_equal(pic__query_read(&whoami, msg, 11, text), -1);
}

static void test_reads_others(void **state)
{
        static const pic__question six = { "x", PIC__QUERY_AAAA, 1 }, txt = { "x", PIC__QUERY_TXT, 3 };
        static const char aaaa[] = POINTED "\0\x1c\0\x01\0\0\0\x3c\0\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09";
        static const char words[] = POINTED "\0\x10\0\x03\0\0\0\x3c\0\x06\x05"
                                            "1.\x01 9";
        static const char liar[] = POINTED "\0\x10\0\x03\0\0\0\x3c\0\x02\xff"
                                           "1";
        uint8_t msg[600];
        char text[PIC__QUERY_TEXT];
        size_t n;

        (void)state;
        n = answer(&six, 0, 1, aaaa, sizeof(aaaa) - 1, msg);
        assert_int_equal(pic__query_read(&six, msg, n, text), 0);
        assert_string_equal(text, "2001:db8::9");
        n = answer(&txt, 0, 1, words, sizeof(words) - 1, msg);
        assert_int_equal(pic__query_read(&txt, msg, n, text), 0);
        assert_string_equal(text, "1.??9");
        n = answer(&txt, 0, 1, liar, sizeof(liar) - 1, msg);
        assert_int_equal(pic__query_read(&txt, msg, n, text), 0);
        assert_string_equal(text, "");
}

/* Cut off anywhere it is nothing worse than no record. */
static void test_cut(void **state)
{
        uint8_t msg[600];
        char text[PIC__QUERY_TEXT];
        size_t n, i;

        (void)state;
        n = answer(&whoami, 0, 2, ALIAS ADDRESS, sizeof(ALIAS ADDRESS) - 1, msg);
        for (i = 0; i < n; i++) {
                (void)pic__query_read(&whoami, msg, i, text);
                assert_string_equal(text, "");
        }
        msg[n - 16] = 0x80; /* a kind of name that does not exist */
        assert_int_equal(pic__query_read(&whoami, msg, n, text), 0);
        assert_string_equal(text, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_writes),
                cmocka_unit_test(test_reads),
                cmocka_unit_test(test_reads_others),
                cmocka_unit_test(test_cut),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
