/* Shows: whatever is done to the journal by another hand, the first row that is wrong is named. */
#include "audit/note.h"
#include "help.h"
#include "sys/crypto.h"

static uint8_t key[32], secret[64];

static void sign(pic__store *st)
{
        pic__auto_buf pic__buf note = PIC__BUF_INIT;
        pic__head head = { .size = 0 };

        needs(pic__store_root(st, &head.size, head.root, &err));
        pic__origin(key, head.origin);
        pic__note_sign(&head, secret, &note);
        needs(pic__store_head_put(st, head.size, pic__buf_str(&note), &err));
}

/* Twelve rows; heads at 4, 8 and 12. */
static pic__store *make(void)
{
        static const uint8_t seed[32] = { 7 };
        pic__store *st = new_store();
        unsigned i;

        needs(pic__crypto_start(&err));
        pic__sign_pair(seed, key, secret);
        for (i = 0; i < 12; i++) {
                pic__txn *t = begin(st);
                char name[8];

                snprintf(name, sizeof(name), "g%u", i);
                if (i == 0)
                        add_cell(t, "10.1.0.0/16");
                else
                        put_obj(t, obj(PIC__GROUP, "name", name, NULL));
                commit(t);
                if (i % 4 == 3)
                        sign(st);
        }
        return st;
}

static int64_t bad_after(const char *sql)
{
        pic__store *st = make();
        pic__trail trail;

        needs(pic__store_trail(st, key, &trail, &err));
        assert_int_equal(trail.bad, 0);
        assert_int_equal(trail.size, 12);
        assert_int_equal(trail.heads, 3);
        assert_int_equal(trail.signed_size, 12);
        needs(pic__db_exec(st->db, sql, &err));
        needs(pic__store_trail(st, key, &trail, &err));
        assert_true(trail.bad == 0 || trail.what[0] != '\0');
        pic__store_unref(st);
        assert_int_equal(drop_dir(NULL), 0);
        assert_int_equal(new_dir(NULL), 0);
        return trail.bad;
}

static void tampered(void **state)
{
        (void)state;
        assert_int_equal(bad_after("SELECT 1"), 0);
        assert_int_equal(bad_after("UPDATE journal SET actor = 'nobody' WHERE seq = 6"), 6);
        assert_int_equal(bad_after("UPDATE journal SET after = '{}' WHERE seq = 1"), 1);
        assert_int_equal(bad_after("UPDATE journal SET leaf = randomblob(32) WHERE seq = 9"), 9);
        assert_int_equal(bad_after("UPDATE journal SET leaf = x'00' WHERE seq = 9"), 9);
        assert_int_equal(bad_after("UPDATE journal SET time = time + 1 WHERE seq = 12"), 12);
        assert_int_equal(bad_after("DELETE FROM journal WHERE seq = 5"), 5);
        assert_int_equal(bad_after("DELETE FROM journal WHERE seq > 10"), 11);
        assert_int_equal(bad_after("DELETE FROM journal"), 1);
        /* two rows change places, each with its hash: seen by number, and so by hash */
        assert_int_equal(
                bad_after("UPDATE journal SET seq = 99 WHERE seq = 2; UPDATE journal SET seq = 2 WHERE seq = 3;"
                          "UPDATE journal SET seq = 3 WHERE seq = 99"),
                2);
        /* the end cut off, and the heads and the edge with it: nothing inside can tell, a head kept outside can */
        assert_int_equal(bad_after("DELETE FROM head WHERE size = 12; DELETE FROM journal WHERE seq > 11"), 12);
        assert_int_equal(bad_after("UPDATE meta SET value = x'0000' WHERE key = 'tree'"), 13);
        assert_int_equal(bad_after("UPDATE head SET note = replace(note, 'a', 'b') WHERE size = 8"), 8);
        assert_int_equal(bad_after("DELETE FROM head; DELETE FROM meta WHERE key = 'tree'"), 1);
}

/* A row that is made again with a hash that fits: the signed heads tell between which it is. */
static void forged(void **state)
{
        pic__store *st = make();
        pic__tree tree = { .size = 0 };
        pic__trail trail;
        sqlite3_stmt *s = NULL;
        uint8_t leaf[32];

        (void)state;
        needs(pic__db_exec(st->db,
                           "CREATE TABLE copy AS SELECT * FROM journal; DELETE FROM journal;"
                           "UPDATE copy SET actor = 'nobody' WHERE seq = 6",
                           &err));
        assert_int_equal(
                sqlite3_prepare_v2(st->db->handle,
                                   "SELECT seq, revision, time, actor, way, kind, id, name, verb, before, after,"
                                   " text FROM copy ORDER BY seq",
                                   -1, &s, NULL),
                SQLITE_OK);
        while (sqlite3_step(s) == SQLITE_ROW) {
                pic__journal_row row = { .revision = sqlite3_column_int64(s, 1),
                                         .time = sqlite3_column_int64(s, 2),
                                         .actor = pic__col_text(s, 3),
                                         .way = pic__col_text(s, 4),
                                         .kind = pic__col_text(s, 5),
                                         .id = sqlite3_column_int64(s, 6),
                                         .name = pic__col_text(s, 7),
                                         .verb = pic__col_text(s, 8),
                                         .before = pic__col_text(s, 9),
                                         .after = pic__col_text(s, 10),
                                         .text = pic__col_text(s, 11) };

                needs(pic__journal_add(st->db, &tree, &row, &err));
        }
        sqlite3_finalize(s);
        needs(pic__tree_save(st->db, &tree, &err));
        needs(pic__store_trail(st, NULL, &trail, &err));
        assert_int_equal(trail.bad, 0); /* all fits, when nobody looks at what was signed */
        needs(pic__store_trail(st, key, &trail, &err));
        assert_int_equal(trail.bad, 5);
        assert_non_null(strstr(trail.what, "rows 5 to 8"));
        (void)leaf;
        pic__store_unref(st);
}

static void heads(void **state)
{
        pic__store *st = make();
        uint64_t size = 0;
        char *note = NULL;
        uint8_t root[32];
        pic__head head;

        (void)state;
        assert_int_equal(pic__store_head_last(st, &size, &note, NULL), 1);
        assert_int_equal(size, 12);
        assert_int_equal(pic__note_open(note, strlen(note), key, &head, NULL), 0);
        needs(pic__store_root(st, &size, root, &err));
        assert_memory_equal(root, head.root, 32);
        pic__free(note);
        needs(pic__db_exec(st->db, "DELETE FROM head", &err));
        assert_int_equal(pic__store_head_last(st, &size, &note, NULL), 0);
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = { STORE_TEST(tampered), STORE_TEST(forged), STORE_TEST(heads) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
