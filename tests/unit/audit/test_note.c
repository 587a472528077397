/* Shows: a signed head is what the two C2SP specifications say, and nothing else is taken for one. */
#include "audit/note.h"

#include "help.h"

static uint8_t key[32], secret[64];

static int setup(void **state)
{
        static const uint8_t seed[32] = { 1, 2, 3 };

        (void)state;
        assert_int_equal(pic__crypto_start(NULL), 0);
        pic__sign_pair(seed, key, secret);
        return 0;
}

static void make(pic__buf *out, uint64_t size)
{
        pic__head head = { .size = size };

        pic__origin(key, head.origin);
        root_of(3, head.root);
        pic__note_sign(&head, secret, out);
}

static void round_trip(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, vkey = PIC__BUF_INIT;
        pic__head head;
        const char *name;

        (void)state;
        make(&text, 1234567890123);
        assert_int_equal(pic__note_open(pic__buf_str(&text), text.len, key, &head, NULL), 0);
        assert_int_equal(head.size, 1234567890123);
        assert_non_null(strstr(pic__buf_str(&text), "\n1234567890123\n"));
        pic__note_verifier(key, &vkey);
        name = pic__buf_str(&vkey);
        assert_memory_equal(name, head.origin, strlen(head.origin));
        assert_int_equal(name[strlen(head.origin)], '+');
        assert_null(strchr(head.origin, ' '));
        assert_null(strchr(head.origin, '+'));
}

/* Every byte changed in turn: never taken with other content. */
static void changed(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__head want, got;
        size_t i;

        (void)state;
        make(&text, 42);
        assert_int_equal(pic__note_open(text.data, text.len, key, &want, NULL), 0);
        for (i = 0; i < text.len; i++) {
                char was = text.data[i];

                text.data[i] = (char)(was ^ 1);
                memset(&got, 0, sizeof(got));
                assert_true(pic__note_open(text.data, text.len, key, &got, NULL) < 0);
                text.data[i] = was;
                assert_true(pic__note_open(text.data, i, key, &got, NULL) < 0);
        }
}

static void others(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, twice = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        uint8_t stranger[32], strange_secret[64];
        static const uint8_t seed[32] = { 9 };
        pic__head head = { .size = 7 };

        (void)state;
        make(&text, 7);
        pic__sign_pair(seed, stranger, strange_secret);
        assert_int_equal(pic__note_open(text.data, text.len, stranger, &head, &err), PIC_DENIED);
        /* a second signature by somebody else does no harm */
        pic__buf_puts(&twice, pic__buf_str(&text));
        pic__buf_puts(&twice, "\xe2\x80\x94 witness.example AAAAAAAA\n");
        assert_int_equal(pic__note_open(twice.data, twice.len, key, &head, NULL), 0);
        pic__buf_puts(&twice, "no signature\n");
        assert_int_equal(pic__note_open(twice.data, twice.len, key, &head, NULL), PIC_SYNTAX);
        assert_int_equal(pic__note_open("", 0, key, &head, NULL), PIC_SYNTAX);
        assert_int_equal(pic__note_open("\n\n", 2, key, &head, NULL), PIC_SYNTAX);
        assert_int_equal(pic__note_open("a\n01\n\n\n", 7, key, &head, NULL), PIC_SYNTAX);
}

static void verifiers(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        uint8_t got[32];
        size_t i;

        (void)state;
        pic__note_verifier(key, &text);
        assert_int_equal(pic__note_verifier_open(pic__buf_str(&text), got, NULL), 0);
        assert_memory_equal(got, key, 32);
        for (i = 0; i < text.len; i++) { /* no other text is of this key, or of any */
                char was = text.data[i];

                text.data[i] = (char)(was ^ 1);
                assert_int_equal(pic__note_verifier_open(text.data, got, NULL), PIC_SYNTAX);
                text.data[i] = '\0';
                assert_int_equal(pic__note_verifier_open(text.data, got, NULL), PIC_SYNTAX);
                text.data[i] = was;
        }
        /* of the specification's own example: not of a cell */
        assert_int_equal(pic__note_verifier_open(
                                 "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", got, NULL),
                         PIC_SYNTAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(round_trip), cmocka_unit_test(changed),
                                            cmocka_unit_test(others), cmocka_unit_test(verifiers) };

        return cmocka_run_group_tests(tests, setup, NULL);
}
