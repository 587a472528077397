/* A name for a host at home, an alias of it, and a text with a comma.   own_names DIR NAME ADDRESS [fake] */
#include <pic/pic.h>
#include <stdio.h>

static int wish(pic_edit *edit, const char *name, const char *address, pic_error **err)
{
        int r = pic_edit_add(edit, "record", name, err);

        if (r >= 0)
                r = pic_edit_set(edit, "record", name, "addresses", address, err);
        if (r >= 0)
                r = pic_edit_set(edit, "record", name, "txt", "in the cellar, left", err);
        if (r >= 0)
                r = pic_edit_add(edit, "record", "files", err);
        return r >= 0 ? pic_edit_set(edit, "record", "files", "cname", name, err) : r;
}

static void show(const pic_obj *record)
{
        char *texts = pic_obj_get(record, "txt");

        printf("%s: %s\n", pic_obj_name(record), texts != NULL ? texts : "-");
        pic_text_free(texts);
}

/* Whose word it is, and what the name server was asked so far; the answer that others may have got before is forgotten.
 */
static int ask(pic_ctx *ctx, const char *name, pic_error **err)
{
        pic_dns_query_opts opts = PIC_DNS_QUERY_OPTS_INIT;
        pic_report *report = NULL;
        int r = pic_dns_flush(ctx, name, &report, err);

        if (r < 0)
                return r;
        pic_report_unref(report);
        opts.type = "A";
        r = pic_dns_query(ctx, name, &opts, &report, err);
        if (r < 0)
                return r;
        printf("%s\n", pic_report_text(report));
        pic_report_unref(report);
        return 0;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_outcome *outcome = NULL;
        pic_edit *edit = NULL;
        pic_error *err = NULL;
        pic_obj *record = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: own_names DIR NAME ADDRESS [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 4 ? argv[4] : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = pic_edit_new(ctx, &edit, &err);
        if (r >= 0)
                r = wish(edit, argv[2], argv[3], &err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, &outcome, &err);
        if (r >= 0)
                r = pic_get(ctx, "record", argv[2], &record, &err);
        if (r >= 0)
                show(record);
        if (r >= 0)
                r = ask(ctx, argv[2], &err);
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_obj_unref(record);
        pic_outcome_unref(outcome);
        pic_edit_unref(edit);
        pic_ctx_unref(ctx);
        return r < 0;
}
