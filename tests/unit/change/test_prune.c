/* Shows: what a document does not name goes, section by section, only when asked, and never what others need. */
#include "../../api/world.h"

static void prunes(void **state)
{
        static const char *const fields[] = { "address4", "10.77.0.50", "groups", "kids", NULL };
        pic_error *err = NULL;
        pic_list *list = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(world_add(&w, "group", "adults", NULL, &err));
        ok(world_add(&w, "peer", "anna", fields, &err));
        ok(world_add(&w, "peer", "bob", NULL, &err));
        /* anna gives up her address to anne; groups are not spoken of: they stay */
        ok(world_load(&w, "peers:\n  BOB: {note: stays}\n  anne: {address4: 10.77.0.50}\n", PIC_LOAD_PRUNE, &err));
        ok(pic_list_get(w.ctx, "peer", &list, &err));
        assert_int_equal(pic_list_count(list), 2);
        assert_string_equal(pic_obj_name(pic_list_at(list, 0)), "bob");
        assert_string_equal(pic_obj_name(pic_list_at(list, 1)), "anne");
        pic_list_unref(list);
        ok(pic_list_get(w.ctx, "group", &list, &err));
        assert_int_equal(pic_list_count(list), 2);
        pic_list_unref(list);
        ok(world_set(&w, "peer", "bob", "groups", "kids", &err));
        refused(world_load(&w, "groups: {adults: {}}\n", PIC_LOAD_PRUNE, &err), PIC_INUSE, "kids");
        ok(world_load(&w, "groups: {}\npeers: {}\n", PIC_LOAD_PRUNE, &err));
        ok(pic_list_get(w.ctx, "group", &list, &err));
        assert_int_equal(pic_list_count(list), 0);
        pic_list_unref(list);
        world_end(&w);
}

static void without_the_flag(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(world_load(&w, "peers: {bob: {}}\n", 0, &err));
        world_is(&w, "peer", "anna", "enabled", "true");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(prunes),
                cmocka_unit_test(without_the_flag),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
