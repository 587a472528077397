/* sys/job.c with real programs: what they say, how they end, that nobody waits, and that they can be talked to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "sys/job.h"

static pic__job *start(const char *const *argv, const pic__job_opts *opts)
{
        pic_error *err = NULL;
        pic__job *j = NULL;

        if (pic__job_start(argv, opts, &j, &err) < 0)
                fail_msg("%s", pic_error_message(err));
        return j;
}

/* To its end; what it says on its socket is answered with one letter. */
static int finish(pic__job *j, int *status, char *heard)
{
        char text[PIC__JOB_PACKET + 1];
        int r;

        for (;;) {
                struct pollfd p = { .fd = pic__job_fd(j), .events = POLLIN };

                assert_int_equal(poll(&p, 1, 5000), 1);
                if (pic__job_hear(j, text) > 0 && heard != NULL) {
                        strcpy(heard, text);
                        pic__job_say(j, "0", 1);
                }
                r = pic__job_go_on(j, status, NULL);
                if (r != 0)
                        return r;
        }
}

static void ends(void **state)
{
        static const char *const argv[] = { "sh", "-c", "cat; echo out; echo err >&2; exit 3", NULL };
        const pic__job_opts opts = { .input = "in ", .input_len = 3 };
        pic__job *j = start(argv, &opts);
        int status = -1;

        (void)state;
        assert_int_equal(finish(j, &status, NULL), 1);
        assert_int_equal(status, 3);
        assert_string_equal(pic__buf_str(pic__job_said(j)), "in out\nerr\n");
        assert_int_equal(pic__job_go_on(j, &status, NULL), PIC_BADSTATE);
        pic__job_unref(j);
}

static void talks(void **state)
{
        static const char *const argv[] = { "python3", "-c",
                                            "import socket\ns = socket.socket(fileno=0)\ns.send(b'may I')\n"
                                            "exit(int(s.recv(9)))",
                                            NULL };
        const pic__job_opts opts = { .talk = 1 };
        pic__job *j = start(argv, &opts);
        char heard[PIC__JOB_PACKET + 1] = "";
        int status = -1;

        (void)state;
        assert_int_equal(finish(j, &status, heard), 1);
        assert_int_equal(status, 0);
        assert_string_equal(heard, "may I");
        assert_int_equal(pic__job_hear(j, heard), 0);
        pic__job_say(j, "0", 1); /* nobody is there */
        pic__job_unref(j);
}

static void bounded(void **state)
{
        static const char *const slow[] = { "sleep", "60", NULL }, *const loud[] = { "head", "-c", "100000",
                                                                                     "/dev/zero", NULL };
        static const char *const none[] = { "no-such-program", NULL }, *const dead[] = { "sh", "-c", "kill -9 $$",
                                                                                         NULL };
        const pic__job_opts brief = { .timeout_ms = 50 }, few = { .max_output = 10 };
        pic__job *j = start(slow, &brief);
        pic_error *err = NULL;
        int status = -1;
        pid_t pid = pic__job_pid(j);

        (void)state;
        assert_int_equal(pic__job_go_on(j, &status, NULL), 0);
        assert_int_equal(finish(j, &status, NULL), PIC_TIMEOUT);
        assert_int_equal(kill(pid, 0), -1);
        pic__job_unref(j);
        j = start(loud, &few);
        assert_int_equal(finish(j, &status, NULL), 1);
        assert_int_equal(pic__job_said(j)->len, 10);
        pic__job_unref(j);
        j = start(dead, &few);
        assert_int_equal(finish(j, &status, NULL), PIC_BACKEND);
        pic__job_unref(j);
        assert_int_equal(pic__job_start(none, &few, &j, &err), PIC_UNSUPPORTED);
        pic_error_free(err);
        j = start(slow, &few);
        pid = pic__job_pid(j);
        pic__job_unref(j);
        assert_int_equal(kill(pid, 0), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(ends), cmocka_unit_test(talks),
                                            cmocka_unit_test(bounded) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
