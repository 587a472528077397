/* Shows: an edit is one change: in order, all or nothing, everything wrong told at once. */
#include "../../api/world.h"
#include "base/mem.h"

static size_t count(world *w, const char *kind)
{
        pic_list *list = NULL;
        size_t n;

        assert_int_equal(pic_list_get(w->ctx, kind, &list, NULL), 0);
        n = pic_list_count(list);
        pic_list_unref(list);
        return n;
}

/* Many wishes about several objects, in an order that only makes sense one after the other. */
static void in_order(void **state)
{
        pic_error *err = NULL;
        pic_outcome *outcome = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "peer", "anna", &err));
        ok(pic_edit_set(e, "peer", "anna", "access", "peer:bob,group:kids,group:adults",
                        &err)); /* two of them come later */
        ok(pic_edit_add(e, "group", "adults", &err));
        ok(pic_edit_add(e, "peer", "bob", &err));
        ok(pic_edit_set(e, "peer", "anna", "note", "second visit", &err));
        ok(pic_edit_set(e, "cell", NULL, "mtu", "1400", &err));
        ok(pic_edit_set(e, "group", "kids", "name", "children", &err));
        ok(pic_edit_commit(e, 0, &outcome, &err));
        assert_int_equal(pic_outcome_state(outcome), PIC_OUTCOME_APPLIED);
        assert_int_equal(pic_outcome_revision(outcome), 3); /* all of it is one revision */
        pic_outcome_unref(outcome);
        pic_edit_unref(e);
        world_is(&w, "peer", "anna", "note", "second visit");
        world_is(&w, "peer", "anna", "access",
                 "peer:bob,group:adults,group:children"); /* the rename reached the reference */
        world_is(&w, "cell", NULL, "mtu", "1400");
        world_end(&w);
}

static void all_or_nothing(void **state)
{
        static const char *const taken[] = { "address4", "10.77.0.5", NULL };
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "five", taken, &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "peer", "good", &err));
        ok(pic_edit_add(e, "peer", "five", &err));
        ok(pic_edit_set(e, "peer", "five", "note", "x", &err));
        ok(pic_edit_add(e, "peer", "six", &err));
        ok(pic_edit_set(e, "peer", "six", "address4", "10.77.0.5", &err));
        ok(pic_edit_set(e, "peer", "nobody", "note", "x", &err));
        ok(pic_edit_set(e, "peer", "nobody", "enabled", "no", &err));
        ok(pic_edit_remove(e, "group", "none", &err));
        assert_int_equal(pic_edit_commit(e, 0, NULL, &err), PIC_EXISTS);
        /* everything wrong is told, once each */
        assert_non_null(strstr(pic_error_message(err), "five"));
        assert_non_null(strstr(pic_error_message(pic_error_next(err)), "10.77.0.5"));
        assert_int_equal(pic_error_code(pic_error_next(pic_error_next(err))), PIC_NOTFOUND);
        assert_non_null(strstr(pic_error_message(pic_error_next(pic_error_next(pic_error_next(err)))), "none"));
        assert_null(pic_error_next(pic_error_next(pic_error_next(pic_error_next(err)))));
        pic_error_free(err);
        err = NULL;
        assert_int_equal(count(&w, "peer"), 1);
        /* and the edit can be tried again */
        ok(world_remove(&w, "peer", "five", &err));
        assert_int_equal(pic_edit_commit(e, 0, NULL, &err), PIC_NOTFOUND);
        pic_error_free(err);
        pic_edit_unref(e);
        world_end(&w);
}

static void stale(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "peer", "anna", &err));
        pic_edit_if_revision(e, 7);
        refused(pic_edit_commit(e, 0, NULL, &err), PIC_STALE, "revision");
        pic_edit_if_revision(e, 1);
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        world_end(&w);
}

static void in_use(void **state)
{
        static const char *const fields[] = { "groups", "kids", NULL };
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(world_add(&w, "peer", "anna", fields, &err));
        assert_int_equal(world_remove(&w, "group", "kids", &err), PIC_INUSE);
        assert_string_equal(pic_error_detail(err, "users"), "anna");
        pic_error_free(err);
        err = NULL;
        ok(pic_edit_new(w.ctx, &e, &err)); /* together with its user it may go, in this order too */
        ok(pic_edit_remove(e, "group", "kids", &err));
        ok(pic_edit_remove(e, "peer", "anna", &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        assert_int_equal(count(&w, "peer") + count(&w, "group"), 0);
        world_end(&w);
}

/* Whatever allocation fails: all or nothing, and never half. */
static void out_of_memory(void **state)
{
        unsigned long n, made;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "kids", NULL, &err));
        for (n = 1;; n += n < 60 ? 1 : 7) {
                pic_edit *e = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic_edit_new(w.ctx, &e, &err);
                if (r == 0)
                        r = pic_edit_add(e, "peer", "anna", &err);
                if (r == 0)
                        r = pic_edit_set(e, "peer", "anna", "groups", "kids", &err);
                if (r == 0)
                        r = pic_edit_commit(e, PIC_COMMIT_NOWAIT, NULL, &err);
                made = pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                assert_int_equal(pic_error_code(err), r);
                pic_error_free(err);
                err = NULL;
                pic_edit_unref(e);
                assert_int_equal(count(&w, "peer"), r == 0);
                if (r == 0)
                        ok(world_remove(&w, "peer", "anna", &err));
                if (made < n)
                        break;
        }
        assert_true(n > 60);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(in_order), cmocka_unit_test(all_or_nothing), cmocka_unit_test(stale),
                cmocka_unit_test(in_use),   cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
