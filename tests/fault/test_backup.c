/* A backup is made in the place of a former one: killed, or the disk failing, at every point; on disks of every size;
 * while others are made; and while the clock jumps. Then the former backup is there or the new one, whole; what was
 * answered is true; the cell is as it was; and the next attempt succeeds and leaves nothing behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/api.h"
#include "base/time.h"
#include "changes.h"
#include "disk.h"
#include "state.h"

#define PLACE "make a backup over a former one"

enum { ROOMY = 64 << 10 };

static char base[96], kept[96], top[104], cell[128], file[128]; /* base/in/cell, base/in/backup */
static struct state cell_state;
static long long former_revision, new_revision;
static int beside; /* other backups that are meant */

/* --- making one, and reading one ------------------------------------------------------------------------------ */

static int make(const char *path, const pic__clock *clock, pic_error **err)
{
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_ctx *ctx = cell_ctx(cell);
        pic_report *told = NULL;
        int r;

        if (clock != NULL)
                ctx->clock = clock;
        o.output = path;
        o.flags = PIC_BACKUP_PLAIN;
        r = pic_backup_create(ctx, NULL, -1, &o, &told, err);
        pic_report_unref(told);
        pic_ctx_unref(ctx);
        return r;
}

/* The revision of one that is whole; -1: it is not. */
static long long read_one(const char *path, char why[WHY])
{
        pic_report *told = NULL;
        pic_error *err = NULL;
        long long revision = -1;
        int fd = open(path, O_RDONLY | O_CLOEXEC), r = pic_backup_verify(NULL, fd, NULL, &told, &err);
        const char *at = r == 0 ? strstr(pic_report_text(told), "\"revision\"") : NULL;

        if (at != NULL)
                revision = strtoll(at + strcspn(at, "0123456789"), NULL, 10);
        else
                snprintf(why, WHY, "%.80s is no backup: %.200s", path, pic_error_message(err));
        if (fd >= 0)
                (void)close(fd);
        pic_report_unref(told);
        pic_error_free(err);
        return revision;
}

static int left(const char *dir, const char *what)
{
        DIR *d = opendir(dir);
        struct dirent *e;
        int n = 0;

        while (d != NULL && (e = readdir(d)) != NULL)
                n += strncmp(e->d_name, what, strlen(what)) == 0;
        if (d != NULL)
                closedir(d);
        return n;
}

/* What was killed between two names of a file leaves one beside it: the next attempt takes it away. */
static enum end judge(char why[WHY])
{
        enum end end = END_THIRD;
        struct state s = { 0 };
        pic_error *err = NULL;
        long long revision = read_one(file, why);
        char again[140];

        if (revision < 0 || state_read(cell, &s, why) < 0)
                return END_THIRD;
        if (strcmp(s.text, cell_state.text) != 0)
                snprintf(why, WHY, "the cell is another");
        else if (revision != former_revision && revision < new_revision)
                snprintf(why, WHY, "it is of revision %lld", revision);
        else
                end = revision == former_revision ? END_OLD : END_NEW;
        state_free(&s);
        snprintf(again, sizeof(again), "%s.again", file);
        if (end != END_THIRD && (make(again, NULL, &err) < 0 || read_one(again, why) < 0)) {
                snprintf(why, WHY, "and none can be made again: %.300s", pic_error_message(err));
                end = END_THIRD;
        }
        pic_error_free(err);
        if (end != END_THIRD && left(cell, ".backup-") > 0) {
                snprintf(why, WHY, "a copy is left in the cell");
                end = END_THIRD;
        }
        if (end != END_THIRD && left(top, ".pic-new.") + left(top, "backup.") != 1 + beside) {
                snprintf(why, WHY, "something is left beside the backup");
                end = END_THIRD;
        }
        return end;
}

struct answer {
        int r;
        unsigned long points;
        char text[200];
};

/* The answer is true: "made" when it is the new one. A directory that cannot be synced behind the last step is told. */
static enum end true_end(enum end end, const struct answer *a, char why[WHY])
{
        if (end == END_THIRD || (a->r == 0) == (end == END_NEW))
                return end;
        if (end == END_NEW && a->r == PIC_IO)
                return end;
        snprintf(why, WHY, "answered %d: %.150s; ended %s", a->r, a->text, end == END_NEW ? "new" : "old");
        return END_THIRD;
}

