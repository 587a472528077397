/* Files: bounded reading, atomic writing, modes whatever the umask, errors that name the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/file.h"

static char dir[] = "/tmp/pic-test-file.XXXXXX";

static int in_dir(void **state)
{
        (void)state;
        return mkdtemp(dir) == NULL || chdir(dir) != 0;
}

static int clean(void **state)
{
        char cmd[128];

        (void)state;
        snprintf(cmd, sizeof(cmd), "rm -rf -- '%s'", dir);
        return chdir("/") != 0 || system(cmd) != 0;
}

static mode_t mode_of(const char *path)
{
        struct stat st;

        assert_int_equal(stat(path, &st), 0);
        return st.st_mode & 07777;
}

static unsigned entries(const char *path)
{
        DIR *d = opendir(path);
        unsigned n = 0;

        assert_non_null(d);
        while (readdir(d) != NULL)
                n++;
        closedir(d);
        return n - 2;
}

static void write_and_read(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        char *big = malloc(200000);
        size_t i;

        (void)state;
        umask(077);
        assert_int_equal(mkdir("w", 0700), 0);
        assert_int_equal(pic__file_write("w/a", "one", 3, 0644, NULL), 0);
        assert_int_equal(mode_of("w/a"), 0644);
        assert_int_equal(pic__file_write("w/a", "second", 6, 0600, NULL), 0);
        assert_int_equal(mode_of("w/a"), 0600);
        assert_int_equal(pic__file_read("w/a", 6, &b, NULL), 0);
        assert_string_equal(pic__buf_str(&b), "second");
        assert_int_equal(entries("w"), 1);
        pic__buf_clear(&b);
        for (i = 0; i < 200000; i++)
                big[i] = (char)(i * 7);
        assert_int_equal(pic__file_write("bare", big, 200000, 0600, NULL), 0);
        assert_int_equal(pic__file_read("bare", 200000, &b, NULL), 0);
        assert_int_equal(b.len, 200000);
        assert_memory_equal(b.data, big, 200000);
        pic__buf_free(&b);
        free(big);
        assert_int_equal(pic__file_write("empty", NULL, 0, 0600, NULL), 0);
        assert_int_equal(pic__file_read("empty", 0, &b, NULL), 0);
        assert_int_equal(b.len, 0);
        pic__buf_free(&b);
}

static void bounds_and_errors(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__buf b = PIC__BUF_INIT;

        (void)state;
        assert_int_equal(pic__file_write("six", "123456", 6, 0600, NULL), 0);
        assert_int_equal(pic__file_read("six", 5, &b, &err), PIC_VALUE);
        assert_non_null(strstr(pic_error_message(err), "six: longer than 5 bytes"));
        assert_int_equal(pic__file_read("/dev/zero", 100000, &b, NULL), PIC_VALUE);
        assert_int_equal(pic__file_read("absent", 5, &b, &err), PIC_NOTFOUND);
        assert_int_equal(pic__file_read(".", 5, &b, &err), PIC_IO);
        assert_int_equal(pic__file_write("absent/x", "1", 1, 0600, &err), PIC_NOTFOUND);
        assert_non_null(strstr(pic_error_message(err), "absent/x"));
        /* a directory is in the way: nothing is left behind */
        assert_int_equal(mkdir("way", 0700), 0);
        assert_int_equal(mkdir("way/x", 0700), 0);
        assert_int_equal(pic__file_write("way/x", "1", 1, 0600, &err), PIC_IO);
        assert_int_equal(entries("way"), 1);
        pic__buf_free(&b);
}

static void standard_input(void **state)
{
        pic__buf b = PIC__BUF_INIT;
        int keep = dup(0), p[2];

        (void)state;
        assert_int_equal(pipe(p), 0);
        assert_int_equal(write(p[1], "from a pipe", 11), 11);
        close(p[1]);
        dup2(p[0], 0);
        close(p[0]);
        assert_int_equal(pic__file_read("-", 100, &b, NULL), 0);
        assert_string_equal(pic__buf_str(&b), "from a pipe");
        dup2(keep, 0);
        close(keep);
        pic__buf_free(&b);
}

