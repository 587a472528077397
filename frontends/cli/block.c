/* Owns: pic dns block status, refresh, test: how block lists do. */
#include <inttypes.h>
#include <pic/dns.h>
#include <stdio.h>
#include <string.h>

#include "cli/told.h"

static void show_list(const json_t *one)
{
        const json_t *faults = json_object_get(one, "faults"), *fault;
        size_t i;

        printf("%-9s %s, %" JSON_INTEGER_FORMAT " names, blocked %" JSON_INTEGER_FORMAT "\n", told_str(one, "name"),
               told_str(one, "state"), told_num(one, "names"), told_num(one, "blocked"));
        printf("          from %s", told_str(one, "source"));
        if (told_str(one, "taken")[0] != '\0')
                printf(", taken %s", told_str(one, "taken"));
        if (told_str(one, "next")[0] != '\0' && told_str(one, "source")[0] != '/')
                printf(", next %s", told_str(one, "next"));
        putchar('\n');
        if (told_num(one, "skipped") > 0)
                printf("          %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " lines passed over\n",
                       told_num(one, "skipped"), told_num(one, "lines"));
        json_array_foreach(faults, i, fault) printf("          line %" JSON_INTEGER_FORMAT ": %s\n",
                                                    told_num(fault, "line"), told_str(fault, "what"));
        if (told_str(one, "error")[0] != '\0')
                printf("          %s\n", told_str(one, "error"));
        if (told_str(one, "hint")[0] != '\0')
                printf("          %s\n", told_str(one, "hint"));
}

static void show_status(const json_t *root)
{
        const json_t *lists = json_object_get(root, "lists"), *one;
        size_t i;

        if (json_array_size(lists) == 0)
                puts("There is no block list: pic dns block add NAME --source https://…");
        json_array_foreach(lists, i, one) show_list(one);
        if (told_is(root, "filter"))
                printf("asked     %" JSON_INTEGER_FORMAT ", blocked %" JSON_INTEGER_FORMAT "\n",
                       told_num(root, "asked"), told_num(root, "blocked"));
        if (told_str(root, "error")[0] != '\0')
                printf("error     %s\n", told_str(root, "error"));
}

int cmd_block_status(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_dns_blocks(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        return told_answer(cli, report, show_status);
}

int cmd_block_refresh(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_dns_block_refresh(cli->ctx, cli->word_count > 0 ? cli->words[0] : NULL, &report, &err) < 0)
                return cli_fail(cli, err);
        return told_answer(cli, report, show_status);
}

static void show_test(const json_t *root)
{
        const json_t *lists = json_object_get(root, "lists"), *one;
        size_t i;

        printf("name      %s%s%s: %s\n", told_str(root, "name"), told_str(root, "peer")[0] != '\0' ? ", for " : "",
               told_str(root, "peer"), told_is(root, "blocked") ? "blocked" : "not blocked");
        json_array_foreach(lists, i, one) printf("%-9s %s\n", told_str(one, "name"),
                                                 told_is(one, "blocks")    ? "blocks it"
                                                 : told_is(one, "allowed") ? "has it, and lets it pass"
                                                                           : "has it, for others");
}

int cmd_block_test(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_dns_block_test(cli->ctx, cli->words[0], cli_option(cli, "as"), &report, &err) < 0)
                return cli_fail(cli, err);
        return told_answer(cli, report, show_test);
}
