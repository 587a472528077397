/* Shows: the text of a key is what the specification's examples say, and no other text is taken for it. */
#include "age/bech32.h"

#include "help.h"

static void examples(void **state)
{
        /* the identity and the recipient of the specification's text: 32 bytes of 0x42 */
        static const char identity[] = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        uint8_t key[32], want[32];

        (void)state;
        memset(want, 0x42, sizeof(want));
        assert_int_equal(pic__bech32_get("AGE-SECRET-KEY-", identity, strlen(identity), key, 32), 0);
        assert_memory_equal(key, want, 32);
        pic__bech32_put("AGE-SECRET-KEY-", key, 32, &text);
        assert_string_equal(pic__buf_str(&text), identity);
}

/* Each letter changed, a letter less, one more; the other case, another prefix, another length. */
static void no_other(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        uint8_t key[33] = { 0x80, 1, 2, 255 }, got[33];
        size_t i;

        (void)state;
        pic__bech32_put("age", key, 32, &text);
        assert_int_equal(pic__bech32_get("age", text.data, text.len, got, 32), 0);
        assert_memory_equal(got, key, 32);
        for (i = 0; i < text.len; i++) {
                char was = text.data[i];

                text.data[i] = was == 'q' ? 'p' : 'q';
                assert_int_equal(pic__bech32_get("age", text.data, text.len, got, 32), -1);
                text.data[i] = (char)(was - 32);
                assert_int_equal(pic__bech32_get("age", text.data, text.len, got, 32), -1);
                text.data[i] = '\0';
                assert_int_equal(pic__bech32_get("age", text.data, text.len, got, 32), -1);
                text.data[i] = was;
                assert_int_equal(pic__bech32_get("age", text.data, i, got, 32), -1);
        }
        assert_int_equal(pic__bech32_get("agd", text.data, text.len, got, 32), -1);
        assert_int_equal(pic__bech32_get("age", text.data, text.len, got, 31), -1);
        assert_int_equal(pic__bech32_get("age", text.data, text.len, got, 33), -1);
}

static void all_lengths(void **state)
{
        uint8_t key[40], got[40];
        size_t len, i;

        (void)state;
        for (i = 0; i < sizeof(key); i++)
                key[i] = (uint8_t)(i * 37 + 11);
        for (len = 1; len <= sizeof(key); len++) {
                pic__auto_buf pic__buf text = PIC__BUF_INIT;

                pic__bech32_put("x", key, len, &text);
                assert_int_equal(pic__bech32_get("x", text.data, text.len, got, len), 0);
                assert_memory_equal(got, key, len);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(examples), cmocka_unit_test(no_other),
                                            cmocka_unit_test(all_lengths) };

        return cmocka_run_group_tests(tests, start, NULL);
}
