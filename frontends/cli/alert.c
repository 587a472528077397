/* Owns: pic alert status, test: how alerts do, and whether messages arrive. */
#include <jansson.h>
#include <pic/alert.h>
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

static void show_alert(const json_t *one)
{
        const json_t *troubles = json_object_get(one, "troubles"), *t;
        size_t i;

        printf("%-9s %s, by %s to %s, sent %" JSON_INTEGER_FORMAT, str(one, "name"), str(one, "state"), str(one, "way"),
               str(one, "server"), num(one, "sent"));
        if (num(one, "queued") > 0)
                printf(", waiting %" JSON_INTEGER_FORMAT, num(one, "queued"));
        if (num(one, "lost") > 0)
                printf(", lost %" JSON_INTEGER_FORMAT, num(one, "lost"));
        if (str(one, "last_sent")[0] != '\0')
                printf(", last %s", str(one, "last_sent"));
        putchar('\n');
        if (str(one, "error")[0] != '\0')
                printf("          %s%s%s\n", str(one, "error"), str(one, "next")[0] != '\0' ? "; next try " : "",
                       str(one, "next"));
        if (str(one, "hint")[0] != '\0')
                printf("          %s\n", str(one, "hint"));
        json_array_foreach(troubles, i, t) printf("          %-8s %s: %s (since %s)\n", str(t, "stage"),
                                                  str(t, "event"), str(t, "text"), str(t, "since"));
}

static void show_status(const json_t *root)
{
        const json_t *alerts = json_object_get(root, "alerts"), *one;
        size_t i;

        if (json_array_size(alerts) == 0)
                puts("Nobody is told: pic alert add NAME --to https://… or ntfy://HOST/TOPIC or smtp://HOST");
        json_array_foreach(alerts, i, one) show_alert(one);
}

static void show_test(const json_t *root)
{
        printf("%s after %" JSON_INTEGER_FORMAT " ms\n",
               json_is_true(json_object_get(root, "arrived")) ? "arrived" : "did not arrive", num(root, "ms"));
        if (str(root, "said")[0] != '\0')
                printf("the server says: %s\n", str(root, "said"));
        if (str(root, "error")[0] != '\0')
                printf("%s\n", str(root, "error"));
        if (str(root, "hint")[0] != '\0')
                printf("%s\n", str(root, "hint"));
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

int cmd_alert_status(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_alert_status(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        return answer(cli, report, show_status);
}

int cmd_alert_test(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_alert_test(cli->ctx, cli->words[0], &report, &err) < 0)
                return cli_fail(cli, err);
        return answer(cli, report, show_test);
}
