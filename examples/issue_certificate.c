/* A certificate for a machine of one's own, by the cell's own CA.
 *
 *     issue_certificate DIR NAME [fake]           issues it: certificate, key, and the root that devices have to trust
 *     issue_certificate DIR renew NAME [fake]     renews it: the certificate alone
 *     issue_certificate DIR state NAME [fake]     how the asking of a public CA goes, for one of a domain of the cell
 */
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>

static int show_root(pic_ctx *ctx, pic_error **err)
{
        pic_report *info = NULL;
        pic_blob *root = NULL;
        int r = pic_ca_info(ctx, &info, err);

        if (r >= 0)
                r = pic_ca_get(ctx, PIC_CA_PEM, &root, err);
        if (r >= 0)
                printf("%s\n%s", pic_report_text(info), (const char *)pic_blob_data(root));
        pic_report_unref(info);
        pic_blob_unref(root);
        return r;
}

/* The key is told once: whoever loses it issues another certificate. */
static int issue(pic_ctx *ctx, const char *name, pic_error **err)
{
        pic_edit *edit = NULL;
        pic_blob *pem = NULL;
        int r = pic_edit_new(ctx, &edit, err);

        if (r >= 0)
                r = pic_edit_add(edit, "certificate", name, err);
        if (r >= 0)
                r = pic_edit_set(edit, "certificate", name, "note", "by an example", err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, NULL, err);
        if (r >= 0)
                r = pic_cert_key(ctx, name, &pem, err);
        if (r >= 0)
                fputs(pic_blob_data(pem), stdout);
        pic_edit_unref(edit);
        pic_blob_unref(pem);
        return r < 0 ? r : show_root(ctx, err);
}

static int renew(pic_ctx *ctx, const char *name, pic_error **err)
{
        pic_blob *pem = NULL;
        int r = pic_cert_renew(ctx, name, err);

        if (r >= 0)
                r = pic_cert_export(ctx, name, &pem, err);
        if (r >= 0)
                fputs(pic_blob_data(pem), stdout);
        pic_blob_unref(pem);
        return r;
}

static int state(pic_ctx *ctx, const char *name, pic_error **err)
{
        pic_report *report = NULL;
        int r = pic_cert_state(ctx, name, &report, err);

        if (r >= 0)
                puts(pic_report_text(report));
        pic_report_unref(report);
        return r;
}

int main(int argc, char **argv)
{
        int fake = argc > 2 && strcmp(argv[argc - 1], "fake") == 0, words = argc - fake;
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r = -1;

        opts.dir = words > 2 ? argv[1] : NULL;
        opts.world = fake ? "fake" : NULL;
        if (words > 2)
                r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0 && words > 3)
                r = strcmp(argv[2], "state") == 0 ? state(ctx, argv[3], &err) : renew(ctx, argv[3], &err);
        else if (r >= 0)
                r = issue(ctx, argv[2], &err);
        if (r < 0)
                fprintf(stderr, "%s\n",
                        err != NULL ? pic_error_message(err) : "usage: issue_certificate DIR NAME [fake]");
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0;
}
