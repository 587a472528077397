/* Shows: files of keys are read as age(1) reads them, and what is wrong is told without a secret's text. */
#include "age/keys.h"

#include "base/mem.h"
#include "help.h"

static const char identity[] = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
static const char recipient[] = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

static void files(void **state)
{
        static const char file[] = "# created: today\r\n\n# public key: x\n"
                                   "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\r\n"
                                   "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__age_keys keys = { .passphrase = NULL };

        (void)state;
        assert_int_equal(pic__age_keys_lines(&keys, file, strlen(file), 1, NULL), 0);
        assert_int_equal(keys.identity_count, 2);
        assert_int_equal(pic__age_keys_own(&keys, NULL), 0);
        assert_int_equal(keys.recipient_count, 2);
        pic__age_recipient_text(keys.recipients[0], &text);
        assert_string_equal(pic__buf_str(&text), recipient);
        assert_int_equal(pic__age_keys_lines(&keys, recipient, strlen(recipient), 0, NULL), 0);
        assert_memory_equal(keys.recipients[2], keys.recipients[0], 32);
        pic__age_keys_clear(&keys);
        assert_null(keys.identities);
}

static void refused(int secret, const char *text, int code, const char *line)
{
        pic__auto_err pic_error *err = NULL;
        pic__age_keys keys = { .passphrase = NULL };

        assert_int_equal(pic__age_keys_lines(&keys, text, strlen(text), secret, &err), code);
        assert_int_equal(pic_error_code(err), code);
        assert_null(strstr(pic_error_message(err), "GFPYY"));
        if (line != NULL)
                assert_string_equal(pic_error_detail(err, "line"), line);
        pic__age_keys_clear(&keys);
}

static void wrong_files(void **state)
{
        (void)state;
        refused(1, "", PIC_NOTFOUND, NULL);
        refused(0, "# only a comment\n\n", PIC_NOTFOUND, NULL);
        refused(1, "\nAGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYY\n", PIC_SYNTAX, "2");
        refused(1, recipient, PIC_SYNTAX, "1");
        refused(0, identity, PIC_SYNTAX, "1");
        refused(0, "ssh-ed25519 AAAA", PIC_UNSUPPORTED, "1");
        refused(0, "age1pq1x34nzsvr0rx", PIC_UNSUPPORTED, "1");
        refused(0, "age1yubikey1qwt50d0", PIC_UNSUPPORTED, "1");
        refused(1, "AGE-SECRET-KEY-PQ-1XX", PIC_UNSUPPORTED, "1");
        refused(1, "AGE-PLUGIN-YUBIKEY-1XX", PIC_UNSUPPORTED, "1");
        refused(1, "-----BEGIN OPENSSH PRIVATE KEY-----", PIC_UNSUPPORTED, "1");
        refused(1, "age-encryption.org/v1", PIC_UNSUPPORTED, "1");
        refused(0, "age1", PIC_SYNTAX, "1");
        /* a recipient whose bytes are zero: everybody knows what is shared with it */
        refused(0, "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqs0m5ep", PIC_SYNTAX, "1");
}

static void low_order(void **state)
{
        static const uint8_t zero[32];
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__age_keys keys = { .passphrase = NULL };

        (void)state;
        pic__age_recipient_text(zero, &text);
        assert_int_equal(pic__age_keys_recipient(&keys, text.data, text.len, NULL), PIC_VALUE);
        pic__age_keys_clear(&keys);
}

static void passphrases(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };

        (void)state;
        assert_int_equal(pic__age_keys_passphrase(&keys, "", NULL), PIC_VALUE);
        assert_int_equal(pic__age_keys_passphrase(&keys, "a", NULL), 0);
        assert_int_equal(pic__age_keys_passphrase(&keys, "b", NULL), PIC_VALUE);
        pic__age_keys_clear(&keys);
}

static void many(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };
        int i;

        (void)state;
        for (i = 0; i < PIC__AGE_KEYS_MAX; i++)
                assert_int_equal(pic__age_keys_identity(&keys, identity, strlen(identity), NULL), 0);
        assert_int_equal(pic__age_keys_identity(&keys, identity, strlen(identity), NULL), PIC_VALUE);
        pic__age_keys_clear(&keys);
}

static void no_memory(void **state)
{
        unsigned long n;

        (void)state;
        for (n = 1; n < 6; n++) {
                pic__age_keys keys = { .passphrase = NULL };
                pic__auto_err pic_error *err = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic__age_keys_identity(&keys, identity, strlen(identity), &err);
                if (r == 0)
                        r = pic__age_keys_own(&keys, &err);
                if (r == 0)
                        r = pic__age_keys_passphrase(&keys, "x", &err);
                pic__mem_fail_at(0);
                assert_true(r == (n <= 3 ? PIC_NOMEM : 0));
                pic__age_keys_clear(&keys);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(files),     cmocka_unit_test(wrong_files),
                                            cmocka_unit_test(low_order), cmocka_unit_test(passphrases),
                                            cmocka_unit_test(many),      cmocka_unit_test(no_memory) };

        return cmocka_run_group_tests(tests, start, NULL);
}
