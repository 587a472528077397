/* Owns: a cell out of a backup, on the command line: all of it in the place of what is there, or some of it as a change
 * of what is there. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/table.h"

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

static long long num(const json_t *o, const char *key)
{
        return (long long)json_integer_value(json_object_get(o, key));
}

/* --- all of it -----------------------------------------------------------------------------------------------------
 */

static int show_restored(struct cli *cli, pic_report *report)
{
        json_t *doc = json_loads(pic_report_text(report), 0, NULL), *manifest = json_object_get(doc, "manifest");
        const char *former = str(doc, "former");

        if (cli->json) {
                json_decref(doc);
                return cli_report_show(cli, report);
        }
        printf("%s is %s again, as of revision %lld\n", str(doc, "dir"), str(json_object_get(manifest, "cell"), "name"),
               num(json_object_get(manifest, "cell"), "revision"));
        if (former[0] != '\0')
                printf("what was there is now in %s\n", former);
        if (cli_option(cli, "copy") != NULL)
                cli_note(cli, "It is a copy: its targets, alerts, block lists and domains are off.");
        else
                cli_note(cli,
                         "Next: systemctl start picd. The cell is one: where it came from it may not run any more.");
        json_decref(doc);
        pic_report_unref(report);
        return EXIT_DONE;
}

/* Somebody who has a cell here says that it is meant. */
static int check_replace(struct cli *cli)
{
        pic_obj *cell = NULL;
        int there = pic_get(cli->ctx, "cell", NULL, &cell, NULL) >= 0;
        int status = EXIT_DONE;

        if (there && cli_option(cli, "replace") == NULL) {
                char name[128];

                snprintf(name, sizeof(name), "%s", pic_obj_name(cell));
                status = cli_refuse(cli, PIC_EXISTS, "there is a cell here, %s: --replace puts it aside", name);
        }
        pic_obj_unref(cell);
        return status;
}

enum { ANSWERS = 2 * 64 + 1 };

/* Fields of the cell on the command line. */
static int take_answers(const struct cli *cli, const char *answers[ANSWERS])
{
        size_t i;

        for (i = 0; i < cli->field_count; i++) {
                answers[2 * i] = cli->fields[i].name;
                answers[2 * i + 1] = cli->fields[i].value;
        }
        answers[2 * i] = NULL;
        return i > 0;
}

int cmd_backup_diff(struct cli *cli)
{
        const char *answers[ANSWERS];
        pic_plan *plan = NULL;
        pic_error *err = NULL;
        struct cli_source s;
        int status = cli_source_open(cli, cli->words[0], &s);

        if (status != EXIT_DONE)
                return status;
        s.o.answers = take_answers(cli, answers) ? answers : NULL;
        if (pic_backup_diff(cli->ctx, s.keys, s.fd, &s.o, &plan, &err) < 0)
                status = cli_source_fail(cli, &s, err);
        cli_source_close(&s);
        return status == EXIT_DONE ? cli_plan_show(cli, plan) : status;
}

/* --- some of it -------------------------------------------------------------------------------------------------- */

/* What the plan does not say. */
static void say_picked(const struct cli *cli, const char *told)
{
        json_t *root = json_loads(told, 0, NULL);
        const json_t *picked = json_object_get(root, "picked"), *one;
        const json_t *cell = json_object_get(json_object_get(root, "manifest"), "cell");
        size_t i;

        if (!cli->json && !cli->quiet) {
                if (!json_is_true(json_object_get(picked, "same")))
                        cli_note(cli, "It is of another cell: %s.%s", str(cell, "name"), str(cell, "domain"));
                json_array_foreach(json_object_get(picked, "kinds"), i, one)
                        cli_note(cli, "%s: %lld added, %lld changed, %lld alike", str(one, "kind"), num(one, "added"),
                                 num(one, "changed"), num(one, "alike"));
                json_array_foreach(json_object_get(picked, "without"), i, one)
                        cli_note(cli, "%s %s comes without its %s: such do not come back", str(one, "kind"),
                                 str(one, "name"), str(one, "field"));
                i = json_array_size(json_object_get(picked, "only_here"));
                if (i > 0 && cli_option(cli, "exact") == NULL)
                        cli_note(cli,
                                 "%zu object%s only here and stay%s: --exact removes what the backup does not have", i,
                                 i == 1 ? " is" : "s are", i == 1 ? "s" : "");
        }
        json_decref(root);
}

static int check_pick(struct cli *cli)
{
        if (cli_option(cli, "replace") != NULL)
                return cli_usage(cli, "--replace and --only: give one of them");
        if (cli_option(cli, "copy") != NULL)
                return cli_usage(cli, "--copy is of a whole cell: not with --only");
        if (cli->field_count > 0)
                return cli_usage(cli, "--%s is an answer for the whole cell: not with --only", cli->fields[0].name);
        return EXIT_DONE;
}

static int wish(struct cli *cli, pic_edit *edit, pic_report **ret_told)
{
        struct cli_source s;
        pic_error *err = NULL;
        int status = cli_source_open(cli, cli->words[0], &s);

        if (status != EXIT_DONE)
                return status;
        s.o.flags = cli_option(cli, "exact") != NULL ? PIC_BACKUP_EXACT : 0;
        if (pic_backup_pick(edit, s.keys, s.fd, cli_option(cli, "only"), &s.o, ret_told, &err) < 0)
                status = cli_source_fail(cli, &s, err);
        cli_source_close(&s);
        return status;
}

