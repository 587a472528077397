/* Shows: whatever is done to the journal by another hand, the first row that is wrong is named: each byte of each
 * column of each row, of the heads and of what is kept beside them, rows that go, come, change places; and bytes of the
 * file. */
#include <fcntl.h>
#include <time.h>

#include "audit/note.h"
#include "help.h"
#include "sys/crypto.h"

static uint8_t key[32], secret[64];

static void sign(pic__store *st)
{
        pic__auto_buf pic__buf note = PIC__BUF_INIT;
        pic__head head = { .size = 0 };
        pic__tree tree;

        needs(pic__tree_load(st->db, &tree, &err));
        head.size = tree.size;
        pic__tree_root(&tree, head.root);
        pic__origin(key, head.origin);
        pic__note_sign(&head, secret, &note);
        needs(pic__store_head_put(st, &tree, pic__buf_str(&note), &err));
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

        needs(pic__store_trail(st, key, NULL, &trail, &err));
        assert_int_equal(trail.bad, 0);
        assert_int_equal(trail.size, 12);
        assert_int_equal(trail.heads, 3);
        assert_int_equal(trail.signed_size, 12);
        needs(pic__db_exec(st->db, sql, &err));
        needs(pic__store_trail(st, key, NULL, &trail, &err));
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
        /* the newest head goes: what is kept beside it tells */
        assert_int_equal(bad_after("DELETE FROM head WHERE size = 12"), 9);
        assert_int_equal(bad_after("DELETE FROM meta WHERE key = 'signed'"), 12);
        /* what a careless reader takes for the same */
        assert_int_equal(bad_after("UPDATE journal SET actor = actor || char(0) || 'x' WHERE seq = 3"), 3);
        assert_int_equal(bad_after("UPDATE journal SET before = 'null' WHERE before IS NULL AND seq = 4"), 4);
        assert_int_equal(bad_after("UPDATE journal SET text = CAST(x'ff' AS TEXT) WHERE seq = 5"), 5);
        assert_int_equal(bad_after("INSERT INTO journal SELECT -3, revision, time, actor, way, kind, id, name, verb,"
                                   " before, after, text, leaf FROM journal WHERE seq = 1"),
                         1);
        assert_int_equal(bad_after("INSERT INTO journal SELECT 0, revision, time, actor, way, kind, id, name, verb,"
                                   " before, after, text, leaf FROM journal WHERE seq = 1"),
                         1);
        assert_int_equal(bad_after("INSERT INTO journal SELECT 13, revision, time, actor, way, kind, id, name, verb,"
                                   " before, after, text, leaf FROM journal WHERE seq = 12"),
                         13);
        assert_int_equal(bad_after("INSERT INTO head SELECT -4, time, note FROM head WHERE size = 4"), 1);
}

/* --- each byte ----------------------------------------------------------------------------------------------- */

/* Runs `fn` with the change made, and takes it back. Answers what is named, or -1 when sqlite refused the change. */
static int64_t named_after(pic__store *st, sqlite3_stmt *change)
{
        pic__trail trail;
        int rc;

        needs(pic__db_exec(st->db, "BEGIN", &err));
        rc = sqlite3_step(change);
        sqlite3_reset(change);
        trail.bad = -1;
        if (rc == SQLITE_DONE)
                needs(pic__store_trail(st, key, NULL, &trail, &err));
        needs(pic__db_exec(st->db, "ROLLBACK", &err));
        return trail.bad;
}

static sqlite3_stmt *prepare(pic__store *st, const char *sql)
{
        sqlite3_stmt *s = NULL;

        if (sqlite3_prepare_v2(st->db->handle, sql, -1, &s, NULL) != SQLITE_OK)
                fail_msg("%s: %s", sql, sqlite3_errmsg(st->db->handle));
        return s;
}

/* Each bit of a number, three bits of each byte of anything else, of one column of one row; that row is named: by
 * `want`, or by no more than that. Answers how many changes there were. */
