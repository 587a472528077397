/* Shows: what browsers are asked for: a passkey that is found without a name and asks for its owner, for this page, and
 * none that the person has already. */
#include "passkeys.h"

static void offers(void **state)
{
        soft key = a_key(1);
        pic_session *s = NULL;
        pic_report *report = NULL;
        pic_error *err = NULL;
        char handle[64];
        const char *text;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "viewer");
        ok(people_login(&w, "anna", PASSWORD, NULL, &s, &err));
        ok(pic_passkey_offer(w.ctx, s, "https://cell.example:8443", &report, &err));
        text = pic_report_text(report);
        assert_non_null(strstr(text, "\"rp\":{\"id\":\"cell.example\",\"name\":\"home\"}"));
        assert_non_null(strstr(text, "\"name\":\"anna\",\"displayName\":\"anna (home)\"}"));
        assert_non_null(strstr(text, "\"residentKey\":\"required\""));
        assert_non_null(strstr(text, "\"userVerification\":\"required\""));
        assert_non_null(strstr(text, "\"attestation\":\"none\""));
        assert_non_null(strstr(text, "\"pubKeyCredParams\":[{\"type\":\"public-key\",\"alg\":-7}"));
        assert_non_null(strstr(text, "\"excludeCredentials\":[]"));
        pic_report_unref(report);
        has_passkey(&w, "anna", "phone", &key, handle);
        ok(pic_passkey_offer(w.ctx, s, ORIGIN, &report, &err));
        assert_non_null(strstr(pic_report_text(report),
                               "\"excludeCredentials\":[{\"type\":\"public-key\",\"id\":\"AQEBAQEBAQEBAQEBAQEBAQ\"}]"));
        assert_non_null(strstr(pic_report_text(report), handle)); /* always the same */
        pic_report_unref(report);
        ok(pic_passkey_offer(w.ctx, NULL, ORIGIN, &report, &err));
        text = pic_report_text(report);
        assert_non_null(
                strstr(text, "\"rpId\":\"localhost\",\"userVerification\":\"required\",\"allowCredentials\":[]"));
        assert_null(strstr(text, "anna"));
        pic_report_unref(report);
        pic_session_unref(s);
        world_end(&w);
}

static void nowhere(void **state)
{
        pic_report *report = NULL;
        pic_session *s = NULL;
        pic_blob *secret = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        refused(pic_passkey_offer(w.ctx, NULL, "http://127.0.0.1:3000", &report, &err), PIC_BADSTATE, "no passkeys");
        refused(pic_passkey_offer(w.ctx, NULL, "x", &report, &err), PIC_VALUE, "origin");
        refused(pic_passkey_offer(w.ctx, NULL, NULL, &report, &err), PIC_INVALID, "origin");
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "token", "tool", &err));
        ok(pic_edit_set(e, "token", "tool", "user", "anna", &err));
        ok(pic_edit_set(e, "token", "tool", "scope", "admin", &err));
        ok(pic_edit_token(e, "tool", &secret, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        ok(pic_session_find(w.ctx, pic_blob_data(secret), &s, &err));
        refused(pic_passkey_offer(w.ctx, s, ORIGIN, &report, &err), PIC_BADSTATE, "person");
        pic_session_unref(s);
        pic_blob_unref(secret);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(offers), cmocka_unit_test(nowhere) };

        assert_int_equal(pic__crypto_start(NULL), 0);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
