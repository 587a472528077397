/* Owns: `pic cell import`: a household of another product. Where there is no cell it is looked at in a cell that is
 * made for that and thrown away: so what cannot be is known before anything is made. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "common/text.h"

/* --- what was told -------------------------------------------------------------------------------------------- */

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

static long long count(const json_t *root, const char *key)
{
        return (long long)json_integer_value(json_object_get(json_object_get(root, "counts"), key));
}

static void say_finding(const json_t *f)
{
        const json_t *line = json_object_get(f, "line");

        printf("  %s", str(f, "file"));
        if (json_is_integer(line))
                printf(":%lld", (long long)json_integer_value(line));
        printf(": %s%s%s\n", str(f, "device"), str(f, "device")[0] != '\0' ? ": " : "", str(f, "message"));
        if (str(f, "hint")[0] != '\0')
                printf("      %s\n", str(f, "hint"));
}

static void say_tale(const json_t *root, const char *tale, const char *head)
{
        const json_t *list = json_object_get(root, "findings");
        size_t i;

        if (count(root, tale) == 0)
                return;
        printf("%s\n", head);
        for (i = 0; i < json_array_size(list); i++)
                if (strcmp(str(json_array_get(list, i), "tale"), tale) == 0)
                        say_finding(json_array_get(list, i));
}

static void say_told(const struct cli *cli, const char *told)
{
        json_t *root = json_loads(told, 0, NULL);
        const json_t *devices = json_object_get(root, "devices");
        size_t i, untouched = 0;

        if (cli->json || cli->quiet || root == NULL) {
                json_decref(root);
                return;
        }
        for (i = 0; i < json_array_size(devices); i++)
                untouched += json_is_true(json_object_get(json_array_get(devices, i), "untouched"));
        printf("%s, %s: %lld device%s, %zu of them to connect without being touched; %lld left out\n",
               str(root, "product"), str(root, "path"), count(root, "devices"), count(root, "devices") == 1 ? "" : "s",
               untouched, count(root, "left_out"));
        say_tale(root, "unsafe", "Unsafe:");
        say_tale(root, "lost", "Not taken:");
        say_tale(root, "changed", "Taken as something else:");
        say_tale(root, "note", "To know:");
        if (count(root, "untold") > 0)
                printf("%lld more that are not told\n", count(root, "untold"));
        putchar('\n');
        json_decref(root);
}

/* --- the wishes ----------------------------------------------------------------------------------------------- */

/* EXIT_DONE, or EXIT_USAGE after having said why. */
static int options(const struct cli *cli, pic_household_opts *opts)
{
        const char *take_over = cli_option(cli, "take-over");

        opts->access = cli_option(cli, "access");
        if (take_over == NULL)
                return EXIT_DONE;
        if (strcmp(take_over, "yes") != 0 && strcmp(take_over, "no") != 0)
                return cli_usage(cli, "--take-over is yes or no");
        opts->flags = take_over[0] == 'y' ? PIC_HOUSEHOLD_TAKE_OVER : PIC_HOUSEHOLD_JOIN;
        return EXIT_DONE;
}

/* The wishes of what is there, and then of the command line, which overrides it. */
static int wish(struct cli *cli, pic_edit *edit, uint32_t flags, pic_report **ret_told)
{
        pic_household_opts opts = PIC_HOUSEHOLD_OPTS_INIT;
        struct errors errors = { .count = 0 };
        pic_error *err = NULL;

        if (options(cli, &opts) != EXIT_DONE)
                return EXIT_USAGE;
        opts.flags |= flags;
        if (pic_household_import(edit, cli->words[0], &opts, ret_told, &err) < 0)
                return cli_fail(cli, err);
        cli_set_fields(cli, edit, "cell", NULL, &errors);
        if (errors.count == 0)
                return cli->said ? EXIT_REFUSED : EXIT_DONE;
        *ret_told = pic_report_unref(*ret_told);
        return cli_fail_all(cli, &errors);
}

/* Into the cell that is there. */
static int into_cell(struct cli *cli, uint32_t flags, int say)
{
        pic_report *told = NULL;
        pic_edit *edit = NULL;
        int status = cli_begin(cli, &edit);

        if (status == EXIT_DONE)
                status = wish(cli, edit, flags, &told);
        if (status != EXIT_DONE) {
                pic_edit_unref(edit);
                return status;
        }
        if (say)
                say_told(cli, pic_report_text(told));
        cli->told = pic_report_text(told);
        status = cli_finish(cli, edit, "cell", NULL);
        cli->told = NULL;
        pic_report_unref(told);
        return status;
}

/* --- a cell that is made -------------------------------------------------------------------------------------- */

static const char *given(const struct cli *cli, const char *field)
{
        size_t i;

        for (i = 0; i < cli->field_count; i++)
                if (strcmp(cli->fields[i].name, field) == 0)
                        return cli->fields[i].value;
        return NULL;
}

/* What the cell begins with: its CA vouches for its networks. */
struct nets {
        char net4[64];
        char net6[64];
};

