/* Shows: sessions, browsers, codes and links as the file keeps them: found by hash, over in time, gone with their user,
 * and no part of the journal. */
#include "help.h"
#include "store/schema.h"
#include "store/session.h"

static const uint8_t one[32] = { 1 }, two[32] = { 2 }, three[32] = { 3 };

static pic_id add_user(pic__txn *t, const char *name, const char *role)
{
        return put_obj(t, obj(PIC__USER, "name", name, "role", role, "password", "AAAA", "password_salt", "x", NULL));
}

static pic__store *with_anna(pic_id *ret)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);

        add_cell(t, "10.7.0.0/16");
        *ret = add_user(t, "anna", "admin");
        commit(t);
        return st;
}

static pic_id add_session(pic__store *st, pic_id user, const char *role, const uint8_t hash[32], pic_id keep)
{
        pic__session_row row = { .user = user, .until = test_now + PIC__SESSION_LIFE };
        pic__txn *t = begin(st);
        pic_id id = 0;

        snprintf(row.role, sizeof(row.role), "%s", role);
        snprintf(row.address, sizeof(row.address), "192.0.2.1");
        pic__txn_keep_session(t, keep);
        needs(pic__txn_session_add(t, &row, hash, &id, &err));
        commit(t);
        return id;
}

static int there(pic__store *st, const uint8_t hash[32])
{
        pic__session_row row;
        int r = -1;

        needs(r = pic__store_session(st, hash, &row, &err));
        return r;
}

static void lifetime(void **state)
{
        pic__session_row row;
        pic_revision before;
        pic__store *st;
        pic_id anna;

        (void)state;
        st = with_anna(&anna);
        needs(pic__store_revision(st, &before, &err));
        add_session(st, anna, "admin", one, 0);
        assert_int_equal(there(st, one), 1);
        assert_int_equal(there(st, two), 0);
        needs(pic__store_session(st, one, &row, &err));
        assert_int_equal(row.user, anna);
        assert_string_equal(row.role, "admin");
        assert_string_equal(row.address, "192.0.2.1");
        assert_int_equal(row.seen, NOON);
        test_now += PIC__SESSION_IDLE - PIC__SECOND;
        assert_int_equal(there(st, one), 1);
        pic__store_session_seen(st, row.id);
        test_now += 2 * PIC__SECOND;
        assert_int_equal(there(st, one), 1);
        test_now += PIC__SESSION_IDLE;
        assert_int_equal(there(st, one), 0); /* idle */
        add_session(st, anna, "admin", two, 0);
        assert_int_equal(number(st, "SELECT count(*) FROM session"), 1); /* what is over goes */
        test_now = NOON + 30 * 3600 * PIC__SECOND;
        add_session(st, anna, "admin", three, 0);
        while (test_now < NOON + 30 * 3600 * PIC__SECOND + PIC__SESSION_LIFE) {
                needs(pic__store_session(st, three, &row, &err));
                pic__store_session_seen(st, row.id);
                test_now += PIC__SESSION_IDLE / 2;
        }
        assert_int_equal(there(st, three), 0); /* used all the time, and over all the same */
        needs(pic__store_revision(st, &row.id, &err));
        assert_int_equal(row.id, before);
        pic__store_unref(st);
}

/* A new password, role, or being turned off; not a note. */
static void follow(void **state)
{
        static const char *const fields[][2] = { { "password", "BBBB" }, { "role", "viewer" }, { "enabled", "no" } };
        pic__store *st;
        pic__txn *t;
        pic_id anna, mine;
        size_t i;

        (void)state;
        st = with_anna(&anna);
        t = begin(st);
        add_user(t, "ben", "admin");
        commit(t);
        for (i = 0; i < PIC__COUNT(fields); i++) {
                add_session(st, anna, "admin", one, 0);
                mine = add_session(st, anna, "admin", two, 0);
                t = begin(st);
                change(t, PIC__USER, "anna", "note", fields[i][0]);
                commit(t);
                assert_int_equal(there(st, one), 1);
                t = begin(st);
                pic__txn_keep_session(t, mine);
                change(t, PIC__USER, "anna", fields[i][0], fields[i][1]);
                commit(t);
                assert_int_equal(there(st, one), 0);
                assert_int_equal(there(st, two), 1);
                needs(pic__db_exec(st->db, "DELETE FROM session", &err));
        }
        add_session(st, anna, "admin", one, 0);
        t = begin(st);
        needs(pic__txn_remove(t, PIC__USER, "anna", &err));
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM session"), 0);
        pic__store_unref(st);
}

static int count(const pic__session_row *s, void *data)
{
        (void)s;
        ++*(int *)data;
        return 0;
}

static void lists(void **state)
{
        uint8_t hash[32] = { 9 };
        pic__store *st;
        pic__txn *t;
        pic_id anna, id = 0, user = -1;
        int n = 0, i, r = -1;

        (void)state;
        st = with_anna(&anna);
        for (i = 0; i < PIC__SESSIONS_MAX + 5; i++) {
                hash[1] = (uint8_t)i;
                id = add_session(st, anna, "admin", hash, 0);
        }
        needs(pic__store_sessions(st, anna, count, &n, &err));
        assert_int_equal(n, PIC__SESSIONS_MAX);
        needs(pic__store_sessions(st, anna + 1, count, &n, &err));
        assert_int_equal(n, PIC__SESSIONS_MAX);
        t = begin(st);
        needs(r = pic__txn_session_end(t, id, &user, &err));
        assert_int_equal(r, 1);
        assert_int_equal(user, anna);
        needs(r = pic__txn_session_end(t, id, &user, &err));
        assert_int_equal(r, 0);
        commit(t);
        pic__store_unref(st);
}

