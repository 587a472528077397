/* A cell is made: killed, or the disk failing, at every point. Then there is a cell, sound and whole, or there is none
 * and one can be made. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changes.h"
#include "disk.h"
#include "state.h"

static char work[96];

static int make(pic_error **err)
{
        static const char *const fields[] = { "name", "home", "net4", "10.77.0.0/16", "net6", "fd77::/48", NULL };
        pic_ctx *ctx = cell_ctx(work);
        int r = pic_cell_init(ctx, fields, NULL, err);

        pic_ctx_unref(ctx);
        return r;
}

struct answer {
        int r;
        unsigned long points;
        char text[200], hint[200];
};

/* 1: an answer came; 0: it was killed. there: the directory is there before. */
static int run(const struct disk_case *f, unsigned long at, int there, struct answer *a)
{
        int p[2], status, told;
        pid_t pid;

        dir_drop(work);
        if (pipe(p) < 0 || (there && mkdir(work, 0700) < 0))
                stop("no pipe, or no directory");
        (void)fflush(stdout);
        pid = fork();
        if (pid == 0) {
                pic_error *err = NULL;

                disk_watch(work, f != NULL ? f->how : DISK_NONE, at, f != NULL ? f->error : 0);
                memset(a, 0, sizeof(*a));
                a->r = make(&err);
                snprintf(a->hint, sizeof(a->hint), "%s", pic_error_hint(err) != NULL ? pic_error_hint(err) : "");
                snprintf(a->text, sizeof(a->text), "%s", pic_error_message(err));
                a->points = disk_points();
                _exit(write(p[1], a, sizeof(*a)) != (ssize_t)sizeof(*a));
        }
        (void)close(p[1]);
        told = read(p[0], a, sizeof(*a)) == (ssize_t)sizeof(*a);
        (void)close(p[0]);
        if (pid < 0 || waitpid(pid, &status, 0) != pid ||
            (!told && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)))
                stop("making a cell died of something else at point %lu", at);
        return told;
}

static int is_there(void)
{
        pic_ctx *ctx = cell_ctx(work);
        pic_obj *cell = NULL;
        int r = pic_get(ctx, "cell", NULL, &cell, NULL);

        pic_obj_unref(cell);
        pic_ctx_unref(ctx);
        return r == 0 ? 1 : r == PIC_NOTFOUND ? 0 : r;
}

static enum end judge(char why[WHY])
{
        struct state s = { 0 };
        pic_error *err = NULL;
        int there = is_there();
        enum end end = there ? END_NEW : END_OLD;

        if (there < 0) {
                snprintf(why, WHY, "it is neither there nor not: %d", there);
                end = END_THIRD;
        } else if (!there && make(&err) < 0) {
                snprintf(why, WHY, "there is none, and none can be made: %s", pic_error_message(err));
                end = END_THIRD;
        } else if (state_read(work, &s, why) < 0 || world_settled(work, 1, why) < 0) {
                end = END_THIRD;
        }
        pic_error_free(err);
        state_free(&s);
        return end;
}

/* What was answered is what happened, or it was said that this is not certain. */
static int is_true(const struct answer *a, enum end end)
{
        if (a->r == 0)
                return end == END_NEW;
        return a->hint[0] != '\0' && (end == END_OLD || strstr(a->hint, "not certain") != NULL);
}

static void rows(int there)
{
        static unsigned long begin;
        unsigned long stride = table_stride(9), at, last;
        struct answer a;
        size_t i;

        if (!run(NULL, 0, there, &a) || a.r < 0)
                stop("making a cell without a fault: %s", a.text);
        last = a.points;
        for (i = 0; i < DISK_CASES; i++) {
                table_row(disk_cases[i].name, there ? "make a cell in a directory" : "make a cell and its directory");
                for (at = 1 + begin++ % stride % last; at <= last; at += stride) {
                        int told = run(&disk_cases[i], at, there, &a);
                        char why[WHY] = "";
                        enum end end = judge(why);

                        if (end != END_THIRD && told && !is_true(&a, end)) {
                                snprintf(why, sizeof(why), "answered %d: %.150s; hint: %.150s; ended %s", a.r, a.text,
                                         a.hint, end == END_NEW ? "new" : "old");
                                end = END_THIRD;
                        }
                        table_end(end, at, why);
                }
        }
}

int main(void)
{
        dir_name(work, "work");
        rows(0);
        rows(1);
        dir_drop(work);
        return table_done("0-init");
}
