/* stats.db: made, made anew when it is damaged, left alone when it is a newer version's. */
#include "help.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "store/stats.h"

static const char *path(void)
{
        static char text[128];

        snprintf(text, sizeof(text), "%s/%s", test_dir, PIC__STATS_FILE);
        return text;
}

static void test_made(void **state)
{
        pic__stats *st = NULL;
        pic_error *err = NULL;
        struct stat s;
        int anew = -1;

        (void)state;
        assert_int_equal(pic__stats_open(test_dir, 0, &st, NULL, &err), PIC_NOTFOUND);
        pic_error_free(err);
        assert_int_equal(pic__stats_open(test_dir, 1, &st, &anew, NULL), 0);
        assert_int_equal(anew, 0);
        pic__stats_unref(st);
        assert_int_equal(stat(path(), &s), 0);
        assert_int_equal(s.st_mode & 0777, 0600);
        assert_int_equal(pic__stats_open(test_dir, 0, &st, NULL, NULL), 0);
        pic__stats_unref(st);
}

static void test_damaged(void **state)
{
        static const char text[] = "this is no database, however one looks at it";
        pic__stats *st = NULL;
        pic_error *err = NULL;
        int anew = 0, fd = open(path(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        char bad[160];

        (void)state;
        assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
        close(fd);
        assert_int_equal(pic__stats_open(test_dir, 0, &st, NULL, &err), PIC_CORRUPT);
        pic_error_free(err);
        assert_int_equal(pic__stats_open(test_dir, 1, &st, &anew, NULL), 0);
        assert_int_equal(anew, 1);
        pic__stats_unref(st);
        snprintf(bad, sizeof(bad), "%s.bad", path());
        assert_int_equal(access(bad, F_OK), 0);
        /* one that was killed between making the file and what is in it */
        assert_int_equal(truncate(path(), 0), 0);
        assert_int_equal(pic__stats_open(test_dir, 1, &st, &anew, NULL), 0);
        pic__stats_unref(st);
}

static void test_newer(void **state)
{
        pic__stats *st = NULL;
        pic_error *err = NULL;
        sqlite3 *db;

        (void)state;
        assert_int_equal(pic__stats_open(test_dir, 1, &st, NULL, NULL), 0);
        pic__stats_unref(st);
        assert_int_equal(sqlite3_open(path(), &db), 0);
        assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=99", NULL, NULL, NULL), 0);
        sqlite3_close(db);
        assert_int_equal(pic__stats_open(test_dir, 1, &st, NULL, &err), PIC_UNSUPPORTED);
        pic_error_free(err);
}

static void test_aborted(void **state)
{
        const uint64_t bytes[2] = { 1, 2 };
        pic__stats *st = NULL;
        int64_t n = -1;
        sqlite3 *db;
        sqlite3_stmt *s;

        (void)state;
        assert_int_equal(pic__stats_open(test_dir, 1, &st, NULL, NULL), 0);
        pic__stats_abort(st); /* nothing was begun */
        assert_int_equal(pic__stats_begin(st, NULL), 0);
        assert_int_equal(pic__stats_add(st, PIC__COUNTED_PEER, 1, bytes, PIC__SECOND, NULL), 0);
        pic__stats_abort(st);
        assert_int_equal(pic__stats_begin(st, NULL), 0);
        assert_int_equal(pic__stats_end(st, NULL), 0);
        assert_int_equal(sqlite3_open(path(), &db), 0);
        assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM bucket", -1, &s, NULL), 0);
        if (sqlite3_step(s) == SQLITE_ROW)
                n = sqlite3_column_int64(s, 0);
        sqlite3_finalize(s);
        sqlite3_close(db);
        assert_int_equal(n, 0);
        pic__stats_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_made, new_dir, drop_dir),
                cmocka_unit_test_setup_teardown(test_damaged, new_dir, drop_dir),
                cmocka_unit_test_setup_teardown(test_newer, new_dir, drop_dir),
                cmocka_unit_test_setup_teardown(test_aborted, new_dir, drop_dir),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
