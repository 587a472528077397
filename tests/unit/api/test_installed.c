/* Shows: a device needs its configuration anew exactly when it would be given another one than it has. */
#include "../../api/world.h"

#include "store/store.h"

static int old(world *w, const char *name)
{
        pic_error *err = NULL;
        int r = pic_peer_outdated(w->ctx, name, &err);

        if (r < 0)
                fail_msg("%s", pic_error_message(err));
        return r;
}

static void give(world *w, const char *name)
{
        pic_blob *config = NULL;
        pic_error *err = NULL;

        ok(pic_peer_config(w->ctx, name, &config, &err));
        pic_blob_unref(config);
}

static void changes(void **state)
{
        static const char *const kept[] = { "key_mode", "kept", NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", kept, &err));
        ok(world_add(&w, "peer", "ben", NULL, &err));
        assert_int_equal(old(&w, "anna"), 0); /* has none */
        ok(world_set(&w, "cell", NULL, "mtu", "1300", &err));
        assert_int_equal(old(&w, "anna"), 0);
        give(&w, "anna");
        assert_int_equal(old(&w, "anna"), 0);
        ok(world_set(&w, "peer", "ben", "note", "another's", &err));
        ok(world_set(&w, "peer", "anna", "note", "of no matter", &err));
        assert_int_equal(old(&w, "anna"), 0);
        ok(world_set(&w, "cell", NULL, "mtu", "1310", &err));
        assert_int_equal(old(&w, "anna"), 1);
        assert_int_equal(old(&w, "ben"), 0);
        ok(pic_peer_installed(w.ctx, "ANNA", &err));
        assert_int_equal(old(&w, "anna"), 0);
        ok(world_set(&w, "peer", "anna", "name", "clara", &err)); /* it is the same device */
        ok(world_set(&w, "cell", NULL, "mtu", "1320", &err));
        assert_int_equal(old(&w, "clara"), 1);
        give(&w, "clara");
        assert_int_equal(old(&w, "clara"), 0);
        world_end(&w);
}

static void refuses(void **state)
{
        pic_error *err = NULL;
        world w;
        int i, r = 0;

        (void)state;
        world_init(&w);
        refused(pic_peer_outdated(w.ctx, "nobody", &err), PIC_NOTFOUND, "nobody");
        refused(pic_peer_installed(w.ctx, "nobody", &err), PIC_NOTFOUND, "nobody");
        refused(pic_peer_outdated(NULL, "x", &err), PIC_INVALID, "ctx");
        refused(pic_peer_installed(w.ctx, NULL, &err), PIC_INVALID, "name");
        ok(world_add(&w, "peer", "anna", NULL, &err));
        for (i = 0; i < 40 && r == 0; i++)
                r = pic_peer_installed(w.ctx, "anna", NULL);
        assert_int_equal(r, PIC_BUSY);
        assert_int_equal(i, PIC__OFTEN_HOUR + 1);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(changes), cmocka_unit_test(refuses) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