static int pick(struct cli *cli)
{
        pic_report *told = NULL;
        pic_edit *edit = NULL;
        int status = check_pick(cli);

        if (status == EXIT_DONE)
                status = cli_begin(cli, &edit);
        if (status == EXIT_DONE)
                status = wish(cli, edit, &told);
        if (status != EXIT_DONE) {
                pic_edit_unref(edit);
                return status;
        }
        say_picked(cli, pic_report_text(told));
        cli->told = pic_report_text(told);
        status = cli_finish(cli, edit, NULL, NULL);
        cli->told = NULL;
        pic_report_unref(told);
        return status;
}

/* ------------------------------------------------------------------------------------------------------------------ */

int cmd_backup_restore(struct cli *cli)
{
        const char *answers[ANSWERS];
        pic_report *report = NULL;
        pic_error *err = NULL;
        struct cli_source s;
        int status;

        if (cli_option(cli, "only") != NULL)
                return pick(cli);
        if (cli_option(cli, "exact") != NULL)
                return cli_usage(cli, "--exact goes with --only: without it all is as in the backup");
        if (cli->plan)
                return cmd_backup_diff(cli);
        status = check_replace(cli);
        if (status == EXIT_DONE)
                status = cli_source_open(cli, cli->words[0], &s);
        if (status != EXIT_DONE)
                return status;
        s.o.answers = take_answers(cli, answers) ? answers : NULL;
        s.o.flags = cli_option(cli, "copy") != NULL ? PIC_BACKUP_COPY : 0;
        if (pic_backup_restore(cli->ctx, s.keys, s.fd, &s.o, &report, &err) < 0)
                status = cli_source_fail(cli, &s, err);
        cli_source_close(&s);
        return status == EXIT_DONE ? show_restored(cli, report) : status;
}

/* --- what was put aside ------------------------------------------------------------------------------------------- */

int cmd_backup_kept(struct cli *cli)
{
        static const char *const heads[] = { "when", "cell", "revision", "size", "name", "~by" };
        pic_report *report = NULL;
        pic_error *err = NULL;
        struct table *t;
        const json_t *one;
        json_t *root;
        char text[32];
        size_t i;

        if (pic_backup_kept(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                return cli_report_show(cli, report);
        root = json_loads(pic_report_text(report), 0, NULL);
        t = table_new(heads, 6);
        json_array_foreach(json_object_get(root, "kept"), i, one)
        {
                table_cell(t, str(one, "time"));
                table_cell(t, str(one, "cell"));
                snprintf(text, sizeof(text), "%lld", num(one, "revision"));
                table_cell(t, json_is_integer(json_object_get(one, "revision")) ? text : "");
                snprintf(text, sizeof(text), "%lld", num(one, "size"));
                table_cell(t, text);
                table_cell(t, str(one, "name"));
                table_cell(t, str(json_object_get(one, "by"), "actor"));
        }
        i = json_array_size(json_object_get(root, "kept"));
        if (i > 0)
                cli_table_show(cli, t);
        else
                table_free(t);
        if (i == 0)
                cli_note(cli, "No restore put a cell aside here.");
        json_decref(root);
        pic_report_unref(report);
        return EXIT_DONE;
}

static int plan_undo(struct cli *cli, const char *name)
{
        pic_plan *plan = NULL;
        pic_error *err = NULL;

        if (pic_backup_undo_diff(cli->ctx, name, &plan, &err) < 0)
                return cli_fail(cli, err);
        return cli_plan_show(cli, plan);
}

int cmd_backup_undo(struct cli *cli)
{
        const char *name = cli->word_count > 0 ? cli->words[0] : NULL;
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *doc;

        if (cli->plan)
                return plan_undo(cli, name);
        if (pic_backup_undo(cli->ctx, name, &report, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                return cli_report_show(cli, report);
        doc = json_loads(pic_report_text(report), 0, NULL);
        printf("%s is what was put aside as %s\n", str(doc, "dir"), str(doc, "name"));
        if (str(doc, "former")[0] != '\0')
                printf("what was there is now in %s\n", str(doc, "former"));
        cli_note(cli, "Next: systemctl start picd");
        json_decref(doc);
        pic_report_unref(report);
        return EXIT_DONE;
}

/* Typed by somebody who sees what it is about. */
static int is_meant(struct cli *cli, const char *name)
{
        char line[300] = "";

        if (cli_option(cli, "yes") != NULL)
                return EXIT_DONE;
        if (cli->json || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
                return cli_misuse(cli, "--yes", "%s would be gone for good, with all its keys", name);
        fprintf(stderr, "%s will be gone for good, with all its keys. Type yes: ", name);
        if (fgets(line, sizeof(line), stdin) == NULL || strcmp(line, "yes\n") != 0)
                return cli_refuse(cli, PIC_CANCELED, "nothing was removed");
        return EXIT_DONE;
}

/* Before anybody is asked about it. */
static int is_kept(struct cli *cli, const char *name)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        int there = 0;
        const json_t *one;
        json_t *root;
        size_t i;

        if (pic_backup_kept(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        root = json_loads(pic_report_text(report), 0, NULL);
        json_array_foreach(json_object_get(root, "kept"), i, one) there |= strcmp(str(one, "name"), name) == 0;
        json_decref(root);
        pic_report_unref(report);
        return there ? EXIT_DONE
                     : cli_advise(cli, PIC_NOTFOUND, "pic backup kept tells which there are",
                                  "no cell was put aside here as %s", name);
}

int cmd_backup_forget(struct cli *cli)
{
        int status = is_kept(cli, cli->words[0]);
        pic_error *err = NULL;

        if (status == EXIT_DONE)
                status = is_meant(cli, cli->words[0]);

        if (status == EXIT_DONE && pic_backup_forget(cli->ctx, cli->words[0], &err) < 0)
                status = cli_fail(cli, err);
        return status;
}
