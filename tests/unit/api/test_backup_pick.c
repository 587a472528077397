/* Shows: some of a backup becomes a change of the cell: kinds and single objects, keys as they were, what is only here
 * kept or gone as it was asked; planned, committed, undone like any other; and what cannot be is told. */
#include "backup_world.h"

static int pick(pic_edit *e, const char *only, uint32_t flags, pic_report **told, pic_error **err)
{
        int fd = open(file, O_RDONLY), r;
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;

        o.flags = flags;
        r = pic_backup_pick(e, NULL, fd, only, &o, told, err);
        close(fd);
        return r;
}

/* Picks and commits; what was told must have the words. */
static int take(world *to, const char *only, uint32_t flags, const char *words, pic_error **err)
{
        pic_report *told = NULL;
        pic_edit *e = NULL;
        int r;

        assert_int_equal(pic_edit_new(to->ctx, &e, NULL), 0);
        r = pick(e, only, flags, &told, err);
        if (r == 0 && strstr(pic_report_text(told), words) == NULL)
                fail_msg("'%s' is not in %s", words, pic_report_text(told));
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_report_unref(told);
        pic_edit_unref(e);
        return r;
}

static char *config(world *of, const char *peer)
{
        pic_blob *blob = NULL;
        pic_error *err = NULL;
        char *text;

        ok(pic_peer_config(of->ctx, peer, &blob, &err));
        text = strdup(pic_blob_data(blob));
        pic_blob_unref(blob);
        return text;
}

