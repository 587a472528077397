/* Owns: certificates of public CAs on the command line: what becomes of the asking for them. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const char *str(const json_t *o, const char *key)
{
        const char *text = json_string_value(json_object_get(o, key));

        return text != NULL ? text : "";
}

int cli_is_public(struct cli *cli, const char *name)
{
        pic_obj *cert = NULL;
        char *issuer = NULL;
        int acme;

        if (pic_get(cli->ctx, "certificate", name, &cert, NULL) == 0)
                issuer = pic_obj_get(cert, "issuer");
        acme = issuer != NULL && strcmp(issuer, "acme") == 0;
        pic_text_free(issuer);
        pic_obj_unref(cert);
        return acme;
}

static void put_line(const char *label, const char *text)
{
        if (text[0] != '\0')
                printf("%-14s %s\n", label, text);
}

static void put_state(const json_t *o)
{
        static const struct {
                const char *state, *text;
        } words[] = { { "good", "good" },
                      { "due", "to be asked for" },
                      { "asking", "being asked for" },
                      { "failing", "the last try failed" },
                      { "nobody", "of no domain of this cell" } };
        const json_t *item;
        size_t i;

        printf("%-14s ", str(o, "name"));
        for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (strcmp(words[i].state, str(o, "state")) == 0)
                        fputs(words[i].text, stdout);
        printf("\n%-14s ", "for");
        json_array_foreach(json_object_get(o, "subjects"), i, item)
                printf("%s%s", i > 0 ? ", " : "", json_string_value(item));
        putchar('\n');
        put_line("asks", str(o, "directory"));
        put_line("proves by", str(o, "proof"));
        put_line("tried", str(o, "tried"));
        put_line("asked then", str(o, "where"));
        put_line("why not", str(o, "why"));
        put_line("next", str(o, "next"));
}

int cmd_cert_status(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        const json_t *item;
        json_t *o;
        size_t i;
        int good;

        if (pic_cert_state(cli->ctx, cli->word_count > 0 ? cli->words[0] : NULL, &report, &err) < 0)
                return cli_fail(cli, err);
        good = pic_report_good(report);
        if (cli->json) {
                (void)cli_report_show(cli, report);
                return good ? EXIT_DONE : EXIT_REFUSED;
        }
        o = json_loads(pic_report_text(report), 0, NULL);
        json_array_foreach(json_object_get(o, "certificates"), i, item)
        {
                if (i > 0)
                        putchar('\n');
                put_state(item);
        }
        if (i == 0)
                cli_note(cli, "No certificate is of a public CA. Domains have them: pic help certificates");
        json_decref(o);
        pic_report_unref(report);
        return good ? EXIT_DONE : EXIT_REFUSED;
}

/* What a public CA is asked for is more than what is kept. */
int cmd_cert_show(struct cli *cli)
{
        pic_report *report = NULL;
        int status = cmd_show(cli);
        json_t *o;

        if (status != EXIT_DONE || cli->json || !cli_is_public(cli, cli->words[0]) ||
            pic_cert_state(cli->ctx, cli->words[0], &report, NULL) < 0)
                return status;
        o = json_loads(pic_report_text(report), 0, NULL);
        putchar('\n');
        put_state(json_array_get(json_object_get(o, "certificates"), 0));
        json_decref(o);
        pic_report_unref(report);
        return status;
}
