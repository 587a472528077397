/* Names that devices are not told: a list, how it does, whether it has a name.   block_names DIR LIST SOURCE NAME
 * [fake] */
#include <pic/pic.h>
#include <stdio.h>

static int wish(pic_ctx *ctx, const char *list, const char *source, pic_error **err)
{
        pic_outcome *outcome = NULL;
        pic_edit *edit = NULL;
        int r = pic_edit_new(ctx, &edit, err);

        if (r >= 0)
                r = pic_edit_add(edit, "blocklist", list, err);
        if (r >= 0)
                r = pic_edit_set(edit, "blocklist", list, "source", source, err);
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

static int ask(pic_ctx *ctx, const char *list, const char *name, int fake, pic_error **err)
{
        pic_report *report = NULL;
        int r = 0;

        if (!fake) { /* fetched by itself, too: this waits for it */
                r = pic_dns_block_refresh(ctx, list, &report, err);
                if (r >= 0)
                        show(report);
        }
        if (r >= 0)
                r = pic_dns_blocks(ctx, &report, err);
        if (r < 0)
                return r;
        show(report);
        r = pic_dns_block_test(ctx, name, NULL, &report, err);
        if (r >= 0)
                show(report);
        return r;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 5) {
                fprintf(stderr, "usage: block_names DIR LIST SOURCE NAME [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 5 ? argv[5] : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = wish(ctx, argv[2], argv[3], &err);
        if (r >= 0)
                r = ask(ctx, argv[2], argv[4], argc > 5, &err);
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0;
}
