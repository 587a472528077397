/* Shows: the agent signs what grew out of what it signed before, and nothing else, across restarts too; a cell without
 * an identity gets one; an idle one writes nothing. */
#include "fixture.h"

#include "audit/note.h"
#include "engine/heads.h"
#include "model/key.h"
#include "store/inner.h"

static cell c;
static pic__engine *e;

static int set_up(void **state)
{
        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        e = cell_open(&c);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        pic__engine_unref(e);
        cell_drop(&c);
        return 0;
}

static void reopen(void)
{
        pic__engine_unref(e);
        e = cell_open(&c);
}

static void sql(const char *text)
{
        pic_error *err = NULL;

        if (pic__db_exec(e->store->db, text, &err) < 0)
                fail_msg("%s: %s", text, pic_error_message(err));
}

static void key_of(uint8_t key[32])
{
        pic_obj *cell_now = NULL;

        assert_int_equal(pic__store_get(e->store, PIC__CELL, NULL, &cell_now, NULL), 0);
        assert_int_equal(pic__key_decode(pic__obj_text(cell_now, "identity_key"), key), 0);
        pic__obj_unref(cell_now);
}

/* All that is there fits together, so many rows are signed. */
static void assert_signed(uint64_t rows, uint64_t heads)
{
        pic__trail trail;
        uint8_t key[32];

        key_of(key);
        assert_int_equal(pic__store_trail(e->store, key, NULL, &trail, NULL), 0);
        assert_string_equal(trail.what, "");
        assert_int_equal(trail.bad, 0);
        assert_int_equal(trail.signed_size, rows);
        assert_int_equal(trail.heads, heads);
}

static int64_t number_of_heads(void)
{
        int64_t n = -1;

        assert_int_equal(pic__db_number(e->store->db, "SELECT count(*) FROM head", &n, NULL), 0);
        return n;
}

/* It is refused with this word, and status says so until it is well. */
static void assert_refused(const char *word)
{
        pic_error *err = NULL;

        assert_int_equal(pic__engine_sign(e, &err), PIC_CORRUPT);
        if (strstr(pic_error_message(err), word) == NULL &&
            (pic_error_cause(err) == NULL || strstr(pic_error_message(pic_error_cause(err)), word) == NULL))
                fail_msg("no '%s' in %s", word, pic_error_message(err));
        assert_non_null(pic_error_hint(err));
        assert_non_null(pic__engine_unsigned(e));
        pic_error_free(err);
}

static void test_signs(void **state)
{
        char path[128];
        struct stat before, after;

        (void)state;
        assert_int_equal(pic__engine_sign(e, NULL), 1);
        assert_signed(2, 1);
        assert_int_equal(pic__engine_sign(e, NULL), 0);
        snprintf(path, sizeof(path), "%s/cell.db-wal", c.dir);
        assert_int_equal(stat(path, &before), 0);
        assert_int_equal(pic__engine_sign(e, NULL), 0); /* nothing new: nothing written */
        assert_int_equal(stat(path, &after), 0);
        assert_int_equal(before.st_size, after.st_size);
        assert_true(before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
        cell_add_peer(&c, "bert", NULL);
        assert_int_equal(pic__engine_rows(e), 3);
        assert_int_equal(pic__engine_sign(e, NULL), 1);
        assert_signed(3, 2);
        reopen(); /* the edge is beside the head */
        cell_add_peer(&c, "carl", NULL);
        assert_int_equal(pic__engine_sign(e, NULL), 1);
        assert_signed(4, 3);
        assert_null(pic__engine_unsigned(e));
        sql("DELETE FROM meta WHERE key = 'signed'"); /* then the rows say it */
        reopen();
        cell_add_peer(&c, "dora", NULL);
        assert_int_equal(pic__engine_sign(e, NULL), 1);
        assert_signed(5, 4);
}

static void test_verb(void **state)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        pic__json out = PIC__JSON(&answer);

        (void)state;
        assert_int_equal(pic__engine_head(e, &out, NULL), 0);
        assert_non_null(strstr(pic__buf_str(&answer), "{\"size\":2,\"rows\":2,\"note\":\"pic/"));
        assert_non_null(strstr(pic__buf_str(&answer), "\"key\":\"pic/"));
        pic__buf_clear(&answer);
        out.comma = 0;
        assert_int_equal(pic__engine_head(e, &out, NULL), 0);
        assert_non_null(strstr(pic__buf_str(&answer), "{\"size\":2,"));
        assert_signed(2, 1);
}

/* A cell from before there were identities: it gets one, and that is in the journal. */
static void test_identity(void **state)
{
        uint8_t key[32];
        pic_obj *o = NULL;

        (void)state;
        sql("UPDATE cell SET identity_key = NULL, identity_secret = NULL");
        assert_int_equal(pic__engine_sign(e, NULL), 1);
        assert_signed(3, 1);
        key_of(key);
        assert_int_equal(pic__store_get(e->store, PIC__CELL, NULL, &o, NULL), 0);
        assert_true(pic__obj_has(o, "identity_secret"));
        pic__obj_unref(o);
        reopen();
        cell_add_peer(&c, "bert", NULL);
        assert_int_equal(pic__engine_sign(e, NULL), 1);
        assert_signed(4, 2); /* by the same key */
}

