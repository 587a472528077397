/* Shows: who knows the password gets a session, nobody else does and is told nothing; a second factor is asked for and
 * counts once; strangers are slowed down, and a browser that is known is not. */
#include "people.h"

#include "api/api.h"

#define SECRET "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

static void right_and_wrong(void **state)
{
        pic_session *s = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "Anna", "admin");
        ok(people_login(&w, "anna", PASSWORD, NULL, &s, &err));
        assert_string_equal(pic_session_user(s), "Anna");
        assert_string_equal(pic_session_role(s), "admin");
        assert_int_equal(strlen(pic_session_token(s)), 47);
        assert_int_equal(strlen(pic_session_device(s)), 47);
        assert_int_equal(strlen(pic_session_csrf(s)), 43);
        assert_true(pic_session_id(s) > 0);
        assert_non_null(strstr(pic_session_json(s), "\"address\":\"192.0.2.7\",\"agent\":\"test\""));
        pic_session_unref(s);
        assert_int_equal(people_rows(&w, "login"), 1);
        refused(people_login(&w, "anna", "something else", NULL, &s, &err), PIC_DENIED,
                "user, password or code is wrong");
        refused(people_login(&w, "nobody", PASSWORD, NULL, &s, &err), PIC_DENIED, "user, password or code is wrong");
        refused(people_login(&w, "", PASSWORD, NULL, &s, &err), PIC_DENIED, "is wrong");
        refused(people_login(&w, "anna", "", NULL, &s, &err), PIC_DENIED, "is wrong");
        refused(people_login(&w, NULL, PASSWORD, NULL, &s, &err), PIC_INVALID, "user");
        refused(people_login(&w, "anna", PASSWORD, NULL, NULL, &err), PIC_INVALID, "ret_session");
        assert_true(people_rows(&w, "refused") >= 2);
        people_add(&w, "ben", "viewer");
        ok(world_set(&w, "user", "ben", "enabled", "no", &err));
        refused(people_login(&w, "ben", PASSWORD, NULL, &s, &err), PIC_DENIED, "user, password or code is wrong");
        ok(world_set(&w, "user", "ben", "enabled", "yes", &err));
        ok(world_set(&w, "user", "ben", "password", NULL, &err));
        refused(people_login(&w, "ben", PASSWORD, NULL, &s, &err), PIC_DENIED, "user, password or code is wrong");
        world_end(&w);
}

static void check(void **state)
{
        pic_login_opts o = PIC_LOGIN_OPTS_INIT;
        pic_error *err = NULL;
        pic_blob *codes = NULL;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        people_totp(&w, "anna", SECRET, &codes);
        pic_blob_unref(codes);
        o.user = "anna";
        o.password = PASSWORD;
        ok(pic_password_check(w.ctx, &o, &err));
        assert_int_equal(people_rows(&w, "login"), 0);
        o.password = "something else";
        refused(pic_password_check(w.ctx, &o, &err), PIC_DENIED, "is wrong");
        refused(pic_password_check(w.ctx, NULL, &err), PIC_INVALID, "opts");
        world_end(&w);
}

static void second_factor(void **state)
{
        char code[PIC__OTP_CODE], shown[PIC__OTP_CODE], one[16];
        pic_session *s = NULL;
        pic_blob *codes = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        people_code(SECRET, 0, shown);
        people_totp(&w, "anna", SECRET, &codes);
        assert_int_equal(people_login(&w, "anna", PASSWORD, NULL, &s, &err), PIC_BADSTATE);
        assert_string_equal(pic_error_detail(err, "need"), "code");
        pic_error_free(err);
        err = NULL;
        refused(people_login(&w, "anna", "something else", "123456", &s, &err), PIC_DENIED, "is wrong");
        people_code(SECRET, 9, code);
        refused(people_login(&w, "anna", PASSWORD, code, &s, &err), PIC_DENIED, "user, password or code is wrong");
        refused(people_login(&w, "anna", PASSWORD, shown, &s, &err), PIC_DENIED, "is wrong"); /* it showed the secret */
        people_code(SECRET, 1, code);
        ok(people_login(&w, "anna", PASSWORD, code, &s, &err));
        pic_session_unref(s);
        refused(people_login(&w, "anna", PASSWORD, code, &s, &err), PIC_DENIED, "is wrong"); /* it counts once */
        memcpy(one, pic_blob_data(codes), 11);
        one[11] = '\0';
        ok(people_login(&w, "anna", PASSWORD, one, &s, &err));
        assert_non_null(strstr(pic_session_json(s), "\"totp\":true"));
        pic_session_unref(s);
        refused(people_login(&w, "anna", PASSWORD, one, &s, &err), PIC_DENIED, "is wrong");
        memcpy(one, (const char *)pic_blob_data(codes) + 12, 11);
        one[5] = ' '; /* as people type */
        one[0] = one[0] >= 'a' && one[0] <= 'z' ? (char)(one[0] - 32) : one[0];
        ok(people_login(&w, "anna", PASSWORD, one, &s, &err));
        pic_session_unref(s);
        pic_blob_unref(codes);
        ok(world_set(&w, "user", "anna", "totp", NULL, &err));
        ok(people_login(&w, "anna", PASSWORD, NULL, &s, &err));
        pic_session_unref(s);
        world_end(&w);
}

static int from(world *w, const char *address, const char *device, const char *password, pic_session **ret,
                pic_error **err)
{
        pic_login_opts o = PIC_LOGIN_OPTS_INIT;

        o.user = "anna";
        o.password = password;
        o.address = address;
        o.device = device;
        return pic_login(w->ctx, &o, ret, err);
}

static void strangers(void **state)
{
        char address[32], device[64];
        pic_session *s = NULL;
        pic_error *err = NULL;
        int i, r = 0;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        ok(from(&w, "192.0.2.1", NULL, PASSWORD, &s, &err));
        snprintf(device, sizeof(device), "%s", pic_session_device(s));
        pic_session_unref(s);
        for (i = 0; i < 30 && r != PIC_BUSY; i++) { /* each from somewhere else */
                snprintf(address, sizeof(address), "198.51.100.%d", i);
                pic_error_free(err);
                err = NULL;
                r = from(&w, address, NULL, "a guess of mine", &s, &err);
        }
        assert_int_equal(r, PIC_BUSY);
        assert_true(atoi(pic_error_detail(err, "retry_ms")) > 0);
        assert_int_equal(i, 11);
        pic_error_free(err);
        err = NULL;
        refused(from(&w, "192.0.2.1", NULL, PASSWORD, &s, &err), PIC_BUSY, "too many attempts");
        ok(from(&w, "192.0.2.1", device, PASSWORD, &s, &err)); /* the owner's own browser */
        assert_string_equal(pic_session_device(s), device);
        pic_session_unref(s);
        refused(from(&w, "192.0.2.1", "pic_made_up", PASSWORD, &s, &err), PIC_BUSY, "too many attempts");
        world_end(&w);
}

/* What is in the file is of no use to who guesses: neither the password's hash nor anything made of it. */
static void nothing_to_guess(void **state)
{
        char cmd[256];
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        snprintf(cmd, sizeof(cmd), "! grep -aq '%s' %s/cell.db*", PASSWORD, w.dir);
        assert_int_equal(system(cmd), 0);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(right_and_wrong), cmocka_unit_test(check),
                                            cmocka_unit_test(second_factor), cmocka_unit_test(strangers),
                                            cmocka_unit_test(nothing_to_guess) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
