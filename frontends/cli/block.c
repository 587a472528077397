/* Owns: pic dns block status, refresh, test: how block lists do. */
#include <inttypes.h>
#include <jansson.h>
#include <pic/dns.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

static json_int_t num(const json_t *o, const char *key)
{
        return json_integer_value(json_object_get(o, key));
}

static int answer(struct cli *cli, pic_report *report, void (*show)(const json_t *root))
{
        int good = pic_report_good(report);
        json_t *root;

        if (cli->json) {
                cli_report_show(cli, report);
                return good ? EXIT_DONE : EXIT_REFUSED;
        }
        root = json_loads(pic_report_text(report), 0, NULL);
        show(root);
        json_decref(root);
        pic_report_unref(report);
        return good ? EXIT_DONE : EXIT_REFUSED;
}

static void show_list(const json_t *one)
{
        const json_t *faults = json_object_get(one, "faults"), *fault;
        size_t i;

        printf("%-9s %s, %" JSON_INTEGER_FORMAT " names, blocked %" JSON_INTEGER_FORMAT "\n", str(one, "name"),
               str(one, "state"), num(one, "names"), num(one, "blocked"));
        printf("          from %s", str(one, "source"));
        if (str(one, "taken")[0] != '\0')
                printf(", taken %s", str(one, "taken"));
        if (str(one, "next")[0] != '\0' && str(one, "source")[0] != '/')
                printf(", next %s", str(one, "next"));
        putchar('\n');
        if (num(one, "skipped") > 0)
                printf("          %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " lines passed over\n",
                       num(one, "skipped"), num(one, "lines"));
        json_array_foreach(faults, i, fault)
                printf("          line %" JSON_INTEGER_FORMAT ": %s\n", num(fault, "line"), str(fault, "what"));
        if (str(one, "error")[0] != '\0')
                printf("          %s\n", str(one, "error"));
        if (str(one, "hint")[0] != '\0')
                printf("          %s\n", str(one, "hint"));
}

static void show_status(const json_t *root)
{
        const json_t *lists = json_object_get(root, "lists"), *one;
        size_t i;

        if (json_array_size(lists) == 0)
                puts("There is no block list: pic dns block add NAME --source https://…");
        json_array_foreach(lists, i, one) show_list(one);
        if (json_is_true(json_object_get(root, "filter")))
                printf("asked     %" JSON_INTEGER_FORMAT ", blocked %" JSON_INTEGER_FORMAT "\n", num(root, "asked"),
                       num(root, "blocked"));
        if (str(root, "error")[0] != '\0')
                printf("error     %s\n", str(root, "error"));
}

int cmd_block_status(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_dns_blocks(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        return answer(cli, report, show_status);
}

int cmd_block_refresh(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_dns_block_refresh(cli->ctx, cli->word_count > 0 ? cli->words[0] : NULL, &report, &err) < 0)
                return cli_fail(cli, err);
        return answer(cli, report, show_status);
}

static void show_test(const json_t *root)
{
        const json_t *lists = json_object_get(root, "lists"), *one;
        size_t i;

        printf("name      %s%s%s: %s\n", str(root, "name"), str(root, "peer")[0] != '\0' ? ", for " : "",
               str(root, "peer"), json_is_true(json_object_get(root, "blocked")) ? "blocked" : "not blocked");
        json_array_foreach(lists, i, one)
                printf("%-9s %s\n", str(one, "name"),
                       json_is_true(json_object_get(one, "blocks"))    ? "blocks it"
                       : json_is_true(json_object_get(one, "allowed")) ? "has it, and lets it pass"
                                                                       : "has it, for others");
}

int cmd_block_test(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_dns_block_test(cli->ctx, cli->words[0], cli_option(cli, "as"), &report, &err) < 0)
                return cli_fail(cli, err);
        return answer(cli, report, show_test);
}
