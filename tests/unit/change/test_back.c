/* Shows: undo and return bring back what was, keys too; what was seen stays seen; what nobody confirms goes back. */
#include "../../api/world.h"

#include "change/run.h"

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

static int go_to(world *w, pic_revision revision, pic_error **err)
{
        pic_edit *e = NULL;
        int r;

        assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
        r = pic_edit_return(e, revision, err);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

static pic_revision now(world *w)
{
        pic_revision r = 0;

        assert_int_equal(pic_revision_at(w->ctx, INT64_MAX, &r, NULL), 0);
        return r;
}

static char *document(world *w)
{
        pic_report *report = NULL;
        char *text;

        assert_int_equal(pic_export_get(w->ctx, 0, &report, NULL), 0);
        text = strdup(pic_report_text(report));
        pic_report_unref(report);
        return text;
}

static char *config(world *w, const char *peer)
{
        pic_blob *b = NULL;
        char *text;

        if (pic_peer_config(w->ctx, peer, &b, NULL) < 0)
                return NULL;
        text = strdup(pic_blob_data(b));
        pic_blob_unref(b);
        return text;
}

static const char *const lan[] = { "access", "lan", "note", "one", NULL };
static const char *const kept[] = { "key_mode", "kept", NULL };

static void fields(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", lan, &err));
        ok(world_set(&w, "peer", "anna", "access", "internet", &err));
        ok(world_set(&w, "peer", "anna", "note", "two", &err));
        ok(undo(&w, now(&w) - 1, &err)); /* not the last: the note stays */
        world_is(&w, "peer", "anna", "access", "lan");
        world_is(&w, "peer", "anna", "note", "two");
        ok(undo(&w, 0, &err)); /* an undo can be undone */
        world_is(&w, "peer", "anna", "access", "internet");
        ok(world_set(&w, "peer", "anna", "note", "three", &err));
        refused(undo(&w, 4, &err), PIC_CONFLICT, "note"); /* 4 made it two; 7 made it three */
        world_is(&w, "peer", "anna", "note", "three");
        refused(undo(&w, 99, &err), PIC_NOTFOUND, "99");
        refused(undo(&w, 1, &err), PIC_BADSTATE, "cell");
        world_end(&w);
}

static void made_and_removed(void **state)
{
        pic_error *err = NULL;
        char *before, *after, *doc, *again, *id;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(world_add(&w, "peer", "anna", kept, &err));
        ok(world_set(&w, "peer", "anna", "groups", "kids", &err));
        before = config(&w, "anna");
        id = world_get(&w, "peer", "anna", "public_key");
        doc = document(&w);
        ok(world_remove(&w, "peer", "anna", &err));
        ok(world_remove(&w, "group", "kids", &err));
        refused(undo(&w, now(&w) - 1, &err), PIC_NOTFOUND, "kids"); /* its group is gone: not without it */
        ok(undo(&w, 0, &err));
        ok(undo(&w, now(&w) - 2, &err));
        again = document(&w);
        assert_string_equal(doc, again);
        after = config(&w, "anna");
        assert_string_equal(before, after); /* the very keys */
        world_is(&w, "peer", "anna", "public_key", id);
        ok(undo(&w, 3, &err)); /* the adding: it goes */
        refused(pic_get(w.ctx, "peer", "anna", &(pic_obj *){ NULL }, &err), PIC_NOTFOUND, "anna");
        free(before);
        free(after);
        free(doc);
        free(again);
        pic_text_free(id);
        world_end(&w);
}

/* A key that was shown is not kept anywhere: going back brings no second showing. */
static void seen(void **state)
{
        pic_error *err = NULL;
        char *text, *old;
        pic_revision before;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        before = now(&w);
        old = world_get(&w, "peer", "anna", "public_key");
        text = config(&w, "anna");
        assert_non_null(text);
        free(text);
        refused(undo(&w, 0, &err), PIC_BADSTATE, "seen");
        ok(go_to(&w, before, &err));
        assert_null(config(&w, "anna"));
        ok(world_set(&w, "peer", "anna", "note", "x", &err));
        ok(world_remove(&w, "peer", "anna", &err));
        ok(undo(&w, 0, &err));
        assert_null(config(&w, "anna"));
        world_is(&w, "peer", "anna", "public_key", old);
        pic_text_free(old);
        world_end(&w);
}

static void rekeyed(void **state)
{
        pic_error *err = NULL;
        char *before, *between, *after;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", kept, &err));
        before = config(&w, "anna");
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_rekey(e, "anna", &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        between = config(&w, "anna");
        assert_string_not_equal(before, between);
        ok(undo(&w, now(&w) - 1, &err));
        after = config(&w, "anna");
        assert_string_equal(before, after);
        free(before);
        free(between);
        free(after);
        world_end(&w);
}

/* Names and addresses that changed hands over several revisions come back in one. */
static void hands(void **state)
{
        static const char *const a[] = { "address4", "10.77.0.10", NULL }, *const b[] = { "address4", "10.77.0.11",
                                                                                          NULL };
        pic_error *err = NULL;
        pic_revision then;
        char *doc, *again;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", a, &err));
        ok(world_add(&w, "peer", "bert", b, &err));
        doc = document(&w);
        then = now(&w);
        ok(world_set(&w, "peer", "bert", "address4", "10.77.0.12", &err));
        ok(world_set(&w, "peer", "anna", "address4", "10.77.0.11", &err));
        ok(world_set(&w, "cell", NULL, "net4", "10.78.0.0/16", &err));
        ok(world_add(&w, "peer", "carl", NULL, &err));
        ok(go_to(&w, then, &err));
        again = document(&w);
        assert_string_equal(doc, again);
        ok(undo(&w, 0, &err));
        world_is(&w, "peer", "anna", "address4", "10.78.0.11");
        free(doc);
        free(again);
        world_end(&w);
}

static int set_within(world *w, const char *field, const char *text, uint32_t ms, pic_error **err)
{
        pic_edit *e = NULL;
        int r;

        assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
        r = pic_edit_set(e, "peer", "anna", field, text, err);
        pic_edit_confirm_within(e, ms);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

static int waits(world *w)
{
        pic_report *report = NULL;
        int yes;

        assert_int_equal(pic_status_get(w->ctx, 0, &report, NULL), 0);
        yes = strstr(pic_report_text(report), "\"confirm\":{") != NULL;
        pic_report_unref(report);
        return yes;
}

static void confirmed(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", lan, &err));
        refused(pic_confirm(w.ctx, &err), PIC_NOTFOUND, "confirm");
        ok(set_within(&w, "access", "internet", 60000, &err));
        assert_true(waits(&w));
        refused(world_set(&w, "peer", "anna", "note", "x", &err), PIC_BADSTATE, "confirm");
        refused(set_within(&w, "note", "x", 1000, &err), PIC_BADSTATE, "confirm");
        ok(pic_confirm(w.ctx, &err));
        assert_false(waits(&w));
        ok(world_set(&w, "peer", "anna", "note", "x", &err));
        /* taken back by hand */
        ok(set_within(&w, "access", "", 60000, &err));
        ok(undo(&w, 0, &err));
        assert_false(waits(&w));
        world_is(&w, "peer", "anna", "access", "internet");
        /* and by itself */
        ok(set_within(&w, "access", "", 100, &err));
        world_is(&w, "peer", "anna", "access", "");
        usleep(150 * 1000);
        assert_false(waits(&w));
        world_is(&w, "peer", "anna", "access", "internet");
        world_is(&w, "peer", "anna", "note", "x");
        ok(set_within(&w, "note", "y", 100, &err));
        usleep(150 * 1000);
        ok(world_set(&w, "peer", "anna", "access", "lan", &err)); /* goes back first */
        world_is(&w, "peer", "anna", "note", "x");
        world_end(&w);
}

/* Taking back what waits: also when a secret was shown since, and never for confirmation itself. */
static void taken_back(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        char *text;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", lan, &err));
        ok(set_within(&w, "access", "internet", 60000, &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_undo(e, 0, &err));
        pic_edit_confirm_within(e, 100);
        refused(pic_edit_commit(e, 0, NULL, &err), PIC_BADSTATE, "cannot wait for one too");
        pic_edit_unref(e);
        assert_true(waits(&w));
        text = config(&w, "anna"); /* a revision too */
        assert_non_null(text);
        free(text);
        ok(undo(&w, 0, &err));
        assert_false(waits(&w));
        world_is(&w, "peer", "anna", "access", "lan");
        world_end(&w);
}

/* A moment too late: what went back neither stays by a confirmation nor comes again by an undo. */
static void too_late(void **state)
{
        pic_time time = 1000;
        const pic__clock clock = pic__clock_fake(&time);
        pic__confirm c = { .revision = 7, .back = 6, .until = 5000, .until_mono = 2000, .span = 1000 };
        pic_error *err = NULL;
        world w;

        (void)state;
        pic__boot_id(c.boot);
        ok(pic__confirm_in_time(&c, &clock, &err));
        time = 2000;
        refused(pic__confirm_in_time(&c, &clock, &err), PIC_BADSTATE, "revision 7 is over");
        c.boot[0] = '\0'; /* of another boot */
        ok(pic__confirm_in_time(&c, &clock, &err));
        time = 5000;
        refused(pic__confirm_in_time(&c, &clock, &err), PIC_BADSTATE, "revision 7 is over");
        world_init(&w);
        ok(world_add(&w, "peer", "anna", lan, &err));
        ok(set_within(&w, "access", "internet", 100, &err));
        usleep(150 * 1000);
        refused(pic_confirm(w.ctx, &err), PIC_NOTFOUND, "confirm");
        world_is(&w, "peer", "anna", "access", "lan");
        refused(undo(&w, 0, &err), PIC_BADSTATE, "went back by itself");
        ok(undo(&w, now(&w), &err)); /* by its number all the same */
        world_is(&w, "peer", "anna", "access", "internet");
        ok(undo(&w, 0, &err));
        world_is(&w, "peer", "anna", "access", "lan");
        world_end(&w);
}

/* "The last one" is the one that was the last when it was said. */
/* While names go back through hands, what names them stays what it was, in whatever order they go. */
static void names_on_their_way(void **state)
{
        static const char *const in_a[] = { "groups", "a", "access", "group:a", NULL };
        pic_error *err = NULL;
        pic_revision then;
        char *was, *is;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "a", NULL, &err));
        ok(world_add(&w, "group", "x", NULL, &err));
        ok(world_add(&w, "peer", "anna", in_a, &err));
        then = now(&w);
        was = document(&w);
        ok(world_set(&w, "peer", "anna", "note", "first in the list of what changed", &err));
        ok(world_set(&w, "group", "a", "name", "b", &err));
        ok(world_set(&w, "group", "x", "name", "a", &err));
        world_is(&w, "peer", "anna", "groups", "b");
        ok(go_to(&w, then, &err));
        world_is(&w, "peer", "anna", "groups", "a");
        is = document(&w);
        assert_string_equal(is, was);
        free(is);
        free(was);
        world_end(&w);
}

static void the_last(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        char *json;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", lan, &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_undo(e, 0, &err));
        ok(world_add(&w, "peer", "bert", lan, &err));
        json = pic_edit_json(e);
        assert_string_equal(json, "{\"wishes\":[{\"do\":\"undo\",\"revision\":2}]}");
        pic_text_free(json);
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        world_is(&w, "peer", "bert", "access", "lan");
        assert_int_equal(world_set(&w, "peer", "anna", "note", "x", &err), PIC_NOTFOUND);
        pic_error_free(err);
        world_end(&w);
}

/* Without a difference nothing waits, and the outcome says so. */
static void nothing_waits(void **state)
{
        pic_outcome *o = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;
        int i;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", lan, &err));
        for (i = 0; i < 2; i++) {
                ok(pic_edit_new(w.ctx, &e, &err));
                ok(pic_edit_set(e, "peer", "anna", "access", i == 0 ? "lan" : "internet", &err));
                pic_edit_confirm_within(e, 60000);
                ok(pic_edit_commit(e, 0, &o, &err));
                assert_non_null(strstr(pic_outcome_json(o), i == 0 ? "\"waits\":false}" : "\"waits\":true}"));
                assert_int_equal(waits(&w), i);
                pic_outcome_unref(o);
                pic_edit_unref(e);
        }
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_on_their_way),
                cmocka_unit_test(taken_back),
                cmocka_unit_test(too_late),
                cmocka_unit_test(the_last),
                cmocka_unit_test(nothing_waits),
                cmocka_unit_test(fields),
                cmocka_unit_test(made_and_removed),
                cmocka_unit_test(seen),
                cmocka_unit_test(rekeyed),
                cmocka_unit_test(hands),
                cmocka_unit_test(confirmed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
