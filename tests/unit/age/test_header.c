/* Shows: a header is taken byte by byte as in one piece, every byte of it counts, and nothing is taken after its end.
 */
#include "age/header.h"

#include "help.h"

static uint8_t key[PIC__AGE_KEY] = "YELLOW SUBMARIN";

/* 1, 0 or what is wrong; by pieces. */
static int take(const char *text, size_t len, size_t piece, const pic__age_keys *keys, size_t *ret_used)
{
        pic__age_header h = { .where = 0 };
        uint8_t got[PIC__AGE_KEY];
        size_t used = 0, n;
        int r = 0;

        *ret_used = 0;
        while (r == 0 && *ret_used < len) {
                n = len - *ret_used < piece ? len - *ret_used : piece;
                r = pic__age_header_take(&h, (const uint8_t *)text + *ret_used, n, &used, NULL);
                *ret_used += used;
        }
        if (r == 1) {
                r = pic__age_header_open(&h, keys, 22, got, NULL);
                if (r == 0)
                        assert_memory_equal(got, key, sizeof(key));
                r = r < 0 ? r : 1;
        }
        pic__age_header_clear(&h);
        return r;
}

static void pieces(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        size_t piece, len, used;

        (void)state;
        own_keys(&keys);
        own_keys(&keys);
        assert_int_equal(pic__age_header_make(&keys, 1, key, &text, NULL), 0);
        len = text.len;
        pic__buf_puts(&text, "payload\n---\n");
        for (piece = 1; piece < text.len; piece++) {
                assert_int_equal(take(text.data, text.len, piece, &keys, &used), 1);
                assert_int_equal(used, len);
        }
        for (used = 0; used < len; used++) { /* cut off: more is needed, nothing else */
                size_t n;

                assert_int_equal(take(text.data, used, 7, &keys, &n), 0);
        }
        pic__age_keys_clear(&keys);
}

/* Each bit of each byte: never taken, and always one of four codes. */
static void every_bit(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        size_t i, used, seen[4] = { 0 };
        int bit;

        (void)state;
        own_keys(&keys);
        assert_int_equal(pic__age_header_make(&keys, 1, key, &text, NULL), 0);
        for (i = 0; i < text.len; i++)
                for (bit = 0; bit < 8; bit++) {
                        int r;

                        text.data[i] ^= (char)(1 << bit);
                        r = take(text.data, text.len, text.len, &keys, &used);
                        assert_true(r == PIC_SYNTAX || r == PIC_UNSUPPORTED || r == PIC_DENIED || r == PIC_CORRUPT ||
                                    (r == 0 && i == text.len - 1)); /* its last newline: more could come */
                        seen[0] += r == PIC_SYNTAX;
                        seen[1] += r == PIC_UNSUPPORTED;
                        seen[2] += r == PIC_DENIED;
                        seen[3] += r == PIC_CORRUPT;
                        text.data[i] ^= (char)(1 << bit);
                }
        assert_true(seen[0] > 500 && seen[1] > 0 && seen[2] > 100 && seen[3] > 50);
        pic__age_keys_clear(&keys);
}

static void refused(const char *text)
{
        pic__age_keys keys = { .passphrase = NULL };
        size_t used;

        own_keys(&keys);
        assert_int_equal(take(text, strlen(text), 5, &keys, &used), PIC_SYNTAX);
        pic__age_keys_clear(&keys);
}

#define V "age-encryption.org/v1\n"
#define MAC "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
#define SHARE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void malformed(void **state)
{
        (void)state;
        refused("\n");
        refused("age-encryption.org/\n");
        refused("age-encryption.org/v1 \n");
        refused(V MAC); /* no stanza */
        refused(V "\n");
        refused(V "-> \n\n" MAC);
        refused(V "->\n\n" MAC);
        refused(V "-> a  b\n\n" MAC);
        refused(V "-> a \n\n" MAC);
        refused(V "-> a\n" MAC);
        refused(V "-> a\nAB\nAB\n" MAC); /* a short line ends a stanza */
        refused(V "-> a\nAAA=\n" MAC);
        refused(V "-> a\nA\n" MAC);
        refused(V "-> a\nAB\n" MAC); /* not canonical */
        refused(V "-> X25519 " SHARE " x\n" SHARE "\n" MAC);
        refused(V "-> X25519\n" SHARE "\n" MAC);
        refused(V "-> X25519 " SHARE "\nAAAA\n" MAC);
        refused(V "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 018\n" SHARE "\n" MAC);
        refused(V "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 8\n" SHARE "\n-> a\n\n" MAC);
        refused(V "-> a\n\n--- A\n");
        refused(V "-> a\n\n---\n");
}

/* Unknown kinds are skipped when their form is right: others may need them. */
static void grease(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };
        size_t used;

        (void)state;
        own_keys(&keys);
        assert_int_equal(take(V "-> ?-grease !~ x\nAAAA\n-> x25519\n\n" MAC,
                              sizeof(V "-> ?-grease !~ x\nAAAA\n-> x25519\n\n" MAC) - 1, 9, &keys, &used),
                         PIC_DENIED);
        pic__age_keys_clear(&keys);
}

static void too_much(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        size_t used, i;

        (void)state;
        pic__buf_puts(&text, V);
        for (i = 0; i <= PIC__AGE_STANZAS_MAX; i++)
                pic__buf_puts(&text, "-> a\n\n");
        assert_int_equal(take(text.data, text.len, 4096, &keys, &used), PIC_SYNTAX);
        pic__buf_clear(&text);
        pic__buf_puts(&text, V "-> ");
        for (i = 0; i < PIC__AGE_HEADER_MAX; i++)
                pic__buf_putc(&text, 'a');
        assert_int_equal(take(text.data, text.len, 4096, &keys, &used), PIC_SYNTAX);
}

static void nobody(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        (void)state;
        assert_int_equal(pic__age_header_make(&keys, 1, key, &text, NULL), PIC_INVALID);
        own_keys(&keys);
        assert_int_equal(pic__age_keys_passphrase(&keys, "x", NULL), 0);
        assert_int_equal(pic__age_header_make(&keys, 1, key, &text, NULL), PIC_CONFLICT);
        pic__age_keys_clear(&keys);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(pieces),    cmocka_unit_test(every_bit),
                                            cmocka_unit_test(malformed), cmocka_unit_test(grease),
                                            cmocka_unit_test(too_much),  cmocka_unit_test(nobody) };

        return cmocka_run_group_tests(tests, start, NULL);
}
