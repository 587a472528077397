/* Shows: a commit stores, then says whether the world followed. */
#include "../../api/world.h"

static void applied(void **state)
{
        pic_outcome *o = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "peer", "anna", &err));
        refused(pic_edit_commit(e, 8, &o, &err), PIC_INVALID, "flags");
        refused(pic_edit_commit(NULL, 0, &o, &err), PIC_INVALID, "edit");
        ok(pic_edit_commit(e, 0, &o, &err));
        assert_int_equal(pic_outcome_state(o), PIC_OUTCOME_APPLIED);
        assert_null(pic_outcome_error(o));
        assert_non_null(strstr(pic_outcome_json(o), "\"state\":\"applied\",\"revision\":2,\"steps\":"));
        pic_edit_unref(e);
        pic_ctx_unref(w.ctx);
        w.ctx = NULL;
        assert_int_equal(pic_outcome_revision(o), 2);
        pic_outcome_unref(o);
        assert_int_equal(pic_outcome_state(NULL), PIC_OUTCOME_PENDING);
        assert_int_equal(pic_outcome_revision(NULL), 0);
        assert_null(pic_outcome_error(NULL));
        assert_string_equal(pic_outcome_json(NULL), "{}");
        assert_null(pic_outcome_unref(NULL));
        world_end(&w);
}

/* The real world without an agent: the wish is kept, and the outcome says who is missing. */
static void pending(void **state)
{
        pic_outcome *o = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        pic_ctx_unref(w.ctx);
        w.ctx = world_open(w.dir, "real");
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "peer", "anna", &err));
        ok(pic_edit_commit(e, 0, &o, &err));
        assert_int_equal(pic_outcome_state(o), PIC_OUTCOME_PENDING);
        assert_int_equal(pic_error_code(pic_outcome_error(o)), PIC_NOAGENT);
        assert_non_null(strstr(pic_outcome_json(o), "\"code\":\"NOAGENT\""));
        pic_outcome_unref(o);
        pic_edit_unref(e);
        world_is(&w, "peer", "anna", "enabled", "true");
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_remove(e, "peer", "anna", &err));
        ok(pic_edit_commit(e, PIC_COMMIT_NOWAIT, &o, &err));
        assert_int_equal(pic_outcome_state(o), PIC_OUTCOME_PENDING);
        assert_null(pic_outcome_error(o));
        pic_outcome_unref(o);
        pic_edit_unref(e);
        world_end(&w);
}

/* The world refuses (its file cannot be written): stored, and told. */
static void failed(void **state)
{
        pic_outcome *o = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        char path[128];
        FILE *f;
        world w;

        (void)state;
        world_init(&w);
        snprintf(path, sizeof(path), "%s/key", w.dir);
        f = fopen(path, "w"); /* a key that is none: nothing can be opened, so nothing applied */
        assert_non_null(f);
        fputs("nonsense", f);
        fclose(f);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "peer", "anna", &err));
        ok(pic_edit_commit(e, 0, &o, &err));
        assert_int_equal(pic_outcome_state(o), PIC_OUTCOME_FAILED);
        assert_int_equal(pic_error_code(pic_outcome_error(o)), PIC_CORRUPT);
        pic_outcome_unref(o);
        pic_edit_unref(e);
        world_is(&w, "peer", "anna", "enabled", "true");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(applied),
                cmocka_unit_test(pending),
                cmocka_unit_test(failed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
