/* Shows: armor is PEM as strict as it can be read, and comes back in pieces of any size. */
#include "age/armor.h"

#include "help.h"

#define HEAD "-----BEGIN AGE ENCRYPTED FILE-----\n"
#define FOOT "-----END AGE ENCRYPTED FILE-----\n"
#define FULL "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\n" /* 48 times 'A' */

static void wrap(const char *data, size_t len, size_t piece, pic__buf *out)
{
        pic__armor_out a = { .sink = collect, .arg = out };
        size_t at, n;

        for (at = 0; at < len; at += n) {
                n = len - at < piece ? len - at : piece;
                assert_int_equal(pic__armor_put(&a, (const uint8_t *)data + at, n, NULL), 0);
        }
        assert_int_equal(pic__armor_end(&a, NULL), 0);
}

static int unwrap(const char *text, size_t len, size_t piece, pic__buf *out)
{
        pic__armor_in a = { .sink = collect, .arg = out };
        size_t at, n;
        int r = 0;

        for (at = 0; at < len && r == 0; at += n) {
                n = len - at < piece ? len - at : piece;
                r = pic__armor_take(&a, (const uint8_t *)text + at, n, NULL);
        }
        return r == 0 ? pic__armor_done(&a, NULL) : r;
}

static void lengths(void **state)
{
        char data[200];
        size_t len, piece;

        (void)state;
        memset(data, 'A', sizeof(data));
        for (len = 0; len < sizeof(data); len++)
                for (piece = 1; piece < 70; piece += 17) {
                        pic__auto_buf pic__buf text = PIC__BUF_INIT, back = PIC__BUF_INIT;

                        wrap(data, len, piece, &text);
                        assert_int_equal(unwrap(text.data, text.len, piece, &back), 0);
                        assert_int_equal(back.len, len);
                        assert_memory_equal(pic__buf_str(&back), data, len);
                }
}

static void taken(const char *text, size_t want)
{
        pic__auto_buf pic__buf back = PIC__BUF_INIT;

        assert_int_equal(unwrap(text, strlen(text), 11, &back), 0);
        assert_int_equal(back.len, want);
}

static void refused(const char *text)
{
        pic__auto_buf pic__buf back = PIC__BUF_INIT;

        assert_int_equal(unwrap(text, strlen(text), 11, &back), PIC_SYNTAX);
}

static void tolerated(void **state)
{
        (void)state;
        taken(HEAD FULL FOOT, 48);
        taken(HEAD FULL "QUE=\n" FOOT, 50);
        taken("\n \t\r\n" HEAD "QUE=\n" FOOT "\n\n  ", 2);
        taken(HEAD "QUE=\r\n" FOOT "\r\n", 2);
        taken("-----BEGIN AGE ENCRYPTED FILE-----\r\nQUE=\r\n-----END AGE ENCRYPTED FILE-----", 2);
}

static void malformed(void **state)
{
        (void)state;
        refused("");
        refused(HEAD);
        refused(HEAD FULL);
        refused("x" HEAD "QUE=\n" FOOT);
        refused(HEAD "QUE=\n" FOOT "x");
        refused(HEAD "QUE=\n" FOOT FOOT);
        refused(" \n" HEAD "QUE=\n" HEAD "QUE=\n" FOOT);
        refused(HEAD "\n" FULL FOOT);
        refused(HEAD FULL "\n" FOOT);
        refused(HEAD "QUE\n" FOOT);
        refused(HEAD "QUF=\n" FOOT); /* not canonical */
        refused(HEAD "QUE=\nQUE=\n" FOOT);
        refused(HEAD "QUE= \n" FOOT);
        refused(HEAD " QUE=\n" FOOT);
        refused(HEAD "QU E=\n" FOOT);
        refused(HEAD "QU-_\n" FOOT);
        refused(HEAD "=\n" FOOT);
        refused(HEAD "QUE=\n-----END AGE ENCRYPTED FILE----\n");
        refused("-----BEGIN AGE ENCRYPTED FILE----- \nQUE=\n" FOOT);
        refused("-----BEGIN CERTIFICATE-----\nQUE=\n" FOOT);
        refused(HEAD "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\n" FOOT);
        refused(HEAD "comment: x\n\nQUE=\n" FOOT);
}

static void endless(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, back = PIC__BUF_INIT;
        int i;

        (void)state;
        for (i = 0; i < 2000; i++)
                pic__buf_putc(&text, '\n');
        pic__buf_puts(&text, HEAD "QUE=\n" FOOT);
        assert_int_equal(unwrap(text.data, text.len, 100, &back), PIC_SYNTAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(lengths), cmocka_unit_test(tolerated),
                                            cmocka_unit_test(malformed), cmocka_unit_test(endless) };

        return cmocka_run_group_tests(tests, start, NULL);
}
