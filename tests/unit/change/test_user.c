/* Shows: what follows for users: the last admin stays, lists hold no device back, a password never comes back by an
 * undo, and a document takes and gives no secret. */
#include "../api/people.h"

static void last_admin(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        people_add(&w, "ben", "operator");
        refused(world_remove(&w, "user", "anna", &err), PIC_BADSTATE, "no admin who can log in would be left");
        refused(world_set(&w, "user", "anna", "enabled", "no", &err), PIC_BADSTATE, "no admin");
        refused(world_set(&w, "user", "anna", "role", "viewer", &err), PIC_BADSTATE, "no admin");
        refused(world_set(&w, "user", "anna", "password", NULL, &err), PIC_BADSTATE, "no admin");
        refused(world_load(&w, "users: {}\n", PIC_LOAD_PRUNE, &err), PIC_BADSTATE, "no admin");
        ok(world_set(&w, "user", "ben", "role", "admin", &err));
        ok(world_remove(&w, "user", "anna", &err));
        refused(world_set(&w, "user", "ben", "enabled", "no", &err), PIC_BADSTATE, "no admin");
        refused(world_add(&w, "user", "root", NULL, &err), PIC_VALUE, "meaning of its own");
        world_end(&w);
}

static void times(void **state)
{
        pic_error *err = NULL;
        char *text;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        text = world_get(&w, "user", "anna", "created");
        assert_non_null(text);
        pic_text_free(text);
        text = world_get(&w, "user", "anna", "password_changed");
        assert_non_null(text);
        pic_text_free(text);
        world_is(&w, "user", "anna", "password", NULL);
        world_is(&w, "user", "anna", "password_salt", NULL);
        ok(world_set(&w, "user", "anna", "must_change", "yes", &err));
        ok(world_set(&w, "user", "anna", "password", "another staple of May", &err));
        world_is(&w, "user", "anna", "must_change", NULL);
        refused(world_set(&w, "user", "anna", "totp", "AAAA", &err), PIC_DENIED, "set by the cell");
        refused(world_set(&w, "user", "anna", "recovery", NULL, &err), PIC_DENIED, "set by the cell");
        world_end(&w);
}

static int waiting(world *w, const char *name, const char *field, const char *text, pic_error **err)
{
        pic_edit *e = NULL;
        int r = pic_edit_new(w->ctx, &e, err);

        if (r == 0)
                r = field == NULL ? pic_edit_remove(e, "user", name, err)
                                  : pic_edit_set(e, "user", name, field, text, err);
        pic_edit_confirm_within(e, 60000);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

/* What would stay changed is not promised to go back. */
static void no_waiting(void **state)
{
        pic_error *err = NULL;
        char *before, *after;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        people_add(&w, "ben", "viewer");
        before = world_get(&w, "user", "ben", "password_changed");
        assert_int_equal(waiting(&w, "ben", "password", "another staple of May", &err), PIC_BADSTATE);
        assert_string_equal(pic_error_detail(err, "field"), "password");
        assert_non_null(strstr(pic_error_hint(err), "without a time to confirm"));
        pic_error_free(err);
        err = NULL;
        refused(waiting(&w, "ben", NULL, NULL, &err), PIC_BADSTATE, "user ben: its password never comes back");
        after = world_get(&w, "user", "ben", "password_changed");
        assert_string_equal(before, after);
        pic_text_free(before);
        pic_text_free(after);
        ok(waiting(&w, "ben", "note", "x", &err)); /* what goes back may */
        ok(pic_confirm(w.ctx, &err));
        world_end(&w);
}

static void devices(void **state)
{
        static const char *const fields[] = { "role", "peer", "devices", "phone,laptop", "exits", "direct,out", NULL };
        static const char *const tor[] = { "type", "tor", NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "phone", NULL, &err));
        ok(world_add(&w, "peer", "laptop", NULL, &err));
        ok(world_add(&w, "connection", "out", tor, &err));
        ok(world_add(&w, "user", "ben", fields, &err));
        ok(world_set(&w, "peer", "phone", "name", "mobile", &err));
        world_is(&w, "user", "ben", "devices", "laptop,mobile");
        ok(world_remove(&w, "peer", "mobile", &err));
        world_is(&w, "user", "ben", "devices", "laptop");
        ok(world_remove(&w, "connection", "out", &err));
        world_is(&w, "user", "ben", "exits", "direct");
        ok(world_load(&w, "peers: {}\n", PIC_LOAD_PRUNE, &err));
        world_is(&w, "user", "ben", "devices", NULL);
        refused(world_set(&w, "user", "ben", "devices", "nothing", &err), PIC_NOTFOUND, "nothing");
        world_end(&w);
}

