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
                                             "add",     "reveal", "repair", "override" };
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
        assert_int_equal(count(&w, "refused"), 10); /* of one actor */
        world_end(&w);
}

static const char *newest(world *w)
{
        static char text[600];
        pic_history *h = NULL;

        assert_int_equal(pic_history_get(w->ctx, NULL, &h, NULL), 0);
        snprintf(text, sizeof(text), "%s: %s", pic_event_verb(pic_history_at(h, 0)),
                 pic_event_text(pic_history_at(h, 0)));
        pic_history_unref(h);
        return text;
}

/* Who was too late is told by a row; what is only looked at leaves none. */
static void stale(void **state)
{
        pic_error *err = NULL;
        pic_plan *plan = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_set(e, "peer", "anna", "note", "x", &err));
        pic_edit_if_revision(e, 1);
        refused(pic_edit_plan(e, &plan, &err), PIC_STALE, "revision");
        assert_int_equal(count(&w, "refused"), 0);
        refused(pic_edit_commit(e, 0, NULL, &err), PIC_STALE, "revision");
        pic_edit_unref(e);
        assert_string_equal(newest(&w), "refused: an edit was refused: the cell is at revision 2 now, not at 1");
        world_end(&w);
}

static void against_an_assertion(void **state)
{
        static const char *const in_kids[] = { "groups", "kids", NULL }, *const rule[] = { "rule",
                                                                                           "never group:kids -> lan",
                                                                                           NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(world_add(&w, "peer", "tim", in_kids, &err));
        ok(world_add(&w, "assertion", "nas", rule, &err));
        refused(world_set(&w, "peer", "tim", "access", "lan", &err), PIC_CONFLICT, "nas");
        assert_non_null(strstr(newest(&w), "refused: an edit was refused: assertion nas"));
        refused(world_add(&w, "peer", "tim", NULL, &err), PIC_EXISTS, "tim"); /* a mistake */
        assert_int_equal(count(&w, "refused"), 1);
        world_end(&w);
}

/* Failed logins cannot fill the journal, and none is lost. */
static void many_refused(void **state)
{
        pic_ctx_opts o = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        char text[32];
        int i;
        world w;

        (void)state;
        world_init(&w);
        for (i = 0; i < 300; i++) {
                snprintf(text, sizeof(text), "bad password %d", i);
                ok(pic_audit_note(w.ctx, "refused", text, &err));
        }
        assert_int_equal(count(&w, "refused"), 10);
        assert_string_equal(newest(&w), "refused: bad password 9");
        pic_ctx_unref(w.ctx);
        o.dir = w.dir;
        o.world = "fake";
        o.actor = "another";
        ok(pic_ctx_open(&o, &w.ctx, &err));
        ok(pic_audit_note(w.ctx, "refused", "bad password", &err));
        assert_string_equal(newest(&w), "refused: bad password (and before it 290 times without a row)");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(noted),
                                            cmocka_unit_test(checked),
                                            cmocka_unit_test(bounded),
                                            cmocka_unit_test(denied),
                                            cmocka_unit_test(stale),
                                            cmocka_unit_test(many_refused),
                                            cmocka_unit_test(against_an_assertion) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
