/* Adds COUNT devices one by one through libpic and the running agent, each waited for until it is in force. Prints
 * microseconds, one a line. bench_add DIR COUNT PREFIX */
#include <pic/pic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int add(pic_ctx *ctx, const char *name, pic_error **err)
{
        pic_outcome *outcome = NULL;
        pic_edit *edit = NULL;
        int r = pic_edit_new(ctx, &edit, err);

        if (r >= 0)
                r = pic_edit_add(edit, "peer", name, err);
        if (r >= 0)
                r = pic_edit_set(edit, "peer", name, "access", "internet", err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, &outcome, err);
        if (r >= 0 && pic_outcome_state(outcome) != PIC_OUTCOME_APPLIED) {
                fprintf(stderr, "not applied: %s\n", pic_error_message(pic_outcome_error(outcome)));
                r = -1;
        }
        pic_outcome_unref(outcome);
        pic_edit_unref(edit);
        return r;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        long i, count;

        if (argc < 4)
                return 2;
        count = strtol(argv[2], NULL, 10);
        opts.dir = argv[1];
        if (pic_ctx_open(&opts, &ctx, &err) < 0)
                goto failed;
        for (i = 0; i < count; i++) {
                char name[64];
                double began = now_us();

                snprintf(name, sizeof(name), "%s%ld", argv[3], i);
                if (add(ctx, name, &err) < 0)
                        goto failed;
                printf("%.1f\n", now_us() - began);
        }
        pic_ctx_unref(ctx);
        return 0;
failed:
        fprintf(stderr, "bench_add: %s\n", pic_error_message(err));
        pic_error_free(err);
        return 1;
}
