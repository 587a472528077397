/* Copies: complete although the newest pages are only in the log, private, and replaced as a whole. */
#include "help.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "store/copy.h"

static void complete(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        char path[128];
        struct stat info;
        pic__db *copy = NULL;
        int64_t n = 0;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        commit(t);
        snprintf(path, sizeof(path), "%s/cell.db.v7", test_dir);
        t = begin(st); /* the write lock is held, as in a migration */
        needs(pic__store_copy(st->db, 7, &err));
        needs(pic__store_copy(st->db, 7, &err)); /* replaces */
        pic__txn_abort(t);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 07777, 0600);
        needs(pic__db_open(path, 100, &copy, &err));
        needs(pic__db_number(copy, "SELECT count(*) FROM cell", &n, &err));
        assert_int_equal(n, 1);
        needs(pic__db_number(copy, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'", &n,
                             &err));
        assert_int_equal(n, 1);
        pic__db_unref(copy);
        strcat(path, ".new");
        assert_int_equal(access(path, F_OK), -1);
        strcat(path, "-wal");
        assert_int_equal(access(path, F_OK), -1);
        pic__store_unref(st);
}

/* A store by itself: no log beside it, as of the read transaction though others went on. */
static void snapshot(void **state)
{
        pic__store *st = new_store(), *other = NULL, *copy = NULL;
        pic__txn *t = begin(st);
        char path[160], dir[128];
        pic_revision was = 0, now = 0, then = 0;
        int64_t mode = 0;
        int fd;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        commit(t);
        snprintf(dir, sizeof(dir), "%s/copied", test_dir);
        snprintf(path, sizeof(path), "%s/cell.db", dir);
        assert_int_equal(mkdir(dir, 0700), 0);
        refused(PIC_IO, pic__store_snapshot(st, path, &err), NULL); /* somebody has to make the file */
        fd = open(path, O_WRONLY | O_CREAT, 0600);
        close(fd);
        needs(pic__store_read_begin(st, &err));
        needs(pic__store_revision(st, &was, &err));
        needs(pic__store_open(test_dir, 100, &pic__clock_real, &other, &err));
        t = begin(other);
        change(t, PIC__CELL, NULL, "note", "later");
        commit(t);
        needs(pic__store_snapshot(st, path, &err));
        pic__store_read_end(st);
        needs(pic__store_revision(st, &now, &err));
        needs(pic__store_open(dir, 100, &pic__clock_real, &copy, &err));
        needs(pic__store_check(copy, &err));
        needs(pic__db_number(copy->db, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'", &mode,
                             &err));
        assert_int_equal(mode, 1); /* whoever opens it gives it one again */
        needs(pic__store_revision(copy, &then, &err));
        assert_int_equal(then, was);
        assert_true(now > was);
        pic__store_unref(copy);
        pic__store_unref(other);
        pic__store_unref(st);
}

static void shut(void **state)
{
        pic__store *st = new_store(), *other = open_store(), *late = NULL;
        char path[160];

        (void)state;
        (void)pic__store_last_seq(other);
        refused(PIC_BUSY, pic__store_shut(st, &err), NULL);
        pic__store_unref(other);
        pic__store_unref(st);
        st = open_store();
        needs(pic__store_shut(st, &err));
        snprintf(path, sizeof(path), "%s/cell.db-wal", test_dir);
        assert_int_equal(access(path, F_OK), -1);
        assert_int_equal(pic__store_open(test_dir, 10, &pic__clock_real, &late, NULL), PIC_BUSY);
        pic__store_unref(st);
        needs(pic__store_open(test_dir, 10, &pic__clock_real, &late, &err));
        pic__store_unref(late);
}

static void fails(void **state)
{
        pic__store *st = new_store();
        char path[128];
        unsigned long n, made = 0;

        (void)state;
        snprintf(path, sizeof(path), "%s/cell.db.v7", test_dir);
        assert_int_equal(mkdir(path, 0700), 0); /* in the way */
        refused(PIC_IO, pic__store_copy(st->db, 7, &err), NULL);
        strcat(path, ".new");
        assert_int_equal(access(path, F_OK), -1);
        assert_int_equal(mkdir(path, 0700), 0);
        refused(PIC_IO, pic__store_copy(st->db, 7, &err), NULL);
        for (n = 1; n == 1 || made >= n - 1; n++) {
                int r;

                pic__mem_fail_at(n);
                r = pic__store_copy(st->db, 8, NULL);
                made = pic__mem_fail_at(0);
                assert_true(r == PIC_NOMEM || (r == 0 && made < n));
        }
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = { STORE_TEST(complete), STORE_TEST(snapshot), STORE_TEST(shut),
                                            STORE_TEST(fails) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
