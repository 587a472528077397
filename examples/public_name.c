/* A public name of the cell at DuckDNS, and whether it leads here.   public_name DIR NAME TOKEN-FILE [fake] */
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>

static int read_token(const char *path, char *token, size_t size)
{
        FILE *f = fopen(path, "re");
        size_t n = f != NULL ? fread(token, 1, size - 1, f) : 0;

        if (f != NULL)
                fclose(f);
        token[n] = '\0';
        token[strcspn(token, "\r\n")] = '\0';
        return token[0] != '\0' ? 0 : -1;
}

static int wish(pic_ctx *ctx, const char *name, const char *token, pic_error **err)
{
        pic_outcome *outcome = NULL;
        pic_edit *edit = NULL;
        int r = pic_edit_new(ctx, &edit, err);

        if (r >= 0)
                r = pic_edit_add(edit, "domain", name, err);
        if (r >= 0)
                r = pic_edit_set(edit, "domain", name, "mode", "duckdns", err);
        if (r >= 0)
                r = pic_edit_set(edit, "domain", name, "token", token, err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, &outcome, err);
        pic_outcome_unref(outcome);
        pic_edit_unref(edit);
        return r;
}

/* Publishes now; where that cannot be (the fake world), what is known is told. */
static int tell(pic_ctx *ctx, const char *name, pic_error **err)
{
        pic_report *report = NULL;
        int r = pic_domain_publish(ctx, name, &report, err);

        if (r == PIC_UNSUPPORTED) {
                pic_error_free(*err);
                *err = NULL;
                r = pic_domain_status(ctx, &report, err);
        }
        if (r >= 0)
                printf("%s\n%s\n", pic_report_good(report) ? "nothing failed" : "trouble", pic_report_text(report));
        pic_report_unref(report);
        return r;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        char token[512];
        int r;

        if (argc < 4 || read_token(argv[3], token, sizeof(token)) < 0) {
                fprintf(stderr, "usage: public_name DIR NAME TOKEN-FILE [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 4 ? argv[4] : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = wish(ctx, argv[2], token, &err);
        if (r >= 0)
                r = tell(ctx, argv[2], &err);
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0;
}
