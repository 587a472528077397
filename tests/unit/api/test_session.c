/* Shows: a session is found by its secret, ends with what ends it, and one that changed its own password goes on; an
 * API token may do the least of both. */
#include "people.h"

#include "api/session.h"

#include <sqlite3.h>

static pic_session *login(world *w, const char *user)
{
        pic_session *s = NULL;
        pic_error *err = NULL;

        ok(people_login(w, user, PASSWORD, NULL, &s, &err));
        return s;
}

static int found(world *w, const char *text, char role[16])
{
        pic_session *s = NULL;
        int r = pic_session_find(w->ctx, text, &s, NULL);

        snprintf(role, 16, "%s", pic_session_role(s));
        pic_session_unref(s);
        return r;
}

static void cookie(void **state)
{
        pic_session *s, *again = NULL;
        pic_error *err = NULL;
        char role[16];
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        s = login(&w, "anna");
        ok(pic_session_find(w.ctx, pic_session_token(s), &again, &err));
        assert_string_equal(pic_session_user(again), "anna");
        assert_string_equal(pic_session_role(again), "admin");
        assert_string_equal(pic_session_token(again), "");
        assert_string_equal(pic_session_device(again), "");
        assert_string_equal(pic_session_csrf(again), pic_session_csrf(s));
        assert_int_equal(pic_session_id(again), pic_session_id(s));
        pic_session_unref(again);
        assert_int_equal(found(&w, pic_session_csrf(s), role), PIC_DENIED);
        assert_int_equal(found(&w, pic_session_device(s), role), PIC_DENIED);
        assert_int_equal(found(&w, "", role), PIC_DENIED);
        refused(pic_session_find(w.ctx, "pic_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &again, &err), PIC_DENIED,
                "no such session");
        refused(pic_session_find(w.ctx, NULL, &again, &err), PIC_INVALID, "text");
        assert_string_equal(pic_session_user(NULL), "");
        assert_string_equal(pic_session_json(NULL), "{}");
        assert_int_equal(pic_session_id(NULL), 0);
        pic_session_unref(s);
        world_end(&w);
}

/* As if all this had been so many seconds earlier. */
static void earlier(const world *w, long long seconds)
{
        char path[512], sql[128];
        sqlite3 *db = NULL;

        snprintf(path, sizeof(path), "%s/cell.db", w->dir);
        snprintf(sql, sizeof(sql), "UPDATE session SET created = created - %lld, seen = seen - %lld", seconds * 1000000,
                 seconds * 1000000);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        (void)sqlite3_busy_timeout(db, 5000);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* How old a login is; and who only watches keeps no session alive. */
static void ages(void **state)
{
        pic_session *s, *again = NULL;
        pic_error *err = NULL;
        char role[16];
        world w;
        int i;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        s = login(&w, "anna");
        assert_int_equal(pic_session_age(s), 0);
        assert_int_equal(pic_session_age(NULL), -1);
        refused(pic_session_watch(w.ctx, NULL, &again, &err), PIC_INVALID, "pic_session_watch");
        for (i = 0; i < 2; i++) {
                earlier(&w, 5 * 3600);
                ok(pic_session_watch(w.ctx, pic_session_token(s), &again, &err));
                assert_in_range(pic_session_age(again), (i + 1) * 5 * 3600, (i + 1) * 5 * 3600 + 60);
                again = pic_session_unref(again);
                if (i == 0)
                        assert_int_equal(found(&w, pic_session_token(s), role), 0);
        }
        earlier(&w, 4 * 3600); /* nine hours after it was used */
        assert_int_equal(pic_session_watch(w.ctx, pic_session_token(s), &again, NULL), PIC_DENIED);
        earlier(&w, -14 * 3600 - 60);
        ok(pic_session_watch(w.ctx, pic_session_token(s), &again, &err));
        assert_true(pic_session_age(again) > 7 * 24 * 3600); /* of a clock that was put back */
        pic_session_unref(again);
        pic_session_unref(s);
        world_end(&w);
}

static int change(world *w, const pic_session *keep, const char *user, const char *field, const char *text)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        int r;

        ok(pic_edit_new(w->ctx, &e, &err));
        ok(pic_edit_set(e, "user", user, field, text, &err));
        ok(pic_edit_keep(e, keep, &err));
        r = pic_edit_commit(e, 0, NULL, NULL);
        pic_edit_unref(e);
        return r;
}

static void ends(void **state)
{
        pic_session *mine, *other;
        pic_error *err = NULL;
        char role[16];
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        people_add(&w, "ben", "admin");
        mine = login(&w, "ben");
        other = login(&w, "ben");
        assert_int_equal(change(&w, mine, "ben", "password", "another staple of May"), 0);
        assert_int_equal(found(&w, pic_session_token(mine), role), 0);
        assert_int_equal(found(&w, pic_session_token(other), role), PIC_DENIED);
        assert_int_equal(change(&w, NULL, "ben", "role", "viewer"), 0);
        assert_int_equal(found(&w, pic_session_token(mine), role), PIC_DENIED);
        pic_session_unref(mine);
        pic_session_unref(other);
        assert_int_equal(change(&w, NULL, "ben", "password", PASSWORD), 0);
        mine = login(&w, "ben");
        assert_int_equal(found(&w, pic_session_token(mine), role), 0);
        assert_string_equal(role, "viewer");
        assert_int_equal(change(&w, mine, "ben", "enabled", "no"), 0); /* kept, and over all the same */
        assert_int_equal(found(&w, pic_session_token(mine), role), PIC_DENIED);
        pic_session_unref(mine);
        refused(pic_edit_keep(NULL, NULL, &err), PIC_INVALID, "edit");
        world_end(&w);
}

static void tokens(void **state)
{
        static const char *const old[] = { "user", "anna", "scope", "viewer", "expires", "2020-01-01", NULL };
        pic_blob *secret = NULL, *again = NULL;
        pic_session *s = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        char role[16];
        world w;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "token", "graphs", &err));
        ok(pic_edit_set(e, "token", "graphs", "user", "anna", &err));
        ok(pic_edit_set(e, "token", "graphs", "scope", "operator", &err));
        ok(pic_edit_token(e, "graphs", &secret, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        ok(pic_session_find(w.ctx, pic_blob_data(secret), &s, &err));
        assert_string_equal(pic_session_user(s), "anna");
        assert_string_equal(pic_session_role(s), "operator");
        assert_string_equal(pic_session_csrf(s), "");
        assert_int_equal(pic_session_id(s), 0);
        assert_non_null(strstr(pic_session_json(s), "\"token\":\"graphs\""));
        pic_session_unref(s);
        people_add(&w, "ben", "admin");
        ok(world_set(&w, "user", "anna", "role", "viewer", &err));
        assert_int_equal(found(&w, pic_blob_data(secret), role), 0);
        assert_string_equal(role, "viewer");
        ok(world_set(&w, "user", "anna", "role", "peer", &err));
        assert_int_equal(found(&w, pic_blob_data(secret), role), PIC_DENIED);
        ok(world_set(&w, "user", "anna", "role", "admin", &err));
        ok(world_set(&w, "token", "graphs", "expires", "2020-01-01", &err));
        assert_int_equal(found(&w, pic_blob_data(secret), role), PIC_DENIED);
        ok(world_set(&w, "token", "graphs", "expires", "2120-01-01", &err));
        assert_int_equal(found(&w, pic_blob_data(secret), role), 0);
        ok(world_add(&w, "token", "old", old, &err)); /* one that nobody can have */
        refused(world_set(&w, "token", "graphs", "scope", "admin", &err), PIC_DENIED, "cannot change");
        refused(world_remove(&w, "user", "anna", &err), PIC_INUSE, "token 'graphs'");
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_token(e, "graphs", &again, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        assert_int_equal(found(&w, pic_blob_data(secret), role), PIC_DENIED);
        assert_int_equal(found(&w, pic_blob_data(again), role), 0);
        ok(world_remove(&w, "token", "graphs", &err));
        assert_int_equal(found(&w, pic_blob_data(again), role), PIC_DENIED);
        pic_blob_unref(secret);
        pic_blob_unref(again);
        world_end(&w);
}

/* Another actor, the same cell; in any order they go. */
static void actors(void **state)
{
        pic_history *h = NULL;
        pic_error *err = NULL;
        pic_ctx *anna = NULL, *more = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_ctx_as(w.ctx, "anna", "http", &anna, &err));
        ok(pic_ctx_as(anna, NULL, NULL, &more, &err));
        w.ctx = pic_ctx_unref(w.ctx);
        ok(pic_audit_note(anna, "login", "test", &err));
        anna = pic_ctx_unref(anna);
        ok(pic_history_get(more, NULL, &h, &err));
        assert_string_equal(pic_event_actor(pic_history_at(h, 0)), "anna");
        assert_non_null(strstr(pic_event_json(pic_history_at(h, 0)), "\"way\":\"http\""));
        pic_history_unref(h);
        refused(pic_ctx_as(more, "", NULL, &anna, &err), PIC_VALUE, "actor");
        refused(pic_ctx_as(more, "a\nb", NULL, &anna, &err), PIC_VALUE, "actor");
        refused(pic_ctx_as(more, NULL, "", &anna, &err), PIC_INVALID, "way");
        refused(pic_ctx_as(NULL, NULL, NULL, &anna, &err), PIC_INVALID, "ctx");
        pic_ctx_unref(more);
        world_rm(w.dir);
}

static void addresses(void **state)
{
        static const char *const cases[][2] = { { "192.0.2.7", "192.0.2.7" },
                                                { "2001:db8::1:2:3:4", "2001:db8::" },
                                                { "2001:db8:0:1:ffff::1", "2001:db8:0:1::" },
                                                { "something", "something" } };
        char key[PIC__SESSION_ADDRESS];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__gate_address(cases[i][0], key);
                assert_string_equal(key, cases[i][1]);
        }
        pic__gate_address(NULL, key);
        assert_string_equal(key, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(cookie), cmocka_unit_test(ages),
                                            cmocka_unit_test(ends),   cmocka_unit_test(tokens),
                                            cmocka_unit_test(actors), cmocka_unit_test(addresses) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
