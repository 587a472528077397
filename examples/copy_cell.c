/* Makes a new cell with the wishes of another: its groups, devices and grants, with keys of its own.
 *     copy_cell FROM TO NAME [fake] */
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>

static int open_cell(const char *dir, const char *world, pic_ctx **ret, pic_error **err)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;

        opts.dir = dir;
        opts.world = world;
        return pic_ctx_open(&opts, ret, err);
}

static int copy(pic_ctx *from, pic_ctx *to, const char *name, pic_error **err)
{
        const char *const fields[] = { "name", name, NULL };
        pic_report *document = NULL;
        pic_outcome *outcome = NULL;
        pic_edit *edit = NULL;
        const char *text;
        int r = pic_export_get(from, 0, &document, err);

        if (r >= 0)
                r = pic_cell_init(to, fields, NULL, err);
        if (r >= 0)
                r = pic_edit_new(to, &edit, err);
        text = pic_report_text(document);
        if (r >= 0)
                r = pic_edit_load(edit, text, strlen(text), "the other cell", PIC_LOAD_PRUNE, err);
        if (r >= 0) /* all of the document is checked at once: pic_error_next() goes through what is wrong */
                r = pic_edit_set(edit, "cell", NULL, "name", name, err);
        if (r >= 0)
                r = pic_edit_commit(edit, PIC_COMMIT_NOWAIT, &outcome, err);
        if (r >= 0)
                puts(pic_outcome_json(outcome));
        pic_outcome_unref(outcome);
        pic_edit_unref(edit);
        pic_report_unref(document);
        return r;
}

int main(int argc, char **argv)
{
        const char *world = argc > 4 ? argv[4] : NULL;
        pic_ctx *from = NULL, *to = NULL;
        pic_error *err = NULL;
        const pic_error *e;
        pic_list *peers = NULL;
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: copy_cell FROM TO NAME [fake]\n");
                return 2;
        }
        r = open_cell(argv[1], world, &from, &err);
        if (r >= 0)
                r = open_cell(argv[2], world, &to, &err);
        if (r >= 0)
                r = copy(from, to, argv[3], &err);
        if (r >= 0)
                r = pic_list_get(to, "peer", &peers, &err);
        if (r >= 0)
                puts(pic_list_json(peers));
        for (e = err; e != NULL; e = pic_error_next(e))
                fprintf(stderr, "%s:%s: %s\n",
                        pic_error_detail(e, "file") != NULL ? pic_error_detail(e, "file") : argv[1],
                        pic_error_detail(e, "line") != NULL ? pic_error_detail(e, "line") : "-", pic_error_message(e));
        pic_error_free(err);
        pic_list_unref(peers);
        pic_ctx_unref(to);
        pic_ctx_unref(from);
        return r < 0;
}
