/* Owns: what is told once: API tokens, the setup code, one-time links; and who is logged in. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "common/table.h"
#include "common/text.h"

/* --- tokens --------------------------------------------------------------------------------------------------- */

static int finish_token(struct cli *cli, pic_edit *edit, const char *name, const pic_blob *secret)
{
        char told[96];
        int status;

        snprintf(told, sizeof(told), "{\"secret\":\"%s\"}", (const char *)pic_blob_data(secret));
        if (!cli->plan)
                cli->told = told;
        status = cli_finish(cli, edit, "token", name);
        cli->told = NULL;
        explicit_bzero(told, sizeof(told));
        if (status != EXIT_DONE || cli->plan)
                return status;
        if (!cli->json)
                printf("%s\n", (const char *)pic_blob_data(secret));
        cli_note(cli, "Shown once. A program sends it as: Authorization: Bearer pic_…");
        return status;
}

int cmd_token_add(struct cli *cli)
{
        const char *name = cli->words[0];
        pic_blob *secret = NULL;
        pic_edit *edit = NULL;
        pic_error *err = NULL;
        int status;

        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        status = cli_wish_new(cli, edit, "token", name);
        if (status == EXIT_DONE && pic_edit_token(edit, name, &secret, &err) < 0)
                status = cli_fail(cli, err);
        if (status == EXIT_DONE)
                status = finish_token(cli, edit, name, secret);
        else
                pic_edit_unref(edit);
        pic_blob_unref(secret);
        return status;
}

/* --- sessions ------------------------------------------------------------------------------------------------- */

static void put_number(struct table *t, const json_t *n)
{
        char text[32];

        snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(n));
        table_cell(t, text);
}

int cmd_session_list(struct cli *cli)
{
        static const char *const heads[] = { "id", "user", "role", "created", "seen", "address", "~agent" };
        pic_report *report = NULL;
        pic_error *err = NULL;
        struct table *t;
        json_t *list, *s;
        size_t i, k;

        if (pic_session_list(cli->ctx, cli_option(cli, "user"), &report, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                return cli_report_show(cli, report);
        list = json_loads(pic_report_text(report), 0, NULL);
        t = table_new(heads, 7);
        json_array_foreach(list, i, s)
        {
                put_number(t, json_object_get(s, "id"));
                for (k = 1; k < 7; k++) {
                        const char *key = heads[k] + (heads[k][0] == '~');

                        table_cell(t, json_string_value(json_object_get(s, key)));
                }
        }
        cli_table_show(cli, t);
        if (json_array_size(list) == 0)
                cli_note(cli, "Nobody is logged in.");
        json_decref(list);
        pic_report_unref(report);
        return EXIT_DONE;
}

int cmd_session_end(struct cli *cli)
{
        pic_error *err = NULL;
        char *end = NULL;
        long long id;

        errno = 0;
        id = strtoll(cli->words[0], &end, 10);
        if (errno != 0 || end == cli->words[0] || *end != '\0' || id <= 0)
                return cli_usage(cli, "'%s' is no number of a session: pic session list", cli->words[0]);
        if (pic_session_end(cli->ctx, id, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                puts("{\"ended\":true}");
        return EXIT_DONE;
}

/* --- setup ---------------------------------------------------------------------------------------------------- */

void cli_say_setup(struct cli *cli)
{
        pic_blob *code = NULL;

        if (cli->json || cli->quiet || pic_setup_is(cli->ctx, NULL) != 1 || pic_setup_code(cli->ctx, &code, NULL) < 0)
                return;
        cli_note(cli, "Setup code for the web page, good for a day: %s (a new one: pic setup)",
                 (const char *)pic_blob_data(code));
        pic_blob_unref(code);
}

int cmd_setup(struct cli *cli)
{
        pic_blob *code = NULL;
        pic_error *err = NULL;

        if (pic_setup_code(cli->ctx, &code, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                printf("{\"code\":\"%s\"}\n", (const char *)pic_blob_data(code));
        else
                printf("%s\n", (const char *)pic_blob_data(code));
        cli_note(cli, "Good for a day, or until there is an admin. A former code is no good any more.");
        pic_blob_unref(code);
        return EXIT_DONE;
}

/* --- links ---------------------------------------------------------------------------------------------------- */

int cmd_peer_link(struct cli *cli)
{
        const char *span = cli_option(cli, "for"), *text;
        int64_t ms = span != NULL ? text_duration(span) : 0;
        pic_blob *token = NULL;
        pic_error *err = NULL;

        if (ms < 0 || (span != NULL && ms < 1000))
                return cli_usage(cli, "--for %s: must be a time such as 10m or 1h, at most a day", span);
        if (pic_link_make(cli->ctx, cli->words[0], (uint32_t)(ms / 1000), &token, &err) < 0)
                return cli_fail(cli, err);
        text = pic_blob_data(token);
        if (cli->json)
                printf("{\"token\":\"%s\",\"path\":\"/link#%s\"}\n", text, text);
        else
                printf("/link#%s\n", text);
        cli_note(cli,
                 "Behind the address of the web page: it shows the configuration of %s once, to whoever opens it "
                 "first.",
                 cli->words[0]);
        pic_blob_unref(token);
        return EXIT_DONE;
}