static unsigned each_bit(pic__store *st, const char *table, const char *id, int64_t row, const char *column,
                         int64_t want)
{
        char from[96], to[96];
        sqlite3_stmt *read, *write;
        unsigned count = 0;
        uint8_t bytes[1024];
        int64_t number;
        int type, len, i, bit;

        snprintf(from, sizeof(from), "SELECT \"%s\" FROM %s WHERE %s = ?1", column, table, id);
        snprintf(to, sizeof(to), "UPDATE %s SET \"%s\" = ?2 WHERE %s = ?1", table, column, id);
        read = prepare(st, from);
        write = prepare(st, to);
        sqlite3_bind_int64(read, 1, row);
        assert_int_equal(sqlite3_step(read), SQLITE_ROW);
        type = sqlite3_column_type(read, 0);
        len = type == SQLITE_INTEGER ? 8 : sqlite3_column_bytes(read, 0);
        assert_true(len <= (int)sizeof(bytes));
        number = sqlite3_column_int64(read, 0);
        if (type != SQLITE_INTEGER && len > 0)
                memcpy(bytes, sqlite3_column_blob(read, 0), (size_t)len);
        sqlite3_finalize(read);
        sqlite3_bind_int64(write, 1, row);
        for (i = 0; type != SQLITE_NULL && i < len; i++) {
                for (bit = 0; bit < 8; bit++) {
                        int64_t got;

                        if (type != SQLITE_INTEGER && bit != 0 && bit != 5 && bit != 7)
                                continue;
                        if (type != SQLITE_INTEGER)
                                bytes[i] ^= (uint8_t)(1 << bit);
                        if (type == SQLITE_INTEGER)
                                sqlite3_bind_int64(write, 2, number ^ (int64_t)(UINT64_C(1) << (8 * i + bit)));
                        else if (type == SQLITE_TEXT)
                                sqlite3_bind_text(write, 2, (const char *)bytes, len, SQLITE_TRANSIENT);
                        else
                                sqlite3_bind_blob(write, 2, bytes, len, SQLITE_TRANSIENT);
                        got = named_after(st, write);
                        if (got != want && got != -1 && !(want < 0 && got > 0 && got <= -want))
                                fail_msg("%s %s of %ld: byte %d, bit %d: named %ld", table, column, (long)row, i, bit,
                                         (long)got);
                        count += got != -1;
                        if (type != SQLITE_INTEGER)
                                bytes[i] ^= (uint8_t)(1 << bit);
                }
        }
        sqlite3_finalize(write);
        return count;
}

static void every_byte(void **state)
{
        static const char *const columns[] = { "seq",  "revision", "time",   "actor", "way",  "kind", "id",
                                               "name", "verb",     "before", "after", "text", "leaf" };
        pic__store *st = make();
        unsigned count = 0;
        int64_t row;
        size_t c;

        (void)state;
        for (row = 1; row <= 12; row++)
                for (c = 0; c < PIC__COUNT(columns); c++)
                        count += each_bit(st, "journal", "seq", row, columns[c], row);
        for (row = 4; row <= 12; row += 4) { /* a head is about the rows up to it */
                count += each_bit(st, "head", "size", row, "note", -row);
                count += each_bit(st, "head", "size", row, "time", -row);
                count += each_bit(st, "head", "size", row, "size", -13);
        }
        print_message("%u changes, each named\n", count);
        assert_true(count > 8000);
        pic__store_unref(st);
}

static void every_byte_of_the_edges(void **state)
{
        static const char *const keys[] = { "tree", "signed" };
        pic__store *st = make();
        pic__trail trail;
        size_t k;

        (void)state;
        for (k = 0; k < 2; k++) {
                sqlite3_stmt *read = prepare(st, "SELECT value FROM meta WHERE key = ?1");
                sqlite3_stmt *write = prepare(st, "UPDATE meta SET value = ?1 WHERE key = ?2");
                uint8_t bytes[PIC__TREE_BYTES];
                int len, i;

                sqlite3_bind_text(read, 1, keys[k], -1, SQLITE_STATIC);
                sqlite3_bind_text(write, 2, keys[k], -1, SQLITE_STATIC);
                assert_int_equal(sqlite3_step(read), SQLITE_ROW);
                len = sqlite3_column_bytes(read, 0);
                memcpy(bytes, sqlite3_column_blob(read, 0), (size_t)len);
                sqlite3_finalize(read);
                for (i = 0; i < len; i++) {
                        bytes[i] ^= 1;
                        sqlite3_bind_blob(write, 1, bytes, len, SQLITE_STATIC);
                        assert_true(named_after(st, write) > 0);
                        bytes[i] ^= 1;
                }
                for (i = 0; i < len; i++) {
                        sqlite3_bind_blob(write, 1, bytes, i, SQLITE_STATIC);
                        assert_true(named_after(st, write) > 0);
                }
                sqlite3_finalize(write);
        }
        needs(pic__store_trail(st, key, NULL, &trail, &err));
        assert_int_equal(trail.bad, 0);
        pic__store_unref(st);
}

