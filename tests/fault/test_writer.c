/* Whoever writes, by the public calls: killed at every point where something reaches the disk, and the disk failing at
 * every such point. The cell is then as before or as after, its journal and audit trail are sound, and the world can be
 * brought to it. What was answered is true: done is done, refused is as before, and the refusal says why. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changes.h"
#include "disk.h"
#include "state.h"

/* What the writer was told, as it was told; the second time when it is at its end. */
struct answer {
        int r, state, code;
        unsigned long points;
        char text[200], hint[200];
};

static char base[96], work[96];

static void tell(int to, const struct answer *a)
{
        if (write(to, a, sizeof(*a)) != (ssize_t)sizeof(*a))
                _exit(9);
}

static void __attribute__((noreturn))
writer(const struct change *c, const struct disk_case *f, unsigned long at, int to)
{
        struct answer a = { 0, 0, 0, 0, "", "" };
        const pic_error *why;
        pic_outcome *o = NULL;
        pic_error *err = NULL;
        pic_ctx *ctx;

        disk_watch(work, f != NULL ? f->how : DISK_NONE, at, f != NULL ? f->error : 0);
        ctx = cell_ctx(work);
        a.r = change_make(c, ctx, 0, &o, &err);
        a.state = o != NULL ? pic_outcome_state(o) : -1;
        why = err != NULL ? err : o != NULL ? pic_outcome_error(o) : NULL;
        a.code = pic_error_code(why);
        snprintf(a.hint, sizeof(a.hint), "%s", pic_error_hint(why) != NULL ? pic_error_hint(why) : "");
        snprintf(a.text, sizeof(a.text), "%s", pic_error_message(why));
        if (why != NULL && pic_error_cause(why) != NULL)
                snprintf(a.text, sizeof(a.text), "%s: %s", pic_error_message(why),
                         pic_error_message(pic_error_cause(why)));
        tell(to, &a);
        pic_error_free(err);
        pic_outcome_unref(o);
        pic_ctx_unref(ctx);
        a.points = disk_points();
        tell(to, &a);
        _exit(0);
}

/* How many answers came: 0 it was killed before, 1 it was killed later, 2 it came to its end. */
static int run(const struct change *c, const struct disk_case *f, unsigned long at, struct answer *a)
{
        int p[2], status, told = 0;
        pid_t pid;

        if (pipe(p) < 0)
                stop("no pipe");
        (void)fflush(stdout);
        pid = fork();
        if (pid == 0) {
                (void)close(p[0]);
                writer(c, f, at, p[1]);
        }
        (void)close(p[1]);
        while (pid > 0 && read(p[0], a, sizeof(*a)) == (ssize_t)sizeof(*a))
                told++;
        (void)close(p[0]);
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
                stop("no child");
        if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
                stop("the writer of '%s' died of something else at point %lu: status %d", c->name, at, status);
        return told;
}

/* Whether what the writer was told is what happened, and is help. */
static int true_and_told(const struct change *c, const struct disk_case *f, const struct answer *a, enum end end,
                         char why[WHY])
{
        const char *wrong = NULL;

        if (!c->silent && a->r == 0 && end != END_NEW)
                wrong = "it was answered that it is done";
        else if (!c->silent && a->r < 0 && end != END_OLD && strstr(a->hint, "not certain") == NULL)
                wrong = "it was refused, but it is done";
        else if (a->code != 0 && a->hint[0] == '\0')
                wrong = "the error has no hint";
        else if (!c->silent && a->r < 0 && a->code != PIC_IO && !(f->error == EROFS && a->code == PIC_DENIED))
                wrong = "the error has another code";
        if (wrong == NULL)
                return 0;
        snprintf(why, WHY, "%s (answer %d, outcome %d, %s: %s)", wrong, a->r, a->state, pic_code_name(a->code),
                 a->text);
        return -1;
}

static void one(const struct change *c, const struct disk_case *f, unsigned long at, const struct state s[2])
{
        struct answer a;
        char why[WHY] = "";
        enum end end = END_THIRD;
        int told;

        dir_copy(base, work);
        told = run(c, f, at, &a);
        if (told > 0 && a.state == PIC_OUTCOME_APPLIED && world_settled(work, 0, why) < 0) {
                table_end(END_THIRD, at, why);
                return;
        }
        end = state_judge(work, &s[0], &s[1], why);
        if (end != END_THIRD && told > 0 && true_and_told(c, f, &a, end, why) < 0)
                end = END_THIRD;
        table_end(end, at, why);
}

static void all_points(const struct change *c)
{
        static unsigned long begin;
        unsigned long stride = table_stride(9), at, i;
        struct state s[2];
        char why[WHY];
        struct answer a;

        cell_for(c, base);
        dir_copy(base, work);
        if (run(c, NULL, 0, &a) != 2 || a.r < 0 || a.points < 5)
                stop("'%s' without a fault: %d, %s, %lu points", c->name, a.r, a.text, a.points);
        if (state_read(base, &s[0], why) < 0 || state_read(work, &s[1], why) < 0 || state_same(&s[0], &s[1]))
                stop("'%s' without a fault: %s", c->name, why);
        if (state_judge(work, &s[0], &s[1], why) != END_NEW)
                stop("'%s' without a fault: not new: %s", c->name, why);
        for (i = 0; i < DISK_CASES; i++) {
                table_row(disk_cases[i].name, c->name);
                for (at = 1 + begin++ % stride % a.points; at <= a.points; at += stride)
                        one(c, &disk_cases[i], at, s);
        }
        state_free(&s[0]);
        state_free(&s[1]);
        dir_drop(base);
}

int main(void)
{
        unsigned i;

        dir_name(base, "base");
        dir_name(work, "work");
        for (i = 0; i < change_count; i++)
                all_points(&changes[i]);
        dir_drop(work);
        return table_done("1-writer");
}
