/* Shows: a user's password becomes a proof that is sealed, and nowhere stands in clear; how it is hashed can be read
 * again; users that there are not have salts like others. */
#include "../../api/world.h"

#include "change/password.h"
#include "sys/crypto.h"

static uint8_t agent[32], agent_public[32];

static int seal_key(void *data, uint8_t key[32], pic_error **err)
{
        (void)data, (void)err;
        memcpy(key, agent_public, 32);
        return 0;
}

static void sealed(void **state)
{
        pic__op op = { .wish = PIC__WISH_SET, .kind = PIC__USER, .name = "anna", .text = "correct staple of May" };
        pic__wishes w = { .seal_key = seal_key };
        uint8_t proof[PIC__PROOF], plain[64];
        pic_error *err = NULL;
        size_t len = 0;

        (void)state;
        op.field = pic__field_find(PIC__USER, "password");
        ok(pic__password_push(&w, &op, &err));
        assert_int_equal(w.ops.count, 1);
        assert_null(strstr(w.ops.at[0].text, "staple"));
        assert_int_equal(strncmp(w.ops.at[0].public_key, "argon2id$19456$2$1$", 19), 0);
        assert_int_equal(pic__unseal(agent, "user/password", w.ops.at[0].text, plain, sizeof(plain), &len, NULL), 0);
        assert_int_equal(len, PIC__PROOF);
        ok(pic__proof_make(w.ops.at[0].public_key, op.text, proof, &err));
        assert_memory_equal(plain, proof, PIC__PROOF);
        ok(pic__proof_make(w.ops.at[0].public_key, "another one", proof, &err));
        assert_memory_not_equal(plain, proof, PIC__PROOF);
        pic__wishes_free(&w);
}

static void judged(void **state)
{
        static const char *const bad[] = { "short", "password1234", "line\nbreak it is", "annaanna1", "" };
        char long_text[514];
        pic_error *err = NULL;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                assert_int_equal(pic__password_check(bad[i], "anna", &err), PIC_VALUE);
                assert_null(bad[i][0] != '\0' ? strstr(pic_error_message(err), bad[i]) : NULL);
                assert_null(pic_error_detail(err, "value"));
                pic_error_free(err);
                err = NULL;
        }
        for (i = 0; i < 513; i++)
                long_text[i] = (char)('a' + i % 26);
        long_text[513] = '\0';
        refused(pic__password_check(long_text, "anna", &err), PIC_VALUE, "512 bytes");
        long_text[512] = '\0';
        ok(pic__password_check(long_text, "anna", &err));
}

static void salts(void **state)
{
        static const char *const bad[] = { "",
                                           "argon2id$19456$2$1$",
                                           "argon2id$19456$2$1$AAAA",
                                           "argon2i$19456$2$1$AAAAAAAAAAAAAAAAAAAAAA",
                                           "argon2id$99999$2$1$AAAAAAAAAAAAAAAAAAAAAA",
                                           "argon2id$19456$99$1$AAAAAAAAAAAAAAAAAAAAAA",
                                           "argon2id$19456$2$1$AAAAAAAAAAAAAAAAAAAAAA=" };
        char a[PIC__SALT_TEXT], b[PIC__SALT_TEXT], c[PIC__SALT_TEXT];
        uint8_t secret[32] = { 7 };
        pic_error *err = NULL;
        pic__argon how;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++)
                refused(pic__salt_parse(bad[i], &how, &err), PIC_CORRUPT, "hashed");
        pic__salt_new(a);
        ok(pic__salt_parse(a, &how, &err));
        assert_int_equal(how.kib, 19456);
        assert_int_equal(how.passes, 2);
        pic__salt_of_nobody(secret, "Nobody", a);
        pic__salt_of_nobody(secret, "nobody", b);
        pic__salt_of_nobody(secret, "somebody", c);
        ok(pic__salt_parse(a, &how, &err));
        assert_string_equal(a, b);
        assert_string_not_equal(a, c);
        secret[0] = 8;
        pic__salt_of_nobody(secret, "nobody", c);
        assert_string_not_equal(a, c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(sealed), cmocka_unit_test(judged),
                                            cmocka_unit_test(salts) };

        assert_int_equal(pic__crypto_start(NULL), 0);
        pic__wg_keypair(agent, agent_public);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