static void answer(struct answer *a)
{
        pic_error *err = NULL;

        memset(a, 0, sizeof(*a));
        a->r = make(file, NULL, &err);
        snprintf(a->text, sizeof(a->text), "%s", pic_error_message(err));
        pic_error_free(err);
}

/* --- at every point ------------------------------------------------------------------------------------------- */

/* 1: an answer came; 0: it was killed. */
static int run(const struct disk_case *f, unsigned long at, struct answer *a)
{
        int p[2], status, told;
        pid_t pid;

        dir_copy(kept, top);
        if (pipe(p) < 0)
                stop("no pipe");
        (void)fflush(stdout);
        pid = fork();
        if (pid == 0) {
                disk_watch(top, f != NULL ? f->how : DISK_NONE, at, f != NULL ? f->error : 0);
                answer(a);
                a->points = disk_points();
                _exit(write(p[1], a, sizeof(*a)) != (ssize_t)sizeof(*a));
        }
        (void)close(p[1]);
        told = read(p[0], a, sizeof(*a)) == (ssize_t)sizeof(*a);
        (void)close(p[0]);
        if (pid < 0 || waitpid(pid, &status, 0) != pid ||
            (!told && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)))
                stop("a backup died of something else at point %lu", at);
        return told;
}

static void at_points(void)
{
        unsigned long stride = table_stride(6), at, last, start = 0;
        struct answer a;
        size_t i;

        if (!run(NULL, 0, &a) || a.r < 0)
                stop("a backup without a fault: %s", a.text);
        last = a.points;
        for (i = 0; i < DISK_CASES; i++) {
                table_row(disk_cases[i].name, PLACE);
                for (at = 1 + start++ % stride % last; at <= last; at += stride) {
                        int told = run(&disk_cases[i], at, &a);
                        char why[WHY] = "";
                        enum end end = judge(why);

                        table_end(told ? true_end(end, &a, why) : end, at, why);
                }
        }
}

/* --- disks of every size -------------------------------------------------------------------------------------- */

/* The file system of `base` has so much room, in KiB. */
static int resize(unsigned long flags, unsigned long kib)
{
        char size[64];

        snprintf(size, sizeof(size), "size=%luk", kib);
        return mount("none", base, "tmpfs", flags, size);
}

/* In a file system that has `spare` KiB left. Exits with the end, 77: there is none to be had. */
static void on_small_disk(unsigned long spare)
{
        struct answer a;
        struct statvfs fs;
        char why[WHY] = "";
        enum end end;

        dir_drop(top);
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || resize(0, ROOMY) < 0)
                _exit(77);
        dir_copy(kept, top);
        if (statvfs(base, &fs) < 0 || resize(MS_REMOUNT, (fs.f_blocks - fs.f_bfree) * fs.f_bsize / 1024 + spare) < 0)
                _exit(77);
        answer(&a);
        if (resize(MS_REMOUNT, ROOMY) < 0)
                _exit(77);
        end = true_end(judge(why), &a, why);
        if (a.r < 0 && a.r != PIC_IO)
                end = END_THIRD;
        if (end == END_THIRD)
                printf("%s; %s\n", a.text, why);
        (void)fflush(stdout);
        _exit((int)end);
}

static void at_sizes(void)
{
        unsigned long stride = table_stride(4), spare;
        int status, skipped = 0;

        table_row("a disk that is full", PLACE);
        for (spare = 4; spare <= 1600 && !skipped; spare += 16 * stride) {
                pid_t pid;

                (void)fflush(stdout);
                pid = fork();
                if (pid == 0)
                        on_small_disk(spare);
                if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
                        stop("a backup on a small disk died");
                skipped = WEXITSTATUS(status) == 77;
                table_end(skipped ? END_OLD : (enum end)WEXITSTATUS(status), spare, "on a small disk");
        }
        if (skipped)
                printf("skipped: a small disk needs root and a mount namespace\n");
}

/* --- several at once ------------------------------------------------------------------------------------------ */

