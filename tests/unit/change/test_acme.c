/* Shows: a domain brings its certificate and takes it away, in one change, and an undo brings both back; a document
 * that does not name it leaves it; a mode is switched without touching it. */
#include "../../api/world.h"

static int undo(world *w, pic_error **err)
{
        pic_edit *e = NULL;
        int r = pic_edit_new(w->ctx, &e, err);

        if (r == 0)
                r = pic_edit_undo(e, 0, err);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

static int has(world *w, const char *kind, const char *name)
{
        pic_obj *o = NULL;
        int r = pic_get(w->ctx, kind, name, &o, NULL);

        pic_obj_unref(o);
        return r == 0;
}

static const char *const http[] = { "mode", "http01", NULL };

static void with_it(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "domain", "home.example.org", http, &err));
        world_is(&w, "certificate", "home.example.org", "issuer", "acme");
        world_is(&w, "certificate", "home.example.org", "key_mode", "kept");
        ok(world_set(&w, "certificate", "home.example.org", "note", "mine", &err));
        ok(world_set(&w, "domain", "home.example.org", "email", "me@example.org", &err));
        world_is(&w, "certificate", "home.example.org", "note", "mine");
        ok(world_remove(&w, "domain", "home.example.org", &err));
        assert_false(has(&w, "certificate", "home.example.org"));
        ok(undo(&w, &err));
        assert_true(has(&w, "domain", "home.example.org"));
        world_is(&w, "certificate", "home.example.org", "note", "mine");
        ok(world_remove(&w, "domain", "home.example.org", &err));
        ok(world_add(&w, "domain", "home.example.org", http, &err));
        ok(undo(&w, &err));
        assert_false(has(&w, "certificate", "home.example.org") || has(&w, "domain", "home.example.org"));
        world_end(&w);
}

static void renamed(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "domain", "home.example.org", http, &err));
        ok(world_set(&w, "certificate", "home.example.org", "note", "mine", &err));
        ok(world_set(&w, "domain", "home.example.org", "name", "new.example.org", &err));
        world_is(&w, "certificate", "new.example.org", "note", "mine");
        assert_false(has(&w, "certificate", "home.example.org"));
        ok(undo(&w, &err));
        world_is(&w, "certificate", "home.example.org", "note", "mine");
        ok(undo(&w, &err));
        ok(world_remove(&w, "domain", "new.example.org", &err));
        assert_false(has(&w, "certificate", "new.example.org") || has(&w, "certificate", "home.example.org"));
        world_end(&w);
}

static void others(void **state)
{
        static const char *const chosen[] = { "issuer", "acme", "names", "www.home.example.org.", NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "certificate", "home.example.org", chosen, &err)); /* by hand, before */
        ok(world_add(&w, "domain", "home.example.org", http, &err));
        world_is(&w, "certificate", "home.example.org", "names", "www.home.example.org.");
        ok(world_remove(&w, "domain", "home.example.org", &err));
        assert_true(has(&w, "certificate", "home.example.org")); /* it was not the domain's own */
        world_end(&w);
}

static void document(world *w, const char *text)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;

        ok(pic_edit_new(w->ctx, &e, &err));
        ok(pic_edit_load(e, text, strlen(text), "x.yaml", PIC_LOAD_PRUNE, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
}

static void documents(void **state)
{
        world w;

        (void)state;
        world_init(&w);
        document(&w, "domains: {home.example.org: {mode: http01}}\ncertificates: {}\n");
        assert_true(has(&w, "certificate", "home.example.org"));
        document(&w, "domains: {home.example.org: {mode: http01}}\ncertificates: {}\n");
        assert_true(has(&w, "certificate", "home.example.org"));
        document(&w, "domains: {}\ncertificates: {}\n");
        assert_false(has(&w, "certificate", "home.example.org") || has(&w, "domain", "home.example.org"));
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(with_it), cmocka_unit_test(renamed),
                                            cmocka_unit_test(others), cmocka_unit_test(documents) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
