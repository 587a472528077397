/* sieve/share.c: directories of filters: what is in them, by whom it is read, how it changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sieve/share.h"

static char dir[64];

static const char *at(const char *name)
{
        static char path[4][160];
        static unsigned n;

        n = (n + 1) % 4;
        snprintf(path[n], sizeof(path[n]), "%s/%s", dir, name);
        return path[n];
}

static void put(const char *name, const char *text)
{
        FILE *f = fopen(at(name), "w");

        assert_non_null(f);
        fputs(text, f);
        fclose(f);
}

static long inode(const char *name)
{
        struct stat st;

        return stat(at(name), &st) == 0 ? (long)st.st_ino : 0;
}

static void shared(void **state)
{
        struct stat st;

        (void)state;
        assert_int_equal(pic__sieve_dir_make(at("a"), NULL), 0);
        assert_int_equal(pic__sieve_dir_make(at("b"), NULL), 0);
        assert_int_equal(stat(at("a"), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0750);
        pic__sieve_share(at("a"), at("b")); /* nothing there yet */
        assert_int_equal(inode("b/table"), 0);
        put("a/.table", "one");
        assert_int_equal(pic__sieve_publish(at("a/.table"), at("a"), PIC__SIEVE_TABLE, NULL), 0);
        pic__sieve_share(at("a"), at("b"));
        assert_true(inode("a/table") != 0 && inode("a/table") == inode("b/table"));
        pic__sieve_share(at("a"), at("b"));
        assert_int_equal(inode("b/.table"), 0);
        put("a/.table", "two");
        assert_int_equal(pic__sieve_publish(at("a/.table"), at("a"), PIC__SIEVE_TABLE, NULL), 0);
        assert_true(inode("a/table") != inode("b/table"));
        pic__sieve_share(at("a"), at("b"));
        assert_true(inode("a/table") == inode("b/table"));
        assert_int_equal(pic__sieve_publish(at("a/none"), at("a"), PIC__SIEVE_TABLE, NULL), PIC_BACKEND);
        assert_int_equal(pic__sieve_dir_make(at("none/a"), NULL), PIC_BACKEND);
}

static void counted(void **state)
{
        pic__sieve_counts c = { .magic = PIC__SIEVE_COUNTS_MAGIC, .asked = 5, .blocked = 3 }, sum = { 0 };
        int fd;

        (void)state;
        c.list[0].id = 4;
        c.list[0].blocked = 3;
        assert_int_equal(pic__sieve_dir_make(at("a"), NULL), 0);
        pic__sieve_counts_add(at("a"), &sum); /* nobody has written yet */
        assert_int_equal(sum.asked, 0);
        fd = open(at("a/counts"), O_WRONLY);
        assert_int_equal(write(fd, &c, sizeof(c)), sizeof(c));
        close(fd);
        assert_int_equal(pic__sieve_dir_make(at("a"), NULL), 0); /* what is counted stays */
        pic__sieve_counts_add(at("a"), &sum);
        pic__sieve_counts_add(at("a"), &sum);
        pic__sieve_counts_add(at("none"), &sum);
        assert_true(sum.asked == 10 && sum.blocked == 6 && sum.list[0].id == 4 && sum.list[0].blocked == 6);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(shared), cmocka_unit_test(counted) };
        char command[100];
        int r;

        snprintf(dir, sizeof(dir), "/tmp/pic-share-XXXXXX");
        if (mkdtemp(dir) == NULL)
                return 1;
        r = cmocka_run_group_tests(tests, NULL, NULL);
        snprintf(command, sizeof(command), "rm -rf %s", dir);
        return system(command) != 0 || r != 0;
}
