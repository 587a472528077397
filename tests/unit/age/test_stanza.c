/* Shows: the file key comes back for its recipient or passphrase only, and a work factor has its bound. */
#include "age/stanza.h"

#include "help.h"

static const uint8_t key[PIC__AGE_KEY] = "YELLOW SUBMARIN";

static void x25519(void **state)
{
        pic__age_keys mine = { .passphrase = NULL }, others = { .passphrase = NULL };
        uint8_t got[PIC__AGE_KEY];
        pic__age_stanza s, again;
        size_t i;

        (void)state;
        own_keys(&mine);
        own_keys(&others);
        assert_int_equal(pic__age_wrap_x25519(mine.recipients[0], key, &s, NULL), 0);
        assert_int_equal(pic__age_wrap_x25519(mine.recipients[0], key, &again, NULL), 0);
        assert_memory_not_equal(s.share, again.share, 32); /* a new one each time */
        assert_int_equal(pic__age_unwrap(&s, &mine, 22, got, NULL), 1);
        assert_memory_equal(got, key, sizeof(key));
        assert_int_equal(pic__age_unwrap(&s, &others, 22, got, NULL), 0);
        for (i = 0; i < PIC__AGE_BODY; i++) {
                s.body[i] ^= 1;
                assert_int_equal(pic__age_unwrap(&s, &mine, 22, got, NULL), 0);
                s.body[i] ^= 1;
        }
        memset(s.share, 0, 32);
        assert_int_equal(pic__age_unwrap(&s, &mine, 22, got, NULL), PIC_SYNTAX);
        pic__age_keys_clear(&mine);
        pic__age_keys_clear(&others);
}

static void scrypt(void **state)
{
        pic__age_keys right = { .passphrase = NULL }, wrong = { .passphrase = NULL }, none = { .passphrase = NULL };
        uint8_t got[PIC__AGE_KEY];
        pic__age_stanza s;

        (void)state;
        assert_int_equal(pic__age_keys_passphrase(&right, "right", NULL), 0);
        assert_int_equal(pic__age_keys_passphrase(&wrong, "wrong", NULL), 0);
        assert_int_equal(pic__age_wrap_scrypt("right", 4, key, &s, NULL), 0);
        assert_int_equal(s.log_n, 4);
        assert_int_equal(pic__age_unwrap(&s, &right, 4, got, NULL), 1);
        assert_memory_equal(got, key, sizeof(key));
        assert_int_equal(pic__age_unwrap(&s, &wrong, 4, got, NULL), 0);
        assert_int_equal(pic__age_unwrap(&s, &none, 4, got, NULL), 0);
        assert_int_equal(pic__age_unwrap(&s, &right, 3, got, NULL), PIC_UNSUPPORTED);
        assert_int_equal(pic__age_wrap_scrypt("right", 31, key, &s, NULL), PIC_VALUE);
        pic__age_keys_clear(&right);
        pic__age_keys_clear(&wrong);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(x25519), cmocka_unit_test(scrypt) };

        return cmocka_run_group_tests(tests, start, NULL);
}
