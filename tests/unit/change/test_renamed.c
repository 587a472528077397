/* Shows: what an undo brings back names those it named, whatever they are called now; never another of that name. */
#include "../../api/world.h"

static const char *const in_kids[] = { "groups", "kids", NULL };
static const char *const lan[] = { "access", "lan", NULL };
static const char *const net[] = { "access", "internet", NULL };

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

static pic_revision now(world *w)
{
        pic_revision r = 0;

        assert_int_equal(pic_revision_at(w->ctx, INT64_MAX, &r, NULL), 0);
        return r;
}

/* tim in kids, which may lan. */
static void begin(world *w)
{
        pic_error *err = NULL;

        world_init(w);
        ok(world_add(w, "group", "kids", lan, &err));
        ok(world_add(w, "peer", "tim", in_kids, &err));
}

static int drop(world *w, const char *kind, const char *name, pic_error **err)
{
        pic_edit *e = NULL;
        int r;

        assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
        r = pic_edit_remove(e, kind, name, err);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

/* The group is called otherwise now, and another one has its name. */
static void the_name_is_anothers(void **state)
{
        pic_revision left, gone;
        pic_error *err = NULL;
        world w;

        (void)state;
        begin(&w);
        ok(world_set(&w, "peer", "tim", "groups", "", &err));
        left = now(&w);
        ok(drop(&w, "peer", "tim", &err));
        gone = now(&w);
        ok(world_set(&w, "group", "kids", "name", "teens", &err));
        ok(world_add(&w, "group", "kids", net, &err));
        ok(undo(&w, gone, &err));
        world_is(&w, "peer", "tim", "groups", "");
        ok(undo(&w, left, &err));
        world_is(&w, "peer", "tim", "groups", "teens");
        ok(undo(&w, 0, &err));
        world_is(&w, "peer", "tim", "groups", "");
        world_end(&w);
}

/* A member that was removed comes back into its group, a grant to a device that is called otherwise too. */
static void brought_back(void **state)
{
        static const char *const grants[] = { "access", "peer:tim,group:kids", "groups", "kids", NULL };
        pic_revision gone;
        pic_error *err = NULL;
        world w;

        (void)state;
        begin(&w);
        ok(world_add(&w, "peer", "anna", grants, &err));
        ok(drop(&w, "peer", "anna", &err));
        gone = now(&w);
        ok(world_set(&w, "group", "kids", "name", "teens", &err));
        ok(world_set(&w, "peer", "tim", "name", "tom", &err));
        ok(undo(&w, gone, &err));
        world_is(&w, "peer", "anna", "access", "peer:tom,group:teens");
        world_is(&w, "peer", "anna", "groups", "teens");
        world_end(&w);
}

/* A field that only follows a new name was not changed by a person: that is no reason to refuse. */
static void only_the_name_changed(void **state)
{
        pic_revision put;
        pic_error *err = NULL;
        world w;

        (void)state;
        begin(&w);
        ok(world_set(&w, "peer", "tim", "groups", "", &err));
        ok(world_set(&w, "peer", "tim", "groups", "kids", &err));
        put = now(&w);
        ok(world_set(&w, "group", "kids", "name", "teens", &err));
        ok(undo(&w, 0, &err)); /* the new name alone */
        world_is(&w, "peer", "tim", "groups", "kids");
        ok(undo(&w, 0, &err));
        world_is(&w, "peer", "tim", "groups", "teens");
        ok(undo(&w, put, &err));
        world_is(&w, "peer", "tim", "groups", "");
        world_end(&w);
}

/* Who was named is gone for good, and the name is another's; or names went round. */
static void not_to_be_told(void **state)
{
        static const char *const two[] = { "groups", "a,b", NULL };
        pic_revision left;
        pic_error *err = NULL;
        world w;

        (void)state;
        begin(&w);
        ok(world_set(&w, "peer", "tim", "groups", "", &err));
        left = now(&w);
        ok(drop(&w, "group", "kids", &err));
        assert_int_equal(undo(&w, left, &err), PIC_NOTFOUND);
        pic_error_free(err);
        err = NULL;
        ok(world_add(&w, "group", "kids", net, &err));
        assert_int_equal(undo(&w, left, &err), PIC_CONFLICT);
        assert_string_equal(pic_error_detail(err, "field"), "groups");
        assert_string_equal(pic_error_detail(err, "value"), "kids");
        assert_non_null(pic_error_hint(err));
        refused(pic_error_code(err), PIC_CONFLICT, "another");
        world_is(&w, "peer", "tim", "groups", "");
        ok(world_add(&w, "group", "a", lan, &err));
        ok(world_add(&w, "group", "b", net, &err));
        ok(world_add(&w, "peer", "anna", two, &err));
        ok(drop(&w, "peer", "anna", &err));
        left = now(&w);
        ok(world_set(&w, "group", "a", "name", "c", &err));
        ok(world_set(&w, "group", "b", "name", "a", &err));
        ok(world_set(&w, "group", "c", "name", "b", &err));
        refused(undo(&w, left, &err), PIC_CONFLICT, "changed hands");
        /* a field that the revision left alone is not asked about */
        ok(world_set(&w, "peer", "tim", "note", "x", &err));
        ok(undo(&w, 0, &err));
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_name_is_anothers),
                cmocka_unit_test(brought_back),
                cmocka_unit_test(only_the_name_changed),
                cmocka_unit_test(not_to_be_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
