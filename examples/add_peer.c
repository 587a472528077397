/* Adds a device and prints its configuration.   add_peer DIR NAME GRANTS [fake] */
#include <pic/pic.h>
#include <stdio.h>

static int add(pic_ctx *ctx, const char *name, const char *grants, pic_error **err)
{
        pic_outcome *outcome = NULL;
        pic_edit *edit = NULL;
        int r = pic_edit_new(ctx, &edit, err);

        if (r >= 0)
                r = pic_edit_add(edit, "peer", name, err);
        if (r >= 0)
                r = pic_edit_set(edit, "peer", name, "access", grants, err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, &outcome, err);
        if (r >= 0 && pic_outcome_state(outcome) != PIC_OUTCOME_APPLIED)
                fprintf(stderr, "stored, not applied: %s\n", pic_error_message(pic_outcome_error(outcome)));
        pic_outcome_unref(outcome);
        pic_edit_unref(edit);
        return r;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_blob *config = NULL;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: add_peer DIR NAME GRANTS [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 4 ? argv[4] : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = add(ctx, argv[2], argv[3], &err);
        if (r >= 0)
                r = pic_peer_config(ctx, argv[2], &config, &err);
        if (r >= 0)
                fwrite(pic_blob_data(config), 1, pic_blob_size(config), stdout);
        else
                fprintf(stderr, "%s\n%s\n", pic_error_message(err),
                        pic_error_hint(err) != NULL ? pic_error_hint(err) : "");
        pic_error_free(err);
        pic_blob_unref(config);
        pic_ctx_unref(ctx);
        return r < 0;
}
