/* Shows: keys are refused before they do harm, a new identity is a file that age reads, and a dead handle does nothing.
 */
#include "../../api/world.h"

static void arguments(void **state)
{
        pic_age_keys *keys = NULL, *none = NULL;
        pic_blob *text = NULL;

        (void)state;
        assert_int_equal(pic_age_keys_new(NULL, NULL), PIC_INVALID);
        assert_int_equal(pic_age_keys_new(&keys, NULL), 0);
        assert_int_equal(pic_age_keys_recipient(keys, NULL, NULL), PIC_INVALID);
        assert_int_equal(pic_age_keys_recipient(none, "age1", NULL), PIC_INVALID);
        assert_int_equal(pic_age_keys_recipient(keys, "age1", NULL), PIC_SYNTAX);
        assert_int_equal(pic_age_keys_recipient(keys, "age1yubikey1q", NULL), PIC_UNSUPPORTED);
        assert_int_equal(pic_age_keys_file(keys, PIC_AGE_IDENTITIES, "x", 1, NULL), PIC_SYNTAX);
        assert_int_equal(pic_age_keys_file(keys, 2, "", 0, NULL), PIC_INVALID);
        assert_int_equal(pic_age_keys_file(keys, PIC_AGE_RECIPIENTS, NULL, 1, NULL), PIC_INVALID);
        assert_int_equal(pic_age_keys_file(keys, PIC_AGE_RECIPIENTS, NULL, 0, NULL), PIC_NOTFOUND);
        assert_int_equal(pic_age_keys_passphrase(keys, NULL, NULL), PIC_INVALID);
        assert_int_equal(pic_age_keys_passphrase(keys, "", NULL), PIC_VALUE);
        assert_int_equal(pic_age_keys_own(NULL, NULL), PIC_INVALID);
        assert_int_equal(pic_age_keys_text(keys, NULL, NULL), PIC_INVALID);
        assert_int_equal(pic_age_keys_text(NULL, &text, NULL), PIC_INVALID);
        assert_int_equal(pic_age_keygen(NULL, NULL), PIC_INVALID);
        assert_null(pic_age_keys_unref(keys));
        assert_null(pic_age_keys_unref(NULL));
}

static void new_key(void **state)
{
        pic_age_keys *keys = NULL;
        pic_blob *file = NULL, *text = NULL, *again = NULL;
        const char *told;

        (void)state;
        assert_int_equal(pic_age_keygen(&file, NULL), 0);
        assert_int_equal(pic_age_keygen(&again, NULL), 0);
        assert_string_not_equal(pic_blob_data(file), pic_blob_data(again));
        told = strstr(pic_blob_data(file), "# public key: age1");
        assert_non_null(told);
        assert_int_equal(pic_age_keys_new(&keys, NULL), 0);
        assert_int_equal(pic_age_keys_file(keys, PIC_AGE_IDENTITIES, pic_blob_data(file), pic_blob_size(file), NULL),
                         0);
        assert_int_equal(pic_age_keys_own(keys, NULL), 0);
        assert_int_equal(pic_age_keys_text(keys, &text, NULL), 0);
        assert_memory_equal(told + strlen("# public key: "), pic_blob_data(text), pic_blob_size(text));
        pic_blob_unref(text);
        pic_blob_unref(file);
        pic_blob_unref(again);
        pic_age_keys_unref(keys);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(arguments), cmocka_unit_test(new_key) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
