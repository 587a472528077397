/* A backup is restored over a cell, by hand or as it was ordered of an agent, and that is taken back: killed, or the
 * disk failing, at every point. Then there is the former cell or the other one, sound and whole; what was answered is
 * true; and the next attempt succeeds and leaves no staging behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pic/backup.h>

#include "base/mem.h"
#include "changes.h"
#include "disk.h"
#include "engine/ordered.h"
#include "state.h"

static char top[96], work[128], kept[96], file[128];
static char aside[96];   /* the cell that is put aside; "": there is none, and it is a restore */
static char ordered[96]; /* the cell that lies in the directory and waits for the agent; "": none does */
static int recalled;     /* what waits there is the name of the one that is put aside */
static struct state former, restored;

static const char *const *moves; /* answers; NULL: the cell stays what and where it was */

/* Who comes back is the one that is put aside now, however it is called. */
static void name_it(const char *stage)
{
        DIR *d = opendir(top);
        char path[192], text[300] = "";
        struct dirent *e;
        int fd;

        while (d != NULL && (e = readdir(d)) != NULL)
                if (strstr(e->d_name, ".before-") != NULL)
                        snprintf(text, sizeof(text), "%s\nowner\nhttp\n", e->d_name);
        if (d != NULL)
                closedir(d);
        snprintf(path, sizeof(path), "%s/" PIC__ORDERED_FORMER, stage);
        fd = mkdir(stage, 0700) == 0 ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
        if (fd < 0 || write(fd, text, strlen(text)) <= 0)
                stop("no order");
        close(fd);
}

/* The cell anew (of a former one a part may be left), and its order. */
static void order_it(void)
{
        char stage[160], link[160], mark[192];
        int fd;

        snprintf(stage, sizeof(stage), "%s/.ordered-aaaaaa", work);
        snprintf(link, sizeof(link), "%s/" PIC_BACKUP_ORDERED, work);
        snprintf(mark, sizeof(mark), "%s/" PIC__SCRATCH_MARK, stage);
        if (access(stage, F_OK) == 0)
                dir_drop(stage);
        if (recalled)
                name_it(stage);
        else
                dir_copy(ordered, stage);
        fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0 || (symlink(".ordered-aaaaaa", link) < 0 && errno != EEXIST))
                stop("no order");
        close(fd);
}

static int carry_out(pic_error **err)
{
        char run_dir[160], *told = NULL;
        const pic__ordered_opts o = { .dir = work, .run_dir = run_dir, .clock = &pic__clock_real };
        int r;

        snprintf(run_dir, sizeof(run_dir), "%s/run", work);
        r = pic__ordered_do(&o, &told, err);
        pic__free(told);
        return r == 0 ? PIC_NOTFOUND : r < 0 ? r : 0;
}

static int restore(pic_error **err)
{
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_ctx *ctx = cell_ctx(work);
        pic_report *told = NULL;
        int fd, r;

        if (ordered[0] != '\0') {
                pic_ctx_unref(ctx);
                return carry_out(err);
        }
        fd = open(file, O_RDONLY | O_CLOEXEC);
        o.answers = moves;
        if (aside[0] != '\0')
                r = pic_backup_undo(ctx, NULL, &told, err);
        else
                r = pic_backup_restore(ctx, NULL, fd, &o, &told, err);
        close(fd);
        pic_report_unref(told);
        pic_ctx_unref(ctx);
        return r;
}

/* The former cell, alone in its directory's directory. */
static void begin_anew(void)
{
        dir_drop(top);
        if (mkdir(top, 0700) < 0)
                stop("no directory");
        dir_copy(kept, work);
        if (aside[0] != '\0') {
                char before[160];

                snprintf(before, sizeof(before), "%s.before-2026-01-01T00-00-00Z", work);
                dir_copy(aside, before);
        }
        if (ordered[0] != '\0')
                order_it();
}

struct answer {
        int r;
        unsigned long points;
        char text[200];
};

/* 1: an answer came; 0: it was killed. */
static int run(const struct disk_case *f, unsigned long at, struct answer *a)
{
        int p[2], status, told;
        pid_t pid;

        begin_anew();
        if (pipe(p) < 0)
                stop("no pipe");
        (void)fflush(stdout);
        pid = fork();
        if (pid == 0) {
                pic_error *err = NULL;

                disk_watch(top, f != NULL ? f->how : DISK_NONE, at, f != NULL ? f->error : 0);
                memset(a, 0, sizeof(*a));
                a->r = restore(&err);
                snprintf(a->text, sizeof(a->text), "%s", pic_error_message(err));
                a->points = disk_points();
                _exit(write(p[1], a, sizeof(*a)) != (ssize_t)sizeof(*a));
        }
        (void)close(p[1]);
        told = read(p[0], a, sizeof(*a)) == (ssize_t)sizeof(*a);
        (void)close(p[0]);
        if (pid < 0 || waitpid(pid, &status, 0) != pid ||
            (!told && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)))
                stop("a restore died of something else at point %lu", at);
        return told;
}

