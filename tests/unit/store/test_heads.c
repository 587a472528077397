/* Shows: heads are kept with the edge beside them; old ones are thinned, the newest never. */
#include "help.h"
#include "sys/crypto.h"

static uint8_t key[32], secret[64];

static void sign(pic__store *st, const pic__tree *tree)
{
        pic__auto_buf pic__buf note = PIC__BUF_INIT;
        pic__head head = { .size = tree->size };

        pic__tree_root(tree, head.root);
        pic__origin(key, head.origin);
        pic__note_sign(&head, secret, &note);
        needs(pic__store_head_put(st, tree, pic__buf_str(&note), &err));
}

static int set_up(void **state)
{
        static const uint8_t seed[32] = { 7 };

        (void)state;
        assert_int_equal(pic__crypto_start(NULL), 0);
        pic__sign_pair(seed, key, secret);
        return new_dir(state);
}

static void round_trip(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        uint64_t size = 0;
        char *note = NULL;
        pic__tree tree, kept;
        uint8_t root[32], again[32];
        pic__head head;

        (void)state;
        assert_int_equal(pic__store_head_last(st, &size, &note, NULL), 0);
        needs(pic__store_signed(st, &kept, &err));
        assert_int_equal(kept.size, 0);
        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__GROUP, "name", "kids", NULL));
        commit(t);
        needs(pic__tree_load(st->db, &tree, &err));
        sign(st, &tree);
        sign(st, &tree); /* a head of that size is there: it stays */
        assert_int_equal(pic__store_head_last(st, &size, &note, NULL), 1);
        assert_int_equal(size, 2);
        assert_int_equal(pic__note_open(note, strlen(note), key, &head, NULL), 0);
        needs(pic__store_root(st, &size, root, &err));
        assert_memory_equal(root, head.root, 32);
        needs(pic__store_signed(st, &kept, &err));
        pic__tree_root(&kept, again);
        assert_int_equal(kept.size, 2);
        assert_memory_equal(root, again, 32);
        assert_int_equal(number(st, "SELECT time FROM head"), NOON); /* that of its last row */
        assert_int_equal(number(st, "SELECT count(*) FROM head"), 1);
        pic__free(note);
        pic__store_unref(st);
}

static int take_head(uint64_t size, pic_time time, const char *note, void *data)
{
        uint64_t *sizes = data;

        assert_true(time >= 0 && note[0] != '\0');
        assert_true(size > sizes[0]);
        sizes[0] = size;
        sizes[1]++;
        return 0;
}

static void thinned(void **state)
{
        pic__store *st = new_store();
        pic__tree tree = { .size = 0 };
        uint64_t sizes[2] = { 0, 0 };
        uint8_t leaf[32] = { 0 };
        int64_t i;

        (void)state;
        needs(pic__db_exec(st->db, "PRAGMA synchronous=OFF", &err));
        for (i = 1; i <= 1500; i++) {
                pic__tree_append(&tree, leaf);
                sign(st, &tree);
        }
        needs(pic__store_heads(st, take_head, sizes, &err));
        assert_int_equal(sizes[0], 1500);
        assert_int_equal(sizes[1], PIC__HEADS_RECENT + 5);
        assert_int_equal(number(st, "SELECT count(*) FROM head WHERE size > 500"), 1000);
        assert_int_equal(number(st, "SELECT count(*) FROM head WHERE size IN (100, 200, 300, 400, 500)"), 5);
        pic__store_unref(st);
}

static void add_rows(pic__store *st, int from, int count)
{
        int i;

        for (i = from; i < from + count; i++) {
                pic__txn *t = begin(st);
                char name[16];

                snprintf(name, sizeof(name), "g%d", i);
                put_obj(t, obj(PIC__GROUP, "name", name, NULL));
                commit(t);
        }
}

/* The hashes as stored give the tree as stored, from any row on; and a journal that does not continue is found. */
static void grown(void **state)
{
        pic__store *st = new_store();
        pic__tree tree = { .size = 0 }, part = { .size = 0 };
        uint8_t root[32], again[32];
        uint64_t size;

        (void)state;
        needs(pic__store_grow(st, &tree, 0, &err));
        assert_int_equal(tree.size, 0);
        add_rows(st, 0, 3);
        needs(pic__store_grow(st, &tree, 0, &err));
        assert_int_equal(tree.size, 3);
        add_rows(st, 3, 2);
        needs(pic__store_grow(st, &part, 4, &err));
        assert_int_equal(part.size, 4);
        part = tree;
        needs(pic__store_grow(st, &tree, 0, &err));
        assert_int_equal(tree.size, 5);
        needs(pic__store_root(st, &size, root, &err));
        pic__tree_root(&tree, again);
        assert_memory_equal(root, again, 32);
        refused(PIC_CORRUPT, pic__store_grow(st, &tree, 6, &err), NULL);
        tree = part;
        tree.edge[0][0] ^= 1; /* what was signed was otherwise */
        refused(PIC_CORRUPT, pic__store_grow(st, &tree, 0, &err), NULL);
        needs(pic__db_exec(st->db, "UPDATE journal SET leaf = x'00' WHERE seq = 4", &err));
        tree = part;
        refused(PIC_CORRUPT, pic__store_grow(st, &tree, 0, &err), NULL);
        needs(pic__db_exec(st->db, "DELETE FROM journal WHERE seq = 4", &err));
        tree = part;
        refused(PIC_CORRUPT, pic__store_grow(st, &tree, 0, &err), NULL);
        pic__store_unref(st);
}

static void proved(void **state)
{
        uint8_t path[PIC__TREE_LEVELS][32], root[32];
        pic__store *st = new_store();
        sqlite3_stmt *s = NULL;
        uint64_t size, index;
        size_t count = 0;

        (void)state;
        add_rows(st, 0, 13);
        needs(pic__store_root(st, &size, root, &err));
        assert_int_equal(sqlite3_prepare_v2(st->db->handle, "SELECT leaf FROM journal ORDER BY seq", -1, &s, NULL), 0);
        for (index = 0; sqlite3_step(s) == SQLITE_ROW; index++) {
                needs(pic__store_inclusion(st, index, size, path, &count, &err));
                assert_true(pic__tree_included(sqlite3_column_blob(s, 0), index, size, path, count, root));
        }
        assert_int_equal(index, 13);
        sqlite3_finalize(s);
        refused(PIC_CORRUPT, pic__store_inclusion(st, 0, 14, path, &count, &err), NULL);
        needs(pic__db_exec(st->db, "DELETE FROM journal WHERE seq = 4", &err));
        refused(PIC_CORRUPT, pic__store_inclusion(st, 0, 13, path, &count, &err), NULL);
        pic__store_unref(st);
}

#define HEAD_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, drop_dir)

int main(void)
{
        const struct CMUnitTest tests[] = { HEAD_TEST(round_trip), HEAD_TEST(thinned), HEAD_TEST(grown),
                                            HEAD_TEST(proved) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