static int undo(world *w, pic_revision revision, pic_error **err)
{
        pic_edit *e = NULL;
        int r;

        assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
        r = pic_edit_undo(e, revision, err);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

static int has(world *w, const char *kind, const char *name, const char *field)
{
        pic_obj *o = NULL;
        int r;

        assert_int_equal(pic_get(w->ctx, kind, name, &o, NULL), 0);
        r = pic_obj_has(o, field);
        pic_obj_unref(o);
        return r;
}

static pic_revision newest(world *w)
{
        pic_revision r = 0;

        assert_int_equal(pic_revision_at(w->ctx, INT64_MAX, &r, NULL), 0);
        return r;
}

/* The old password, or a removed user's, does not come back; all else does. */
static void no_way_back(void **state)
{
        pic_session *s = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        people_add(&w, "ben", "viewer");
        ok(world_set(&w, "user", "ben", "password", "another staple of May", &err));
        refused(undo(&w, 0, &err), PIC_BADSTATE, "such do not come back");
        ok(pic_edit_new(w.ctx, &e, &err)); /* beside something else that does come back */
        ok(pic_edit_set(e, "user", "ben", "password", "a third staple of May", &err));
        ok(pic_edit_set(e, "user", "ben", "note", "new", &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        ok(undo(&w, 0, &err));
        world_is(&w, "user", "ben", "note", NULL);
        ok(people_login(&w, "ben", "a third staple of May", NULL, &s, &err));
        s = pic_session_unref(s);
        refused(people_login(&w, "ben", "another staple of May", NULL, &s, &err), PIC_DENIED, "is wrong");
        ok(world_remove(&w, "user", "ben", &err));
        ok(undo(&w, 0, &err));
        assert_int_equal(has(&w, "user", "ben", "password"), 0);
        assert_int_equal(has(&w, "user", "ben", "password_changed"), 0);
        refused(people_login(&w, "ben", "a third staple of May", NULL, &s, &err), PIC_DENIED, "is wrong");
        world_end(&w);
}

/* Going back to a whole state brings no secret back either. */
static void no_return(void **state)
{
        pic_session *s = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        pic_revision then;
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        then = newest(&w);
        ok(world_set(&w, "user", "anna", "password", "another staple of May", &err));
        ok(world_set(&w, "user", "anna", "note", "later", &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_return(e, then, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        world_is(&w, "user", "anna", "note", NULL);
        ok(people_login(&w, "anna", "another staple of May", NULL, &s, &err));
        s = pic_session_unref(s);
        refused(people_login(&w, "anna", PASSWORD, NULL, &s, &err), PIC_DENIED, "is wrong");
        world_end(&w);
}

static void document(void **state)
{
        static const char *const fields[] = { "user", "anna", "scope", "viewer", NULL };
        pic_session *s = NULL;
        pic_report *doc = NULL;
        pic_error *err = NULL;
        world w, v;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        ok(world_add(&w, "token", "graphs", fields, &err));
        ok(pic_export_get(w.ctx, 0, &doc, &err));
        assert_non_null(strstr(pic_report_text(doc), "\nusers:\n  anna:\n    role: admin\n"));
        assert_non_null(strstr(pic_report_text(doc), "\ntokens:\n  graphs:\n    user: anna\n    scope: viewer\n"));
        assert_null(strstr(pic_report_text(doc), "password"));
        assert_null(strstr(pic_report_text(doc), "hash"));
        ok(world_load(&w, pic_report_text(doc), 0, &err)); /* changes nothing */
        ok(people_login(&w, "anna", PASSWORD, NULL, &s, &err));
        s = pic_session_unref(s);
        world_init(&v);
        ok(world_load(&v, pic_report_text(doc), 0, &err));
        assert_int_equal(has(&v, "user", "anna", "password"), 0);
        assert_int_equal(has(&v, "token", "graphs", "hash"), 0);
        ok(world_load(&v, "users: {anna: {password: correct staple of May}}\n", 0, &err));
        ok(people_login(&v, "anna", PASSWORD, NULL, &s, &err));
        pic_session_unref(s);
        refused(world_load(&v, "users: {anna: {password: short}}\n", 0, &err), PIC_VALUE, "cell.yaml:1:");
        pic_report_unref(doc);
        world_end(&v);
        world_end(&w);
}

/* What was wished can be kept as JSON and wished again: sealed, with how it is hashed. */
static void kept(void **state)
{
        pic_session *s = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL, *again = NULL;
        char *json;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "user", "anna", &err));
        ok(pic_edit_set(e, "user", "anna", "role", "admin", &err));
        ok(pic_edit_set(e, "user", "anna", "password", PASSWORD, &err));
        json = pic_edit_json(e);
        assert_null(strstr(json, "staple"));
        ok(pic_edit_new(w.ctx, &again, &err));
        ok(pic_edit_load(again, json, strlen(json), NULL, 0, &err));
        ok(pic_edit_commit(again, 0, NULL, &err));
        pic_text_free(json);
        pic_edit_unref(e);
        pic_edit_unref(again);
        ok(people_login(&w, "anna", PASSWORD, NULL, &s, &err));
        pic_session_unref(s);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(last_admin),  cmocka_unit_test(times),
                                            cmocka_unit_test(no_waiting),  cmocka_unit_test(devices),
                                            cmocka_unit_test(no_way_back), cmocka_unit_test(no_return),
                                            cmocka_unit_test(document),    cmocka_unit_test(kept) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
