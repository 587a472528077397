/* Owns: plan, apply, export: the cell as a whole. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { DOCUMENT_MAX = 16 << 20 };

char *cli_read_stream(const struct cli *cli, FILE *in, const char *path, size_t *ret_len)
{
        size_t len = 0;
        char *text;

        text = malloc(DOCUMENT_MAX + 1);
        if (text != NULL)
                len = fread(text, 1, DOCUMENT_MAX + 1, in);
        if (text == NULL || ferror(in) || len > DOCUMENT_MAX) {
                cli_refuse(cli, len > DOCUMENT_MAX ? PIC_SYNTAX : PIC_IO, "%s: %s", path,
                           len > DOCUMENT_MAX ? "larger than 16 MiB" : "cannot be read");
                free(text);
                text = NULL;
        } else {
                text[len] = '\0';
        }
        *ret_len = len;
        return text;
}

char *cli_read_document(const struct cli *cli, const char *path, size_t *ret_len)
{
        char *text;
        FILE *in;

        if (strcmp(path, "-") == 0)
                return cli_read_stream(cli, stdin, path, ret_len);
        in = fopen(path, "re");
        if (in == NULL) {
                cli_refuse(cli, errno == ENOENT ? PIC_NOTFOUND : PIC_IO, "cannot read %s: %s", path, strerror(errno));
                return NULL;
        }
        text = cli_read_stream(cli, in, path, ret_len);
        fclose(in);
        return text;
}

/* Before it is made: which secrets the document lacks, which keys nobody at the far end knows. */
static void warn_of_secrets(pic_edit *edit)
{
        pic_plan *plan = NULL;

        if (pic_edit_plan(edit, &plan, NULL) < 0)
                return; /* what is wrong with it the commit says */
        cli_show_secrets(stderr, plan, 0);
        pic_plan_unref(plan);
}

static int wish_document(struct cli *cli, const char *path)
{
        pic_edit *edit = NULL;
        pic_error *err = NULL;
        char *text;
        size_t len;
        int r;

        text = cli_read_document(cli, path, &len);
        if (text == NULL)
                return EXIT_REFUSED;
        if (cli_begin(cli, &edit) != EXIT_DONE) {
                free(text);
                return EXIT_REFUSED;
        }
        r = pic_edit_load(edit, text, len, path, cli_option(cli, "prune") != NULL ? PIC_LOAD_PRUNE : 0, &err);
        free(text);
        if (r < 0) {
                pic_edit_unref(edit);
                return cli_fail(cli, err);
        }
        if (!cli->plan && !cli->json && !cli->quiet)
                warn_of_secrets(edit);
        return cli_finish(cli, edit, NULL, NULL);
}

static int whole(struct cli *cli, uint32_t flags)
{
        pic_plan *plan = NULL;
        pic_error *err = NULL;

        if (cli_option(cli, "prune") != NULL)
                return cli_misuse(cli, "pic help apply",
                                  "--prune goes with --file: it removes what the document does not name");
        if (pic_plan_get(cli->ctx, flags, &plan, &err) < 0)
                return cli_fail(cli, err);
        return cli_plan_show(cli, plan);
}

int cmd_plan(struct cli *cli)
{
        cli->plan = 1;
        if (cli_option(cli, "file") != NULL)
                return wish_document(cli, cli_option(cli, "file"));
        return whole(cli, 0);
}

int cmd_apply(struct cli *cli)
{
        if (cli_option(cli, "file") != NULL)
                return wish_document(cli, cli_option(cli, "file"));
        return whole(cli, cli->plan ? 0 : PIC_PLAN_REPAIR);
}

int cmd_export(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_export_get(cli->ctx, cli->json ? PIC_EXPORT_JSON : 0, &report, &err) < 0)
                return cli_fail(cli, err);
        return cli_report_show(cli, report);
}
