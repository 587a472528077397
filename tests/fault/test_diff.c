/* A backup is compared with the cell that is here: killed, or the disk failing, at every point, of its copy and of the
 * cell. Nothing may ever become of that: the cell is as it was. New: an answer came, and it is the plan that comes
 * without a fault; old: there was none. The next attempt gives that plan, and leaves no copy behind: the copy has the
 * cell's keys. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "changes.h"
#include "disk.h"
#include "state.h"

#define PLACE "compare a backup with the cell"
#define SCRATCH "pic-scratch-"

enum { PLAN = 64 << 10, PATIENCE_MS = 3000 };

static char work[96], kept[96], file[128];
static const char *memory; /* where copies lie, and the cell of this test */
static struct state former;
static char plan[PLAN]; /* as it is without a fault */

struct answer {
        int r;
        unsigned long points;
        char text[PLAN]; /* the plan, or why there is none */
};

static void ask(struct answer *a)
{
        pic_ctx *ctx = cell_ctx(work);
        pic_plan *told = NULL;
        pic_error *err = NULL;
        int fd = open(file, O_RDONLY | O_CLOEXEC);

        memset(a, 0, sizeof(*a));
        a->r = pic_backup_diff(ctx, NULL, fd, NULL, &told, &err);
        snprintf(a->text, sizeof(a->text), "%s", a->r == 0 ? pic_plan_json(told) : pic_error_message(err));
        (void)close(fd);
        pic_plan_unref(told);
        pic_error_free(err);
        pic_ctx_unref(ctx);
}

/* All of it, through a pipe. */
static int take(int fd, void *to, size_t len)
{
        size_t at = 0;
        ssize_t n;

        while (at < len && (n = read(fd, (char *)to + at, len - at)) > 0)
                at += (size_t)n;
        return at == len;
}

static int give(int fd, const void *from, size_t len)
{
        size_t at = 0;
        ssize_t n;

        while (at < len && (n = write(fd, (const char *)from + at, len - at)) > 0)
                at += (size_t)n;
        return at == len;
}

/* 1: an answer came; 0: it was killed. */
static int run(const struct disk_case *f, unsigned long at, struct answer *a)
{
        int p[2], status, told;
        pid_t pid;

        dir_copy(kept, work);
        if (pipe(p) < 0)
                stop("no pipe");
        (void)fflush(stdout);
        pid = fork();
        if (pid == 0) {
                disk_watch(memory, f != NULL ? f->how : DISK_NONE, at, f != NULL ? f->error : 0);
                ask(a);
                a->points = disk_points();
                _exit(!give(p[1], a, sizeof(*a)));
        }
        (void)close(p[1]);
        told = take(p[0], a, sizeof(*a));
        (void)close(p[0]);
        if (pid < 0 || waitpid(pid, &status, 0) != pid ||
            (!told && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)))
                stop("it died of something else at point %lu", at);
        return told;
}

/* Copies that lie there, others' too. */
static int copies(void)
{
        DIR *d = opendir(memory);
        const struct dirent *e;
        int n = 0;

        while (d != NULL && (e = readdir(d)) != NULL)
                n += strncmp(e->d_name, SCRATCH, strlen(SCRATCH)) == 0;
        if (d != NULL)
                closedir(d);
        return n;
}

/* Other tests have copies of their own, for a moment. */
static int is_clean(void)
{
        const struct timespec nap = { 0, 5000000 };
        int i;

        for (i = 0; i < PATIENCE_MS / 5 && copies() > 0; i++)
                (void)nanosleep(&nap, NULL);
        return copies() == 0;
}

static enum end judge(const struct answer *a, int told, char why[WHY])
{
        enum end end = told && a->r == 0 ? END_NEW : END_OLD;
        struct state s = { 0 };
        struct answer *again = malloc(sizeof(*again));

        if (again == NULL)
                stop("no memory");
        if (state_read(work, &s, why) < 0) {
                free(again);
                return END_THIRD;
        }
        ask(again);
        if (strcmp(s.text, former.text) != 0)
                snprintf(why, WHY, "the cell is another");
        else if (end == END_NEW && strcmp(a->text, plan) != 0)
                snprintf(why, WHY, "it gave another plan: %.200s", a->text);
        else if (again->r < 0 || strcmp(again->text, plan) != 0)
                snprintf(why, WHY, "and does not say the same again: %.200s", again->text);
        else if (!is_clean())
                snprintf(why, WHY, "a copy of the cell is left in %s", memory);
        if (why[0] != '\0')
                end = END_THIRD;
        state_free(&s);
        free(again);
        return end;
}

static void rows(void)
{
        unsigned long stride = table_stride(4), at, last, start = 0;
        static struct answer a;
        size_t i;

        if (!run(NULL, 0, &a) || a.r < 0)
                stop("without a fault: %s", a.text);
        last = a.points;
        memcpy(plan, a.text, sizeof(plan));
        for (i = 0; i < DISK_CASES; i++) {
                table_row(disk_cases[i].name, PLACE);
                for (at = 1 + start++ % stride % last; at <= last; at += stride) {
                        int told = run(&disk_cases[i], at, &a);
                        char why[WHY] = "";

                        table_end(judge(&a, told, why), at, why);
                }
        }
}

/* The cell of the backup, and the same cell a change later. */
static void prepare(void)
{
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        char why[WHY] = "";
        pic_report *told = NULL;
        pic_error *err = NULL;
        pic_edit *edit = NULL;
        pic_ctx *ctx;
        int r;

        cell_for(&changes[0], kept);
        ctx = cell_ctx(kept);
        o.output = file;
        o.flags = PIC_BACKUP_PLAIN;
        r = pic_backup_create(ctx, NULL, -1, &o, &told, &err);
        pic_report_unref(told);
        if (r == 0)
                r = pic_edit_new(ctx, &edit, &err);
        if (r == 0)
                r = pic_edit_set(edit, "cell", NULL, "mtu", "1300", &err);
        if (r == 0)
                r = pic_edit_commit(edit, 0, NULL, &err);
        pic_edit_unref(edit);
        pic_ctx_unref(ctx);
        if (r < 0 || state_read(kept, &former, why) < 0)
                stop("no cell with a backup: %s%s", pic_error_message(err), why);
}

int main(void)
{
        memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
        dir_name(work, "work");
        dir_name(kept, "kept");
        snprintf(file, sizeof(file), "%s.backup", kept);
        prepare();
        rows();
        state_free(&former);
        (void)unlink(file);
        dir_drop(work);
        dir_drop(kept);
        return table_done("a-diff");
}
