/* The power goes: at every sync that a change makes, just before and just after it, the disk as it may be then is
 * opened again. The cell is as before or as after, sound, and what was answered is not lost. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changes.h"
#include "disk.h"
#include "power.h"
#include "state.h"

static char base[96], work[96], tape[96];

/* Mark 1: it is answered that it is done. */
static void __attribute__((noreturn)) writer(const struct change *c)
{
        pic_error *err = NULL;
        pic_ctx *ctx;
        int fd = open(tape, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        if (fd < 0)
                _exit(9);
        disk_watch(work, DISK_NONE, 0, 0);
        disk_record(fd);
        ctx = cell_ctx(work);
        if (change_make(c, ctx, 0, NULL, &err) < 0) {
                printf("%s: %s\n", c->name, pic_error_message(err));
                _exit(9);
        }
        disk_mark(1);
        pic_ctx_unref(ctx);
        _exit(0);
}

static power *recorded(const struct change *c, struct state s[2])
{
        char why[WHY];
        int status;
        pid_t pid;

        cell_for(c, base);
        dir_copy(base, work);
        (void)fflush(stdout);
        pid = fork();
        if (pid == 0)
                writer(c);
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
                stop("'%s' without a cut fails", c->name);
        if (state_read(base, &s[0], why) < 0 || state_read(work, &s[1], why) < 0 || state_same(&s[0], &s[1]))
                stop("'%s' without a cut: %s", c->name, why);
        return power_new(base, tape);
}

static void cut_at(const struct change *c, const power *p, size_t call, enum power_cut cut, unsigned seed,
                   const struct state s[2])
{
        char why[WHY];
        enum end end;

        power_cut(p, call, cut, seed, work);
        end = state_judge(work, &s[0], &s[1], why);
        if (end == END_OLD && power_marked(p, call) && !c->silent) {
                snprintf(why, sizeof(why), "it was answered that it is done, and it is lost");
                end = END_THIRD;
        }
        table_end(end, call, why);
}

#define POINTS 400

/* Before each sync, after it, and at the end. */
static size_t points(const power *p, size_t to[POINTS])
{
        size_t i, n = 0;

        for (i = 0; i <= power_count(p) && n < POINTS; i++)
                if (power_is_sync(p, i) || (i > 0 && power_is_sync(p, i - 1)) || i == power_count(p))
                        to[n++] = i;
        return n;
}

static void all_syncs(const struct change *c)
{
        static const char *const names[POWER_CUTS] = { "power cut: what was not synced is lost",
                                                       "power cut: names are there, contents lost",
                                                       "power cut: any sectors of it are there" };
        static unsigned begin;
        unsigned seed;
        unsigned long stride = table_stride(2);
        size_t at[POINTS], count, i;
        struct state s[2];
        power *p = recorded(c, s);
        int cut;

        count = points(p, at);
        for (cut = 0; cut < POWER_CUTS; cut++) {
                table_row(names[cut], c->name);
                for (i = begin++ % stride % count; i < count; i += stride)
                        for (seed = 0; seed < (cut == POWER_TORN ? 2u : 1u); seed++)
                                cut_at(c, p, at[i], (enum power_cut)cut, seed * 1009 + (unsigned)i * 7 + begin, s);
        }
        power_free(p);
        state_free(&s[0]);
        state_free(&s[1]);
        dir_drop(base);
}

int main(void)
{
        unsigned i;

        dir_name(base, "base");
        dir_name(work, "work");
        dir_name(tape, "tape");
        for (i = 0; i < change_count; i++)
                all_syncs(&changes[i]);
        dir_drop(work);
        (void)unlink(tape);
        return table_done("3-power");
}
