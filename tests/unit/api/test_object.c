/* Shows: objects and lists are snapshots that outlive everything; secrets are never read back. */
#include "../../api/world.h"
#include "base/mem.h"

static void reading(void **state)
{
        static const char *const fields[] = { "groups", "kids", "keepalive", "0", NULL };
        pic_error *err = NULL;
        pic_obj *o = NULL, *again;
        pic_list *list = NULL;
        char *text;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(world_add(&w, "peer", "Anna", fields, &err));
        ok(pic_get(w.ctx, "peer", "aNNa", &o, &err));
        assert_string_equal(pic_obj_kind(o), "peer");
        assert_string_equal(pic_obj_name(o), "Anna");
        assert_true(pic_obj_id(o) > 0);
        assert_true(pic_obj_revision(o) > 0);
        text = pic_obj_get(o, "groups");
        assert_string_equal(text, "kids");
        pic_text_free(text);
        text = pic_obj_get(o, "keepalive"); /* zero, not absent */
        assert_string_equal(text, "0");
        pic_text_free(text);
        text = pic_obj_get(o, "enabled"); /* the default */
        assert_string_equal(text, "true");
        pic_text_free(text);
        assert_null(pic_obj_get(o, "expires"));
        assert_null(pic_obj_get(o, "private_key"));
        assert_null(pic_obj_get(o, "preshared_key"));
        assert_null(pic_obj_get(o, "no_such"));
        assert_null(pic_obj_get(o, NULL));
        text = pic_obj_json(o);
        assert_non_null(strstr(text, "\"groups\":[\"kids\"]"));
        assert_null(strstr(text, "private_key"));
        pic_text_free(text);
        again = pic_obj_ref(o);
        pic_obj_unref(o);
        pic_ctx_unref(w.ctx);
        w.ctx = NULL;
        assert_string_equal(pic_obj_name(again), "Anna"); /* outlives the context */
        pic_obj_unref(again);
        w.ctx = world_open(w.dir, "fake");
        ok(pic_list_get(w.ctx, "group", &list, &err));
        assert_string_equal(pic_obj_name(pic_list_at(list, 0)), "kids");
        assert_null(pic_list_at(list, 1));
        assert_ptr_equal(pic_list_json(list), pic_list_json(list));
        pic_list_unref(list);
        world_end(&w);
}

static void refusals(void **state)
{
        pic_error *err = NULL;
        pic_list *list = NULL;
        pic_obj *o = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        assert_int_equal(pic_get(w.ctx, "peer", "ana", &o, &err), PIC_NOTFOUND);
        assert_non_null(strstr(pic_error_hint(err), "anna"));
        pic_error_free(err);
        err = NULL;
        refused(pic_get(w.ctx, "cat", "x", &o, &err), PIC_INVALID, "kind");
        refused(pic_get(w.ctx, NULL, "x", &o, &err), PIC_INVALID, "kind");
        refused(pic_get(w.ctx, "peer", NULL, &o, &err), PIC_INVALID, "name");
        refused(pic_get(w.ctx, "peer", "x", NULL, &err), PIC_INVALID, "ret_obj");
        refused(pic_get(NULL, "peer", "x", &o, &err), PIC_INVALID, "ctx");
        refused(pic_list_get(NULL, "peer", &list, &err), PIC_INVALID, "ctx");
        refused(pic_list_get(w.ctx, "cat", &list, &err), PIC_INVALID, "kind");
        refused(pic_list_get(w.ctx, "peer", NULL, &err), PIC_INVALID, "ret_list");
        assert_int_equal(pic_list_count(NULL), 0);
        assert_null(pic_list_at(NULL, 0));
        assert_null(pic_list_json(NULL));
        assert_null(pic_list_unref(NULL));
        assert_string_equal(pic_obj_kind(NULL), "");
        assert_string_equal(pic_obj_name(NULL), "");
        assert_int_equal(pic_obj_id(NULL), 0);
        assert_int_equal(pic_obj_revision(NULL), 0);
        assert_null(pic_obj_json(NULL));
        assert_null(pic_obj_ref(NULL));
        assert_null(pic_obj_unref(NULL));
        pic_text_free(NULL);
        world_end(&w);
}

static void out_of_memory(void **state)
{
        pic_error *err = NULL;
        unsigned long n, made;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        for (n = 1;; n++) {
                pic_list *list = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic_list_get(w.ctx, "peer", &list, &err);
                if (r == 0)
                        (void)pic_list_json(list);
                made = pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                pic_list_unref(list);
                pic_error_free(err);
                err = NULL;
                if (made < n)
                        break;
        }
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reading),
                cmocka_unit_test(refusals),
                cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