/* Two for one place, two for their own. */
static pid_t one_of_many(int i, const int p[2])
{
        char path[160], c;
        pid_t pid;

        (void)fflush(stdout);
        pid = fork();
        if (pid != 0)
                return pid;
        (void)close(p[1]);
        (void)!read(p[0], &c, 1); /* all start when the pipe closes */
        snprintf(path, sizeof(path), "%s%s%.*s", file, i < 2 ? "" : ".", i < 2 ? 0 : 1, i == 2 ? "a" : "b");
        _exit(make(path, NULL, NULL) == 0 ? 0 : 1);
}

static void at_once(void)
{
        unsigned long round, rounds = 1 + 39 / table_stride(8);
        char path[160], why[WHY];
        pid_t pid[4];

        table_row("four backups at once", PLACE);
        beside = 2;
        for (round = 1; round <= rounds; round++) {
                int p[2], i, status, good = 0;
                enum end end;

                dir_copy(kept, top);
                if (pipe(p) < 0)
                        stop("no pipe");
                for (i = 0; i < 4; i++)
                        pid[i] = one_of_many(i, p);
                (void)close(p[0]);
                (void)close(p[1]);
                for (i = 0; i < 4; i++)
                        good += waitpid(pid[i], &status, 0) == pid[i] && status == 0;
                snprintf(why, sizeof(why), "%d of four were made", good);
                end = good == 4 ? judge(why) : END_THIRD;
                for (i = 2; i < 4 && end == END_NEW; i++) {
                        snprintf(path, sizeof(path), "%s.%c", file, "ab"[i - 2]);
                        end = read_one(path, why) >= new_revision ? END_NEW : END_THIRD;
                }
                table_end(end, round, why);
        }
        beside = 0;
}

/* --- the clock ------------------------------------------------------------------------------------------------ */

static pic_time jump;
static unsigned long readings, jump_at;

static pic_time read_wall(void *data)
{
        (void)data;
        return pic__clock_real.now(NULL) + (++readings >= jump_at ? jump : 0);
}

static pic_time read_mono(void *data)
{
        (void)data;
        return pic__clock_real.mono(NULL);
}

static void at_readings(const char *name, pic_time by)
{
        static const pic__clock clock = { read_wall, read_mono, NULL };
        unsigned long at, last = 1;

        table_row(name, PLACE);
        for (at = 1; at <= last; at++) {
                struct answer a = { .r = 0 };
                char why[WHY] = "";
                enum end end;

                dir_copy(kept, top);
                jump = by;
                jump_at = at;
                readings = 0;
                a.r = make(file, &clock, NULL);
                last = readings;
                end = judge(why);
                table_end(true_end(end, &a, why), at, why);
        }
}

/* --------------------------------------------------------------------------------------------------------------- */

/* A cell with a backup, and then a change. */
static void prepare(void)
{
        char why[WHY] = "", dir[128];
        pic_error *err = NULL;
        pic_edit *edit = NULL;
        pic_ctx *ctx;
        int r;

        snprintf(dir, sizeof(dir), "%s/cell", top);
        if (mkdir(base, 0700) < 0 || mkdir(top, 0700) < 0)
                stop("no directory");
        cell_for(&changes[0], dir);
        if (make(file, NULL, &err) < 0)
                stop("no backup: %s", pic_error_message(err));
        former_revision = read_one(file, why);
        ctx = cell_ctx(dir);
        r = pic_edit_new(ctx, &edit, &err);
        if (r == 0)
                r = pic_edit_set(edit, "cell", NULL, "mtu", "1300", &err);
        if (r == 0)
                r = pic_edit_commit(edit, 0, NULL, &err);
        pic_edit_unref(edit);
        pic_ctx_unref(ctx);
        if (r < 0 || state_read(dir, &cell_state, why) < 0)
                stop("no change: %s%s", pic_error_message(err), why);
        new_revision = (long long)cell_state.revision;
        dir_copy(top, kept);
}

int main(void)
{
        dir_name(kept, "kept");
        dir_name(base, "base");
        snprintf(top, sizeof(top), "%s/in", base);
        snprintf(cell, sizeof(cell), "%s/cell", top);
        snprintf(file, sizeof(file), "%s/backup", top);
        prepare();
        at_points();
        at_sizes();
        at_once();
        at_readings("clock jumps a year forward", 365 * 24 * 3600 * PIC__SECOND);
        at_readings("clock jumps a year back", -365 * 24 * 3600 * PIC__SECOND);
        state_free(&cell_state);
        dir_drop(base);
        dir_drop(kept);
        return table_done("b-backup");
}