/* Directories beside the cell's: stagings, and what was put aside. */
static int beside(const char *what)
{
        DIR *d = opendir(top);
        struct dirent *e;
        int n = 0;

        while (d != NULL && (e = readdir(d)) != NULL)
                n += strstr(e->d_name, what) != NULL;
        if (d != NULL)
                closedir(d);
        return n;
}

static enum end judge(char why[WHY])
{
        struct state s = { 0 };
        pic_error *err = NULL;
        enum end end = END_THIRD;

        if (state_read(work, &s, why) < 0)
                return END_THIRD;
        if (strcmp(s.text, former.text) == 0)
                end = END_OLD;
        else if (strcmp(s.text, restored.text) == 0)
                end = END_NEW;
        else
                snprintf(why, WHY, "it is neither the former cell nor that of the backup");
        state_free(&s);
        if (end == END_THIRD)
                return end;
        if (ordered[0] != '\0')
                order_it();
        if (restore(&err) < 0) {
                snprintf(why, WHY, "and cannot be restored again: %.300s", pic_error_message(err));
                end = END_THIRD;
        } else if (beside(".restore-") > (end == END_NEW)) { /* killed after the step: then it is the former cell */
                snprintf(why, WHY, "a staging is left");
                end = END_THIRD;
        }
        pic_error_free(err);
        return end;
}

static void rows(const char *place, unsigned long usual)
{
        unsigned long stride = table_stride(usual), at, last, start = 0;
        char why[WHY] = "";
        struct answer a;
        size_t i;

        if (!run(NULL, 0, &a) || a.r < 0)
                stop("a restore without a fault: %s", a.text);
        last = a.points;
        state_free(&restored);
        if (state_read(work, &restored, why) < 0 || strcmp(former.text, restored.text) == 0)
                stop("a restore without a fault: %s", why);
        for (i = 0; i < DISK_CASES; i++) {
                table_row(disk_cases[i].name, place);
                for (at = 1 + start++ % stride % last; at <= last; at += stride) {
                        int told = run(&disk_cases[i], at, &a);
                        enum end end;

                        why[0] = '\0';
                        end = judge(why);

                        if (end != END_THIRD && told && (a.r == 0) != (end == END_NEW)) {
                                snprintf(why, sizeof(why), "answered %d: %.150s; ended %s", a.r, a.text,
                                         end == END_NEW ? "new" : "old");
                                end = END_THIRD;
                        }
                        table_end(end, at, why);
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
        if (r < 0 || state_read(kept, &restored, why) < 0)
                stop("no backup: %s%s", pic_error_message(err), why);
        pic_report_unref(told);
        r = pic_edit_new(ctx, &edit, &err);
        if (r == 0)
                r = pic_edit_set(edit, "cell", NULL, "mtu", "1300", &err);
        if (r == 0)
                r = pic_edit_commit(edit, 0, NULL, &err);
        pic_edit_unref(edit);
        pic_ctx_unref(ctx);
        if (r < 0 || state_read(kept, &former, why) < 0 || strcmp(former.text, restored.text) == 0)
                stop("no change: %s%s", pic_error_message(err), why);
}

/* Another cell than the one that is there. */
static void put_aside(void)
{
        pic_error *err = NULL;
        pic_edit *edit = NULL;
        pic_ctx *ctx;
        int r;

        dir_copy(kept, aside);
        ctx = cell_ctx(aside);
        r = pic_edit_new(ctx, &edit, &err);
        if (r == 0)
                r = pic_edit_set(edit, "cell", NULL, "mtu", "1320", &err);
        if (r == 0)
                r = pic_edit_commit(edit, 0, NULL, &err);
        pic_edit_unref(edit);
        pic_ctx_unref(ctx);
        if (r < 0)
                stop("no change: %s", pic_error_message(err));
}

int main(void)
{
        static const char *const elsewhere[] = {
                "endpoint", "new.example.org:51999", "net4", "10.78.0.0/16", "net6", "fd78::/48", NULL
        };

        dir_name(top, "top");
        dir_name(kept, "kept");
        snprintf(work, sizeof(work), "%s/cell", top);
        snprintf(file, sizeof(file), "%s.backup", kept);
        prepare();
        rows("restore a backup over a cell", 5);
        moves = elsewhere;
        rows("restore it as a cell that moves", 11);
        dir_name(aside, "aside");
        put_aside();
        rows("take a restore back", 11);
        snprintf(ordered, sizeof(ordered), "%s", aside);
        aside[0] = '\0';
        rows("an agent makes the exchange that was ordered", 11);
        snprintf(aside, sizeof(aside), "%s", ordered);
        recalled = 1;
        rows("an agent takes a restore back, as it was ordered", 5);
        state_free(&former);
        state_free(&restored);
        unlink(file);
        dir_drop(top);
        dir_drop(kept);
        dir_drop(aside);
        return table_done("9-restore");
}
