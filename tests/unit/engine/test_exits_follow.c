/* What is known of exits becomes true of the world: real probes into namespaces, a fake world that keeps the steps. */
#include "fixture.h"

#include "exits_space.h"

#include "engine/exits_i.h"

#define S PIC__SECOND

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static cell c;

static void add(const char *name, const char *const *fields)
{
        pic__store *st = cell_store(&c);
        pic__txn *t = NULL;
        pic_obj *o = NULL;
        uint8_t seal_key[32];

        assert_int_equal(pic__store_seal_key(st, seal_key, NULL), 0);
        assert_int_equal(pic__txn_begin(st, "root", "cli", &t, NULL), 0);
        assert_int_equal(pic__obj_new(PIC__CONNECTION, &o, NULL), 0);
        assert_int_equal(pic__txn_new_id(t, PIC__CONNECTION, &o->id, NULL), 0);
        assert_int_equal(pic__obj_set(o, "name", name, 1, NULL), 0);
        if (strcmp(fields[1], "wireguard") == 0)
                assert_int_equal(pic__newkeys_connection(o, seal_key, NULL), 0);
        cell_put(t, o, fields);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__obj_unref(o);
        pic__store_unref(st);
}

static void add_all(void)
{
        static const char *const one[] = { "type",      "wireguard",         "slot",     "1",
                                           "endpoint",  "203.0.113.7:51820", "peer_key", KEY,
                                           "addresses", "10.5.0.2/32",       NULL };
        static const char *const two[] = { "type",      "wireguard",         "slot",     "2",
                                           "endpoint",  "203.0.113.8:51820", "peer_key", KEY,
                                           "addresses", "10.5.0.2/32",       NULL };
        static const char *const both[] = { "type", "group", "slot", "9", "members", "one,two", NULL };

        add("one", one);
        add("two", two);
        add("both", both);
}

/* Lets time go by; answers how long it took until `value` of an item was as wanted (NULL: gone), at most `most`. */
static pic_time until(pic__engine *e, enum pic__item_kind kind, const char *key, const char *want, pic_time most)
{
        pic_time from = c.now;
        char text[256];

        while (c.now < from + most) {
                pic_time due = pic__engine_exits_due(e);
                const char *value;
                int i;

                pic__engine_exits_turn(e);
                for (i = 0; i < 2; i++) {
                        exits_world_serve();
                        pic__engine_exits_turn(e);
                }
                value = cell_value(e, kind, key, text, sizeof(text));
                if ((value == NULL) == (want == NULL) && (want == NULL || strcmp(value, want) == 0))
                        break;
                due = pic__engine_exits_due(e);
                c.now = due > c.now && due < c.now + S / 2 ? due : c.now + S / 2;
        }
        return c.now - from;
}

static pic__engine *open_real(void)
{
        pic__engine *e = cell_open(&c);

        e->fake = 0; /* its backends stay so */
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        return e;
}

#define TABLE PIC__I_ROUTE_DEFAULT, "1009 4"
#define BY_ONE "dev=picx1 via=169.254.96.6"
#define BY_TWO "dev=picx2 via=169.254.96.10"

static int file_has(const char *part)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char path[128];

        snprintf(path, sizeof(path), "%s/run/exits.facts", c.dir);
        if (pic__file_read(path, 1 << 20, &text, NULL) < 0)
                return 0;
        return strstr(pic__buf_str(&text), part) != NULL;
}

static int journal_has(const char *verb)
{
        pic__store *st = cell_store(&c);
        pic__txn *t = NULL;
        unsigned all = 0, same = 0;

        assert_int_equal(pic__txn_begin(st, "agent", "agent", &t, NULL), 0);
        assert_int_equal(pic__txn_recent(t, verb, "", 3600 * S, &all, &same, NULL), 0);
        pic__txn_abort(t);
        pic__store_unref(st);
        return (int)all;
}

