/* Owns: passkeys on the host: who has which, and taking one away. They are added in the web page, because it takes a
 * browser. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/cli.h"
#include "common/table.h"

static void put_list(struct cli *cli, const json_t *list)
{
        static const char *const heads[] = { "id", "~name", "page", "created", "used", "suspect" };
        struct table *t = table_new(heads, 6);
        const json_t *one;
        char number[32];
        size_t i, k;

        json_array_foreach(list, i, one)
        {
                snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
                         json_integer_value(json_object_get(one, "id")));
                table_cell(t, number);
                for (k = 1; k < 6; k++) {
                        const char *key = heads[k] + (heads[k][0] == '~');

                        table_cell(t, json_string_value(json_object_get(one, key)));
                }
        }
        cli_table_show(cli, t);
}

static int list_all(struct cli *cli, pic_report *report)
{
        json_t *list;

        if (cli->json)
                return cli_report_show(cli, report);
        list = json_loads(pic_report_text(report), 0, NULL);
        put_list(cli, list);
        if (json_array_size(list) == 0)
                cli_note(cli, "%s has none. They are added in the web page, under \"My account\".", cli->words[1]);
        json_decref(list);
        pic_report_unref(report);
        return EXIT_DONE;
}

/* By number, or by name; 0: there is none. */
static pic_id find(const json_t *list, const char *word)
{
        const json_t *one;
        char *end = NULL;
        long long number;
        pic_id found = 0;
        size_t i;

        errno = 0;
        number = strtoll(word, &end, 10);
        if (errno != 0 || end == word || *end != '\0')
                number = 0;
        json_array_foreach(list, i, one)
        {
                pic_id id = json_integer_value(json_object_get(one, "id"));

                if (strcasecmp(json_string_value(json_object_get(one, "name")), word) == 0)
                        return id;
                if (id == number)
                        found = id;
        }
        return found;
}

static int remove_one(struct cli *cli, pic_report *report)
{
        json_t *list = json_loads(pic_report_text(report), 0, NULL);
        pic_id id = find(list, cli->words[2]);
        pic_error *err = NULL;

        json_decref(list);
        pic_report_unref(report);
        if (id == 0)
                return cli_refuse(cli, PIC_NOTFOUND, "%s has no passkey '%s': pic user passkey list %s", cli->words[1],
                                  cli->words[2], cli->words[1]);
        if (pic_passkey_remove(cli->ctx, cli->words[1], id, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                puts("{\"removed\":true}");
        cli_note(cli, "It lets nobody in any more. Sessions go on: pic session list --user %s", cli->words[1]);
        return EXIT_DONE;
}

int cli_has_passkeys(struct cli *cli, const char *user)
{
        pic_report *report = NULL;
        int has = pic_passkey_list(cli->ctx, user, &report, NULL) == 0 && strcmp(pic_report_text(report), "[]") != 0;

        pic_report_unref(report);
        return has;
}

int cmd_user_passkey(struct cli *cli)
{
        int remove = strcmp(cli->words[0], "remove") == 0;
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (!remove && strcmp(cli->words[0], "list") != 0)
                return cli_usage(cli, "'%s' is neither list nor remove", cli->words[0]);
        if (remove != (cli->word_count == 3))
                return cli_usage(cli, remove ? "say which passkey: its name or number" : "that is one word too many");
        if (pic_passkey_list(cli->ctx, cli->words[1], &report, &err) < 0)
                return cli_fail(cli, err);
        return remove ? remove_one(cli, report) : list_all(cli, report);
}
