/* Shows: a new file is whole or is not there, the old one stays until then, and nothing is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/crypto.h"
#include "sys/file.h"
#include "sys/held.h"
#include "sys/newfile.h"

static char dir[64], path[96];

static int setup(void **state)
{
        (void)state;
        snprintf(dir, sizeof(dir), "/tmp/pic-newfile-XXXXXX");
        if (mkdtemp(dir) == NULL)
                return -1;
        snprintf(path, sizeof(path), "%s/file", dir);
        return pic__crypto_start(NULL);
}

static int teardown(void **state)
{
        (void)state;
        (void)unlink(path);
        return rmdir(dir);
}

static int entries(void)
{
        DIR *d = opendir(dir);
        int n = -2;

        assert_non_null(d);
        while (readdir(d) != NULL)
                n++;
        closedir(d);
        return n;
}

static void holds(const char *want)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        assert_int_equal(pic__file_read(path, 100, &text, NULL), 0);
        assert_string_equal(pic__buf_str(&text), want);
}

static void whole_or_not(void **state)
{
        pic__newfile f = PIC__NEWFILE_INIT;
        struct stat st;

        (void)state;
        assert_int_equal(pic__newfile_begin(&f, path, 0640, NULL), 0);
        assert_int_equal(write(f.fd, "one", 3), 3);
        assert_false(pic__file_exists(path));
        assert_int_equal(pic__newfile_commit(&f, NULL), 0);
        pic__newfile_abort(&f);
        holds("one");
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0640);

        assert_int_equal(pic__newfile_begin(&f, path, 0600, NULL), 0);
        assert_int_equal(write(f.fd, "two", 3), 3);
        pic__newfile_abort(&f);
        holds("one");
        assert_int_equal(entries(), 1);

        assert_int_equal(pic__newfile_begin(&f, path, 0600, NULL), 0);
        assert_int_equal(write(f.fd, "three", 5), 5);
        assert_int_equal(pic__newfile_commit(&f, NULL), 0);
        pic__newfile_abort(&f);
        pic__newfile_abort(&f);
        holds("three");
        assert_int_equal(entries(), 1);
}

static void nowhere(void **state)
{
        pic__newfile f = PIC__NEWFILE_INIT;

        (void)state;
        assert_int_equal(pic__newfile_begin(&f, "/nowhere/at/all", 0600, NULL), PIC_NOTFOUND);
        pic__newfile_abort(&f);
        assert_int_equal(pic__newfile_begin(&f, dir, 0600, NULL), PIC_CONFLICT);
        pic__newfile_abort(&f);
}

/* A directory that goes away, and a name that becomes a directory, while it is written. */
static void under_way(void **state)
{
        pic__newfile f = PIC__NEWFILE_INIT;

        (void)state;
        assert_int_equal(pic__newfile_begin(&f, path, 0600, NULL), 0);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_true(pic__newfile_commit(&f, NULL) < 0);
        pic__newfile_abort(&f);
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(entries(), 0);
}

static const char left[] = "pic-new.0123456789ab";

static void touch(const char *name, int *ret_fd)
{
        char at[160];
        int fd;

        snprintf(at, sizeof(at), "%s/.%s", dir, name);
        fd = ret_fd != NULL ? pic__held_make(AT_FDCWD, at, O_WRONLY, 0600) : creat(at, 0600);
        assert_true(fd >= 0);
        if (ret_fd != NULL)
                *ret_fd = fd;
        else
                close(fd);
}

static int drop(const char *name)
{
        char at[160];

        snprintf(at, sizeof(at), "%s/.%s", dir, name);
        return unlink(at);
}

/* What one left that was killed between two names goes with the next; what another writes now, and what is none of
 * ours, does not. */
static void of_the_killed(void **state)
{
        pic__newfile f = PIC__NEWFILE_INIT;
        int fd;

        (void)state;
        touch(left, NULL);
        touch("pic-new.0123456789aB", NULL);
        touch("pic-new.0123456789ab.age", NULL);
        touch("pic-new.0123456789ac", &fd);
        assert_int_equal(pic__newfile_begin(&f, path, 0600, NULL), 0);
        assert_int_equal(drop(left), -1);
        assert_int_equal(pic__newfile_commit(&f, NULL), 0);
        pic__newfile_abort(&f);
        assert_int_equal(entries(), 4);
        assert_int_equal(drop("pic-new.0123456789aB"), 0);
        assert_int_equal(drop("pic-new.0123456789ab.age"), 0);
        close(fd);
        assert_int_equal(pic__newfile_begin(&f, path, 0600, NULL), 0);
        pic__newfile_abort(&f);
        assert_int_equal(entries(), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(whole_or_not, setup, teardown),
                                            cmocka_unit_test_setup_teardown(nowhere, setup, teardown),
                                            cmocka_unit_test_setup_teardown(under_way, setup, teardown),
                                            cmocka_unit_test_setup_teardown(of_the_killed, setup, teardown) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
