/* A web server of one's own behind the cell's front, for one device.   serve DIR NAME TARGET DEVICE [fake] */
#include <pic/pic.h>
#include <stdio.h>

static int wish(pic_edit *edit, char **argv, pic_error **err)
{
        char grant[80];
        int r = pic_edit_add(edit, "service", argv[2], err);

        if (r >= 0)
                r = pic_edit_set(edit, "service", argv[2], "target", argv[3], err);
        snprintf(grant, sizeof(grant), "service:%s", argv[2]);
        return r >= 0 ? pic_edit_set(edit, "peer", argv[4], "access", grant, err) : r;
}

/* May the device, and by which rule? And does what stands behind it answer? */
static int look(pic_ctx *ctx, char **argv, pic_error **err)
{
        pic_report *report = NULL;
        int r = pic_why_get(ctx, argv[4], argv[2], 0, &report, err);

        if (r < 0)
                return r;
        puts(pic_report_text(report));
        pic_report_unref(report);
        r = pic_front_get(ctx, &report, err);
        if (r < 0)
                return r;
        puts(pic_report_text(report));
        pic_report_unref(report);
        return 0;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_outcome *outcome = NULL;
        pic_edit *edit = NULL;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 5) {
                fprintf(stderr, "usage: serve DIR NAME TARGET DEVICE [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 5 ? argv[5] : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = pic_edit_new(ctx, &edit, &err);
        if (r >= 0)
                r = wish(edit, argv, &err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, &outcome, &err);
        if (r >= 0)
                r = look(ctx, argv, &err);
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_outcome_unref(outcome);
        pic_edit_unref(edit);
        pic_ctx_unref(ctx);
        return r < 0;
}
