/* Changes a device's rights so that it goes back by itself: looks first, applies, asks, keeps or takes back.
 * change_and_confirm DIR NAME GRANTS [fake] */
#include <pic/pic.h>
#include <stdio.h>

static int show_plan(pic_edit *edit, pic_error **err)
{
        pic_plan *plan = NULL;
        size_t i;
        int r = pic_edit_plan(edit, &plan, err);

        for (i = 0; r >= 0 && i < pic_plan_count(plan); i++)
                puts(pic_plan_text(plan, i));
        pic_plan_unref(plan);
        return r;
}

static int change(pic_ctx *ctx, const char *name, const char *grants, pic_error **err)
{
        pic_edit *edit = NULL;
        int r = pic_edit_new(ctx, &edit, err);

        if (r >= 0)
                r = pic_edit_set(edit, "peer", name, "access", grants, err);
        if (r >= 0)
                r = show_plan(edit, err);
        if (r >= 0) {
                pic_edit_confirm_within(edit, 60000);
                r = pic_edit_commit(edit, 0, NULL, err);
        }
        pic_edit_unref(edit);
        return r;
}

/* A person who was cut off cannot answer: then it goes back by itself. */
static int keep_or_undo(pic_ctx *ctx, pic_error **err)
{
        pic_edit *edit = NULL;
        int r;

        fputs("Keep it? [y/n] ", stdout);
        fflush(stdout);
        if (getchar() == 'y')
                return pic_confirm(ctx, err);
        r = pic_edit_new(ctx, &edit, err);
        if (r >= 0)
                r = pic_edit_undo(edit, 0, err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, NULL, err);
        pic_edit_unref(edit);
        return r;
}

static int show_history(pic_ctx *ctx, const char *name, pic_error **err)
{
        pic_history_opts opts = PIC_HISTORY_OPTS_INIT;
        pic_history *history = NULL;
        size_t i;
        int r;

        opts.kind = "peer";
        opts.name = name;
        r = pic_history_get(ctx, &opts, &history, err);
        for (i = 0; r >= 0 && i < pic_history_count(history); i++)
                puts(pic_event_text(pic_history_at(history, i)));
        pic_history_unref(history);
        return r;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: change_and_confirm DIR NAME GRANTS [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 4 ? argv[4] : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = change(ctx, argv[2], argv[3], &err);
        if (r >= 0)
                r = keep_or_undo(ctx, &err);
        if (r >= 0)
                r = show_history(ctx, argv[2], &err);
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0;
}
