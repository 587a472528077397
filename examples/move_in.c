/* A household of another product (WireGuard's wg-quick, PiVPN, wg-easy) moves into a cell: what would be done, then
 * done. move_in DIR PATH look|move [fake] */
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>

/* Each line that could not be taken, and what was unsafe, is in the report. */
static void tell(const pic_report *told)
{
        printf("%s: %s\n", pic_report_good(told) ? "all of it is taken" : "not all of it is taken",
               pic_report_text(told));
}

static int move(pic_edit *edit, int look, pic_error **err)
{
        pic_plan *plan = NULL;
        int r;

        if (!look)
                return pic_edit_commit(edit, 0, NULL, err);
        r = pic_edit_plan(edit, &plan, err);
        if (r >= 0)
                printf("%zu steps\n", pic_plan_count(plan));
        pic_plan_unref(plan);
        return r;
}

int main(int argc, char **argv)
{
        pic_household_opts how = PIC_HOUSEHOLD_OPTS_INIT;
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_report *told = NULL;
        pic_edit *edit = NULL;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        const pic_error *e;
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: move_in DIR PATH look|move [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 4 ? argv[4] : NULL;
        how.access = "internet"; /* less than they could do there */
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = pic_edit_new(ctx, &edit, &err);
        if (r >= 0)
                r = pic_household_import(edit, argv[2], &how, &told, &err);
        if (r >= 0)
                tell(told);
        if (r >= 0)
                r = move(edit, strcmp(argv[3], "look") == 0, &err);
        for (e = err; e != NULL; e = pic_error_next(e)) /* what stands in the way, with file and line */
                fprintf(stderr, "%s\n", pic_error_message(e));
        pic_error_free(err);
        pic_report_unref(told);
        pic_edit_unref(edit);
        pic_ctx_unref(ctx);
        return r < 0;
}