static int make_cell(const struct cli *cli, const struct nets *nets)
{
        const char *fields[] = {
                "name", cli->word_count > 1 ? cli->words[1] : given(cli, "name"), NULL, NULL, NULL, NULL, NULL
        };
        pic_error *err = NULL;
        size_t n = 2;

        if (nets != NULL && nets->net4[0] != '\0') {
                fields[n++] = "net4";
                fields[n++] = nets->net4;
        }
        if (nets != NULL && nets->net6[0] != '\0') {
                fields[n++] = "net6";
                fields[n++] = nets->net6;
        }

        if (pic_cell_init(cli->ctx, fields, NULL, &err) < 0)
                return cli_fail(cli, err);
        return EXIT_DONE;
}

/* Its wishes are sealed to a key that is thrown away: they are for nobody. */
static void show_json(const pic_plan *plan, const char *told)
{
        json_t *root = json_loads(pic_plan_json(plan), 0, NULL);
        json_t *report = json_loads(told, 0, NULL);
        char *text;

        (void)json_object_del(root, "wishes");
        (void)json_object_del(root, "revision");
        (void)json_object_set_new(root, "told", report);
        text = json_dumps(root, JSON_COMPACT);
        puts(text != NULL ? text : "null");
        free(text);
        json_decref(root);
}

static void note_nets(const struct cli *cli, const char *told, struct nets *nets)
{
        json_t *root = json_loads(told, 0, NULL);
        const json_t *cell = json_object_get(root, "cell");
        const char *net4 = given(cli, "net4"), *net6 = given(cli, "net6");

        snprintf(nets->net4, sizeof(nets->net4), "%s", net4 != NULL ? net4 : str(cell, "net4"));
        snprintf(nets->net6, sizeof(nets->net6), "%s", net6 != NULL ? net6 : str(cell, "net6"));
        json_decref(root);
}

/* On the machine of the old server its own network is in the way as long as it runs. */
static int refuse(const struct cli *cli, pic_error *err)
{
        int conflict = pic_error_code(err) == PIC_CONFLICT;
        int status = cli_fail(cli, err);

        if (conflict)
                cli_note(cli, "If it is the old server that is in the way, stop it first: systemctl disable --now "
                              "wg-quick@wg0, or its container");
        return status;
}

static int plan_in(struct cli *trial, const struct cli *cli, struct nets *nets)
{
        pic_report *told = NULL;
        pic_edit *edit = NULL;
        pic_plan *plan = NULL;
        pic_error *err = NULL;
        int status = make_cell(trial, NULL);

        if (status == EXIT_DONE && pic_edit_new(trial->ctx, &edit, &err) < 0)
                status = cli_fail(cli, err);
        if (status == EXIT_DONE)
                status = wish(trial, edit, PIC_HOUSEHOLD_TAKE_OVER, &told);
        if (status == EXIT_DONE) { /* also when it cannot be made now */
                say_told(cli, pic_report_text(told));
                note_nets(cli, pic_report_text(told), nets);
        }
        if (status == EXIT_DONE && pic_edit_plan(edit, &plan, &err) < 0)
                status = refuse(cli, err);
        if (status == EXIT_DONE && cli->plan && cli->json) {
                show_json(plan, pic_report_text(told));
                status = cli->exit_code ? EXIT_CHANGES : EXIT_DONE;
        } else if (status == EXIT_DONE && cli->plan) {
                status = cli_plan_show(cli, plan);
                plan = NULL;
        }
        pic_plan_unref(plan);
        pic_edit_unref(edit);
        pic_report_unref(told);
        return status;
}

/* In a cell of its own, which nobody runs. */
static int try_it(const struct cli *cli, struct nets *nets)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        struct cli trial = *cli;
        pic_error *err = NULL;
        int status;

        opts.flags = PIC_CTX_TRIAL;
        opts.world = cli->world;
        opts.way = "cli";
        trial.ctx = NULL;
        status = pic_ctx_open(&opts, &trial.ctx, &err) < 0 ? cli_fail(cli, err) : plan_in(&trial, cli, nets);
        pic_ctx_unref(trial.ctx);
        return status;
}

static int into_nothing(struct cli *cli)
{
        struct nets nets = { "", "" };
        int status;

        if (cli->word_count < 2 && given(cli, "name") == NULL)
                return cli_usage(cli, "there is no cell yet, and a new one needs a name: pic cell import PATH home");
        if (cli_option(cli, "take-over") != NULL)
                return cli_usage(cli, "--take-over is for a cell that is there");
        status = try_it(cli, &nets);
        if (status != EXIT_DONE || cli->plan)
                return status;
        status = make_cell(cli, &nets);
        if (status != EXIT_DONE)
                return status;
        status = into_cell(cli, PIC_HOUSEHOLD_TAKE_OVER, 0);
        if (status != EXIT_DONE && !cli->committed)
                cli_note(cli, "The cell was made and is empty: when that is mended, pic cell import PATH fills it");
        if (status == EXIT_DONE && !cli->json)
                cli_say_setup(cli);
        return status;
}

int cmd_cell_import(struct cli *cli)
{
        pic_obj *cell = NULL;
        pic_error *err = NULL;
        int r = pic_get(cli->ctx, "cell", NULL, &cell, &err);

        pic_obj_unref(cell);
        if (r == PIC_NOTFOUND) {
                pic_error_free(err);
                return into_nothing(cli);
        }
        if (r < 0)
                return cli_fail(cli, err);
        if (cli->word_count > 1)
                return cli_usage(cli, "there is a cell already: NAME is for a new one");
        return into_cell(cli, 0, 1);
}
