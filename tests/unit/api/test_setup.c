/* Shows: a cell without an admin is opened by its code alone, until it has one. */
#include "people.h"

#include <ctype.h>

static void code(void **state)
{
        pic_blob *first = NULL, *second = NULL;
        pic_session *s = NULL, *found = NULL;
        pic_error *err = NULL;
        char typed[32], token[64];
        size_t i;
        world w;

        (void)state;
        world_init(&w);
        assert_int_equal(pic_setup_is(w.ctx, &err), 1);
        ok(pic_setup_code(w.ctx, &first, &err));
        ok(pic_setup_code(w.ctx, &second, &err));
        assert_int_equal(pic_blob_size(second), 14);
        assert_string_not_equal(pic_blob_data(first), pic_blob_data(second));
        refused(pic_setup_open(w.ctx, pic_blob_data(first), "192.0.2.7", &s, &err), PIC_DENIED, "setup code");
        refused(pic_setup_open(w.ctx, "AAAA", NULL, &s, &err), PIC_DENIED, "setup code");
        refused(pic_setup_open(w.ctx, NULL, NULL, &s, &err), PIC_INVALID, "code");
        snprintf(typed, sizeof(typed), " %s", (const char *)pic_blob_data(second));
        for (i = 0; typed[i] != '\0'; i++)
                typed[i] = (char)(typed[i] == '-' ? ' ' : typed[i] == '0' ? 'o' : tolower(typed[i]));
        ok(pic_setup_open(w.ctx, typed, "192.0.2.7", &s, &err));
        assert_string_equal(pic_session_role(s), "setup");
        assert_string_equal(pic_session_user(s), "");
        snprintf(token, sizeof(token), "%s", pic_session_token(s));
        s = pic_session_unref(s);
        ok(pic_session_find(w.ctx, token, &found, &err));
        assert_string_equal(pic_session_role(found), "setup");
        pic_session_unref(found);
        assert_int_equal(people_rows(&w, "login"), 1);
        assert_int_equal(people_rows(&w, "refused"), 2); /* with and without an address */
        people_add(&w, "anna", "admin");
        assert_int_equal(pic_setup_is(w.ctx, &err), 0);
        refused(pic_session_find(w.ctx, token, &found, &err), PIC_DENIED, "");
        refused(pic_setup_open(w.ctx, pic_blob_data(second), NULL, &s, &err), PIC_BADSTATE, "has an admin");
        refused(pic_setup_code(w.ctx, &first, &err), PIC_BADSTATE, "has an admin");
        pic_blob_unref(first);
        pic_blob_unref(second);
        world_end(&w);
}

static void guessing(void **state)
{
        pic_session *s = NULL;
        pic_error *err = NULL;
        pic_blob *right = NULL;
        int i;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_setup_code(w.ctx, &right, &err));
        for (i = 0; i < 10; i++)
                refused(pic_setup_open(w.ctx, "0000-0000-0000", "192.0.2.7", &s, &err), PIC_DENIED, "");
        refused(pic_setup_open(w.ctx, pic_blob_data(right), "192.0.2.7", &s, &err), PIC_BUSY, "too many attempts");
        ok(pic_setup_open(w.ctx, pic_blob_data(right), "192.0.2.8", &s, &err));
        pic_session_unref(s);
        pic_blob_unref(right);
        assert_int_equal(pic_front_check(w.ctx, ""), 0); /* no agent ever ran here */
        assert_int_equal(pic_front_check(w.ctx, NULL), 0);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(code), cmocka_unit_test(guessing) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
