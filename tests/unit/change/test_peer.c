/* Shows: a peer gets addresses and keys; each key mode keeps its promise. */
#include "../../api/world.h"

#define KEY "cOFA+3p5IjkzIjkzIjkzIjkzIjkzIjkzIjkzIjkzIjk="
#define KEY2 "dOFA+3p5IjkzIjkzIjkzIjkzIjkzIjkzIjkzIjkzIjk="

static void same(world *w, const char *peer, const char *field, const char *was, int wanted)
{
        char *is = world_get(w, "peer", peer, field);

        assert_int_equal(strcmp(is, was) == 0, wanted);
        pic_text_free(is);
}

static int rekey(world *w, const char *peer, const char *field, const char *text, pic_error **err)
{
        pic_edit *e = NULL;
        int r;

        assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
        r = pic_edit_rekey(e, peer, err);
        if (r == 0 && field != NULL)
                r = pic_edit_set(e, "peer", peer, field, text, err);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

static int config(world *w, const char *peer, char *text, size_t size, pic_error **err)
{
        pic_blob *b = NULL;
        int r = pic_peer_config(w->ctx, peer, &b, err);

        snprintf(text, size, "%s", r == 0 ? (const char *)pic_blob_data(b) : "");
        pic_blob_unref(b);
        return r;
}

static void addresses(void **state)
{
        static const char *const four[] = { "address4", "10.77.0.3", NULL };
        static const char *const outside[] = { "address4", "10.78.0.3", NULL };
        static const char *const cell[] = { "address6", "fd77:1:2::1", NULL };
        static const char *const broadcast[] = { "address4", "10.77.255.255", NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "a", four, &err)); /* one family given: the other is chosen */
        world_is(&w, "peer", "a", "address4", "10.77.0.3");
        ok(world_add(&w, "peer", "b", NULL, &err));
        ok(world_add(&w, "peer", "c", NULL, &err)); /* .3 is taken by hand: left out */
        same(&w, "c", "address4", "10.77.0.3", 0);
        refused(world_add(&w, "peer", "x", outside, &err), PIC_VALUE, "outside");
        refused(world_add(&w, "peer", "x", cell, &err), PIC_VALUE, "own");
        refused(world_add(&w, "peer", "x", broadcast, &err), PIC_VALUE, "broadcast");
        refused(world_add(&w, "peer", "x", four, &err), PIC_EXISTS, "10.77.0.3");
        ok(world_set(&w, "peer", "a", "address4", NULL, &err)); /* absent: the cell chooses */
        same(&w, "a", "address4", "10.77.0.3", 0);
        world_end(&w);
}

static void own_keys(void **state)
{
        pic_error *err = NULL;
        char text[2048], *key;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        key = world_get(&w, "peer", "anna", "public_key");
        ok(world_set(&w, "peer", "anna", "note", "x", &err));
        same(&w, "anna", "public_key", key, 1);
        ok(config(&w, "anna", text, sizeof(text), &err));
        refused(config(&w, "anna", text, sizeof(text), &err), PIC_BADSTATE, "shown");
        ok(world_set(&w, "peer", "anna", "note", "y", &err)); /* nothing brings the key back… */
        refused(config(&w, "anna", text, sizeof(text), &err), PIC_BADSTATE, "shown");
        ok(rekey(&w, "anna", NULL, NULL, &err)); /* …but new ones */
        same(&w, "anna", "public_key", key, 0);
        world_is(&w, "peer", "anna", "config_shown", NULL);
        ok(config(&w, "anna", text, sizeof(text), &err));
        ok(world_set(&w, "peer", "anna", "key_mode", "kept", &err));
        ok(rekey(&w, "anna", NULL, NULL, &err));
        world_is(&w, "peer", "anna", "key_mode", "kept");
        ok(config(&w, "anna", text, sizeof(text), &err));
        ok(config(&w, "anna", text, sizeof(text), &err)); /* kept: as often as one likes */
        refused(rekey(&w, "nobody", NULL, NULL, &err), PIC_NOTFOUND, "nobody");
        pic_text_free(key);
        world_end(&w);
}

static void client_keys(void **state)
{
        static const char *const fields[] = { "public_key", KEY, NULL };
        static const char *const both[] = { "public_key", KEY2, "key_mode", "kept", NULL };
        static const char *const none[] = { "key_mode", "client", NULL };
        pic_error *err = NULL;
        char text[2048];
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", fields, &err));
        world_is(&w, "peer", "anna", "key_mode", "client");
        ok(config(&w, "anna", text, sizeof(text), &err));
        assert_null(strstr(text, "\nPrivateKey"));
        ok(world_set(&w, "peer", "anna", "note", "x", &err)); /* what was shown stays shown */
        refused(world_add(&w, "peer", "bob", fields, &err), PIC_EXISTS, "public_key");
        refused(world_add(&w, "peer", "bob", both, &err), PIC_VALUE, "key_mode");
        refused(world_add(&w, "peer", "bob", none, &err), PIC_VALUE, "public_key");
        refused(world_set(&w, "peer", "anna", "key_mode", "sealed", &err), PIC_VALUE, "key_mode");
        refused(rekey(&w, "anna", NULL, NULL, &err), PIC_BADSTATE, "device");
        ok(rekey(&w, "anna", "public_key", KEY2, &err));
        world_is(&w, "peer", "anna", "public_key", KEY2);
        ok(rekey(&w, "anna", "key_mode", "sealed", &err)); /* now the cell makes them */
        same(&w, "anna", "public_key", KEY2, 0);
        ok(config(&w, "anna", text, sizeof(text), &err));
        assert_non_null(strstr(text, "\nPrivateKey"));
        ok(world_set(&w, "peer", "anna", "public_key", KEY, &err)); /* a key that is given makes it the device's */
        world_is(&w, "peer", "anna", "key_mode", "client");
        world_end(&w);
}

static void preshared(void **state)
{
        static const char *const fields[] = { "preshared", "no", "key_mode", "kept", NULL };
        pic_error *err = NULL;
        char text[2048];
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", fields, &err));
        ok(config(&w, "anna", text, sizeof(text), &err));
        assert_null(strstr(text, "PresharedKey"));
        ok(world_set(&w, "peer", "anna", "preshared", "yes", &err));
        ok(config(&w, "anna", text, sizeof(text), &err));
        assert_non_null(strstr(text, "PresharedKey"));
        ok(world_set(&w, "peer", "anna", "preshared", "no", &err));
        ok(config(&w, "anna", text, sizeof(text), &err));
        assert_null(strstr(text, "PresharedKey"));
        world_end(&w);
}

static void bad_keys(void **state)
{
        static const char *const bad[] = { "short", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                           "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                           "cOFA+3p5IjkzIjkzIjkzIjkzIjkzIjkzIjkzIjkzIjl=" };
        pic_error *err = NULL;
        char *cells;
        size_t i;
        world w;

        (void)state;
        world_init(&w);
        for (i = 0; i < 4; i++) {
                const char *fields[] = { "public_key", bad[i], NULL };

                refused(world_add(&w, "peer", "anna", fields, &err), PIC_VALUE, "public_key");
        }
        cells = world_get(&w, "cell", NULL, "public_key");
        {
                const char *fields[] = { "public_key", cells, NULL };

                refused(world_add(&w, "peer", "anna", fields, &err), PIC_EXISTS, "cell's own key");
        }
        pic_text_free(cells);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(addresses), cmocka_unit_test(own_keys), cmocka_unit_test(client_keys),
                cmocka_unit_test(preshared), cmocka_unit_test(bad_keys),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
