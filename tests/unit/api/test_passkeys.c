/* Shows: passkeys are listed, named and removed; one that is removed lets nobody in, and neither an undo nor a return
 * brings it back; they go with their user. */
#include "passkeys.h"

static void listed(world *w, const char *user, const char *words)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        ok(pic_passkey_list(w->ctx, user, &report, &err));
        if (strstr(pic_report_text(report), words) == NULL)
                fail_msg("'%s' is not in %s", words, pic_report_text(report));
        pic_report_unref(report);
}

static void names(void **state)
{
        soft one = a_key(1), two = a_key(2);
        pic_error *err = NULL;
        pic_report *report = NULL;
        pic_session *s = NULL;
        char handle[64];
        pic_id id, other;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        people_add(&w, "ben", "admin");
        listed(&w, NULL, "[]");
        id = has_passkey(&w, "anna", "phone", &one, handle);
        other = has_passkey(&w, "anna", "key", &two, handle);
        listed(&w, "anna", "\"user\":\"anna\",\"name\":\"phone\",\"page\":\"localhost\",\"created\":\"");
        listed(&w, "anna", "\"used\":null,\"suspect\":null}");
        listed(&w, "ben", "[]");
        refused(pic_passkey_list(w.ctx, "nobody", &report, &err), PIC_NOTFOUND, "nobody");
        ok(use_passkey(&w, &one, handle, &s, &err));
        pic_session_unref(s);
        listed(&w, NULL, "\"used\":\"2");
        refused(pic_passkey_rename(w.ctx, "anna", id, "KEY", &err), PIC_EXISTS, "that name");
        refused(pic_passkey_rename(w.ctx, "ben", id, "mine", &err), PIC_NOTFOUND, "no passkey");
        refused(pic_passkey_rename(w.ctx, "anna", id, "a\nb", &err), PIC_VALUE, "printable");
        ok(pic_passkey_rename(w.ctx, "anna", id, "Annas Handy (grün)", &err));
        listed(&w, "anna", "Annas Handy (grün)");
        refused(pic_passkey_remove(w.ctx, "ben", id, &err), PIC_NOTFOUND, "no passkey");
        ok(pic_passkey_remove(w.ctx, "anna", id, &err));
        refused(pic_passkey_remove(w.ctx, "anna", id, &err), PIC_NOTFOUND, "no passkey");
        refused(use_passkey(&w, &one, handle, &s, &err), PIC_DENIED, "is not accepted");
        ok(use_passkey(&w, &two, handle, &s, &err));
        pic_session_unref(s);
        assert_int_equal(people_rows(&w, "passkey"), 4);
        ok(pic_passkey_remove(w.ctx, "anna", other, &err));
        refused(pic_passkey_remove(NULL, "anna", id, &err), PIC_INVALID, "ctx");
        refused(pic_passkey_rename(w.ctx, "anna", id, NULL, &err), PIC_INVALID, "name");
        world_end(&w);
}

static void take_back(world *w)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;

        ok(pic_edit_new(w->ctx, &e, &err));
        ok(pic_edit_undo(e, 0, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
}

static void no_way_back(void **state)
{
        soft key = a_key(1);
        pic_error *err = NULL;
        pic_session *s = NULL;
        char handle[64];
        pic_id id;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        people_add(&w, "ben", "viewer");
        id = has_passkey(&w, "ben", "phone", &key, handle);
        ok(world_set(&w, "user", "ben", "note", "x", &err));
        ok(pic_passkey_remove(w.ctx, "ben", id, &err));
        take_back(&w); /* of the note: removing a passkey is no revision */
        listed(&w, NULL, "[]");
        has_passkey(&w, "ben", "phone", &key, handle);
        ok(world_remove(&w, "user", "ben", &err));
        listed(&w, NULL, "[]");
        take_back(&w);
        listed(&w, "ben", "[]");
        refused(use_passkey(&w, &key, handle, &s, &err), PIC_DENIED, "is not accepted");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(names), cmocka_unit_test(no_way_back) };

        assert_int_equal(pic__crypto_start(NULL), 0);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
