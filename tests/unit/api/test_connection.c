/* Shows: a provider's file is one wish of an edit; who leaves by a connection moves to another in one change. */
#include "../../api/world.h"

#define WG                                                                                                         \
        "[Interface]\nPrivateKey = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8=\nAddress = 10.64.0.2/32\n[Peer]\n" \
        "PublicKey = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHhw=\nAllowedIPs = 0.0.0.0/0\nEndpoint = "            \
        "192.0.2.7:51820\n"

static const char *const tor[] = { "type", "tor", NULL };

static void import(void **state)
{
        pic_import_opts opts = PIC_IMPORT_OPTS_INIT;
        pic_report *told = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        char *json;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_connection_import(e, "m", WG, strlen(WG), NULL, &told, &err));
        assert_int_equal(pic_report_good(told), 1);
        pic_report_unref(told);
        json = pic_edit_json(e);
        assert_null(strstr(json, "HRYXGBka"));
        assert_null(strstr(json, "Gxwd"
                                 "Hl8="));
        pic_text_free(json);
        refused(pic_connection_import(e, "no name", WG, strlen(WG), NULL, NULL, &err), PIC_VALUE, "connection: ");
        opts.file = "my.conf";
        refused(pic_connection_import(e, "n", "x", 1, &opts, NULL, &err), PIC_SYNTAX,
                "my.conf: is neither a WireGuard");
        refused(pic_connection_import(e, "n", "x\nclient", 8, &opts, NULL, &err), PIC_SYNTAX, "my.conf:1:1: ");
        opts.flags = 8;
        refused(pic_connection_import(e, "n", WG, strlen(WG), &opts, NULL, &err), PIC_INVALID, "flags");
        refused(pic_connection_import(e, NULL, WG, strlen(WG), NULL, NULL, &err), PIC_INVALID, "name");
        refused(pic_connection_import(NULL, "n", WG, strlen(WG), NULL, NULL, &err), PIC_INVALID, "edit");
        ok(pic_edit_commit(e, 0, NULL, &err));
        refused(pic_connection_import(e, "n", WG, strlen(WG), NULL, NULL, &err), PIC_BADSTATE, "committed");
        pic_edit_unref(e);
        world_is(&w, "connection", "m", "addresses", "10.64.0.2/32");
        world_is(&w, "connection", "m", "endpoint", "192.0.2.7:51820");
        /* what the former file said goes, what a person said stays */
        ok(world_set(&w, "connection", "m", "mtu", "1380", &err));
        ok(world_set(&w, "connection", "m", "note", "bought in May", &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        opts.flags = PIC_IMPORT_REPLACE;
        ok(pic_connection_import(e, "m", WG, strlen(WG), &opts, NULL, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        world_is(&w, "connection", "m", "mtu", NULL);
        world_is(&w, "connection", "m", "note", "bought in May");
        world_end(&w);
}

/* Without a cell there is no key that a secret could be sealed to. */
static void no_cell(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_dir(&w);
        w.ctx = world_open(w.dir, "fake");
        ok(pic_edit_new(w.ctx, &e, &err));
        refused(pic_edit_set(e, "connection", "m", "password", "hunter2", &err), PIC_NOTFOUND, "");
        refused(pic_connection_import(e, "m", WG, strlen(WG), NULL, NULL, &err), PIC_NOTFOUND, "");
        refused(pic_connection_move(e, "a", "b", &err), PIC_NOTFOUND, "");
        pic_edit_unref(e);
        world_end(&w);
}

static void move(void **state)
{
        static const char *const anna[] = { "exit", "a", NULL }, *const all[] = { "type", "group", "members", "a,b",
                                                                                  NULL };
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "connection", "A", tor, &err));
        ok(world_add(&w, "connection", "b", tor, &err));
        ok(world_add(&w, "connection", "all", all, &err));
        ok(world_add(&w, "peer", "anna", anna, &err));
        ok(world_add(&w, "group", "kids", anna, &err));
        ok(world_set(&w, "cell", NULL, "exit", "a", &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        assert_int_equal(pic_connection_move(e, "a", "b", &err), 4);
        ok(pic_edit_remove(e, "connection", "a", &err));
        refused(pic_connection_move(e, "b", "B", &err), PIC_VALUE, "is the connection that they leave");
        refused(pic_connection_move(e, "b", "nobody", &err), PIC_NOTFOUND, "nobody");
        refused(pic_connection_move(e, "nobody", "b", &err), PIC_NOTFOUND, "nobody");
        refused(pic_connection_move(e, NULL, "b", &err), PIC_INVALID, "from");
        ok(pic_edit_commit(e, 0, NULL, &err));
        refused(pic_connection_move(e, "a", "b", &err), PIC_BADSTATE, "committed");
        pic_edit_unref(e);
        world_is(&w, "peer", "anna", "exit", "b");
        world_is(&w, "group", "kids", "exit", "b");
        world_is(&w, "cell", NULL, "exit", "b");
        world_is(&w, "connection", "all", "members", "b");
        /* the last member of a group is not taken away silently */
        ok(pic_edit_new(w.ctx, &e, &err));
        assert_int_equal(pic_connection_move(e, "b", "direct", &err), 4);
        ok(pic_edit_remove(e, "connection", "b", &err));
        refused(pic_edit_commit(e, 0, NULL, &err), PIC_VALUE, "members: is required for type group");
        pic_edit_unref(e);
        world_end(&w);
}

static void asked(void **state)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        refused(pic_connection_test(w.ctx, NULL, NULL, &report, &err), PIC_INVALID, "name");
        refused(pic_connection_test(w.ctx, "a", NULL, NULL, &err), PIC_INVALID, "ret_report");
        refused(pic_connection_restart(w.ctx, NULL, &err), PIC_INVALID, "name");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(import), cmocka_unit_test(no_cell), cmocka_unit_test(move),
                                            cmocka_unit_test(asked) };

        return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
