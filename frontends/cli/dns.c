/* Owns: pic dns query, stats, flush: names, as the running name server has them. */
#include <inttypes.h>
#include <jansson.h>
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

/* The report as JSON, or as `show` has it; the exit status by whether it is good. */
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

static const char *signed_text(const json_t *root)
{
        const char *is = str(root, "signed");

        if (strcmp(is, "validated") == 0)
                return ", its signatures are right";
        if (strcmp(is, "no") == 0 && strcmp(str(root, "status"), "NOERROR") == 0)
                return ", not signed";
        return strcmp(is, "bogus") == 0 ? ": there is an answer, but its signatures are wrong" : "";
}

static void show_query(const json_t *root)
{
        const json_t *list = json_object_get(root, "answers"), *one;
        size_t i;

        printf("name      %s %s%s%s\n", str(root, "name"), str(root, "type"),
               str(root, "peer")[0] != '\0' ? ", as " : "", str(root, "peer"));
        printf("from      %s\n", str(root, "why"));
        json_array_foreach(list, i, one) printf("%-9s %s %" JSON_INTEGER_FORMAT " %s %s\n", i == 0 ? "answer" : "",
                                                str(one, "name"), num(one, "ttl"), str(one, "type"), str(one, "data"));
        if (!json_is_true(json_object_get(root, "asked")))
                puts("status    nobody was asked");
        else if (str(root, "status")[0] == '\0')
                printf("status    no answer: %s\n", str(root, "error"));
        else
                printf("status    %s in %" JSON_INTEGER_FORMAT " ms%s\n", str(root, "status"), num(root, "ms"),
                       signed_text(root));
        if (str(root, "reason")[0] != '\0')
                printf("reason    %s\n", str(root, "reason"));
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
        return answer(cli, report, show_query);
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

        printf("asks      %s", str(one, "server"));
        if (strcmp(str(one, "zone"), ".") != 0)
                printf(" for %s", str(one, "zone"));
        if (strcmp(str(one, "state"), "asked") != 0)
                printf(", %s", str(one, "state"));
        if (json_is_integer(ping))
                printf(", %" JSON_INTEGER_FORMAT " ms", json_integer_value(ping));
        putchar('\n');
}

static void show_stats(const json_t *root)
{
        const json_t *servers = json_object_get(root, "servers"), *one;
        json_int_t queries = num(root, "queries"), hits = num(root, "cache_hits");
        size_t i;

        if (!json_is_true(json_object_get(root, "answers"))) {
                puts("The name server does not answer: pic doctor, pic log dns");
                return;
        }
        printf("since     %" JSON_INTEGER_FORMAT " s ago\n", num(root, "since_s"));
        printf("queries   %" JSON_INTEGER_FORMAT ", of them %" JSON_INTEGER_FORMAT
               " answered from what is held here (%" JSON_INTEGER_FORMAT " %%)\n",
               queries, hits, queries > 0 ? hits * 100 / queries : 0);
        printf("others    asked for %" JSON_INTEGER_FORMAT ": %" JSON_INTEGER_FORMAT
               " ms on average, half of them in %" JSON_INTEGER_FORMAT " ms; %" JSON_INTEGER_FORMAT " wait\n",
               num(root, "cache_misses"), num(root, "average_ms"), num(root, "median_ms"), num(root, "waiting"));
        show_map("types", json_object_get(root, "types"));
        show_map("codes", json_object_get(root, "codes"));
        show_map("blocked", json_object_get(root, "blocked"));
        show_map("lists", json_object_get(root, "lists"));
        printf("signed    %" JSON_INTEGER_FORMAT " right, %" JSON_INTEGER_FORMAT " wrong\n", num(root, "validated"),
               num(root, "bogus"));
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
        return answer(cli, report, show_stats);
}

static void show_log(const json_t *root)
{
        const json_t *list = json_object_get(root, "lines"), *one;
        size_t i;

        if (!json_is_true(json_object_get(root, "on")))
                puts("Nothing is written down: pic cell set --query-log yes");
        json_array_foreach(list, i, one) printf("%s  %-16s %s %s  %s\n", str(one, "time"),
                                                str(one, "peer")[0] != '\0' ? str(one, "peer") : str(one, "address"),
                                                str(one, "name"), str(one, "type"), str(one, "status"));
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
        return answer(cli, report, show_log);
}

static void show_flush(const json_t *root)
{
        printf("%" JSON_INTEGER_FORMAT " answers forgotten\n", num(root, "forgotten"));
}

int cmd_dns_flush(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_dns_flush(cli->ctx, cli->word_count > 0 ? cli->words[0] : NULL, &report, &err) < 0)
                return cli_fail(cli, err);
        return answer(cli, report, show_flush);
}
