/* Shows: a person adds a passkey and logs in with it, without password and second factor; an answer counts once, for
 * the session or the browser that asked; what is refused is told in the journal and slowed down. */
#include "passkeys.h"

#include "api/api.h"

static void whole(void **state)
{
        char handle[64];
        soft key = a_key(1);
        pic_session *s = NULL;
        pic_blob *codes = NULL;
        pic_error *err = NULL;
        size_t rows;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "Anna", "admin");
        has_passkey(&w, "anna", "phone", &key, handle);
        assert_int_equal(people_rows(&w, "passkey"), 1);
        people_totp(&w, "anna", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", &codes);
        pic_blob_unref(codes);
        rows = people_rows(&w, "login");
        ok(use_passkey(&w, &key, handle, &s, &err));
        assert_string_equal(pic_session_user(s), "Anna");
        assert_string_equal(pic_session_role(s), "admin");
        assert_int_equal(strlen(pic_session_token(s)), 47);
        assert_int_equal(strlen(pic_session_device(s)), 47);
        assert_non_null(strstr(pic_session_json(s), "\"address\":\"192.0.2.7\""));
        pic_session_unref(s);
        assert_int_equal(people_rows(&w, "login"), rows + 1);
        /* a new password ends sessions, and is no reason to lose a passkey */
        ok(world_set(&w, "user", "anna", "password", "other staple of May", &err));
        ok(use_passkey(&w, &key, handle, &s, &err));
        pic_session_unref(s);
        ok(world_set(&w, "user", "anna", "note", "x", &err));
        people_add(&w, "ben", "admin");
        ok(world_set(&w, "user", "anna", "enabled", "no", &err));
        refused(use_passkey(&w, &key, handle, &s, &err), PIC_DENIED, "is not accepted");
        ok(world_set(&w, "user", "anna", "enabled", "yes", &err));
        ok(use_passkey(&w, &key, handle, &s, &err));
        pic_session_unref(s);
        ok(world_set(&w, "user", "anna", "password", NULL, &err));
        refused(use_passkey(&w, &key, handle, &s, &err), PIC_DENIED, "is not accepted");
        world_end(&w);
}

static void once(void **state)
{
        pic_session *anna = NULL, *again = NULL, *s = NULL;
        soft key = a_key(1), other = a_key(2);
        pic_error *err = NULL;
        ceremony c, d;
        char kept[64];
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        ok(people_login(&w, "anna", PASSWORD, NULL, &anna, &err));
        ok(people_login(&w, "anna", PASSWORD, NULL, &again, &err));
        offered(&w, anna, &c);
        answer_create(&c, &key);
        refused(pic_passkey_add(w.ctx, again, &c.opts, NULL, &err), PIC_DENIED, "too long");
        refused(pic_passkey_add(w.ctx, NULL, &c.opts, NULL, &err), PIC_BADSTATE, "logged in");
        offered(&w, NULL, &d); /* a login's is no registration's */
        answer_create(&d, &key);
        refused(pic_passkey_add(w.ctx, anna, &d.opts, NULL, &err), PIC_DENIED, "too long");
        c.opts.origin = "https://cell.example";
        refused(pic_passkey_add(w.ctx, anna, &c.opts, NULL, &err), PIC_DENIED, "too long");
        c.opts.origin = "http://127.0.0.1:3000";
        refused(pic_passkey_add(w.ctx, anna, &c.opts, NULL, &err), PIC_BADSTATE, "no passkeys at this address");
        c.opts.origin = ORIGIN;
        c.opts.name = "";
        refused(pic_passkey_add(w.ctx, anna, &c.opts, NULL, &err), PIC_VALUE, "printable");
        c.opts.name = "phone";
        ok(pic_passkey_add(w.ctx, anna, &c.opts, NULL, &err));
        refused(pic_passkey_add(w.ctx, anna, &c.opts, NULL, &err), PIC_DENIED, "answered already");
        snprintf(kept, sizeof(kept), "%s", c.handle);
        /* the same for logins: another browser's state, and twice */
        offered(&w, NULL, &c);
        offered(&w, NULL, &d);
        answer_get(&c, &key, kept);
        c.opts.state = d.state;
        refused(pic_passkey_login(w.ctx, &c.opts, &s, &err), PIC_DENIED, "too long");
        c.opts.state = c.state;
        ok(pic_passkey_login(w.ctx, &c.opts, &s, &err));
        pic_session_unref(s);
        refused(pic_passkey_login(w.ctx, &c.opts, &s, &err), PIC_DENIED, "answered already");
        /* a stranger's key, whosever it says it is */
        refused(use_passkey(&w, &other, kept, &s, &err), PIC_DENIED, "is not accepted");
        key.bend = 1;
        refused(use_passkey(&w, &key, kept, &s, &err), PIC_DENIED, "is not accepted");
        assert_int_equal(people_rows(&w, "refused"), 2);
        pic_session_unref(anna);
        pic_session_unref(again);
        world_end(&w);
}

static void slow(void **state)
{
        soft key = a_key(1);
        pic_session *s = NULL;
        pic_error *err = NULL;
        char handle[64];
        int i, r = 0;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        has_passkey(&w, "anna", "phone", &key, handle);
        for (i = 0; i < 30; i++) { /* right ones do not count */
                ok(use_passkey(&w, &key, handle, &s, &err));
                s = pic_session_unref(s);
        }
        key.bend = 1;
        for (i = 0; i < 30 && r != PIC_BUSY; i++) {
                pic_error_free(err);
                err = NULL;
                r = use_passkey(&w, &key, handle, &s, &err);
        }
        assert_int_equal(r, PIC_BUSY);
        assert_non_null(pic_error_detail(err, "retry_ms"));
        assert_int_equal(i, 11); /* ten of an account */
        pic_error_free(err);
        err = NULL;
        refused(people_login(&w, "anna", "wrong", NULL, &s, &err), PIC_BUSY, "too many"); /* the same bucket */
        world_end(&w);
}

static void nonsense(void **state)
{
        static const char *const bad[] = { "",
                                           "{",
                                           "[]",
                                           "{}",
                                           "{\"id\":\"AAAA\"}",
                                           "{\"id\":\"AAAA\",\"response\":{}}",
                                           "{\"id\":\"AAAA\",\"response\":{\"clientDataJSON\":\"!\"}}",
                                           "{\"id\":\"AAAA\",\"response\":{\"clientDataJSON\":\"e30\"}}" };
        pic_session *s = NULL;
        pic_error *err = NULL;
        ceremony c;
        size_t i;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        for (i = 0; i < PIC__COUNT(bad); i++) {
                offered(&w, NULL, &c);
                c.opts.answer = bad[i];
                if (pic_passkey_login(w.ctx, &c.opts, &s, &err) != PIC_SYNTAX)
                        fail_msg("%s: %s", bad[i], pic_error_message(err));
                pic_error_free(err);
                err = NULL;
        }
        c.opts.answer = NULL;
        refused(pic_passkey_login(w.ctx, &c.opts, &s, &err), PIC_INVALID, "answer");
        refused(pic_passkey_login(w.ctx, NULL, &s, &err), PIC_INVALID, "opts");
        refused(pic_passkey_login(w.ctx, &c.opts, NULL, &err), PIC_INVALID, "");
        refused(pic_passkey_add(w.ctx, NULL, NULL, NULL, &err), PIC_INVALID, "opts");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(whole), cmocka_unit_test(once), cmocka_unit_test(slow),
                                            cmocka_unit_test(nonsense) };

        assert_int_equal(pic__crypto_start(NULL), 0);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
