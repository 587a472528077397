/* What a monitor would ask: is all well, what differs, is the clock right, may one reach the other.
 *     look_after DIR [FROM TO] [fake]        exit status 1: something needs a person */
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>

/* Each question gives a report: JSON (or text), and one bit that says whether it is good. Takes it. */
static int show(const char *what, pic_report *report)
{
        int good = pic_report_good(report);

        printf("%s: %s\n%s\n", what, good ? "well" : "not well", pic_report_text(report));
        pic_report_unref(report);
        return good;
}

static int ask(pic_ctx *ctx, const char *from, const char *to, int *ret_good, pic_error **err)
{
        pic_report *report = NULL;
        pic_plan *plan = NULL;
        int r = pic_status_get(ctx, 0, &report, err);

        if (r >= 0)
                *ret_good = show("status", report);
        if (r >= 0)
                r = pic_doctor_run(ctx, &report, err);
        if (r >= 0)
                *ret_good &= show("doctor", report);
        if (r >= 0)
                r = pic_doctor_fix(ctx, &report, err); /* only what risks nothing */
        if (r >= 0)
                *ret_good &= show("fixed", report);
        if (r >= 0)
                r = pic_drift_get(ctx, 0, &report, err); /* with PIC_DRIFT_REPAIR it would be put right, too */
        if (r >= 0)
                *ret_good &= show("drift", report);
        if (r >= 0)
                r = pic_ntp_get(ctx, &report, err);
        if (r >= 0)
                *ret_good &= show("time", report);
        if (r >= 0)
                r = pic_front_get(ctx, &report, err);
        if (r >= 0)
                *ret_good &= show("https", report);
        if (r >= 0)
                r = pic_plan_get(ctx, 0, &plan, err);
        if (r >= 0)
                printf("%lu steps separate the machine from the wishes\n", (unsigned long)pic_plan_count(plan));
        pic_plan_unref(plan);
        if (r >= 0 && from != NULL)
                r = pic_why_get(ctx, from, to, 0, &report, err);
        if (r >= 0 && from != NULL)
                (void)show("why", report);
        if (r >= 0)
                r = pic_dns_stats(ctx, &report, err);
        if (r >= 0)
                (void)show("names", report);
        if (r >= 0)
                r = pic_dns_log(ctx, NULL, 5, &report, err); /* empty, unless the owner wants it written down */
        if (r >= 0)
                (void)show("questions", report);
        if (r >= 0)
                r = pic_health_history(ctx, NULL, &report, err);
        if (r >= 0)
                (void)show("what was wrong", report);
        if (r >= 0)
                r = pic_traffic_get(ctx, NULL, &report, err); /* all devices, thirty days */
        if (r >= 0)
                (void)show("traffic", report);
        return r;
}

int main(int argc, char **argv)
{
        int fake = argc > 2 && strcmp(argv[argc - 1], "fake") == 0, between = argc - fake > 3, good = 0, r;
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;

        if (argc < 2) {
                fprintf(stderr, "usage: look_after DIR [FROM TO] [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = fake ? "fake" : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = ask(ctx, between ? argv[2] : NULL, between ? argv[3] : NULL, &good, &err);
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0 || !good;
}