static void setup(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        int r = -1;

        (void)state;
        add_cell(t, "10.7.0.0/16");
        needs(pic__txn_setup_put(t, one, test_now + PIC__SECOND, &err));
        needs(pic__txn_setup_put(t, two, test_now + PIC__SECOND, &err));
        commit(t);
        add_session(st, 0, "setup", three, 0);
        needs(r = pic__store_has_admin(st, &err));
        assert_int_equal(r, 0);
        needs(r = pic__store_setup_is(st, one, &err));
        assert_int_equal(r, 0); /* there is one */
        needs(r = pic__store_setup_is(st, two, &err));
        assert_int_equal(r, 1);
        t = begin(st);
        add_user(t, "ben", "viewer");
        put_obj(t, obj(PIC__USER, "name", "carl", "role", "admin", NULL)); /* nobody can log in as he */
        commit(t);
        assert_int_equal(there(st, three), 1);
        t = begin(st);
        add_user(t, "anna", "admin");
        commit(t);
        assert_int_equal(there(st, three), 0);
        needs(r = pic__store_setup_is(st, two, &err));
        assert_int_equal(r, 0);
        needs(r = pic__store_has_admin(st, &err));
        assert_int_equal(r, 1);
        pic__store_unref(st);
}

static void once(void **state)
{
        pic__store *st;
        pic__txn *t;
        pic_id anna, phone, peer = 0;
        pic_time until = 0;
        int r = -1;

        (void)state;
        st = with_anna(&anna);
        t = begin(st);
        phone = put_obj(t, obj(PIC__PEER, "name", "phone", "address4", "10.7.0.2", "address6", "fd12:3456:789a::2",
                               "public_key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8=", NULL));
        needs(pic__txn_link_put(t, phone, one, test_now + PIC__SECOND, &err));
        needs(pic__txn_link_put(t, phone, two, test_now + PIC__SECOND, &err));
        needs(r = pic__txn_link_take(t, one, &peer, &until, &err));
        assert_int_equal(r, 0); /* a device has one link */
        needs(r = pic__txn_link_take(t, two, &peer, &until, &err));
        assert_int_equal(r, 1);
        assert_int_equal(peer, phone);
        assert_int_equal(until, test_now + PIC__SECOND);
        needs(r = pic__txn_link_take(t, two, &peer, &until, &err));
        assert_int_equal(r, 0);
        needs(pic__txn_link_put(t, phone, two, test_now, &err));
        needs(r = pic__txn_link_take(t, two, &peer, &until, &err));
        assert_int_equal(r, 0); /* too old */
        needs(r = pic__txn_step(t, anna, 100, &err));
        assert_int_equal(r, 1);
        needs(r = pic__txn_step(t, anna, 100, &err));
        assert_int_equal(r, 0);
        needs(r = pic__txn_step(t, anna, 99, &err));
        assert_int_equal(r, 0);
        needs(r = pic__txn_step(t, anna, 101, &err));
        assert_int_equal(r, 1);
        needs(pic__txn_device_put(t, three, anna, &err));
        commit(t);
        needs(r = pic__store_device_is(st, three, anna, &err));
        assert_int_equal(r, 1);
        needs(r = pic__store_device_is(st, three, anna + 1, &err));
        assert_int_equal(r, 0);
        test_now += PIC__DEVICE_LIFE;
        needs(r = pic__store_device_is(st, three, anna, &err));
        assert_int_equal(r, 0);
        pic__store_unref(st);
}

static void tokens(void **state)
{
        uint8_t secret[32], again[32];
        pic__store *st;
        pic_obj *o = NULL;
        pic__txn *t;
        pic_id anna;

        (void)state;
        st = with_anna(&anna);
        t = begin(st);
        put_obj(t, obj(PIC__TOKEN, "name", "graphs", "user", "anna", "scope", "metrics", "hash", "AAAA", NULL));
        commit(t);
        needs(pic__store_token(st, "AAAA", &o, &err));
        assert_string_equal(pic__obj_name(o), "graphs");
        pic__obj_unref(o);
        needs(pic__store_token(st, "AAAB", &o, &err));
        assert_null(o);
        needs(pic__store_nobody(st, secret, &err));
        pic__store_unref(st);
        st = open_store();
        needs(pic__store_nobody(st, again, &err));
        assert_memory_equal(secret, again, 32);
        pic__store_unref(st);
}

/* A store that was made before there were users gets their tables; who is logged in stays when a table is remade. */
static void older(void **state)
{
        pic__store *st;
        pic_id anna;

        (void)state;
        st = with_anna(&anna);
        needs(pic__db_exec(st->db,
                           "DROP TABLE session; DROP TABLE device; DROP TABLE setup; DROP TABLE link; DROP TABLE "
                           "totp_step; DELETE FROM meta WHERE key = 'nobody'; UPDATE meta SET value = 1 WHERE key = "
                           "'schema'",
                           &err));
        pic__store_unref(st);
        st = open_store();
        add_session(st, anna, "admin", one, 0);
        assert_int_equal(there(st, one), 1);
        needs(pic__db_exec(st->db, "DROP INDEX \"user.name\"; UPDATE meta SET value = 1 WHERE key = 'schema'", &err));
        needs(pic__db_exec(st->db, "PRAGMA foreign_keys=OFF; ALTER TABLE user DROP COLUMN note", &err));
        pic__store_unref(st);
        st = open_store();
        assert_int_equal(there(st, one), 1);
        needs(pic__store_check(st, &err));
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = { STORE_TEST(lifetime), STORE_TEST(follow), STORE_TEST(lists),
                                            STORE_TEST(setup),    STORE_TEST(once),   STORE_TEST(tokens),
                                            STORE_TEST(older) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
