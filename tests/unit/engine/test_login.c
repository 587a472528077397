/* Shows: the agent says whether a proof is right, and whose seal it opens; a code counts once, by the clock, and a
 * recovery code is gone when it was used. */
#include "fixture.h"

#include "engine/login.h"
#include "sys/hash.h"
#include "sys/otp.h"

static const uint8_t proof[32] = "thirty-two bytes of a proof....", other[32] = "thirty-two bytes of another....";
static const uint8_t secret[20] = "12345678901234567890";

static void put_secret(cell *c, const char *field, const void *plain, size_t len)
{
        pic__store *st = cell_store(c);
        char context[32], *sealed = NULL;
        uint8_t key[32];
        const char *const pair[] = { field, NULL, NULL };
        const char *fields[] = { pair[0], NULL, NULL };

        snprintf(context, sizeof(context), "user/%s", field);
        assert_int_equal(pic__store_seal_key(st, key, NULL), 0);
        assert_int_equal(pic__seal(key, context, plain, len, &sealed, NULL), 0);
        pic__store_unref(st);
        fields[1] = sealed;
        cell_set(c, PIC__USER, "anna", fields);
        pic__free(sealed);
}

static void make(cell *c, pic__engine **ret)
{
        static const char *const fields[] = { "name", "anna", "role", "admin", NULL };
        pic__engine_opts opts = { .dir = c->dir, .fake = 1, .clock = &c->clock };
        pic__store *st;
        pic__txn *t = NULL;
        pic_obj *o = NULL;
        pic_error *err = NULL;

        cell_make(c);
        opts.dir = c->dir;
        opts.clock = &c->clock;
        st = cell_store(c);
        assert_int_equal(pic__txn_begin(st, "root", "cli", &t, NULL), 0);
        assert_int_equal(pic__obj_new(PIC__USER, &o, NULL), 0);
        cell_put(t, o, fields);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__obj_unref(o);
        pic__store_unref(st);
        put_secret(c, "password", proof, 32);
        if (pic__engine_open(&opts, ret, &err) < 0)
                fail_msg("open: %s", pic_error_message(err));
}

/* The part that was wrong, "need", or "right". */
static const char *ask(pic__engine *e, const char *user, const uint8_t p[32], const char *code, int check)
{
        static char said[32];
        pic__login q = { .user = user, .code = code, .check = check, .actor = "anna", .way = "http" };
        pic_error *err = NULL;
        int r;

        memcpy(q.proof, p, 32);
        r = pic__engine_login(e, &q, &err);
        if (r == 0)
                return "right";
        snprintf(said, sizeof(said), "%s",
                 r == PIC_BADSTATE                       ? "need"
                 : pic_error_detail(err, "part") != NULL ? pic_error_detail(err, "part")
                                                         : "?");
        if (r == PIC_DENIED)
                assert_string_equal(pic_error_message(err), "user, password or code is wrong");
        pic_error_free(err);
        return said;
}

static void password(void **state)
{
        static const char *const off[] = { "enabled", "no", NULL };
        pic__engine *e = NULL;
        cell c;

        (void)state;
        make(&c, &e);
        assert_string_equal(ask(e, "anna", proof, NULL, 0), "right");
        assert_string_equal(ask(e, "ANNA", proof, "123456", 0), "right"); /* a code that nobody wants */
        assert_string_equal(ask(e, "anna", other, NULL, 0), "password");
        assert_string_equal(ask(e, "nobody", proof, NULL, 0), "password");
        cell_set(&c, PIC__USER, "anna", off);
        assert_string_equal(ask(e, "anna", proof, NULL, 0), "password");
        pic__engine_unref(e);
        cell_drop(&c);
}

static void totp(void **state)
{
        char code[PIC__OTP_CODE], next[PIC__OTP_CODE];
        pic__engine *e = NULL;
        cell c;

        (void)state;
        make(&c, &e);
        put_secret(&c, "totp", secret, sizeof(secret));
        assert_string_equal(ask(e, "anna", proof, NULL, 0), "need");
        assert_string_equal(ask(e, "anna", proof, "", 0), "need");
        assert_string_equal(ask(e, "anna", proof, NULL, 1), "right");
        assert_string_equal(ask(e, "anna", other, NULL, 0), "password");
        assert_int_equal(pic__otp_code(secret, 20, NOW / PIC__SECOND / 30, code, NULL), 0);
        assert_int_equal(pic__otp_code(secret, 20, NOW / PIC__SECOND / 30 + 1, next, NULL), 0);
        assert_string_equal(ask(e, "anna", proof, "000000", 0), "code");
        assert_string_equal(ask(e, "anna", other, code, 0), "password"); /* and the code is not used up */
        assert_string_equal(ask(e, "anna", proof, code, 0), "right");
        assert_string_equal(ask(e, "anna", proof, code, 0), "code");  /* again */
        assert_string_equal(ask(e, "anna", proof, next, 0), "right"); /* a clock that is 30 s ahead */
        assert_string_equal(ask(e, "anna", proof, code, 0), "code");  /* never an older one */
        c.now += 60 * PIC__SECOND;
        assert_string_equal(ask(e, "anna", proof, next, 0), "code");
        pic__engine_unref(e);
        cell_drop(&c);
}

static void recovery(void **state)
{
        uint8_t hashes[64];
        pic__engine *e = NULL;
        cell c;

        (void)state;
        make(&c, &e);
        pic__sha256("abcdefghjk", 10, hashes);
        pic__sha256("0123456789", 10, hashes + 32);
        put_secret(&c, "totp", secret, sizeof(secret));
        put_secret(&c, "recovery", hashes, sizeof(hashes));
        assert_string_equal(ask(e, "anna", proof, "abcde-fghjx", 0), "code");
        assert_string_equal(ask(e, "anna", other, "abcde-fghjk", 0), "password");
        assert_string_equal(ask(e, "anna", proof, "ABCDE FGHJK", 0), "right");
        assert_string_equal(ask(e, "anna", proof, "abcde-fghjk", 0), "code");
        assert_string_equal(ask(e, "anna", proof, "01234-56789", 0), "right"); /* the last one */
        assert_string_equal(ask(e, "anna", proof, "01234-56789", 0), "code");
        assert_string_equal(
                ask(e, "anna", proof, "a code that is longer than any code that there can be, by far, and more", 0),
                "code");
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(password), cmocka_unit_test(totp),
                                            cmocka_unit_test(recovery) };

        assert_int_equal(pic__crypto_start(NULL), 0);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
