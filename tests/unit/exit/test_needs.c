/* backend/exit/needs.c: programs; the directory is made once, the carrier's alone, and no link is followed. */
#include "sample.h"

#include <sys/stat.h>
#include <unistd.h>

#include "backend/exit/needs.h"

static void made(void **state)
{
        char dir[] = "/tmp/pic-own-XXXXXX", path[64];
        pic__carrier_env env = { .dir = dir, .user = geteuid() == 0 ? 60602 : geteuid() };
        struct stat st;

        (void)state;
        assert_non_null(mkdtemp(dir));
        snprintf(path, sizeof(path), "%s/" PIC__EXIT_OWN, dir);
        if (geteuid() != 0) {
                rmdir(dir);
                skip();
        }
        assert_int_equal(pic__exit_own_make(&env, NULL), 0);
        assert_int_equal(chmod(path, 0755), 0);
        assert_int_equal(pic__exit_own_make(&env, NULL), 0);
        assert_int_equal(lstat(path, &st), 0);
        assert_true(S_ISDIR(st.st_mode) && (st.st_mode & 0777) == 0700 && st.st_uid == 60602 && st.st_gid == 60602);
        rmdir(path);
        assert_int_equal(symlink("/tmp", path), 0);
        assert_true(pic__exit_own_make(&env, NULL) < 0);
        assert_int_equal(stat("/tmp", &st), 0);
        assert_int_equal(st.st_uid, 0);
        unlink(path);
        rmdir(dir);
        assert_true(pic__exit_own_make(&env, NULL) < 0);
}

static void programs(void **state)
{
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__exit_program("sh", "dash", &err), 0);
        assert_int_equal(pic__exit_program("no-such-program", "nothing", &err), PIC_UNSUPPORTED);
        assert_string_equal(pic_error_message(err), "no-such-program is not installed");
        assert_string_equal(pic_error_hint(err), "apt-get install nothing");
        pic_error_free(err);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(made), cmocka_unit_test(programs) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