static void test_failover(void **state)
{
        pic__engine *e;
        char text[256];
        pic_time took;

        (void)state;
        exits_alive[1] = exits_alive[2] = 1;
        cell_make(&c);
        e = open_real();
        pic__engine_exits_turn(e);
        assert_true(pic__engine_exits_fd(e) == -1 && pic__engine_exits_due(e) == 0); /* nothing to watch */
        add_all();
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_true(until(e, TABLE, BY_ONE, S) == 0);
        assert_true(pic__engine_exits_fd(e) >= 0 && pic__engine_exits_due(e) > 0);
        (void)until(e, TABLE, BY_TWO, 20 * S);
        assert_string_equal(cell_value(e, TABLE, text, sizeof(text)), BY_ONE);
        exits_alive[1] = 0;
        took = until(e, TABLE, BY_TWO, 30 * S);
        assert_true(took <= 15 * S);
        assert_int_equal(e->dirty, 0);
        assert_string_equal(cell_value(e, PIC__I_NFT_OPEN, "0x00001011", text, sizeof(text)), "open");
        assert_null(cell_value(e, PIC__I_NFT_OPEN, "0x00001091", text, sizeof(text))); /* the group works */
        assert_settled(e);
        assert_true(file_has(" down - 203.0.113.7:51820\n") && file_has(" up 2 -\n"));
        assert_true(journal_has("exit-down") == 1 && journal_has("exit-moved") == 1);
        exits_alive[1] = 1;
        took = until(e, PIC__I_NFT_OPEN, "0x00001011", NULL, 30 * S);
        assert_true(took <= 5 * S);
        took = until(e, TABLE, BY_ONE, 30 * S);
        assert_true(took >= 4 * S && took <= 10 * S);
        assert_settled(e);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* A restarted agent starts from what the former one knew; who only asks hears it too. */
static void test_restart(void **state)
{
        pic__engine *e;
        char text[256];

        (void)state;
        exits_alive[1] = 0;
        exits_alive[2] = 1;
        cell_make(&c);
        add_all();
        e = open_real();
        (void)until(e, PIC__I_NFT_OPEN, "0x00001011", "open", 40 * S);
        pic__engine_unref(e);
        e = open_real();
        assert_string_equal(cell_value(e, TABLE, text, sizeof(text)), BY_TWO);
        assert_string_equal(cell_value(e, PIC__I_NFT_OPEN, "0x00001011", text, sizeof(text)), "open");
        (void)until(e, TABLE, BY_ONE, 10 * S);
        assert_string_equal(cell_value(e, TABLE, text, sizeof(text)), BY_TWO);
        assert_int_equal(pic__engine_teardown(e, 0, NULL), 0);
        assert_false(file_has("down"));
        assert_int_equal(pic__engine_exits_fd(e), -1);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* Connections go: nothing is watched, known or kept any more. */
static void test_removed(void **state)
{
        static const char *const names[] = { "both", "one", "two" };
        pic__store *st;
        pic__txn *t = NULL;
        pic__engine *e;
        size_t i;

        (void)state;
        exits_alive[1] = exits_alive[2] = 0;
        cell_make(&c);
        add_all();
        e = open_real();
        (void)until(e, PIC__I_NFT_OPEN, "0x00001091", "open", 60 * S);
        assert_true(file_has("down"));
        st = cell_store(&c);
        assert_int_equal(pic__txn_begin(st, "root", "cli", &t, NULL), 0);
        for (i = 0; i < PIC__COUNT(names); i++)
                assert_int_equal(pic__txn_remove(t, PIC__CONNECTION, names[i], NULL), 0);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__store_unref(st);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        pic__engine_exits_turn(e);
        assert_true(pic__engine_exits_fd(e) == -1 && pic__engine_exits_due(e) == 0 && !file_has("down"));
        assert_settled(e);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* What cannot be made true is known all the same, and is made so by the next look. */
static void test_refused(void **state)
{
        pic__engine *e;
        char text[256];
        int i;

        (void)state;
        exits_alive[1] = exits_alive[2] = 1;
        cell_make(&c);
        add_all();
        e = open_real();
        (void)until(e, TABLE, BY_TWO, 12 * S);
        exits_alive[1] = 0;
        pic__fake_fail_at(e->backends[PIC__B_ROUTE], 1);
        for (i = 0; i < 60 && pic__engine_failure(e) == NULL; i++)
                (void)until(e, TABLE, BY_TWO, S / 2);
        assert_true(pic__engine_failure(e) != NULL && e->dirty);
        assert_string_equal(cell_value(e, TABLE, text, sizeof(text)), BY_ONE);
        assert_int_equal(pic__engine_repair(e, NULL, NULL), 0);
        assert_string_equal(cell_value(e, TABLE, text, sizeof(text)), BY_TWO);
        assert_settled(e);
        e->dirty = 1; /* a world that nobody trusts is looked at as a whole */
        exits_alive[1] = 1;
        exits_alive[2] = 0;
        (void)until(e, TABLE, BY_ONE, 40 * S);
        assert_string_equal(cell_value(e, TABLE, text, sizeof(text)), BY_ONE);
        assert_settled(e);
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_exit_restart(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__engine *e;

        (void)state;
        exits_alive[1] = exits_alive[2] = 1;
        cell_make(&c);
        add_all();
        e = open_real();
        (void)until(e, TABLE, BY_TWO, 5 * S);
        assert_int_equal(e->exits->at[1]->health.state, PIC__HEALTH_UP);
        assert_int_equal(pic__engine_exit_restart(e, "ONE", NULL), 0);
        assert_int_equal(e->exits->at[1]->health.state, PIC__HEALTH_STARTING); /* it was made anew */
        assert_settled(e);
        assert_int_equal(pic__engine_exit_restart(e, "none", &err), PIC_NOTFOUND);
        pic_error_free(pic__take(err));
        assert_int_equal(pic__engine_exit_restart(e, "both", &err), PIC_BADSTATE);
        pic_error_free(pic__take(err));
        pic__fake_fail_at(e->backends[PIC__B_EXIT], 2);
        assert_true(pic__engine_exit_restart(e, "one", &err) < 0);
        assert_int_equal(e->dirty, 1);
        assert_int_equal(pic__engine_exit_restart(e, "one", NULL), 0); /* looks at everything before */
        assert_settled(e);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* The answer comes when all is heard; meanwhile nothing waits. */
static void test_try(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        pic__json j = PIC__JSON(&text);
        pic__engine *e;
        int r = 0, i;

        (void)state;
        exits_alive[1] = exits_alive[2] = 1;
        exits_sees[1] = "203.0.113.1";
        cell_make(&c);
        add_all();
        cell_add_peer(&c, "anna", (const char *const[]){ "exit", "both", NULL });
        cell_add_peer(&c, "ben", NULL);
        e = open_real();
        (void)until(e, TABLE, BY_TWO, 5 * S);
        assert_int_equal(pic__engine_exit_try(e, "none", NULL, &j, &err), PIC_NOTFOUND);
        pic_error_free(pic__take(err));
        assert_int_equal(pic__engine_exit_try(e, "one", "none", &j, &err), PIC_NOTFOUND);
        pic_error_free(pic__take(err));
        assert_int_equal(pic__engine_exit_try(e, "one", "ben", &j, &err), PIC_BADSTATE);
        pic_error_free(pic__take(err));
        for (i = 0; i < 2000 && r == 0; i++) {
                pic_time due;

                pic__buf_clear(&text);
                j = (pic__json)PIC__JSON(&text);
                r = pic__engine_exit_try(e, "one", "anna", &j, NULL);
                if (i == 0) { /* another one waits for its turn */
                        pic__buf other = PIC__BUF_INIT;
                        pic__json k = PIC__JSON(&other);

                        assert_int_equal(pic__engine_exit_try(e, "two", NULL, &k, NULL), 0);
                        pic__buf_free(&other);
                }
                exits_world_serve();
                pic__engine_exits_turn(e);
                due = pic__engine_exits_due(e);
                c.now = i < 5 ? c.now + 1000 : due > c.now ? due : c.now + 1000;
        }
        assert_int_equal(r, 1);
        assert_non_null(strstr(pic__buf_str(&text), "\"active\":null,\"error\":null,\"checks\":[{\"what\":\"address4\","
                                                    "\"good\":true,\"value\":\"203.0.113.1\""));
        assert_non_null(strstr(pic__buf_str(&text),
                               "{\"name\":\"one\",\"peer\":\"anna\",\"up\":true,\"state\":\"up\",\"since\":\""));
        assert_string_equal(e->exits->at[1]->address[0], "203.0.113.1");
        assert_int_equal(pic__engine_exit_try(e, "one", NULL, &j, NULL), 0); /* nobody comes for the answer */
        for (i = 0; i < 200 && e->exits->trial != NULL; i++) {
                pic__engine_exits_turn(e);
                c.now += S / 2;
        }
        assert_null(e->exits->trial);
        e->fake = 1;
        assert_int_equal(pic__engine_exit_try(e, "one", NULL, &j, NULL), PIC_UNSUPPORTED);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* What is down is told as down, and not waited for as long; what is off or there to block is not asked at all. */
static void test_try_down(void **state)
{
        static const char *const block[] = { "type", "block", "slot", "5", NULL };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        pic__json j = PIC__JSON(&text);
        pic__engine *e;
        pic_time from;
        int r = 0, i;

        (void)state;
        exits_alive[1] = exits_alive[2] = 0;
        cell_make(&c);
        add_all();
        add("stop", block);
        cell_set(&c, PIC__CONNECTION, "two", (const char *const[]){ "enabled", "no", NULL });
        e = open_real();
        (void)until(e, PIC__I_NFT_OPEN, "0x00001011", "open", 40 * S);
        assert_int_equal(pic__engine_exit_try(e, "two", NULL, &j, &err), PIC_BADSTATE);
        assert_string_equal(pic_error_message(err), "two is off: nothing leaves by it");
        assert_non_null(strstr(pic_error_hint(err), "pic connection enable two"));
        pic_error_free(pic__take(err));
        assert_int_equal(pic__engine_exit_try(e, "stop", NULL, &j, &err), PIC_BADSTATE);
        assert_non_null(strstr(pic_error_message(err), "there to block"));
        from = c.now;
        for (i = 0; i < 2000 && r == 0; i++) {
                pic_time due = pic__engine_exits_due(e);

                pic__buf_clear(&text);
                j = (pic__json)PIC__JSON(&text);
                r = pic__engine_exit_try(e, "one", NULL, &j, NULL);
                pic__engine_exits_turn(e);
                c.now = due > c.now ? due : c.now + 1000;
        }
        assert_int_equal(r, 1);
        assert_true(c.now - from <= 2 * S);
        assert_non_null(strstr(pic__buf_str(&text), "\"up\":false,\"state\":\"down\",\"since\":\""));
        assert_non_null(strstr(pic__buf_str(&text), "\"error\":{\"message\":\"no answer for "));
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_failover), cmocka_unit_test(test_restart),      cmocka_unit_test(test_removed),
                cmocka_unit_test(test_refused),  cmocka_unit_test(test_exit_restart), cmocka_unit_test(test_try),
                cmocka_unit_test(test_try_down),
        };

        if (exits_world_make() < 0) {
                printf("SKIP: needs root and the right to make network namespaces\n");
                return 77;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