/* --- rows that go, or change places --------------------------------------------------------------------------- */

static void rows_moved(void **state)
{
        pic__store *st = make();
        sqlite3_stmt *drop = prepare(st, "DELETE FROM journal WHERE seq = ?1");
        sqlite3_stmt *turn =
                prepare(st, "UPDATE journal SET (revision, time, actor, way, kind, id, name, verb, before, after, text,"
                            " leaf) = (SELECT revision, time, actor, way, kind, id, name, verb, before, after, text,"
                            " leaf FROM journal o WHERE o.seq = ?2) WHERE seq = ?1");
        int64_t a, b;

        (void)state;
        for (a = 1; a <= 12; a++) {
                sqlite3_bind_int64(drop, 1, a);
                assert_int_equal(named_after(st, drop), a);
                for (b = 1; b <= 12; b++) { /* another row, whole, with its hash, in this one's place */
                        if (a == b)
                                continue;
                        sqlite3_bind_int64(turn, 1, a);
                        sqlite3_bind_int64(turn, 2, b);
                        assert_int_equal(named_after(st, turn), a);
                }
        }
        sqlite3_finalize(drop);
        sqlite3_finalize(turn);
        pic__store_unref(st);
}

/* Everything after row `n` is gone, and the file is as if it had never been there. */
static void cut(pic__store *st, int64_t n)
{
        pic__tree tree = { .size = 0 }, kept = { .size = 0 };
        sqlite3_stmt *s = prepare(st, "SELECT leaf, seq FROM journal ORDER BY seq");
        pic__auto_buf pic__buf sql = PIC__BUF_INIT;
        uint8_t bytes[PIC__TREE_BYTES];
        size_t len;

        while (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int64(s, 1) <= n) {
                pic__tree_append(&tree, sqlite3_column_blob(s, 0));
                if (tree.size % 4 == 0)
                        kept = tree;
        }
        sqlite3_finalize(s);
        pic__buf_putf(&sql, "DELETE FROM journal WHERE seq > %ld; DELETE FROM head WHERE size > %ld", (long)n, (long)n);
        needs(pic__db_exec(st->db, pic__buf_str(&sql), &err));
        needs(pic__tree_save(st->db, &tree, &err));
        s = prepare(st, "UPDATE meta SET value = ?1 WHERE key = 'signed'");
        len = pic__tree_pack(&kept, bytes);
        sqlite3_bind_blob(s, 1, bytes, (int)len, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(s), SQLITE_DONE);
        sqlite3_finalize(s);
}

/* Who cuts the end off and cleans up behind himself is found by a head that somebody kept elsewhere, and by nothing
 * else. */
static void kept_outside(void **state)
{
        pic__store *st = make();
        pic__trail trail;
        uint64_t size = 0;
        char *note = NULL;
        pic__head head;
        int64_t n;

        (void)state;
        assert_int_equal(pic__store_head_last(st, &size, &note, NULL), 1);
        assert_int_equal(pic__note_open(note, strlen(note), key, &head, NULL), 0);
        needs(pic__store_trail(st, key, &head, &trail, &err));
        assert_int_equal(trail.bad, 0);
        for (n = 11; n >= 0; n--) {
                cut(st, n);
                needs(pic__store_trail(st, key, NULL, &trail, &err));
                assert_int_equal(trail.bad, 0);
                assert_int_equal(trail.size, n);
                assert_int_equal(trail.signed_size, n / 4 * 4);
                needs(pic__store_trail(st, key, &head, &trail, &err));
                assert_int_equal(trail.bad, n + 1);
                assert_non_null(strstr(trail.what, "outside"));
        }
        pic__store_unref(st);
        assert_int_equal(drop_dir(NULL), 0);
        assert_int_equal(new_dir(NULL), 0);
        st = make(); /* another journal of the same length, signed by the same key */
        head.root[3] ^= 1;
        needs(pic__store_trail(st, key, &head, &trail, &err));
        assert_int_equal(trail.bad, 1);
        assert_non_null(strstr(trail.what, "rows 1 to 12"));
        pic__free(note);
        pic__store_unref(st);
}

