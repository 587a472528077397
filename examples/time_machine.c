/* What was an hour ago, what has changed since, and back to it.   time_machine DIR SECONDS [back] [fake] */
#include <pic/pic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int show(pic_ctx *ctx, pic_revision then, pic_revision now, pic_error **err)
{
        pic_report *document = NULL;
        pic_plan *plan = NULL;
        size_t i;
        int r = pic_export_at(ctx, then, 0, &document, err);

        if (r >= 0) {
                printf("# revision %lld\n%s", (long long)then, pic_report_text(document));
                r = pic_diff_get(ctx, then, now, &plan, err);
        }
        for (i = 0; r >= 0 && i < pic_plan_count(plan); i++)
                printf("since then: %s\n", pic_plan_text(plan, i));
        pic_report_unref(document);
        pic_plan_unref(plan);
        return r;
}

static int back_to(pic_ctx *ctx, pic_revision then, pic_error **err)
{
        pic_edit *edit = NULL;
        int r = pic_edit_new(ctx, &edit, err);

        if (r >= 0)
                r = pic_edit_return(edit, then, err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, NULL, err);
        pic_edit_unref(edit);
        return r;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_revision then = 0, now = 0;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        pic_time moment;
        int r, back;

        if (argc < 3) {
                fprintf(stderr, "usage: time_machine DIR SECONDS [back] [fake]\n");
                return 2;
        }
        back = argc > 3 && strcmp(argv[3], "back") == 0;
        opts.dir = argv[1];
        opts.world = strcmp(argv[argc - 1], "fake") == 0 ? "fake" : NULL;
        moment = ((pic_time)time(NULL) - atol(argv[2])) * 1000000;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = pic_revision_at(ctx, moment, &then, &err);
        if (r >= 0)
                r = pic_revision_at(ctx, INT64_MAX, &now, &err);
        if (r >= 0)
                r = back ? back_to(ctx, then, &err) : show(ctx, then, now, &err);
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0;
}
