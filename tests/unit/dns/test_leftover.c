/* backend/dns/leftover.c: a real unbound of ours that no file names; and one that hangs. */
#include "world.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t pid_of(pic__backend *b)
{
        return pic__child_pid(((pic__dns *)b)->child);
}

static void remove_file(const char *name)
{
        char path[128];

        snprintf(path, sizeof(path), "%s/%s", world_dir, name);
        assert_int_equal(unlink(path), 0);
}

static int is_there(pid_t pid)
{
        int i;

        for (i = 0; i < 100 && kill(pid, 0) == 0; i++) {
                (void)waitpid(pid, NULL, WNOHANG);
                (void)poll(NULL, 0, 10);
        }
        return i == 100;
}

/* Killed between start and pid file: it is found, and goes on when all else is in order. */
static void no_pid_file(void **state)
{
        pic__backend *b = backend();
        pid_t pid;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        pid = pid_of(b);
        b->ops->free(b);
        remove_file("dns/unbound.pid");
        b = backend();
        assert_string_equal(seen(b, SERVER, "main"), VALUE);
        assert_int_equal(pid_of(b), pid);
        assert_string_equal(seen(b, RECORD, "anna.home.internal. A"), "10.1.0.2");
        b->ops->free(b);
        remove_file("dns/unbound.pid"); /* it was written again */
        remove_file("dns/server");
        b = backend();
        assert_string_equal(seen(b, SERVER, "main"), ""); /* nobody can tell with what it runs */
        must(b, SERVER, "main", "", VALUE);
        assert_int_not_equal(pid_of(b), pid);
        assert_false(is_there(pid));
        b->ops->free(b);
}

static void nothing_left(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(pic__dns_adopt_leftover((pic__dns *)b), 0);
        assert_int_equal(pid_of(b), 0);
        b->ops->free(b);
}

/* It does not answer: it is stopped, and there is none. */
static void hung(void **state)
{
        pic__backend *b = backend();
        pid_t pid;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        pid = pid_of(b);
        b->ops->free(b);
        assert_int_equal(kill(pid, SIGSTOP), 0);
        b = backend();
        assert_null(seen(b, SERVER, "main"));
        assert_false(is_there(pid));
        assert_true(b->ops->drain(b) > 0); /* and it is told */
        must(b, SERVER, "main", NULL, VALUE);
        b->ops->free(b);
}

/* Nobody can talk to it any more: as good as hung. */
static void socket_gone(void **state)
{
        pic__backend *b = backend();
        pid_t pid;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        pid = pid_of(b);
        remove_file("dns/control.sock");
        assert_true(step(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2", NULL) < 0);
        assert_false(is_there(pid));
        assert_null(seen(b, SERVER, "main"));
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(no_pid_file), TEST(nothing_left), TEST(hung), TEST(socket_gone) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
