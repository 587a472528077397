/* What was (stats.db): killed, or the disk failing, at every point of an interval of counting and of a look of health.
 * Then it has what it had or that too, it opens as it is (nothing was thrown away), and the next interval counts on:
 * what came meanwhile is neither lost nor counted twice, because the counters of last time are in the same
 * transaction. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "changes.h"
#include "disk.h"
#include "state.h"
#include "store/stats.h"

#include <pic/log.h>

#define WHEN (1800000000 * PIC__SECOND)
enum { DEVICE = 1, STEP = 1000 };

static char kept[96], work[96];

/* The device's counter says so at the end of the n-th interval. */
static int count(int n, pic_error **err)
{
        const uint64_t now[2] = { (uint64_t)n * STEP, (uint64_t)n * STEP };
        pic__stats *st = NULL;
        uint64_t came[2];
        int first = 0, r = pic__stats_open(work, 1, &st, NULL, err);

        if (r == 0)
                r = pic__stats_begin(st, err);
        if (r == 0)
                r = pic__stats_boot(st, "this boot", &first, err);
        if (r >= 0)
                r = pic__stats_counter(st, PIC__COUNTED_PEER, DEVICE, now, 0, came, err);
        if (r >= 0)
                r = pic__stats_add(st, PIC__COUNTED_PEER, DEVICE, came, WHEN, err);
        if (r >= 0)
                r = pic__stats_end(st, err);
        pic__stats_unref(st);
        return r;
}

/* From the second look on one more thing is wrong with each. */
static int look(int n, pic_error **err)
{
        const pic__health_row rows[] = {
                { .level = PIC_LOG_ERROR, .area = "exit", .key = "a", .what = "far is down" },
                { .level = PIC_LOG_WARNING, .area = "disk", .key = "b", .what = "little room" },
                { .level = PIC_LOG_WARNING, .area = "dns", .key = "c", .what = "slow" },
        };
        pic__stats *st = NULL;
        int r = pic__stats_open(work, 1, &st, NULL, err);

        if (r == 0)
                r = pic__stats_begin(st, err);
        if (r == 0)
                r = pic__stats_found(st, rows, (size_t)n, WHEN + n * PIC__SECOND, err);
        if (r == 0)
                r = pic__stats_end(st, err);
        pic__stats_unref(st);
        return r;
}

static int add_up(const pic__traffic_row *row, void *data)
{
        *(long *)data += row->rx / STEP;
        return 0;
}

static int one_more(const pic__health_row *row, void *data)
{
        *(long *)data += row->ended == 0;
        return 0;
}

/* How many intervals, or troubles, it knows; -1: it cannot be read, or was thrown away. */
static long known(int health, char why[WHY])
{
        const int64_t range[2] = { 0, WHEN / PIC__SECOND + 86400 };
        pic__stats *st = NULL;
        pic_error *err = NULL;
        int anew = 0, r = pic__stats_open(work, 1, &st, &anew, &err);
        long n = 0;

        if (r == 0 && health)
                r = pic__stats_health(st, 0, 0, 100, one_more, &n, &err);
        else if (r == 0)
                r = pic__stats_traffic(st, PIC__SPAN_DAY, PIC__COUNTED_PEER, DEVICE, range, add_up, &n, &err);
        if (r < 0 || anew)
                snprintf(why, WHY, "%.300s", anew ? "it began anew" : pic_error_message(err));
        pic_error_free(err);
        pic__stats_unref(st);
        return r < 0 || anew ? -1 : n;
}

struct place {
        const char *name;
        int (*act)(int n, pic_error **err);
        int had; /* intervals or looks before */
        int health;
};

static const struct place places[] = {
        { "the first interval of traffic", count, 0, 0 },
        { "an interval of traffic", count, 3, 0 },
        { "the first look of health", look, 0, 1 },
        { "a look of health", look, 1, 1 },
};

struct answer {
        int r;
        unsigned long points;
        char text[200];
};

/* 1: an answer came; 0: it was killed. */
static int run(const struct place *p, const struct disk_case *f, unsigned long at, struct answer *a)
{
        int pipes[2], status, told;
        pid_t pid;

        dir_copy(kept, work);
        if (pipe(pipes) < 0)
                stop("no pipe");
        (void)fflush(stdout);
        pid = fork();
        if (pid == 0) {
                pic_error *err = NULL;

                memset(a, 0, sizeof(*a));
                disk_watch(work, f != NULL ? f->how : DISK_NONE, at, f != NULL ? f->error : 0);
                a->r = p->act(p->had + 1, &err);
                snprintf(a->text, sizeof(a->text), "%s", pic_error_message(err));
                a->points = disk_points();
                _exit(write(pipes[1], a, sizeof(*a)) != (ssize_t)sizeof(*a));
        }
        (void)close(pipes[1]);
        told = read(pipes[0], a, sizeof(*a)) == (ssize_t)sizeof(*a);
        (void)close(pipes[0]);
        if (pid < 0 || waitpid(pid, &status, 0) != pid ||
            (!told && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)))
                stop("it died of something else at point %lu", at);
        return told;
}

static enum end judge(const struct place *p, int told, const struct answer *a, char why[WHY])
{
        long n = known(p->health, why);
        pic_error *err = NULL;

        if (n < 0)
                return END_THIRD;
        if (n != p->had && n != p->had + 1) {
                snprintf(why, WHY, "it knows %ld, not %d", n, p->had);
                return END_THIRD;
        }
        if (told && (a->r >= 0) != (n == p->had + 1)) {
                snprintf(why, WHY, "answered %d: %.150s; it knows %ld", a->r, a->text, n);
                return END_THIRD;
        }
        if (p->act(p->had + 2, &err) < 0 || known(p->health, why) != p->had + 2) {
                snprintf(why, WHY, "and does not count on: %.200s", pic_error_message(err));
                pic_error_free(err);
                return END_THIRD;
        }
        return n == p->had ? END_OLD : END_NEW;
}

static void rows_of(const struct place *p)
{
        unsigned long stride = table_stride(5), at, last, start = 0;
        struct answer a;
        size_t i;

        if (!run(p, NULL, 0, &a) || a.r < 0)
                stop("%s without a fault: %s", p->name, a.text);
        last = a.points;
        for (i = 0; i < DISK_CASES; i++) {
                table_row(disk_cases[i].name, p->name);
                for (at = 1 + start++ % stride % last; at <= last; at += stride) {
                        char why[WHY] = "";
                        int told = run(p, &disk_cases[i], at, &a);

                        table_end(judge(p, told, &a, why), at, why);
                }
        }
}

int main(void)
{
        size_t i;
        int n;

        dir_name(kept, "kept");
        dir_name(work, "work");
        for (i = 0; i < PIC__COUNT(places); i++) {
                dir_drop(work);
                if (mkdir(work, 0700) < 0)
                        stop("no directory");
                for (n = 1; n <= places[i].had; n++)
                        if (places[i].act(n, NULL) < 0)
                                stop("%s: cannot be prepared", places[i].name);
                dir_copy(work, kept);
                rows_of(&places[i]);
        }
        dir_drop(work);
        dir_drop(kept);
        return table_done("a-stats");
}
