/* Owns: pic dns query, stats, flush: names, as the running name server has them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/told.h"

static const char *signed_text(const json_t *root)
{
        const char *is = told_str(root, "signed");

        if (strcmp(is, "validated") == 0)
                return ", its signatures are right";
        if (strcmp(is, "no") == 0 && strcmp(told_str(root, "status"), "NOERROR") == 0)
                return ", not signed";
        return strcmp(is, "bogus") == 0 ? ": there is an answer, but its signatures are wrong" : "";
}

static void show_query(const json_t *root)
{
        const json_t *list = json_object_get(root, "answers"), *one;
        size_t i;

        printf("name      %s %s%s%s\n", told_str(root, "name"), told_str(root, "type"),
               told_str(root, "peer")[0] != '\0' ? ", as " : "", told_str(root, "peer"));
        printf("from      %s\n", told_str(root, "why"));
        json_array_foreach(list, i, one)
                printf("%-9s %s %" JSON_INTEGER_FORMAT " %s %s\n", i == 0 ? "answer" : "", told_str(one, "name"),
                       told_num(one, "ttl"), told_str(one, "type"), told_str(one, "data"));
        if (!told_is(root, "asked"))
                puts("status    nobody was asked");
        else if (told_str(root, "status")[0] == '\0')
                printf("status    no answer: %s\n", told_str(root, "error"));
        else
                printf("status    %s in %" JSON_INTEGER_FORMAT " ms%s\n", told_str(root, "status"),
                       told_num(root, "ms"), signed_text(root));
        if (told_str(root, "reason")[0] != '\0')
                printf("reason    %s\n", told_str(root, "reason"));
}

int cmd_dns_query(struct cli *cli)
{
        pic_dns_query_opts opts = PIC_DNS_QUERY_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;

        opts.type = cli->word_count > 1 ? cli->words[1] : NULL;
        opts.peer = cli_option(cli, "as");
        if (pic_dns_query(cli->ctx, cli->words[0], &opts, &report, &err) < 0)
                return cli_fail(cli, err);
        return told_answer(cli, report, show_query);
}

/* "A 12, AAAA 3" */
static void show_map(const char *label, const json_t *map)
{
        const char *key, *comma = "";
        json_t *value;

        if (json_object_size(map) == 0)
                return;
        printf("%-9s ", label);
        json_object_foreach((json_t *)(uintptr_t)map, key, value)
        {
                printf("%s%s %" JSON_INTEGER_FORMAT, comma, key, json_integer_value(value));
                comma = ", ";
        }
        putchar('\n');
}

static void show_server(const json_t *one)
{
        const json_t *ping = json_object_get(one, "ping_ms");

        printf("asks      %s", told_str(one, "server"));
        if (strcmp(told_str(one, "zone"), ".") != 0)
                printf(" for %s", told_str(one, "zone"));
        if (strcmp(told_str(one, "state"), "asked") != 0)
                printf(", %s", told_str(one, "state"));
        if (json_is_integer(ping))
                printf(", %" JSON_INTEGER_FORMAT " ms", json_integer_value(ping));
        putchar('\n');
}

static void show_stats(const json_t *root)
{
        const json_t *servers = json_object_get(root, "servers"), *one;
        json_int_t queries = told_num(root, "queries"), hits = told_num(root, "cache_hits");
        size_t i;

        if (!told_is(root, "answers")) {
                puts("The name server does not answer: pic doctor, pic log dns");
                return;
        }
        printf("since     %" JSON_INTEGER_FORMAT " s ago\n", told_num(root, "since_s"));
        printf("queries   %" JSON_INTEGER_FORMAT ", of them %" JSON_INTEGER_FORMAT
               " answered from what is held here (%" JSON_INTEGER_FORMAT " %%)\n",
               queries, hits, queries > 0 ? hits * 100 / queries : 0);
        printf("others    asked for %" JSON_INTEGER_FORMAT ": %" JSON_INTEGER_FORMAT
               " ms on average, half of them in %" JSON_INTEGER_FORMAT " ms; %" JSON_INTEGER_FORMAT " wait\n",
               told_num(root, "cache_misses"), told_num(root, "average_ms"), told_num(root, "median_ms"),
               told_num(root, "waiting"));
        show_map("types", json_object_get(root, "types"));
        show_map("codes", json_object_get(root, "codes"));
        show_map("blocked", json_object_get(root, "blocked"));
        show_map("lists", json_object_get(root, "lists"));
        printf("signed    %" JSON_INTEGER_FORMAT " right, %" JSON_INTEGER_FORMAT " wrong\n",
               told_num(root, "validated"), told_num(root, "bogus"));
        json_array_foreach(servers, i, one) show_server(one);
        if (i == 0)
                puts("asks      the root, and from there on");
}

int cmd_dns_stats(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_dns_stats(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        return told_answer(cli, report, show_stats);
}

static void show_log(const json_t *root)
{
        const json_t *list = json_object_get(root, "lines"), *one;
        size_t i;

        if (!told_is(root, "on"))
                puts("Nothing is written down: pic cell set --query-log yes");
        json_array_foreach(list, i, one)
                printf("%s  %-16s %s %s  %s%s%s\n", told_str(one, "time"),
                       told_str(one, "peer")[0] != '\0' ? told_str(one, "peer") : told_str(one, "address"),
                       told_str(one, "name"), told_str(one, "type"), told_str(one, "status"),
                       told_str(one, "list")[0] != '\0' ? ", blocked by " : "", told_str(one, "list"));
}

int cmd_dns_log(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        int64_t lines = 0;

        if (cli_number(cli, "lines", &lines) > 0)
                return EXIT_USAGE;
        if (pic_dns_log(cli->ctx, cli->word_count > 0 ? cli->words[0] : NULL, lines > 10000 ? 10000 : (uint32_t)lines,
                        &report, &err) < 0)
                return cli_fail(cli, err);
        return told_answer(cli, report, show_log);
}

static void show_flush(const json_t *root)
{
        printf("%" JSON_INTEGER_FORMAT " answers forgotten\n", told_num(root, "forgotten"));
}

int cmd_dns_flush(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_dns_flush(cli->ctx, cli->word_count > 0 ? cli->words[0] : NULL, &report, &err) < 0)
                return cli_fail(cli, err);
        return told_answer(cli, report, show_flush);
}
