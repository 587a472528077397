/* Backups that are made by themselves: a target, how it does, one of them back.
 *
 *     keep_backups DIR TARGET URL RECIPIENT FILE [fake]   FILE: the newest one, as it is there
 */
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int wish(pic_ctx *ctx, const char *target, const char *url, const char *recipient, pic_error **err)
{
        pic_outcome *outcome = NULL;
        pic_edit *edit = NULL;
        int r = pic_edit_new(ctx, &edit, err);

        if (r >= 0)
                r = pic_edit_add(edit, "target", target, err);
        if (r >= 0)
                r = pic_edit_set(edit, "target", target, "url", url, err);
        if (r >= 0)
                r = pic_edit_set(edit, "target", target, "recipients", recipient, err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, &outcome, err);
        pic_outcome_unref(outcome);
        pic_edit_unref(edit);
        return r;
}

/* Until nothing is under way. */
static int follow(pic_ctx *ctx, pic_error **err)
{
        const struct timespec pause = { 0, 300000000 };
        pic_report *report = NULL;
        int r, busy;

        do {
                r = pic_target_status(ctx, &report, err);
                if (r < 0)
                        return r;
                busy = strstr(pic_report_text(report), "\"doing\":{") != NULL ||
                       strstr(pic_report_text(report), "\"state\":\"queued\"") != NULL;
                if (!busy)
                        printf("%s %s\n", pic_report_good(report) ? "well:" : "look:", pic_report_text(report));
                report = pic_report_unref(report);
                if (busy)
                        nanosleep(&pause, NULL);
        } while (busy);
        return 0;
}

static int keep(pic_ctx *ctx, const char *target, const char *file, pic_error **err)
{
        pic_backup_opts opts = PIC_BACKUP_OPTS_INIT;
        pic_report *report = NULL;
        int r = pic_target_do(ctx, "run", target, NULL, &report, err); /* by itself too: this does not wait for it */

        pic_report_unref(report);
        if (r >= 0)
                r = follow(ctx, err);
        opts.output = file;
        if (r >= 0)
                r = pic_target_fetch(ctx, target, NULL, -1, &opts, &report, err);
        if (r < 0)
                return r;
        printf("%s\n", pic_report_text(report));
        pic_report_unref(report);
        r = pic_target_cancel(ctx, NULL, &report, err); /* nothing is under way: nothing ends */
        if (r >= 0)
                pic_report_unref(report);
        return r;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 6) {
                fprintf(stderr, "usage: keep_backups DIR TARGET URL RECIPIENT FILE [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 6 ? argv[6] : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = wish(ctx, argv[2], argv[3], argv[4], &err);
        if (r >= 0)
                r = keep(ctx, argv[2], argv[5], &err);
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0;
}
