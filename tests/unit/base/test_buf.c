/* Shows: growing text: what goes in comes out, failure is sticky, secrets are wiped, nothing shown can steer a
 * terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"

static void puts_together(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        char *text, *to;
        int i;

        (void)state;
        assert_string_equal(pic__buf_str(&b), "");
        assert_non_null(pic__buf_room(&b, 100)); /* and nothing is put there */
        assert_string_equal(pic__buf_str(&b), "");
        pic__buf_free(&b);
        pic__buf_put(&b, NULL, 0);
        pic__buf_puts(&b, "a");
        pic__buf_putc(&b, 'b');
        pic__buf_putf(&b, "%d-%s", 7, "c");
        assert_string_equal(pic__buf_str(&b), "ab7-c");
        to = pic__buf_room(&b, 3);
        memcpy(to, "xyz", 3);
        pic__buf_added(&b, 3);
        assert_string_equal(pic__buf_str(&b), "ab7-cxyz");
        pic__buf_clear(&b);
        assert_string_equal(pic__buf_str(&b), "");
        for (i = 0; i < 5000; i++)
                pic__buf_putf(&b, "%04d", i);
        assert_int_equal(b.len, 20000);
        text = pic__buf_steal(&b);
        assert_memory_equal(text + 4 * 1234, "1234", 4);
        assert_int_equal(b.len, 0);
        assert_null(b.data);
        pic__free(text);
}

static void empty_steal(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        char *text = pic__buf_steal(&b);

        (void)state;
        assert_string_equal(text, "");
        pic__free(text);
}

static void sticky(void **state)
{
        pic__buf b = PIC__BUF_INIT;

        (void)state;
        pic__buf_puts(&b, "before");
        pic__mem_fail_at(1);
        pic__buf_putf(&b, "%0200d", 1);
        pic__mem_fail_at(0);
        assert_true(b.failed);
        pic__buf_puts(&b, "after");
        assert_string_equal(pic__buf_str(&b), "before");
        assert_null(pic__buf_room(&b, 1));
        pic__buf_put_shown(&b, "x", 10);
        assert_null(pic__buf_steal(&b));
        pic__buf_puts(&b, "again");
        assert_string_equal(pic__buf_str(&b), "again");
        pic__buf_free(&b);
}

static void too_long(void **state)
{
        pic__buf b = PIC__BUF_INIT;

        (void)state;
        assert_null(pic__buf_room(&b, PIC__BUF_MAX));
        assert_true(b.failed);
        pic__buf_clear(&b);
        assert_null(pic__buf_room(&b, SIZE_MAX));
        assert_null(b.data);
        pic__buf_free(&b);
}

static void shown(void **state)
{
        static const struct {
                const char *in, *out;
                size_t max;
        } cases[] = {
                { "plain", "plain", 100 },
                { "zürich", "zürich", 100 },
                { "a\nb\x1b[0m", "a\\x0ab\\x1b[0m", 100 },
                { "\x7f\xff\xc3", "\\x7f\\xff\\xc3", 100 },
                { "\xc2\x9b"
                  "31m",
                  "\\xc2\\x9b31m", 100 },
                { "\xc2\xa0", "\xc2\xa0", 100 },
                { "0123456789", "01234…", 5 },
                { "0123\n", "0123…", 5 },
                { "012é", "012…", 4 },
                { "", "", 0 },
        };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                pic__buf b = PIC__BUF_INIT;

                pic__buf_put_shown(&b, cases[i].in, cases[i].max);
                assert_string_equal(pic__buf_str(&b), cases[i].out);
                pic__buf_free(&b);
        }
}

/* In place of the C library's: which memory was zeroed. */
static const void *zeroed[8];
static size_t zeroings;

static void zero(void *mem, size_t len)
{
        volatile char *at = mem;

        if (zeroings < PIC__COUNT(zeroed))
                zeroed[zeroings] = mem;
        zeroings++;
        while (len-- > 0)
                *at++ = 0;
}

void zero_mine(void *mem, size_t len) __asm__("explicit_bzero");
void zero_mine(void *mem, size_t len)
{
        zero(mem, len);
}

/* What a hardened build calls. */
void zero_hardened(void *mem, size_t len, size_t room) __asm__("__explicit_bzero_chk");
void zero_hardened(void *mem, size_t len, size_t room)
{
        (void)room;
        zero(mem, len);
}

static void grown_secret(void **state)
{
        pic__buf plain = PIC__BUF_INIT, secret = PIC__BUF_SECRET;
        char text[200];
        const void *first;

        (void)state;
        memset(text, 'x', sizeof(text));
        pic__buf_puts(&plain, "a");
        pic__buf_put(&plain, text, sizeof(text));
        zeroings = 0;
        pic__buf_puts(&secret, "s");
        first = secret.data;
        pic__buf_put(&secret, text, sizeof(text));
        assert_int_equal(zeroings, 1);
        assert_ptr_equal(zeroed[0], first);
        assert_int_equal(secret.len, sizeof(text) + 1);
        assert_int_equal(secret.data[0], 's');
        assert_memory_equal(secret.data + 1, text, sizeof(text));
        pic__buf_wipe(&secret);
        assert_int_equal(zeroings, 2);
        assert_true(secret.secret); /* also what is put there next */
        pic__buf_free(&plain);
        assert_int_equal(zeroings, 2);
}

static void wiped(void **state)
{
        pic__buf b = PIC__BUF_INIT;

        (void)state;
        pic__buf_puts(&b, "secret");
        pic__buf_wipe(&b);
        assert_null(b.data);
        pic__buf_wipe(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(puts_together), cmocka_unit_test(empty_steal), cmocka_unit_test(sticky),
                cmocka_unit_test(too_long),      cmocka_unit_test(shown),       cmocka_unit_test(wiped),
                cmocka_unit_test(grown_secret),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
