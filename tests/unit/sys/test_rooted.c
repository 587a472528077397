/* Shows: a program is run from where root alone can put another one: folders and links of its path are looked at, and
 * what is answered has none of these links any more. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/file.h"
#include "sys/rooted.h"

static char dir[64], program[128], folder[96];

static int up(void **state)
{
        (void)state;
        strcpy(dir, "/tmp/pic-rooted-XXXXXX");
        assert_non_null(mkdtemp(dir));
        snprintf(folder, sizeof(folder), "%s/folder", dir);
        snprintf(program, sizeof(program), "%s/program", folder);
        assert_int_equal(mkdir(folder, 0755), 0);
        return pic__file_write(program, "#!/bin/sh\n", 10, 0755, NULL);
}

static int down(void **state)
{
        char command[128];

        (void)state;
        snprintf(command, sizeof(command), "rm -rf %s", dir);
        return system(command);
}

static void is(const char *path, const char *want)
{
        pic__auto_err pic_error *err = NULL;
        pic__auto_free char *got = NULL;

        if (pic__rooted(path, &got, &err) < 0)
                fail_msg("%s: %s", path, pic_error_message(err));
        assert_string_equal(got, want);
}

static void not(const char *path, int code, const char *words)
{
        pic__auto_err pic_error *err = NULL;
        pic__auto_free char *got = NULL;

        assert_int_equal(pic__rooted(path, &got, &err), code);
        if (strstr(pic_error_message(err), words) == NULL)
                fail_msg("%s: %s", path, pic_error_message(err));
}

static void folders(void **state)
{
        char link[96], words[320];

        (void)state;
        if (geteuid() != 0)
                skip();
        is(program, program); /* below /tmp, which is everybody's but sticky */
        snprintf(words, sizeof(words), "%s is not run: others than root can write %s", program, folder);
        assert_int_equal(chmod(folder, 0775), 0);
        not(program, PIC_DENIED, words);
        assert_int_equal(chmod(folder, 01777), 0);
        is(program, program);
        assert_int_equal(chmod(folder, 0755), 0);
        assert_int_equal(chown(folder, 1234, 0), 0);
        not(program, PIC_DENIED, words);
        assert_int_equal(chown(folder, 0, 0), 0);
        assert_int_equal(chown(dir, 1234, 0), 0); /* further up */
        not(program, PIC_DENIED, dir);
        snprintf(link, sizeof(link), "%s/link", dir); /* out of a folder of another's */
        assert_int_equal(symlink("/bin/true", link), 0);
        not(link, PIC_DENIED, dir);
        assert_int_equal(chown(dir, 0, 0), 0);
        is(link, "/usr/bin/true");
}

static void itself(void **state)
{
        (void)state;
        if (geteuid() != 0)
                skip();
        assert_int_equal(chmod(program, 0757), 0);
        not(program, PIC_DENIED, "others than root can write it");
        assert_int_equal(chmod(program, 0755), 0);
        assert_int_equal(chown(program, 1234, 0), 0);
        not(program, PIC_DENIED, "others than root can write it");
        assert_int_equal(chown(program, 0, 0), 0);
        is(program, program);
}

static void links(void **state)
{
        char at[128], path[160];

        (void)state;
        if (geteuid() != 0)
                skip();
        snprintf(at, sizeof(at), "%s/near", folder);
        assert_int_equal(symlink("./../folder//program", at), 0);
        is(at, program);
        snprintf(path, sizeof(path), "%s/./folder/../folder/near", dir);
        is(path, program);
        assert_int_equal(lchown(at, 1234, 0), 0); /* whose owner may make it another, in /tmp too */
        not(at, PIC_DENIED, "others than root can write it");
        snprintf(at, sizeof(at), "%s/loop", folder);
        assert_int_equal(symlink("loop", at), 0);
        not(at, PIC_UNSUPPORTED, "its links lead nowhere");
}

static void none(void **state)
{
        static char name[NAME_MAX + 20], path[PATH_MAX + 20];

        (void)state;
        not("/nowhere/program", PIC_UNSUPPORTED, "/nowhere/program is not there");
        not("program", PIC_UNSUPPORTED, "is not there");
        not("", PIC_UNSUPPORTED, "is not there");
        not("/", PIC_UNSUPPORTED, "is no program");
        not("/usr/bin/..", PIC_UNSUPPORTED, "is no program");
        memset(name, 'a', sizeof(name) - 1);
        name[0] = '/';
        not(name, PIC_UNSUPPORTED, "too long");
        memset(path, '/', sizeof(path) - 1);
        not(path, PIC_UNSUPPORTED, "is not there");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(folders), cmocka_unit_test(itself),
                                            cmocka_unit_test(links), cmocka_unit_test(none) };

        return cmocka_run_group_tests(tests, up, down);
}