static void directories(void **state)
{
        pic__auto_err pic_error *err = NULL;

        (void)state;
        umask(077);
        assert_int_equal(pic__dir_make("d/e//f", 0750, NULL), 0);
        assert_int_equal(mode_of("d"), 0755);
        assert_int_equal(mode_of("d/e/f"), 0750);
        assert_int_equal(pic__dir_make("d/e/f", 0700, NULL), 0); /* there already: mode untouched */
        assert_int_equal(mode_of("d/e/f"), 0750);
        assert_int_equal(pic__dir_make("d/e/f/", 0700, NULL), 0);
        assert_int_equal(pic__dir_make("/tmp", 0700, NULL), 0);
        assert_int_equal(pic__file_write("d/file", "", 0, 0600, NULL), 0);
        assert_int_equal(pic__dir_make("d/file", 0700, &err), PIC_IO);
        assert_non_null(strstr(pic_error_message(err), "d/file"));
        assert_int_equal(pic__dir_make("d/file/x", 0700, &err), PIC_IO);
        assert_int_equal(pic__dir_make("", 0700, &err), PIC_NOTFOUND);
        assert_int_equal(pic__file_exists("d/file"), 1);
        assert_int_equal(pic__file_exists("d/none"), 0);
}

static void paths(void **state)
{
        char *p = pic__path_join("/a", "b");

        (void)state;
        assert_string_equal(p, "/a/b");
        pic__free(p);
        assert_int_equal(pic__file_write("/proc/none", "1", 1, 0600, NULL), PIC_NOTFOUND);
}

/* A disk of 64 KiB in a mount namespace of its own, in a child. */
static int on_small_disk(void)
{
        pic_error *err = NULL;
        char *big = calloc(1, 1 << 20);
        pic__buf b = PIC__BUF_INIT;

        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mkdir("disk", 0700) < 0 || mount("none", "disk", "tmpfs", 0, "size=64k") < 0)
                return 77;
        if (pic__file_write("disk/a", "old", 3, 0600, NULL) != 0)
                return 1;
        if (pic__file_write("disk/a", big, 1 << 20, 0600, &err) != PIC_IO || pic_error_hint(err) == NULL)
                return 2;
        if (pic__file_read("disk/a", 10, &b, NULL) != 0 || strcmp(pic__buf_str(&b), "old") != 0 || entries("disk") != 1)
                return 3;
        return 0;
}

static void full_disk(void **state)
{
        pid_t pid;
        int status;

        (void)state;
        if (geteuid() != 0) {
                print_message("skipped: a small disk needs root\n");
                skip();
        }
        pid = fork();
        if (pid == 0)
                _exit(on_small_disk());
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 77) {
                print_message("skipped: no mount namespace here\n");
                skip();
        }
        assert_int_equal(WEXITSTATUS(status), 0);
}

static void out_of_memory(void **state)
{
        unsigned long n;
        int r;

        (void)state;
        for (n = 1;; n++) {
                pic__mem_fail_at(n);
                r = pic__file_write("oom", "new", 3, 0600, NULL);
                if (r == 0)
                        break;
                assert_int_equal(r, PIC_NOMEM);
                assert_int_equal(pic__file_exists("oom"), 0);
        }
        assert_true(n > 2);
        pic__mem_fail_at(1);
        assert_int_equal(pic__dir_make("x/y", 0700, NULL), PIC_NOMEM);
        pic__mem_fail_at(1);
        {
                pic__buf b = PIC__BUF_INIT;

                assert_int_equal(pic__file_read("oom", 10, &b, NULL), PIC_NOMEM);
                pic__buf_free(&b);
        }
        pic__mem_fail_at(1);
        assert_null(pic__path_join("a", "b"));
        pic__mem_fail_at(0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(write_and_read), cmocka_unit_test(bounds_and_errors),
                cmocka_unit_test(standard_input), cmocka_unit_test(directories),
                cmocka_unit_test(paths),          cmocka_unit_test(full_disk),
                cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, in_dir, clean);
}
