/* Shows: words come back as they went in, whatever bytes a value has; there is one way to write one. */
#include "help.h"
#include "model/words.h"

static void there_and_back(void **state)
{
        static const char *const values[] = {
                "", "plain", "two words", "50%", "a=b", "line\nend\ttab", "ü€", "\x01\x7f"
        };
        pic__auto_buf pic__buf text = PIC__BUF_INIT, value = PIC__BUF_INIT;
        const char *at;
        char name[16];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(values); i++) {
                snprintf(name, sizeof(name), "k%zu", i);
                pic__word_put(&text, name, values[i]);
        }
        assert_null(strpbrk(pic__buf_str(&text), "\n\t"));
        at = pic__buf_str(&text);
        for (i = 0; i < PIC__COUNT(values); i++) {
                assert_int_equal(pic__word_next(&at, name, sizeof(name), &value), 1);
                assert_int_equal(name[1], '0' + (int)i);
                assert_string_equal(pic__buf_str(&value), values[i]);
        }
        assert_int_equal(pic__word_next(&at, name, sizeof(name), &value), 0);
        assert_int_equal(pic__word_get(pic__buf_str(&text), "k3", &value), 1);
        assert_string_equal(pic__buf_str(&value), "50%");
        assert_int_equal(pic__word_get(pic__buf_str(&text), "k", &value), 0);
        assert_string_equal(pic__buf_str(&value), "");
}

/* Nothing but what we write is taken: an escape of what needs none, half of one, a NUL, raw bytes. */
static void only_canonical(void **state)
{
        static const char *const bad[] = {
                "k", "=v", "k=%", "k=%2", "k=%41", "k=%00", "k=%2Z", "k=%2D", "k=\x80", "k=a=b", "averyverylongname=1"
        };
        pic__auto_buf pic__buf value = PIC__BUF_INIT;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                const char *at = bad[i];
                char name[16];

                assert_int_equal(pic__word_next(&at, name, sizeof(name), &value), -1);
        }
        assert_int_equal(pic__word_get("a=1 k=%", "k", &value), -1);
        assert_int_equal(pic__word_get("a=1 b=2\nc=3", "c", &value), 1);
}

RUN(T(there_and_back), T(only_canonical))
