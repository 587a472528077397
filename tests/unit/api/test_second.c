/* Shows: a second factor is taken only from who has it, and what is told once is nowhere else. */
#include "people.h"

#define SECRET "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

static void offer(void **state)
{
        pic_report *r = NULL;
        pic_error *err = NULL;
        const char *text;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        ok(pic_totp_offer(w.ctx, "Anna", &r, &err));
        text = pic_report_text(r);
        assert_int_equal(strspn(strstr(text, "\"secret\":\"") + 10, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), 32);
        assert_non_null(strstr(text, "\"uri\":\"otpauth://totp/home:anna?secret="));
        assert_non_null(strstr(text, "&issuer=home&algorithm=SHA1&digits=6&period=30\""));
        pic_report_unref(r);
        refused(pic_totp_offer(w.ctx, "nobody", &r, &err), PIC_NOTFOUND, "nobody");
        refused(pic_totp_offer(w.ctx, NULL, &r, &err), PIC_INVALID, "user");
        world_end(&w);
}

static void taken(void **state)
{
        char code[PIC__OTP_CODE], *json;
        pic_blob *codes = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        people_code(SECRET, 0, code);
        ok(pic_edit_new(w.ctx, &e, &err));
        refused(pic_edit_totp(e, "anna", "no secret!", code, &codes, &err), PIC_VALUE, "base32");
        refused(pic_edit_totp(e, "anna", SECRET, "12345", &codes, &err), PIC_VALUE, "not the one of now");
        refused(pic_edit_totp(e, NULL, SECRET, code, &codes, &err), PIC_INVALID, "user");
        ok(pic_edit_totp(e, "anna", SECRET, code, &codes, &err));
        assert_int_equal(pic_blob_size(codes), 120);
        json = pic_edit_json(e);
        assert_null(strstr(json, SECRET));
        pic_text_free(json);
        ok(pic_edit_commit(e, 0, NULL, &err));
        refused(pic_edit_totp(e, "anna", SECRET, code, &codes, &err), PIC_BADSTATE, "committed");
        pic_edit_unref(e);
        pic_blob_unref(codes);
        world_is(&w, "user", "anna", "totp", NULL);
        world_end(&w);
}

static void tokens(void **state)
{
        pic_blob *a = NULL, *b = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        char *json;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        refused(pic_edit_token(e, "no name", &a, &err), PIC_VALUE, "name");
        refused(pic_edit_token(e, NULL, &a, &err), PIC_INVALID, "name");
        refused(pic_edit_token(NULL, "x", &a, &err), PIC_INVALID, "edit");
        ok(pic_edit_token(e, "graphs", &a, &err));
        ok(pic_edit_token(e, "graphs", &b, &err));
        assert_int_equal(pic_blob_size(a), 47);
        assert_int_equal(strncmp(pic_blob_data(a), "pic_", 4), 0);
        assert_string_not_equal(pic_blob_data(a), pic_blob_data(b));
        json = pic_edit_json(e);
        assert_null(strstr(json, pic_blob_data(b)));
        pic_text_free(json);
        refused(pic_edit_commit(e, 0, NULL, &err), PIC_NOTFOUND, "graphs");
        pic_edit_unref(e);
        pic_blob_unref(a);
        pic_blob_unref(b);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(offer), cmocka_unit_test(taken),
                                            cmocka_unit_test(tokens) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
