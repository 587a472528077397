/* backend/dns/control.c against servers that behave and that do not. */
#include "world.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

static char path[96];
static pid_t server;

/* Answers one connection: reads up to a line (or to ^D, if the request has lines), then writes `answer`; NULL: hangs.
 */
static void serve(const char *answer, char *request_file)
{
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        snprintf(path, sizeof(path), "/tmp/pic-control-%d", (int)getpid());
        unlink(path);
        memcpy(at.sun_path, path, strlen(path));
        assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(listen(fd, 1), 0);
        server = fork();
        if (server == 0) {
                char text[64 << 10];
                int c = accept(fd, NULL, NULL);
                ssize_t n = recv(c, text, sizeof(text), 0);

                if (request_file != NULL) {
                        FILE *f = fopen(request_file, "w");

                        fwrite(text, 1, (size_t)n, f);
                        fclose(f);
                }
                if (answer == NULL)
                        pause();
                if (send(c, answer, strlen(answer), 0) < 0)
                        _exit(1);
                _exit(0);
        }
        close(fd);
}

#define LINES 4000 /* a thousand devices */

/* As unbound answers list_local_data: a write for each line. */
static void serve_lines(void)
{
        static const char line[] = "anna.home.internal.\t60\tIN\tA\t10.1.0.2\n";
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM, 0), i;

        snprintf(path, sizeof(path), "/tmp/pic-control-%d", (int)getpid());
        unlink(path);
        memcpy(at.sun_path, path, strlen(path));
        assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(listen(fd, 1), 0);
        server = fork();
        if (server == 0) {
                char text[1024];
                int c = accept(fd, NULL, NULL);

                if (recv(c, text, sizeof(text), 0) <= 0)
                        _exit(1);
                for (i = 0; i < LINES; i++) {
                        if (i % 4 == 0) /* it has something else to do: whoever waits for a line is woken by it */
                                sched_yield();
                        if (send(c, line, sizeof(line) - 1, 0) < 0)
                                _exit(1);
                }
                _exit(0);
        }
        close(fd);
}

static void end(void)
{
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
        unlink(path);
}

static void answers(void **state)
{
        pic__auto_buf pic__buf body = PIC__BUF_INIT, out = PIC__BUF_INIT;
        char file[64], got[256] = "";
        FILE *f;

        (void)state;
        snprintf(file, sizeof(file), "/tmp/pic-request-%d", (int)getpid());
        serve("errors.home.internal.\t60\tIN\tA\t10.1.0.2\n", NULL); /* a device of that name */
        assert_int_equal(pic__dns_control(path, "list_local_data", NULL, 1000, NULL, NULL), 0);
        end();
        serve("added 1 datas\n", file);
        pic__buf_puts(&body, "a. 60 A 10.0.0.1\n");
        assert_int_equal(pic__dns_control(path, "local_datas", &body, 1000, &out, NULL), 0);
        assert_string_equal(pic__buf_str(&out), "added 1 datas\n");
        end();
        f = fopen(file, "r");
        assert_true(fread(got, 1, sizeof(got) - 1, f) > 0);
        fclose(f);
        unlink(file);
        /* All in one piece, with its end. */
        assert_string_equal(got, "UBCT1 local_datas\na. 60 A 10.0.0.1\n\x04\n");
}

/* The list of all records comes line by line; an idle agent that looks at it now and then is not woken for each: for
 * the first hundred lines (4 KiB) it may be, then twice a millisecond (the nap, and the wait), however slow the other
 * is. */
static void few_wakeups(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        struct rusage before, after;
        struct timespec from, to;
        long ms;

        (void)state;
        serve_lines();
        getrusage(RUSAGE_SELF, &before);
        clock_gettime(CLOCK_MONOTONIC, &from);
        assert_int_equal(pic__dns_control(path, "list_local_data", NULL, 5000, &out, NULL), 0);
        clock_gettime(CLOCK_MONOTONIC, &to);
        getrusage(RUSAGE_SELF, &after);
        end();
        assert_true(out.len > LINES * 30);
        ms = (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
        assert_in_range(after.ru_nvcsw - before.ru_nvcsw, 1, 110 + 2 * (unsigned long)ms);
}

static void refusals(void **state)
{
        static const char *const answer[] = { "error unknown command 'x'\n",
                                              "added 1 datas\nerror parsing local-data at 2\n" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(answer); i++) {
                pic__auto_err pic_error *err = NULL;

                serve(answer[i], NULL);
                assert_int_equal(pic__dns_control(path, "x yz", NULL, 1000, NULL, &err), PIC_BACKEND);
                assert_true(strncmp(pic_error_detail(err, "stderr"), "error ", 6) == 0);
                assert_non_null(strstr(pic_error_message(err), "refuses 'x'"));
                end();
        }
}

static void silence(void **state)
{
        (void)state;
        serve(NULL, NULL);
        assert_int_equal(pic__dns_control(path, "status", NULL, 50, NULL, NULL), PIC_TIMEOUT);
        end();
        serve("", NULL);
        assert_int_equal(pic__dns_control(path, "status", NULL, 1000, NULL, NULL), PIC_IO);
        end();
}

static void nobody(void **state)
{
        char long_path[200];

        (void)state;
        assert_int_equal(pic__dns_control("/tmp/pic-no-such-socket", "status", NULL, 1000, NULL, NULL), PIC_NOTFOUND);
        assert_true(pic__dns_control("/dev/null/x", "status", NULL, 1000, NULL, NULL) < 0);
        memset(long_path, 'x', sizeof(long_path));
        long_path[sizeof(long_path) - 1] = '\0';
        assert_int_equal(pic__dns_control(long_path, "status", NULL, 1000, NULL, NULL), PIC_INVALID);
}

/* What the kernel does not take in one piece is not begun. */
static void too_long(void **state)
{
        pic__auto_buf pic__buf body = PIC__BUF_INIT;
        int i;

        (void)state;
        for (i = 0; i < 1 << 20; i++)
                pic__buf_putc(&body, 'x');
        serve("ok\n", NULL);
        assert_int_equal(pic__dns_control(path, "local_datas", &body, 1000, NULL, NULL), PIC_BACKEND);
        end();
}

static void no_memory(void **state)
{
        unsigned long n;
        int r = -1;

        (void)state;
        for (n = 1; r < 0 && n < 10; n++) {
                serve("ok\n", NULL);
                pic__mem_fail_at(n);
                r = pic__dns_control(path, "status", NULL, 1000, NULL, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                end();
        }
        assert_int_equal(r, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(answers),    cmocka_unit_test(refusals),
                                            cmocka_unit_test(silence),    cmocka_unit_test(nobody),
                                            cmocka_unit_test(too_long),   cmocka_unit_test(no_memory),
                                            cmocka_unit_test(few_wakeups) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
