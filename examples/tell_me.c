/* Who is told when something is wrong: an alert, and whether messages arrive.   tell_me DIR ALERT URL [fake] */
#include <pic/pic.h>
#include <stdio.h>

static int wish(pic_ctx *ctx, const char *alert, const char *to, pic_error **err)
{
        pic_outcome *outcome = NULL;
        pic_edit *edit = NULL;
        int r = pic_edit_new(ctx, &edit, err);

        if (r >= 0)
                r = pic_edit_add(edit, "alert", alert, err);
        if (r >= 0)
                r = pic_edit_set(edit, "alert", alert, "to", to, err);
        if (r >= 0)
                r = pic_edit_set(edit, "alert", alert, "quiet", "22:00-07:00", err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, &outcome, err);
        pic_outcome_unref(outcome);
        pic_edit_unref(edit);
        return r;
}

static void show(pic_report *report)
{
        printf("%s %s\n", pic_report_good(report) ? "well:" : "look:", pic_report_text(report));
        pic_report_unref(report);
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: tell_me DIR ALERT URL [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 4 ? argv[4] : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = wish(ctx, argv[2], argv[3], &err);
        if (r >= 0)
                r = pic_alert_status(ctx, &report, &err);
        if (r >= 0)
                show(report);
        if (r >= 0 && argc == 4) { /* the fake world sends nothing */
                r = pic_alert_test(ctx, argv[2], &report, &err);
                if (r >= 0)
                        show(report);
        }
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0;
}