/* --- the file ------------------------------------------------------------------------------------------------- */

/* All that the trail is made of, as sqlite reads it. NULL: it cannot be read. */
static char *contents(void)
{
        char path[96], *text = NULL;
        sqlite3 *db = NULL;
        sqlite3_stmt *s = NULL;

        snprintf(path, sizeof(path), "%s/cell.db", test_dir);
        if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
            sqlite3_prepare_v2(
                    db,
                    "SELECT group_concat(a, '|') FROM (SELECT quote(seq) || quote(revision) || quote(time) ||"
                    " quote(actor) || quote(way) || quote(kind) || quote(id) || quote(name) || quote(verb) ||"
                    " quote(before) || quote(after) || quote(text) || quote(leaf) AS a FROM journal UNION ALL"
                    " SELECT quote(size) || quote(time) || quote(note) FROM head UNION ALL"
                    " SELECT quote(key) || quote(value) FROM meta WHERE key IN ('tree', 'signed'))",
                    -1, &s, NULL) == SQLITE_OK &&
            sqlite3_step(s) == SQLITE_ROW && sqlite3_column_text(s, 0) != NULL)
                text = strdup(pic__col_text(s, 0));
        sqlite3_finalize(s);
        sqlite3_close(db);
        return text;
}

enum verdict { NAMED, REFUSED, SAME };

static enum verdict judge_file(const char *want)
{
        pic__store *st = NULL;
        pic__trail trail = { .bad = 0 };
        int r = pic__store_open(test_dir, 100, &test_clock, &st, NULL);
        char *now;

        if (r >= 0)
                r = pic__store_trail(st, key, NULL, &trail, NULL);
        pic__store_unref(st);
        if (r < 0)
                return REFUSED;
        if (trail.bad != 0)
                return NAMED;
        now = contents();
        if (now == NULL || strcmp(now, want) != 0)
                fail_msg("nothing was found, but the trail is another");
        free(now);
        return SAME;
}

static void bytes_of_the_file(void **state)
{
        pic__store *st = make();
        unsigned seen[3] = { 0, 0, 0 }, seed = (unsigned)time(NULL), i;
        char path[96], *want;
        uint8_t page[4096];
        off_t size, at;
        int fd;

        (void)state;
        needs(pic__db_exec(st->db, "PRAGMA wal_checkpoint(TRUNCATE)", &err));
        pic__store_unref(st);
        want = contents();
        assert_non_null(want);
        snprintf(path, sizeof(path), "%s/cell.db", test_dir);
        fd = open(path, O_RDWR);
        assert_true(fd >= 0);
        size = lseek(fd, 0, SEEK_END);
        srandom(seed);
        print_message("seed %u, %ld bytes\n", seed, (long)size);
        for (i = 0; i < 1500; i++) {
                uint8_t was, is;

                /* every other one in a page that has rows of the journal */
                do {
                        at = random() % size;
                        assert_int_equal(pread(fd, page, sizeof(page), at / 4096 * 4096), 4096);
                } while (i % 2 == 0 && memmem(page, sizeof(page), " added", 6) == NULL);
                was = page[at % 4096];
                is = (uint8_t)(was ^ (1 << random() % 8));
                assert_int_equal(pwrite(fd, &is, 1, at), 1);
                seen[judge_file(want)]++;
                assert_int_equal(pwrite(fd, &was, 1, at), 1);
        }
        assert_int_equal(judge_file(want), SAME);
        print_message("%u named, %u refused, %u without effect on the trail\n", seen[NAMED], seen[REFUSED], seen[SAME]);
        assert_true(seen[NAMED] > 100);
        close(fd);
        free(want);
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
        needs(pic__store_trail(st, NULL, NULL, &trail, &err));
        assert_int_equal(trail.bad, 0); /* all fits, when nobody looks at what was signed */
        needs(pic__store_trail(st, key, NULL, &trail, &err));
        assert_int_equal(trail.bad, 5);
        assert_non_null(strstr(trail.what, "rows 5 to 8"));
        (void)leaf;
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORE_TEST(tampered),   STORE_TEST(every_byte),   STORE_TEST(every_byte_of_the_edges),
                STORE_TEST(rows_moved), STORE_TEST(kept_outside), STORE_TEST(bytes_of_the_file),
                STORE_TEST(forged)
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
