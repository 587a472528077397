/* What was said: the last lines, those about one device, and more of one area for a while.
 *     read_log DIR [PEER] [fake] */
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>

/* Takes it. */
static void show(const char *what, pic_report *report)
{
        printf("%s: %s\n", what, pic_report_text(report));
        pic_report_unref(report);
}

/* More of one area for a while; NULL instead of a level takes that back. */
static int look_closer(pic_ctx *ctx, pic_error **err)
{
        pic_report *report = NULL;
        int r = pic_log_level_set(ctx, "wg", "debug", err);

        if (r >= 0)
                r = pic_log_levels(ctx, &report, err);
        if (r >= 0)
                show("levels", report);
        return r < 0 ? r : pic_log_level_set(ctx, "wg", NULL, err);
}

/* What was said about it, the newest five lines. */
static int hear(pic_ctx *ctx, const char *peer, pic_error **err)
{
        pic_log_opts opts = PIC_LOG_OPTS_INIT;
        pic_report *report = NULL;
        int r;

        opts.peer = peer;
        opts.max = 5;
        r = pic_log_search(ctx, &opts, &report, err);
        if (r >= 0)
                show("said", report);
        return r;
}

int main(int argc, char **argv)
{
        int fake = argc > 2 && strcmp(argv[argc - 1], "fake") == 0, r;
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;

        if (argc < 2) {
                fprintf(stderr, "usage: read_log DIR [PEER] [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = fake ? "fake" : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = pic_log_get(ctx, NULL, 5, &report, &err);
        if (r >= 0)
                show("log", report);
        if (r >= 0)
                r = hear(ctx, argc - fake > 2 ? argv[2] : NULL, &err);
        if (r >= 0)
                r = look_closer(ctx, &err);
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0;
}
