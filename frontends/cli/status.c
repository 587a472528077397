/* Owns: what is true now, on a terminal: status, doctor, why, log, events. The library answers in JSON; this makes it
 * readable. */
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/table.h"
#include "common/text.h"

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

static void peers_table(struct cli *cli, const json_t *peers)
{
        static const char *const heads[] = { "peer", "address4", "address6", "state", "handshake", "received", "sent" };
        struct table *t = table_new(heads, 7);
        char text[64];
        int64_t now = (int64_t)time(NULL);
        size_t i;

        for (i = 0; i < json_array_size(peers); i++) {
                const json_t *p = json_array_get(peers, i);
                const char *state = "active";

                if (!json_is_true(json_object_get(p, "enabled")))
                        state = "disabled";
                else if (!json_is_true(json_object_get(p, "active")))
                        state = "expired";
                table_cell(t, str(p, "name"));
                table_cell(t, str(p, "address4"));
                table_cell(t, str(p, "address6"));
                table_cell(t, state);
                table_cell(t, text_ago(json_string_value(json_object_get(p, "handshake")), now, text, sizeof(text)));
                table_cell(t, text_bytes((uint64_t)json_integer_value(json_object_get(p, "rx")), text, sizeof(text)));
                table_cell(t, text_bytes((uint64_t)json_integer_value(json_object_get(p, "tx")), text, sizeof(text)));
        }
        table_print(t, stdout, cli->color);
        table_free(t);
}

static void status_text(struct cli *cli, const json_t *s)
{
        const json_t *agent = json_object_get(s, "agent"), *error = json_object_get(s, "error");
        const json_t *peers = json_object_get(s, "peers");

        printf("cell      %s (%s world), revision %" JSON_INTEGER_FORMAT "\n",
               str(s, "cell")[0] != '\0' ? str(s, "cell") : str(s, "name"), str(s, "world"),
               json_integer_value(json_object_get(s, "revision")));
        if (json_is_object(agent))
                printf("agent     pid %" JSON_INTEGER_FORMAT ", applied revision %" JSON_INTEGER_FORMAT ", %s\n",
                       json_integer_value(json_object_get(agent, "pid")),
                       json_integer_value(json_object_get(s, "applied")),
                       json_is_true(json_object_get(s, "ready")) ? "ready" : "not ready");
        else
                printf("agent     not running: start picd\n");
        if (json_is_object(error)) {
                printf("error     %s\n", str(error, "message"));
                if (str(error, "hint")[0] != '\0')
                        printf("  hint    %s\n", str(error, "hint"));
        }
        if (json_array_size(peers) > 0) {
                putchar('\n');
                peers_table(cli, peers);
        }
}

int cmd_status(struct cli *cli)
{
        const char *wait = cli_option(cli, "wait");
        int64_t ms = wait != NULL ? text_duration(wait) : 0;
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *s;

        if (ms < 0)
                return cli_usage(cli, "--wait takes a time such as 10s, 500ms, 1m");
        if (pic_status_get(cli->ctx, (uint32_t)ms, &report, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                return cli_report_show(cli, report);
        s = json_loads(pic_report_text(report), 0, NULL);
        status_text(cli, s);
        json_decref(s);
        pic_report_unref(report);
        return EXIT_DONE;
}

int cmd_doctor(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *doc, *findings;
        size_t i;
        int good;

        if (pic_doctor_run(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        good = pic_report_good(report);
        if (cli->json) {
                cli_report_show(cli, report);
                return good ? EXIT_DONE : EXIT_REFUSED;
        }
        doc = json_loads(pic_report_text(report), 0, NULL);
        findings = json_object_get(doc, "findings");
        for (i = 0; i < json_array_size(findings); i++) {
                const json_t *f = json_array_get(findings, i);

                printf("%-8s %s: %s\n", str(f, "level"), str(f, "area"), str(f, "what"));
                if (str(f, "fix")[0] != '\0')
                        printf("         fix: %s\n", str(f, "fix"));
        }
        if (json_array_size(findings) == 0)
                puts("all is well");
        json_decref(doc);
        pic_report_unref(report);
        return good ? EXIT_DONE : EXIT_REFUSED;
}

int cmd_why(struct cli *cli)
{
        const char *family = cli_option(cli, "family");
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *w;

        if (family != NULL && strcmp(family, "4") != 0 && strcmp(family, "6") != 0)
                return cli_usage(cli, "--family is 4 or 6");
        if (pic_why_get(cli->ctx, cli->words[0], cli->words[1], family != NULL ? family[0] - '0' : 0, &report, &err) <
            0)
                return cli_fail(cli, err);
        if (cli->json)
                return cli_report_show(cli, report);
        w = json_loads(pic_report_text(report), 0, NULL);
        printf("%s  %s -> %s\n", json_is_true(json_object_get(w, "allowed")) ? "yes" : "no", str(w, "source"),
               str(w, "destination"));
        printf("rule     %s%s%s\n", str(w, "rule"), str(w, "through")[0] != '\0' ? ", held by " : "",
               str(w, "through"));
        printf("because  %s\n", str(w, "reason"));
        json_decref(w);
        pic_report_unref(report);
        return EXIT_DONE;
}

static int lines_option(struct cli *cli, uint32_t *ret)
{
        const char *lines = cli_option(cli, "lines");
        char *end;
        unsigned long n;

        *ret = 100;
        if (lines == NULL)
                return EXIT_DONE;
        n = strtoul(lines, &end, 10);
        if (lines[0] < '0' || lines[0] > '9' || *end != '\0' || n == 0 || n > 1000000)
                return cli_usage(cli, "--lines is a number from 1 to 1000000");
        *ret = (uint32_t)n;
        return EXIT_DONE;
}

int cmd_log(struct cli *cli)
{
        const char *area = cli->word_count > 0 ? cli->words[0] : NULL;
        pic_report *report = NULL;
        pic_error *err = NULL;
        uint32_t lines;
        size_t seen = 0;

        if (lines_option(cli, &lines) != EXIT_DONE)
                return EXIT_USAGE;
        for (;;) {
                const char *text;

                if (pic_log_get(cli->ctx, area, lines, &report, &err) < 0)
                        return cli_fail(cli, err);
                text = pic_report_text(report);
                if (cli_option(cli, "follow") == NULL)
                        return cli_report_show(cli, report);
                if (seen > strlen(text)) /* turned over */
                        seen = 0;
                fputs(text + seen, stdout);
                fflush(stdout);
                seen = strlen(text);
                lines = 1000000;
                report = pic_report_unref(report);
                poll(NULL, 0, 1000);
        }
}

static void show_event(struct cli *cli, pic_event *event)
{
        char when[32];
        time_t seconds = (time_t)(pic_event_time(event) / 1000000);
        struct tm tm;

        if (cli->json) {
                puts(pic_event_json(event));
        } else {
                strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &tm));
                printf("%s  %-10s %s\n", when, pic_event_actor(event), pic_event_text(event));
        }
        fflush(stdout);
        pic_event_unref(event);
}

int cmd_events(struct cli *cli)
{
        pic_event *event = NULL;
        pic_error *err = NULL;
        pic_sub *sub = NULL;
        int timeout = cli_option(cli, "follow") != NULL ? -1 : 0, r;

        if (pic_sub_open(cli->ctx, 0, &sub, &err) < 0)
                return cli_fail(cli, err);
        while ((r = pic_sub_next(sub, timeout, &event, &err)) > 0)
                show_event(cli, event);
        pic_sub_unref(sub);
        return r < 0 ? cli_fail(cli, err) : EXIT_DONE;
}