/* An end that was cut off, and other rows put in its place, in a file that fits together by itself. */
static void rewrite(void)
{
        pic__store *st = e->store;
        pic__tree tree = { .size = 0 };
        pic__journal_row row = {
                .actor = "root", .way = "cli", .kind = "peer", .name = "eve", .verb = "add", .text = "x"
        };

        sql("DELETE FROM journal");
        while (tree.size < 6)
                assert_int_equal(pic__journal_add(st->db, &tree, &row, NULL), 0);
        assert_int_equal(pic__tree_save(st->db, &tree, NULL), 0);
}

static void test_rewritten_while_it_runs(void **state)
{
        (void)state;
        assert_int_equal(pic__engine_sign(e, NULL), 1);
        rewrite();
        assert_refused("continue");
        assert_int_equal(number_of_heads(), 1);
}

static void test_rewritten_before_a_start(void **state)
{
        (void)state;
        assert_int_equal(pic__engine_sign(e, NULL), 1);
        rewrite();
        reopen();
        assert_refused("continue");
        sql("DELETE FROM meta WHERE key = 'signed'");
        reopen();
        assert_refused("not those signed");
        sql("UPDATE head SET note = replace(note, '2', '3')");
        reopen();
        assert_refused("changed");
        sql("UPDATE head SET size = 5");
        reopen();
        assert_refused("changed");
}

static void test_shorter(void **state)
{
        pic__tree tree = { .size = 0 };

        (void)state;
        assert_int_equal(pic__engine_sign(e, NULL), 1);
        assert_int_equal(pic__store_grow(e->store, &tree, 1, NULL), 0);
        sql("DELETE FROM journal WHERE seq = 2");
        assert_int_equal(pic__tree_save(e->store->db, &tree, NULL), 0);
        assert_refused("continue");
        reopen();
        assert_refused("continue");
}

/* Somebody seals an identity of his own: that is easy, the sealing key is public. */
static void test_another_identity(void **state)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *other = NULL;
        pic_obj *o = NULL;
        pic__txn *t = NULL;

        (void)state;
        assert_int_equal(pic__engine_sign(e, NULL), 1);
        assert_int_equal(pic__txn_begin(e->store, "eve", "cli", &t, NULL), 0);
        assert_int_equal(pic__txn_get(t, PIC__CELL, NULL, &o, NULL), 0);
        assert_int_equal(pic__obj_edit(o, &other, NULL), 0);
        assert_int_equal(pic__newkeys_identity(other, e->seals.public_key, NULL), 0);
        assert_int_equal(pic__txn_put(t, other, NULL, NULL, NULL), 0);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__obj_unref(o);
        assert_refused("identity");
        reopen();
        assert_refused("changed"); /* the head is not by this key */
        sql("UPDATE cell SET identity_key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA='");
        reopen();
        assert_refused("identity_secret");
}

/* What is told is told once to the log, each time to the caller, and is over when it is well again. */
static unsigned logged;

static void on_log(int level, const char *area, const char *message, void *data)
{
        (void)data;
        (void)message;
        logged += level == PIC_LOG_ERROR && strcmp(area, "audit") == 0;
}

/* status and doctor have the word. */
static int is_shown(const char *word)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);

        assert_int_equal(pic__engine_status(e, 0, &j, NULL), 0);
        assert_int_equal(pic__engine_doctor(e, &j, NULL), 0);
        return strstr(pic__buf_str(&text), word) != NULL;
}

static void test_told(void **state)
{
        const pic__log log = { on_log, NULL, PIC_LOG_INFO };

        (void)state;
        pic__engine_unref(e);
        e = cell_open_log(&c, &log);
        assert_int_equal(pic__engine_sign(e, NULL), 1);
        cell_add_peer(&c, "bert", NULL);
        sql("UPDATE journal SET leaf = x'00' WHERE seq = 3");
        logged = 0;
        assert_refused("damaged");
        assert_refused("damaged");
        assert_int_equal(logged, 1);
        assert_true(is_shown("\"rows\":3,\"signed\":2,\"error\":{\"code\":\"CORRUPT\""));
        assert_true(is_shown("\"area\":\"audit\""));
        sql("DELETE FROM journal WHERE seq = 3");
        assert_int_equal(pic__tree_save(e->store->db, &e->signed_tree, NULL), 0);
        assert_int_equal(pic__engine_sign(e, NULL), 0);
        cell_add_peer(&c, "carl", NULL);
        assert_int_equal(pic__engine_sign(e, NULL), 1);
        assert_null(pic__engine_unsigned(e));
        assert_true(is_shown("\"rows\":3,\"signed\":3,\"error\":null"));
        assert_false(is_shown("\"area\":\"audit\""));
}

static void test_no_memory(void **state)
{
        unsigned long n;
        int r = PIC_NOMEM;

        (void)state;
        for (n = 1; n < 300 && r < 0; n++) {
                pic__mem_fail_at(n);
                r = pic__engine_sign(e, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 1 || r == PIC_NOMEM);
        }
        assert_int_equal(r, 1);
        assert_signed(2, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = { TEST(test_signs),    TEST(test_verb),
                                            TEST(test_identity), TEST(test_rewritten_while_it_runs),
                                            TEST(test_shorter),  TEST(test_another_identity),
                                            TEST(test_told),     TEST(test_rewritten_before_a_start),
                                            TEST(test_no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
