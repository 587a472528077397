/* Shows: the cancel flag is seen by a loop and by a wait, from another thread and from a signal handler. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/cancel.h"
#include "base/err.h"

static pic_cancel *shared;

static void *raise_it(void *data)
{
        pic_cancel_raise(data);
        return NULL;
}

static void from_thread(void **state)
{
        pic_cancel *c = NULL;
        struct pollfd p;
        pthread_t thread;

        (void)state;
        assert_int_equal(pic_cancel_new(&c, NULL), 0);
        assert_int_equal(pic_cancel_raised(c), 0);
        p = (struct pollfd){ pic__cancel_fd(c), POLLIN, 0 };
        assert_int_equal(poll(&p, 1, 0), 0);
        assert_int_equal(pthread_create(&thread, NULL, raise_it, c), 0);
        assert_int_equal(poll(&p, 1, 5000), 1);
        pthread_join(thread, NULL);
        assert_int_equal(pic_cancel_raised(c), 1);
        pic_cancel_raise(c);
        assert_int_equal(pic_cancel_raised(c), 1);
        assert_null(pic_cancel_unref(c));
}

static void on_signal(int sig)
{
        (void)sig;
        pic_cancel_raise(shared);
}

static void from_signal(void **state)
{
        struct sigaction act = { .sa_handler = on_signal }, was;

        (void)state;
        assert_int_equal(pic_cancel_new(&shared, NULL), 0);
        sigaction(SIGUSR1, &act, &was);
        raise(SIGUSR1);
        sigaction(SIGUSR1, &was, NULL);
        assert_int_equal(pic_cancel_raised(shared), 1);
        pic_cancel_unref(shared);
}

static void edges(void **state)
{
        pic_cancel *c = NULL;
        pic_error *err = NULL;

        (void)state;
        pic_cancel_raise(NULL);
        assert_int_equal(pic_cancel_raised(NULL), 0);
        assert_int_equal(pic__cancel_fd(NULL), -1);
        assert_null(pic_cancel_unref(NULL));
        assert_int_equal(pic_cancel_new(NULL, &err), PIC_INVALID);
        assert_int_equal(pic_error_code(err), PIC_INVALID);
        pic_error_free(err);
        err = NULL;
        pic__mem_fail_at(1);
        assert_int_equal(pic_cancel_new(&c, &err), PIC_NOMEM);
        pic__mem_fail_at(0);
        assert_null(c);
        pic_error_free(err);
}

static void no_descriptor(void **state)
{
        struct rlimit was, none;
        pic_cancel *c = NULL;
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
        none = was;
        none.rlim_cur = 0;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        assert_int_equal(pic_cancel_new(&c, &err), PIC_BACKEND);
        setrlimit(RLIMIT_NOFILE, &was);
        assert_null(c);
        pic_error_free(err);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(from_thread),
                cmocka_unit_test(from_signal),
                cmocka_unit_test(edges),
                cmocka_unit_test(no_descriptor),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
