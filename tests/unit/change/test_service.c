/* Shows: a service gets addresses that no device has, and a door of its own; what is granted cannot be removed; names
 * follow; an undo finds a door; a cell that moves takes services along. */
#include "../../api/world.h"

static const char *const nas[] = { "target", "http://192.168.1.10", NULL };

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

static char *get(world *w, const char *kind, const char *name, const char *field)
{
        pic_error *err = NULL;
        pic_obj *o = NULL;
        char *text;

        ok(pic_get(w->ctx, kind, name, &o, &err));
        text = pic_obj_get(o, field);
        pic_obj_unref(o);
        return text;
}

static void differ(world *w, const char *field, const char *a_kind, const char *a, const char *b_kind, const char *b)
{
        char *one = get(w, a_kind, a, field), *two = get(w, b_kind, b, field);

        if (one == NULL || two == NULL || strcmp(one, two) == 0)
                fail_msg("%s %s", field, one != NULL ? one : "none");
        pic_text_free(one);
        pic_text_free(two);
}

static void addresses_and_doors(void **state)
{
        const char *taken[] = { "target", "http://192.168.1.10", "address4", NULL, NULL };
        pic_error *err = NULL;
        char *a4;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(world_add(&w, "service", "nas", nas, &err));
        ok(world_add(&w, "service", "tv", nas, &err));
        ok(world_add(&w, "peer", "bert", NULL, &err));
        differ(&w, "address4", "peer", "anna", "service", "nas");
        differ(&w, "address6", "service", "tv", "service", "nas");
        differ(&w, "address4", "peer", "bert", "service", "tv");
        world_is(&w, "service", "nas", "door", "1");
        world_is(&w, "service", "tv", "door", "2");
        a4 = get(&w, "service", "nas", "address4");
        taken[3] = a4;
        assert_int_equal(world_add(&w, "service", "other", taken, &err), PIC_EXISTS);
        pic_error_free(err);
        err = NULL;
        assert_int_equal(world_add(&w, "peer", "carl", taken + 2, &err), PIC_EXISTS);
        pic_error_free(err);
        err = NULL;
        pic_text_free(a4);
        assert_int_equal(world_add(&w, "peer", "tv", NULL, &err), PIC_EXISTS);
        pic_error_free(err);
        err = NULL;
        ok(world_remove(&w, "service", "nas", &err));
        ok(undo(&w, &err));
        world_is(&w, "service", "nas", "door", "1");
        ok(world_remove(&w, "service", "nas", &err));
        ok(world_add(&w, "service", "third", nas, &err));
        world_is(&w, "service", "third", "door", "1");
        world_end(&w);
}

static void grants(void **state)
{
        static const char *const may[] = { "access", "service:nas", NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        assert_int_equal(world_add(&w, "peer", "anna", may, &err), PIC_NOTFOUND);
        pic_error_free(err);
        err = NULL;
        ok(world_add(&w, "service", "nas", nas, &err));
        ok(world_add(&w, "peer", "anna", may, &err));
        assert_int_equal(world_remove(&w, "service", "nas", &err), PIC_INUSE);
        assert_non_null(strstr(pic_error_message(err), "anna"));
        pic_error_free(err);
        err = NULL;
        ok(world_set(&w, "service", "nas", "name", "files", &err));
        world_is(&w, "peer", "anna", "access", "service:files");
        ok(world_set(&w, "cell", NULL, "net4", "10.77.0.0/16", &err));
        {
                char *a4 = get(&w, "service", "files", "address4");

                assert_int_equal(strncmp(a4, "10.77.", 6), 0);
                pic_text_free(a4);
        }
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(addresses_and_doors), cmocka_unit_test(grants) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
