/* Shows: when the cell's networks change, its peers move along, or nothing changes at all. */
#include "../../api/world.h"

static int set_nets(world *w, const char *net4, const char *net6, pic_error **err)
{
        pic_edit *e = NULL;
        int r;

        assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
        r = pic_edit_set(e, "cell", NULL, "net4", net4, err);
        if (r == 0)
                r = pic_edit_set(e, "cell", NULL, "net6", net6, err);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

static void peers_move_along(void **state)
{
        static const char *const high[] = { "address4", "10.77.200.9", NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(world_add(&w, "peer", "bob", high, &err));
        ok(set_nets(&w, "10.99.0.0/16", "fd99::/48", &err));
        world_is(&w, "peer", "anna", "address4", "10.99.0.2");
        world_is(&w, "peer", "anna", "address6", "fd99::2");
        world_is(&w, "peer", "bob", "address4", "10.99.200.9");
        ok(world_set(&w, "cell", NULL, "net4", "10.98.0.0/15", &err)); /* they are still inside: they stay */
        world_is(&w, "peer", "anna", "address4", "10.99.0.2");
        refused(set_nets(&w, "10.50.0.0/24", "fd99::/48", &err), PIC_CONFLICT,
                "anna"); /* number 65538 is none of 254 */
        world_is(&w, "cell", NULL, "net4", "10.98.0.0/15");
        world_is(&w, "peer", "anna", "address4", "10.99.0.2");
        world_end(&w);
}

static void other_fields(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_set(&w, "cell", NULL, "name", "hut", &err));
        ok(world_set(&w, "cell", NULL, "listen_port", "4500", &err));
        ok(world_set(&w, "cell", NULL, "listen_port", NULL, &err));
        world_is(&w, "cell", NULL, "listen_port", "51820");
        world_is(&w, "cell", NULL, "name", "hut");
        refused(world_set(&w, "cell", NULL, "net4", NULL, &err), PIC_VALUE, "net4");
        world_end(&w);
}

/* In the real world a network of the host's is refused: loopback is one that every host has. */
static void host_networks(void **state)
{
        static const char *const fields[] = { "name", "home", "net4", "127.0.0.0/8", NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        world_dir(&w);
        w.ctx = world_open(w.dir, "real");
        assert_true(pic_cell_init(w.ctx, fields, NULL, &err) < 0);
        pic_error_free(err);
        assert_int_equal(access(w.dir, F_OK), -1);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(peers_move_along),
                cmocka_unit_test(other_fields),
                cmocka_unit_test(host_networks),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
