/* Shows: what can be judged without the store is refused at once; a committed edit is used up. */
#include "../../api/world.h"
#include "api/edit.h"

static void judged_at_once(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        refused(pic_edit_add(e, "peer", "bad name!", &err), PIC_VALUE, "bad name!");
        refused(pic_edit_add(e, "cat", "x", &err), PIC_INVALID, "kind");
        refused(pic_edit_add(e, NULL, "x", &err), PIC_INVALID, "kind");
        refused(pic_edit_add(e, "peer", NULL, &err), PIC_INVALID, "name");
        refused(pic_edit_add(e, "cell", "x", &err), PIC_INVALID, "pic_cell_init");
        assert_int_equal(pic_edit_set(e, "peer", "anna", "keepalive", "x", &err), PIC_VALUE);
        assert_string_equal(pic_error_detail(err, "field"), "keepalive");
        assert_string_equal(pic_error_detail(err, "value"), "x");
        assert_string_equal(pic_error_detail(err, "object"), "peer anna");
        assert_non_null(pic_error_detail(err, "rule"));
        pic_error_free(err);
        err = NULL;
        assert_int_equal(pic_edit_set(e, "peer", "anna", "keepalve", "1", &err), PIC_NOTFOUND);
        assert_non_null(strstr(pic_error_hint(err), "keepalive"));
        pic_error_free(err);
        err = NULL;
        refused(pic_edit_set(e, "peer", "anna", "private_key", "x", &err), PIC_DENIED, "private_key");
        refused(pic_edit_set(e, "peer", "anna", NULL, "x", &err), PIC_INVALID, "field");
        refused(pic_edit_set(e, "peer", "anna", "note", NULL, &err), PIC_INVALID, "text");
        refused(pic_edit_set(e, "peer", NULL, "note", "x", &err), PIC_INVALID, "name");
        refused(pic_edit_unset(e, "peer", "anna", "no_such", &err), PIC_NOTFOUND, "no_such");
        refused(pic_edit_remove(e, "cell", "home", &err), PIC_INVALID, "cannot be removed");
        refused(pic_edit_remove(e, "peer", NULL, &err), PIC_INVALID, "name");
        refused(pic_edit_rekey(e, NULL, &err), PIC_INVALID, "name");
        assert_int_equal(e->wishes.ops.count, 0);
        refused(pic_edit_new(NULL, &e, &err), PIC_INVALID, "ctx");
        refused(pic_edit_add(NULL, "peer", "x", &err), PIC_INVALID, "edit");
        pic_edit_if_revision(NULL, 1);
        pic_edit_unref(e);
        assert_null(pic_edit_unref(NULL));
        world_end(&w);
}

static void used_up(void **state)
{
        pic_error *err = NULL;
        pic_plan *plan = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        refused(pic_edit_commit(e, 0, NULL, &err), PIC_BADSTATE, "committed");
        refused(pic_edit_add(e, "peer", "x", &err), PIC_BADSTATE, "committed");
        refused(pic_edit_set(e, "cell", NULL, "mtu", "1400", &err), PIC_BADSTATE, "committed");
        refused(pic_edit_remove(e, "peer", "x", &err), PIC_BADSTATE, "committed");
        refused(pic_edit_rekey(e, "x", &err), PIC_BADSTATE, "committed");
        refused(pic_edit_load(e, "{}", 2, NULL, 0, &err), PIC_BADSTATE, "committed");
        refused(pic_edit_plan(e, &plan, &err), PIC_BADSTATE, "committed");
        pic_ctx_unref(w.ctx); /* context first, edit later */
        w.ctx = NULL;
        pic_edit_unref(e);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(judged_at_once),
                cmocka_unit_test(used_up),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
