/* Shows: a front end's notes are checked and bounded; what was refused is a row, once. */
#include "../../api/world.h"

static size_t count(world *w, const char *verb)
{
        pic_history_opts o = PIC_HISTORY_OPTS_INIT;
        pic_history *h = NULL;
        size_t n;

        o.verb = verb;
        o.max = 10000;
        assert_int_equal(pic_history_get(w->ctx, &o, &h, NULL), 0);
        n = pic_history_count(h);
        pic_history_unref(h);
        return n;
}

static void noted(void **state)
{
        pic_history *h = NULL;
        pic_error *err = NULL;
        const pic_event *e;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_audit_note(w.ctx, "login", "anna from 192.0.2.1", &err));
        ok(pic_history_get(w.ctx, NULL, &h, &err));
        e = pic_history_at(h, 0);
        assert_string_equal(pic_event_verb(e), "login");
        assert_string_equal(pic_event_actor(e), "tester");
        assert_string_equal(pic_event_kind(e), "cell");
        assert_string_equal(pic_event_name(e), "home");
        assert_string_equal(pic_event_text(e), "anna from 192.0.2.1");
        assert_int_equal(pic_event_revision(e), 1); /* nothing was changed */
        pic_history_unref(h);
        world_end(&w);
}

static void checked(void **state)
{
        static const char *const verbs[] = { "",        "x",      "Login",  "log in",
                                             "login\n", "-login", "lögin",  "abcdefghijklmnopqrstuvwxyzabcdefg",
                                             "add",     "reveal", "repair", "undo" };
        char long_text[502];
        pic_error *err = NULL;
        size_t i;
        world w;

        (void)state;
        world_init(&w);
        for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
                assert_int_equal(pic_audit_note(w.ctx, verbs[i], "x", &err), PIC_VALUE);
                assert_string_equal(pic_error_detail(err, "field"), "verb");
                pic_error_free(err);
                err = NULL;
        }
        memset(long_text, 'x', 501);
        long_text[501] = '\0';
        for (i = 0; i < 5; i++) {
                const char *const texts[] = { "", "two\nlines", "\x1b[31m", "\xff", long_text };

                assert_int_equal(pic_audit_note(w.ctx, "login", texts[i], &err), PIC_VALUE);
                assert_string_equal(pic_error_detail(err, "field"), "text");
                pic_error_free(err);
                err = NULL;
        }
        assert_int_equal(count(&w, NULL), 1);
        ok(pic_audit_note(w.ctx, "login", long_text + 1, &err));
        world_end(&w);
}

static void bounded(void **state)
{
        pic_error *err = NULL;
        int i, r = 0;
        world w;

        (void)state;
        world_init(&w);
        for (i = 0; i < 150 && r == 0; i++)
                r = pic_audit_note(w.ctx, "login", "again", &err);
        refused(r, PIC_BUSY, "100 rows of login");
        assert_int_equal(count(&w, "login"), 100);
        ok(pic_audit_note(w.ctx, "logout", "of another verb", &err));
        world_end(&w);
}

/* A field that the cell sets itself: whoever wishes for it, however often, is one row. */
static void denied(void **state)
{
        static const char document[] = "peers: {anna: {private_key: x}}";
        pic_error *err = NULL;
        pic_edit *e = NULL;
        int i;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        for (i = 0; i < 3; i++)
                refused(world_set(&w, "peer", "anna", "private_key", "x", &err), PIC_DENIED, "private_key");
        assert_int_equal(count(&w, "refused"), 1);
        ok(pic_edit_new(w.ctx, &e, &err));
        refused(pic_edit_load(e, document, sizeof(document) - 1, "d", 0, &err), PIC_DENIED, "private_key");
        assert_int_equal(pic_edit_load(e, document, sizeof(document) - 1, "d", 0, NULL), PIC_DENIED);
        pic_edit_unref(e);
        assert_int_equal(count(&w, "refused"), 2);
        refused(world_set(&w, "peer", "anna", "expires", "never", &err), PIC_VALUE, "expires"); /* a mistake is none */
        assert_int_equal(count(&w, "refused"), 2);
        for (i = 0; i < 40; i++) {
                char name[16];

                snprintf(name, sizeof(name), "p%d", i);
                (void)world_set(&w, "peer", name, "private_key", "x", NULL);
        }
        assert_int_equal(count(&w, "refused"), 20);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(noted), cmocka_unit_test(checked),
                                            cmocka_unit_test(bounded), cmocka_unit_test(denied) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
