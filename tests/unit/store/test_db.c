/* The handle: settings that every connection has, sqlite's errors in our words. */
#include "help.h"

#include <sys/stat.h>
#include <sys/wait.h>

static char *path_of(void)
{
        static char path[128];

        snprintf(path, sizeof(path), "%s/cell.db", test_dir);
        return path;
}

static int64_t ask(pic__db *db, const char *sql)
{
        int64_t n = -1;

        needs(pic__db_number(db, sql, &n, &err));
        return n;
}

static void settings(void **state)
{
        pic__store *st = new_store();
        struct stat info;

        (void)state;
        assert_int_equal(ask(st->db, "PRAGMA synchronous"), 2);
        assert_int_equal(ask(st->db, "PRAGMA foreign_keys"), 1);
        assert_int_equal(ask(st->db, "PRAGMA trusted_schema"), 0);
        assert_int_equal(ask(st->db, "PRAGMA cell_size_check"), 1);
        assert_int_equal(ask(st->db, "PRAGMA application_id"), PIC__STORE_APP);
        assert_int_equal(ask(st->db, "PRAGMA user_version"), PIC__STORE_VERSION);
        assert_int_equal(ask(st->db, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
        assert_int_equal(
                ask(st->db,
                    "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict"
                    " AND name NOT LIKE 'sqlite_%'"),
                0);
        assert_int_equal(stat(path_of(), &info), 0);
        assert_int_equal(info.st_mode & 07777, 0600);
        pic__store_unref(st);
}

/* pic__db_fail() on each kind of result. */
static void codes(void **state)
{
        static const struct {
                int sqlite;
                int code;
        } t[] = {
                { SQLITE_NOMEM, PIC_NOMEM },
                { SQLITE_IOERR_NOMEM, PIC_NOMEM },
                { SQLITE_BUSY, PIC_BUSY },
                { SQLITE_BUSY_RECOVERY, PIC_BUSY },
                { SQLITE_LOCKED, PIC_BUSY },
                { SQLITE_PROTOCOL, PIC_BUSY },
                { SQLITE_FULL, PIC_IO },
                { SQLITE_IOERR_READ, PIC_IO },
                { SQLITE_CORRUPT, PIC_CORRUPT },
                { SQLITE_NOTADB, PIC_CORRUPT },
                { SQLITE_ERROR, PIC_CORRUPT },
                { SQLITE_READONLY, PIC_IO }, /* we may write there, so it is the disk */
                { SQLITE_PERM, PIC_DENIED },
                { SQLITE_AUTH, PIC_DENIED },
                { SQLITE_CANTOPEN, PIC_IO },
                { SQLITE_TOOBIG, PIC_IO },
                { SQLITE_CONSTRAINT_CHECK, PIC_INVALID },
                { SQLITE_CONSTRAINT_FOREIGNKEY, PIC_INUSE },
        };
        pic__store *st = new_store();
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(t); i++) {
                pic_error *e = NULL;

                refused(t[i].code, pic__db_fail(st->db, t[i].sqlite, &err), &e);
                assert_true(pic_error_message(e)[0] != '\0');
                if (t[i].code == PIC_BUSY || t[i].code == PIC_CORRUPT || t[i].code == PIC_DENIED ||
                    (t[i].code == PIC_IO && t[i].sqlite != SQLITE_TOOBIG))
                        assert_non_null(pic_error_hint(e));
                pic_error_free(e);
        }
        unlink(path_of());
        refused(PIC_NOTFOUND, pic__db_fail(st->db, SQLITE_CANTOPEN, &err), NULL);
        pic__store_unref(st);
}

static void statements(void **state)
{
        pic__store *st = new_store();
        sqlite3_stmt *a = NULL, *b = NULL;
        int64_t n = 7;

        (void)state;
        needs(pic__db_stmt(st->db, PIC__Q_META_GET, &a, &err));
        needs(pic__db_stmt(st->db, PIC__Q_META_GET, &b, &err));
        assert_ptr_equal(a, b);
        needs(pic__db_number(st->db, "SELECT 1 WHERE 0", &n, &err));
        assert_int_equal(n, 0);
        refused(PIC_CORRUPT, pic__db_number(st->db, "SELECT x FROM nowhere", &n, &err), NULL);
        refused(PIC_CORRUPT, pic__db_exec(st->db, "no sql", &err), NULL);
        needs(pic__db_exec(st->db, "DROP TABLE ref", &err));
        refused(PIC_CORRUPT, pic__db_stmt(st->db, PIC__Q_REF_DROP, &a, &err), NULL);
        refused(PIC_CORRUPT, pic__db_made(st->db, PIC__PEER, PIC__K_REF_ADD, &a, &err), NULL);
        assert_null(pic__db_unref(NULL));
        pic__store_unref(st);
}

/* Every statement compiles against the schema that is made. */
static void all_prepare(void **state)
{
        pic__store *st = new_store();
        sqlite3_stmt *s;
        size_t k, i;

        (void)state;
        for (i = 0; i < PIC__Q_COUNT; i++)
                needs(pic__db_stmt(st->db, (enum pic__q)i, &s, &err));
        for (k = 0; k < PIC__KINDS; k++)
                for (i = 0; i < PIC__K_COUNT; i++)
                        needs(pic__db_made(st->db, (enum pic__kind)k, (enum pic__k)i, &s, &err));
        pic__store_unref(st);
}

static void another_writer(void **state)
{
        pic__store *a = new_store(), *b = open_store();
        pic__txn *t = begin(a), *u = NULL;
        pic_time before = pic__clock_real.mono(NULL), took;
        pic_error *e = NULL;
        pic_revision rev;

        (void)state;
        refused(PIC_BUSY, pic__txn_begin(b, "root", "cli", &u, &err), &e);
        took = pic__clock_real.mono(NULL) - before;
        assert_true(took >= 95000 && took < 3 * PIC__SECOND);
        assert_non_null(strstr(pic_error_hint(e), "100 ms"));
        pic_error_free(e);
        needs(pic__store_revision(b, &rev, &err)); /* reading goes on */
        add_cell(t, "10.1.0.0/16");
        commit(t);
        u = begin(b);
        pic__txn_abort(u);
        pic__store_unref(a);
        pic__store_unref(b);
}

static int in_child(void (*fn)(void))
{
        pid_t pid = fork();
        int status = -1;

        if (pid == 0) {
                fn();
                _exit(0);
        }
        waitpid(pid, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void as_nobody(void)
{
        pic__store *st = NULL;
        pic_error *err = NULL;

        if (setgid(65534) < 0 || setuid(65534) < 0)
                _exit(1);
        if (pic__store_open(test_dir, 10, &test_clock, &st, &err) != PIC_DENIED || pic_error_hint(err) == NULL)
                _exit(2);
        pic_error_free(err);
        err = NULL;
        if (pic__store_create(test_dir, test_seal, &test_clock, &st, &err) == 0)
                _exit(3);
        pic_error_free(err);
}

static void denied(void **state)
{
        (void)state;
        if (geteuid() != 0) {
                print_message("skipped: becoming another user needs root\n");
                skip();
        }
        pic__store_unref(new_store());
        assert_int_equal(in_child(as_nobody), 0);
}

/* The directory belongs to the cell's user: what root makes there is that user's. */
static void owner_follows(void **state)
{
        struct stat info;
        pic__store *st;
        pic__txn *t;
        char side[160];

        (void)state;
        if (geteuid() != 0) {
                print_message("skipped: giving files away needs root\n");
                skip();
        }
        assert_int_equal(chown(test_dir, 65534, 65534), 0);
        st = new_store();
        t = begin(st);
        add_cell(t, "10.1.0.0/16");
        commit(t);
        assert_int_equal(stat(path_of(), &info), 0);
        assert_int_equal(info.st_uid, 65534);
        snprintf(side, sizeof(side), "%s-wal", path_of());
        assert_int_equal(stat(side, &info), 0);
        assert_int_equal(info.st_uid, 65534);
        assert_int_equal(info.st_mode & 07777, 0600);
        snprintf(side, sizeof(side), "%s-shm", path_of());
        assert_int_equal(stat(side, &info), 0);
        assert_int_equal(info.st_uid, 65534);
        assert_int_equal(info.st_mode & 07777, 0600);
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORE_TEST(settings),       STORE_TEST(codes),  STORE_TEST(statements),    STORE_TEST(all_prepare),
                STORE_TEST(another_writer), STORE_TEST(denied), STORE_TEST(owner_follows),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