static void undo(world *of)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;

        ok(pic_edit_new(of->ctx, &e, &err));
        ok(pic_edit_undo(e, 0, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
}

static void gone_and_back(void **state)
{
        pic_error *err = NULL;
        char *key = world_get(&w, "peer", "anna", "public_key"), *address = world_get(&w, "peer", "anna", "address4");

        (void)state;
        ok(take(&w, "all", 0, "\"kind\":\"peer\",\"added\":0,\"changed\":0,\"alike\":1", &err));
        ok(world_remove(&w, "peer", "anna", &err));
        ok(world_add(&w, "peer", "bob", NULL, &err));
        ok(take(&w, "devices", 0, "\"only_here\":[{\"kind\":\"peer\",\"name\":\"bob\"}]", &err));
        world_is(&w, "peer", "anna", "public_key", key);
        world_is(&w, "peer", "anna", "address4", address);
        world_is(&w, "peer", "bob", "enabled", "true");
        ok(take(&w, "devices", 0, "\"kind\":\"peer\",\"added\":0,\"changed\":0,\"alike\":1", &err));
        undo(&w);
        refused(world_set(&w, "peer", "anna", "note", "x", &err), PIC_NOTFOUND, "anna");
        ok(take(&w, "peers", PIC_BACKUP_EXACT, "\"added\":1", &err));
        refused(world_set(&w, "peer", "bob", "note", "x", &err), PIC_NOTFOUND, "bob");
        world_is(&w, "peer", "anna", "public_key", key);
        free(config(&w, "anna")); /* its key opens here */
        pic_text_free(key);
        pic_text_free(address);
}

/* The same device under another name, and with another key, is as it was. */
static void renamed_and_rekeyed(void **state)
{
        char *key = world_get(&w, "peer", "anna", "public_key"), *was;
        pic_error *err = NULL;
        pic_edit *e = NULL;

        (void)state;
        was = config(&w, "anna");
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_set(e, "peer", "anna", "name", "anne", &err));
        ok(pic_edit_rekey(e, "anne", &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        free(config(&w, "anne")); /* shown: no private key is left */
        ok(take(&w, "peer:anna", 0, "\"changed\":1", &err));
        world_is(&w, "peer", "anna", "public_key", key);
        world_is(&w, "peer", "anna", "key_mode", "sealed");
        {
                char *is = config(&w, "anna");

                assert_string_equal(is, was);
                free(is);
        }
        free(was);
        pic_text_free(key);
}

/* A key that only the device has: that it was shown comes along. */
static void shown_key(void **state)
{
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_report *told = NULL;
        pic_error *err = NULL;
        pic_blob *blob = NULL;
        char *key;

        (void)state;
        free(config(&w, "anna"));
        key = world_get(&w, "peer", "anna", "public_key");
        unlink(file);
        o.output = file;
        o.flags = PIC_BACKUP_PLAIN;
        ok(pic_backup_create(w.ctx, NULL, -1, &o, &told, &err));
        pic_report_unref(told);
        ok(world_remove(&w, "peer", "anna", &err));
        ok(take(&w, "peer", 0, "\"added\":1", &err));
        world_is(&w, "peer", "anna", "public_key", key);
        world_is(&w, "peer", "anna", "key_mode", "sealed");
        refused(pic_peer_config(w.ctx, "anna", &blob, &err), PIC_BADSTATE, "anna");
        pic_text_free(key);
}

/* Another cell: other identities, other seals; secrets open there. */
static void into_another(void **state)
{
        static const char *const target[] = { "url",   "/tmp/never", "passphrase", "correct staple",
                                              "every", "never",      NULL };
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_report *told = NULL;
        pic_error *err = NULL;
        pic_plan *plan = NULL;
        pic_edit *e = NULL;
        world other;
        char *text;

        (void)state;
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(world_set(&w, "peer", "anna", "groups", "kids", &err));
        ok(world_add(&w, "target", "disk", target, &err));
        unlink(file);
        o.output = file;
        o.flags = PIC_BACKUP_PLAIN;
        ok(pic_backup_create(w.ctx, NULL, -1, &o, &told, &err));
        told = pic_report_unref(told);
        world_init(&other);
        refused(take(&other, "peers", 0, "", &err), PIC_NOTFOUND, "kids");
        ok(pic_edit_new(other.ctx, &e, &err));
        ok(pick(e, "devices,target", 0, &told, &err));
        assert_non_null(strstr(pic_report_text(told), "\"same\":false"));
        ok(pic_edit_plan(e, &plan, &err));
        assert_non_null(strstr(pic_plan_json(plan), "\"name\":\"kids\",\"verb\":\"add\""));
        pic_plan_unref(plan);
        text = pic_edit_json(e); /* kept as a draft would be */
        pic_edit_unref(e);
        assert_null(strstr(text, "correct staple"));
        ok(world_load(&other, text, 0, &err));
        pic_text_free(text);
        pic_report_unref(told);
        world_is(&other, "peer", "anna", "groups", "kids");
        ok(world_remove(&w, "target", "disk", &err));
        ok(take(&w, "target", 0, "\"added\":1", &err));
        ok(take(&w, "target", 0, "\"added\":0,\"changed\":0", &err));
        free(config(&other, "anna"));
        world_end(&other);
}

static void what_cannot_be(void **state)
{
        static const char *const user[] = { "role", "viewer", "password", "long enough 4 us", NULL };
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_report *told = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world none;

        (void)state;
        refused(take(&w, "", 0, "", &err), PIC_VALUE, "only");
        refused(take(&w, "peers,friends", 0, "", &err), PIC_VALUE, "friends");
        refused(take(&w, "dns:nas", 0, "", &err), PIC_VALUE, "dns:nas");
        refused(take(&w, "tokens", 0, "", &err), PIC_VALUE, "token");
        refused(take(&w, "peer:bob", 0, "", &err), PIC_NOTFOUND, "no peer 'bob'");
        ok(pic_edit_new(w.ctx, &e, &err));
        refused(pick(e, "peers", PIC_BACKUP_PLAIN, &told, &err), PIC_INVALID, "flags");
        refused(pic_backup_pick(e, NULL, 0, NULL, NULL, NULL, &err), PIC_INVALID, "only");
        pic_edit_unref(e);
        ok(world_add(&w, "user", "ben", user, &err));
        unlink(file);
        o.output = file;
        o.flags = PIC_BACKUP_PLAIN;
        ok(pic_backup_create(w.ctx, NULL, -1, &o, &told, &err));
        told = pic_report_unref(told);
        ok(world_remove(&w, "user", "ben", &err));
        ok(take(&w, "users", 0, "\"without\":[{\"kind\":\"user\",\"name\":\"ben\",\"field\":\"password\"}]", &err));
        world_is(&w, "user", "ben", "role", "viewer");
        world_dir(&none);
        none.ctx = world_open(none.dir, "fake");
        refused(take(&none, "all", 0, "", &err), PIC_NOTFOUND, "no cell");
        pic_ctx_unref(none.ctx);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(gone_and_back, setup, teardown),
                                            cmocka_unit_test_setup_teardown(renamed_and_rekeyed, setup, teardown),
                                            cmocka_unit_test_setup_teardown(shown_key, setup, teardown),
                                            cmocka_unit_test_setup_teardown(into_another, setup, teardown),
                                            cmocka_unit_test_setup_teardown(what_cannot_be, setup, teardown) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
