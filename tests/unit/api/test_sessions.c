/* Shows: sessions are listed, of all or of one, and ended by number. */
#include "people.h"

static char *list(world *w, const char *user)
{
        pic_report *r = NULL;
        pic_error *err = NULL;
        char *text;

        ok(pic_session_list(w->ctx, user, &r, &err));
        text = strdup(pic_report_text(r));
        pic_report_unref(r);
        return text;
}

static void listed(void **state)
{
        pic_session *a = NULL, *b = NULL;
        pic_report *r = NULL;
        pic_error *err = NULL;
        char *text;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        people_add(&w, "ben", "viewer");
        text = list(&w, NULL);
        assert_string_equal(text, "[]");
        free(text);
        ok(people_login(&w, "anna", PASSWORD, NULL, &a, &err));
        ok(people_login(&w, "ben", PASSWORD, NULL, &b, &err));
        text = list(&w, NULL);
        assert_true(strstr(text, "\"ben\"") < strstr(text, "\"anna\"")); /* the newest first */
        assert_null(strstr(text, pic_session_token(a)));
        free(text);
        text = list(&w, "ANNA");
        assert_non_null(strstr(text, "\"user\":\"anna\",\"role\":\"admin\",\"created\":\"20"));
        assert_null(strstr(text, "ben"));
        free(text);
        refused(pic_session_list(w.ctx, "nobody", &r, &err), PIC_NOTFOUND, "nobody");
        refused(pic_session_list(NULL, NULL, &r, &err), PIC_INVALID, "ctx");
        ok(pic_session_end(w.ctx, pic_session_id(a), &err));
        assert_int_equal(people_rows(&w, "logout"), 1);
        refused(pic_session_end(w.ctx, pic_session_id(a), &err), PIC_NOTFOUND, "no session");
        refused(pic_session_end(NULL, 1, &err), PIC_INVALID, "ctx");
        pic_session_unref(a);
        a = NULL;
        refused(pic_session_find(w.ctx, "pic_x", &a, &err), PIC_DENIED, "");
        text = list(&w, "anna");
        assert_string_equal(text, "[]");
        free(text);
        pic_session_unref(b);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(listed) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
