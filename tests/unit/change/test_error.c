/* Shows: what is wrong with an edit is told with its place, up to a limit. */
#include "../../api/world.h"

/* Errors are told up to a limit, and the worst code is the call's. */
static void limit(void **state)
{
        pic_error *err = NULL;
        const pic_error *e;
        pic_edit *edit = NULL;
        char name[16];
        size_t n = 0;
        world w;
        int i;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &edit, &err));
        for (i = 0; i < 300; i++) {
                snprintf(name, sizeof(name), "p%d", i);
                ok(pic_edit_remove(edit, "peer", name, &err));
        }
        assert_int_equal(pic_edit_commit(edit, 0, NULL, &err), PIC_NOTFOUND);
        for (e = err; e != NULL; e = pic_error_next(e))
                n++;
        assert_int_equal(n, 100);
        pic_error_free(err);
        pic_edit_unref(edit);
        world_end(&w);
}

/* The wish for the field, or the object's own line when no wish in the document is about the field. */
static void places(void **state)
{
        static const char doc[] = "groups:\n  kids: {}\npeers:\n  kids:\n    note: x\n    address4: 10.99.0.1\n  "
                                  "bob:\n    key_mode: client\n";
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        assert_int_equal(world_load(&w, doc, 0, &err), PIC_VALUE);
        assert_string_equal(pic_error_detail(err, "line"), "7"); /* bob has no public_key: his own line */
        pic_error_free(err);
        err = NULL;
        assert_int_equal(world_load(&w, "peers:\n  kids:\n    note: x\n    address4: 10.99.0.1\n", 0, &err), PIC_VALUE);
        assert_string_equal(pic_error_detail(err, "line"), "4");
        assert_string_equal(pic_error_detail(err, "file"), "cell.yaml");
        pic_error_free(err);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(limit),
                cmocka_unit_test(places),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
