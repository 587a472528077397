/* One at a time, within a process and between processes; the holder's death frees it. */
#include "fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "engine/lockfile.h"

static void test_lock(void **state)
{
        char dir[64], text[64];
        pic_error *err = NULL;
        int a = -1, b = -1, status, gate[2];
        pid_t child;
        char c;

        (void)state;
        fixture_dir(dir, sizeof(dir));
        assert_int_equal(pic__lock_take(dir, "x.lock", 0, "another agent", &a, NULL), 0);
        assert_int_equal(pic__lock_take(dir, "x.lock", 30, "another agent", &b, &err), PIC_BUSY);
        snprintf(text, sizeof(text), "another agent (pid %ld)", (long)getpid());
        assert_non_null(strstr(pic_error_message(err), text));
        assert_non_null(pic_error_detail(err, "pid"));
        pic_error_free(err);
        close(a);
        assert_int_equal(pic__lock_take(dir, "x.lock", 0, "another agent", &b, NULL), 0);
        close(b);
        assert_int_equal(pipe(gate), 0);
        child = fork();
        if (child == 0) {
                if (pic__lock_take(dir, "x.lock", 0, "a child", &a, NULL) == 0 && write(gate[1], "x", 1) == 1)
                        pause();
                _exit(1);
        }
        assert_int_equal(read(gate[0], &c, 1), 1);
        assert_int_equal(pic__lock_take(dir, "x.lock", 0, "a child", &a, NULL), PIC_BUSY);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(pic__lock_take(dir, "x.lock", 0, "a child", &a, NULL), 0);
        close(a);
        close(gate[0]);
        close(gate[1]);
        fixture_drop(dir);
}

static void test_holds(void **state)
{
        char dir[64], path[96];
        int a, b;

        (void)state;
        fixture_dir(dir, sizeof(dir));
        snprintf(path, sizeof(path), "%s/x.lock", dir);
        assert_int_equal(pic__lock_take(dir, "x.lock", 0, "x", &a, NULL), 0);
        assert_true(pic__lock_holds(dir, "x.lock", a));
        assert_int_equal(unlink(path), 0);
        assert_false(pic__lock_holds(dir, "x.lock", a));
        assert_int_equal(pic__lock_take(dir, "x.lock", 0, "x", &b, NULL), 0); /* another's */
        assert_false(pic__lock_holds(dir, "x.lock", a));
        assert_true(pic__lock_holds(dir, "x.lock", b));
        close(a);
        close(b);
        fixture_drop(dir);
}

static void test_cannot(void **state)
{
        int fd;

        (void)state;
        assert_int_equal(pic__lock_take("/nowhere", "x.lock", 0, "x", &fd, NULL), PIC_NOTFOUND);
        pic__mem_fail_at(1);
        assert_int_equal(pic__lock_take("/tmp", "x.lock", 0, "x", &fd, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
        assert_true(pic__lock_take("/dev", "full", 0, "x", &fd, NULL) < 0); /* a file that takes no pid */
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_lock), cmocka_unit_test(test_holds),
                                            cmocka_unit_test(test_cannot) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
