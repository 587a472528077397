/* What the library and the running agent take for one thing. Prints microseconds, one a line.
 *
 *   bench_pic add DIR COUNT PREFIX   adds COUNT devices one by one, each waited for until it is in force; then removes
 *                                    them all at once, so that the cell stays as large as it was
 *   bench_pic apply DIR COUNT        COUNT times what `pic apply` does, with nothing to do
 *   bench_pic drift DIR COUNT        COUNT times what `pic drift` does; exit status 3 when something differs
 *   bench_pic set DIR COUNT KIND NAME FIELD A B   COUNT times a change of one field, to A and B by turns, in force
 *   bench_pic ready DIR              waits until the agent has applied the store; prints nothing
 *
 * $PIC_BENCH_WORLD: fake, for a cell of the pretend kernel. */
#include <pic/pic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define READY_TRIES 60000 /* milliseconds */

static double now_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int commit(pic_edit *edit, pic_error **err)
{
        pic_outcome *outcome = NULL;
        int r = pic_edit_commit(edit, 0, &outcome, err);

        if (r >= 0 && pic_outcome_state(outcome) != PIC_OUTCOME_APPLIED) {
                fprintf(stderr, "not applied: %s\n", pic_error_message(pic_outcome_error(outcome)));
                r = -1;
        }
        pic_outcome_unref(outcome);
        return r;
}

static int add_one(pic_ctx *ctx, const char *name, pic_error **err)
{
        pic_edit *edit = NULL;
        int r = pic_edit_new(ctx, &edit, err);

        if (r >= 0)
                r = pic_edit_add(edit, "peer", name, err);
        if (r >= 0)
                r = pic_edit_set(edit, "peer", name, "access", "internet", err);
        if (r >= 0)
                r = commit(edit, err);
        pic_edit_unref(edit);
        return r;
}

static int remove_all(pic_ctx *ctx, const char *prefix, long count, pic_error **err)
{
        pic_edit *edit = NULL;
        int r = pic_edit_new(ctx, &edit, err);
        char name[64];
        long i;

        for (i = 0; r >= 0 && i < count; i++) {
                snprintf(name, sizeof(name), "%s%ld", prefix, i);
                r = pic_edit_remove(edit, "peer", name, err);
        }
        if (r >= 0)
                r = commit(edit, err);
        pic_edit_unref(edit);
        return r;
}

static int add(pic_ctx *ctx, long count, const char *prefix, pic_error **err)
{
        char name[64];
        long i;

        for (i = 0; i < count; i++) {
                double began = now_us();

                snprintf(name, sizeof(name), "%s%ld", prefix, i);
                if (add_one(ctx, name, err) < 0)
                        return -1;
                printf("%.1f\n", now_us() - began);
        }
        return remove_all(ctx, prefix, count, err);
}

static int apply(pic_ctx *ctx, long count, pic_error **err)
{
        long i;

        for (i = 0; i < count; i++) {
                double began = now_us();
                pic_plan *plan = NULL;
                size_t steps;

                if (pic_plan_get(ctx, PIC_PLAN_REPAIR, &plan, err) < 0)
                        return -1;
                steps = pic_plan_count(plan);
                pic_plan_unref(plan);
                printf("%.1f\n", now_us() - began);
                if (steps > 0) {
                        fprintf(stderr, "there was something to do: %zu steps\n", steps);
                        return -1;
                }
        }
        return 0;
}

/* The agent takes calls before it applies and answers them after, so its first answer says all. */
static int ready(const char *dir)
{
        static const char request[] = "{\"verb\":\"ping\"}";
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        char answer[1024];
        ssize_t n = -1;
        int i;

        snprintf(to.sun_path, sizeof(to.sun_path), "%s/run/agent.sock", dir);
        for (i = 0; n < 0 && i < READY_TRIES; i++) {
                int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

                if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
                    send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0)
                        n = recv(fd, answer, sizeof(answer) - 1, 0);
                close(fd);
                if (n < 0)
                        nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
        }
        answer[n > 0 ? n : 0] = '\0';
        if (n > 0 && strstr(answer, "\"applied\":-1") == NULL)
                return 0;
        fprintf(stderr, "bench_pic: not ready: %s\n", answer);
        return 1;
}

/* 3: something differs. */
static int drift(pic_ctx *ctx, long count, pic_error **err)
{
        int good = 1;
        long i;

        for (i = 0; i < count; i++) {
                pic_report *report = NULL;
                double began = now_us();

                if (pic_drift_get(ctx, 0, &report, err) < 0)
                        return -1;
                printf("%.1f\n", now_us() - began);
                good = pic_report_good(report);
                pic_report_unref(report);
        }
        return good ? 0 : 3;
}

static int set_one(pic_ctx *ctx, char **what, const char *text, pic_error **err)
{
        pic_edit *edit = NULL;
        int r = pic_edit_new(ctx, &edit, err);

        if (r >= 0)
                r = pic_edit_set(edit, what[0], what[1], what[2], text, err);
        if (r >= 0)
                r = commit(edit, err);
        pic_edit_unref(edit);
        return r;
}

/* what: kind, name, field, A, B. */
static int set(pic_ctx *ctx, long count, char **what, pic_error **err)
{
        long i;

        for (i = 0; i < count; i++) {
                double began = now_us();

                if (set_one(ctx, what, what[3 + i % 2], err) < 0)
                        return -1;
                printf("%.1f\n", now_us() - began);
        }
        return 0;
}

static int run(pic_ctx *ctx, char **argv, int argc, pic_error **err)
{
        if (strcmp(argv[1], "add") == 0 && argc > 4)
                return add(ctx, strtol(argv[3], NULL, 10), argv[4], err);
        if (strcmp(argv[1], "apply") == 0 && argc > 3)
                return apply(ctx, strtol(argv[3], NULL, 10), err);
        if (strcmp(argv[1], "set") == 0 && argc > 8)
                return set(ctx, strtol(argv[3], NULL, 10), argv + 4, err);
        if (strcmp(argv[1], "drift") == 0 && argc > 3)
                return drift(ctx, strtol(argv[3], NULL, 10), err);
        return -1;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 3)
                return 2;
        if (strcmp(argv[1], "ready") == 0)
                return ready(argv[2]);
        opts.dir = argv[2];
        opts.world = getenv("PIC_BENCH_WORLD");
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = run(ctx, argv, argc, &err);
        if (r < 0)
                fprintf(stderr, "bench_pic: %s\n", pic_error_message(err));
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0 ? 1 : r;
}
