/* Shows: of a stranger's directory only regular files are read, by no link, no more than may be; a file that others
 * could read is told; a copy of a database is in a place of its own and goes away. */
#include "files.h"

#include "household/folder.h"

static pic__folder f;

static void open_it(const char *path)
{
        pic_error *err = NULL;

        if (pic__folder_open(&f, &h, path, &err) < 0)
                fail_msg("%s", pic_error_message(err));
}

static int read_one(const char *name, size_t max, const char *want)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        const char *file = NULL;
        int r = pic__folder_read(&f, name, max, &out, &file, NULL);

        if (want != NULL)
                assert_string_equal(pic__buf_str(&out), want);
        return r;
}

static void reads(void **state)
{
        char told_as[500];

        (void)state;
        put("a.conf", "one");
        put("sub/b.conf", "two");
        put_bytes("open.conf", "PrivateKey", 10, 0644);
        put_bytes("plain.conf", "nothing", 7, 0644);
        assert_int_equal(symlink("/etc/passwd", path_of("link.conf")), 0);
        assert_int_equal(symlink(root, path_of("loop")), 0);
        assert_int_equal(mkfifo(path_of("pipe.conf"), 0600), 0);
        open_it(root);
        assert_null(f.only);
        assert_int_equal(read_one("a.conf", 10, "one"), 1);
        assert_int_equal(read_one("sub/b.conf", 10, "two"), 1);
        assert_int_equal(read_one("none.conf", 10, ""), 0);
        assert_int_equal(h.findings.count, 0);
        assert_int_equal(read_one("a.conf", 2, NULL), PIC_VALUE);
        assert_int_equal(read_one("link.conf", 99999, ""), 0);
        assert_int_equal(read_one("loop/a.conf", 99999, ""), 0);
        assert_int_equal(read_one("pipe.conf", 99999, ""), 0);
        assert_int_equal(read_one("plain.conf", 99, NULL), 1);
        assert_int_equal(read_one("open.conf", 99, NULL), 1);
        snprintf(told_as, sizeof(told_as), "%s:0: : cannot be read: it is a link", path_of("link.conf"));
        assert_told(LOST, told_as);
        snprintf(told_as, sizeof(told_as), "%s:0: : is no regular file", path_of("pipe.conf"));
        assert_told(LOST, told_as);
        snprintf(told_as, sizeof(told_as), "%s:0: : every user of that machine could read", path_of("open.conf"));
        assert_told(UNSAFE, told_as);
        assert_int_equal(pic__household_count(&h, PIC__TALE_UNSAFE), 1);
        assert_int_equal(pic__folder_has(&f, "link.conf"), 0);
        assert_int_equal(pic__folder_has(&f, "sub/b.conf"), 1);
        pic__folder_close(&f);
}

static void names(void **state)
{
        pic__names list = PIC__VEC_INIT;

        (void)state;
        put("b", "");
        put("a", "");
        put(".hidden", "");
        put("sub/c", "");
        put("sub/deep/d", "");
        open_it(root);
        assert_int_equal(pic__folder_names(&f, &list), 0);
        assert_int_equal(list.count, 3);
        is(list.at[0], "a");
        is(list.at[1], "b");
        is(list.at[2], "sub/c");
        pic__vec_free(&list);
        pic__folder_close(&f);
}

static void opens(void **state)
{
        (void)state;
        put("a.conf", "one");
        open_it(path_of("a.conf"));
        is(f.only, "a.conf");
        is(f.path, root);
        assert_int_equal(read_one("a.conf", 10, "one"), 1);
        pic__folder_close(&f);
        assert_int_equal(symlink("a.conf", path_of("l")), 0);
        assert_int_equal(pic__folder_open(&f, &h, path_of("l"), NULL), PIC_VALUE);
        assert_int_equal(pic__folder_open(&f, &h, "/dev/null", NULL), PIC_VALUE);
        assert_int_equal(pic__folder_open(&f, &h, path_of("none"), NULL), PIC_NOTFOUND);
}

static void copies(void **state)
{
        char place[64], db[96];
        const char *file = NULL;

        (void)state;
        put("x.db", "bytes");
        put("x.db-wal", "log");
        open_it(root);
        assert_int_equal(pic__folder_copy(&f, "x.db", 100, place, &file, NULL), 0);
        is(file, path_of("x.db"));
        snprintf(db, sizeof(db), "%s/db-wal", place);
        assert_int_equal(access(db, R_OK), 0);
        pic__folder_uncopy(place);
        assert_int_not_equal(access(place, F_OK), 0);
        assert_int_equal(pic__folder_copy(&f, "x.db", 3, place, &file, NULL), PIC_VALUE);
        assert_int_not_equal(access(place, F_OK), 0);
        assert_int_equal(pic__folder_copy(&f, "none", 3, place, &file, NULL), PIC_NOTFOUND);
        assert_int_not_equal(access(place, F_OK), 0);
        put("x.db-journal", "half a change");
        assert_int_equal(pic__folder_copy(&f, "x.db", 100, place, &file, NULL), PIC_BUSY);
        assert_int_not_equal(access(place, F_OK), 0);
        pic__folder_close(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = { DIR_TEST(reads), DIR_TEST(names), DIR_TEST(opens), DIR_TEST(copies) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
