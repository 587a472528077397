/* Owns: what is true now, on a terminal: status, doctor, drift, why, events. The library answers in JSON; this makes it
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

/* `leaves`: there are connections, so by what each leaves is news. */
static void peers_table(struct cli *cli, const json_t *peers, int leaves)
{
        static const char *const heads[] = { "peer",     "state", "leaves",   "handshake",
                                             "received", "sent",  "address4", "address6" },
                                 *const plain[] = { "peer", "state",    "handshake", "received",
                                                    "sent", "address4", "address6" };
        struct table *t = leaves ? table_new(heads, 8) : table_new(plain, 7);
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
                table_cell(t, state);
                if (leaves)
                        table_cell(t, str(json_object_get(p, "leaves"), "text"));
                table_cell(t, text_ago(json_string_value(json_object_get(p, "handshake")), now, text, sizeof(text)));
                table_cell(t, text_bytes((uint64_t)json_integer_value(json_object_get(p, "rx")), text, sizeof(text)));
                table_cell(t, text_bytes((uint64_t)json_integer_value(json_object_get(p, "tx")), text, sizeof(text)));
                table_cell(t, str(p, "address4"));
                table_cell(t, str(p, "address6"));
        }
        cli_table_show(cli, t);
}

/* The change that goes back unless somebody says otherwise. */
static void show_waiting(const json_t *c)
{
        if (!json_is_object(c))
                return;
        printf("waits     revision %" JSON_INTEGER_FORMAT " by %s goes back in %" JSON_INTEGER_FORMAT
               " s unless you say: pic confirm\n",
               json_integer_value(json_object_get(c, "revision")), str(c, "actor"),
               (json_integer_value(json_object_get(c, "left_ms")) + 999) / 1000);
}

/* What others changed and the agent leaves alone. */
static void show_drift(const json_t *d)
{
        if (json_is_object(d))
                printf("drift     left alone (%" JSON_INTEGER_FORMAT "): %s\n",
                       json_integer_value(json_object_get(d, "count")), str(d, "text"));
}

/* Whether the router before this machine leads the port here, where the cell asks it to. */
static void show_router(const json_t *r)
{
        if (!json_is_object(r))
                return;
        if (strcmp(str(r, "state"), "led") == 0)
                printf("router    %s leads UDP port %" JSON_INTEGER_FORMAT " here (%s)%s%s\n", str(r, "gateway"),
                       json_integer_value(json_object_get(r, "port")), str(r, "way"),
                       str(r, "address")[0] != '\0' ? ", from " : "", str(r, "address"));
        else if (strcmp(str(r, "state"), "unneeded") == 0)
                puts("router    none: this machine has a public address itself");
        else if (strcmp(str(r, "state"), "waiting") == 0)
                puts("router    is being asked to lead the port here");
        else
                printf("router    UDP port %" JSON_INTEGER_FORMAT " is not led here: %s\n",
                       json_integer_value(json_object_get(r, "port")), str(r, "why"));
}

/* Each public name in a line: is it published, and for how long is its certificate good. */
static void show_domains(const json_t *list)
{
        const json_t *d;
        size_t i;

        json_array_foreach(list, i, d)
                printf("%-9s %s: %s%s%.10s\n", i == 0 ? "domains" : "", str(d, "name"),
                       strcmp(str(d, "state"), "off") == 0 ? "publishes nothing" : str(d, "state"),
                       str(d, "certificate")[0] != '\0' ? ", certificate until " : "", str(d, "certificate"));
}

static void status_text(struct cli *cli, const json_t *s)
{
        const json_t *agent = json_object_get(s, "agent"), *error = json_object_get(s, "error");
        const json_t *peers = json_object_get(s, "peers");

        printf("cell      %s (%s world), revision %" JSON_INTEGER_FORMAT "\n",
               str(s, "cell")[0] != '\0' ? str(s, "cell") : str(s, "name"), str(s, "world"),
               json_integer_value(json_object_get(s, "revision")));
        printf("network   %s, %s on %s\n", str(s, "net4"), str(s, "net6"), str(s, "device"));
        printf("endpoint  %s (UDP port %" JSON_INTEGER_FORMAT " here)\n",
               str(s, "endpoint")[0] != '\0' ? str(s, "endpoint") : "not set: pic cell set --endpoint HOST:PORT",
               json_integer_value(json_object_get(s, "listen_port")));
        show_router(json_object_get(s, "router"));
        if (json_is_object(agent))
                show_domains(json_object_get(s, "domains"));
        if (json_is_object(agent) && json_integer_value(json_object_get(s, "applied")) < 0)
                printf("agent     pid %" JSON_INTEGER_FORMAT ", nothing applied yet\n",
                       json_integer_value(json_object_get(agent, "pid")));
        else if (json_is_object(agent))
                printf("agent     pid %" JSON_INTEGER_FORMAT ", applied revision %" JSON_INTEGER_FORMAT ", %s\n",
                       json_integer_value(json_object_get(agent, "pid")),
                       json_integer_value(json_object_get(s, "applied")),
                       json_is_true(json_object_get(s, "ready")) ? "ready" : "not ready");
        else
                printf("agent     not running: start picd\n");
        if (json_is_true(json_object_get(s, "query_log")))
                puts("questions which device asks for which name is written down: pic dns log; "
                     "no more: pic cell set --query-log no");
        if (strcmp(str(s, "names_shown"), "granted") == 0)
                puts("names     a device is told names of what it may reach, no others: pic dns query NAME --as "
                     "DEVICE");
        show_waiting(json_object_get(s, "confirm"));
        show_drift(json_object_get(s, "drift"));
        if (json_is_object(error)) {
                printf("error     %s\n", str(error, "message"));
                if (str(error, "hint")[0] != '\0')
                        printf("  hint    %s\n", str(error, "hint"));
        }
        if (json_array_size(peers) > 0) {
                putchar('\n');
                peers_table(cli, peers, json_array_size(json_object_get(s, "connections")) > 0);
                cli_warn_open(peers);
        }
        if (json_array_size(json_object_get(s, "connections")) > 0) {
                putchar('\n');
                cli_show_connections(cli, json_object_get(s, "connections"));
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

static void show_findings(const json_t *findings)
{
        size_t i;

        for (i = 0; i < json_array_size(findings); i++) {
                const json_t *f = json_array_get(findings, i);

                printf("%-8s %s: %s\n", str(f, "level"), str(f, "area"), str(f, "what"));
                if (str(f, "fix")[0] != '\0')
                        printf("         fix: %s\n", str(f, "fix"));
        }
}

static void show_fixed(const json_t *fixed)
{
        size_t i;

        for (i = 0; i < json_array_size(fixed); i++) {
                const json_t *f = json_array_get(fixed, i);
                int done = json_is_true(json_object_get(f, "done"));

                printf("%-8s %s\n", done ? "done" : "failed", done ? str(f, "what") : str(f, "error"));
        }
        if (fixed != NULL && json_array_size(fixed) == 0)
                puts("there was nothing that is put right by itself");
}

int cmd_doctor(struct cli *cli)
{
        int (*look)(pic_ctx * ctx, pic_report * *ret_report, pic_error * *err) =
                cli_option(cli, "fix") != NULL ? pic_doctor_fix : pic_doctor_run;
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *doc, *findings;
        int good;

        if (look(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        good = pic_report_good(report);
        if (cli->json) {
                cli_report_show(cli, report);
                return good ? EXIT_DONE : EXIT_REFUSED;
        }
        doc = json_loads(pic_report_text(report), 0, NULL);
        findings = json_object_get(doc, "findings");
        show_fixed(json_object_get(doc, "fixed"));
        show_findings(findings);
        if (json_array_size(findings) == 0)
                puts("all is well");
        json_decref(doc);
        pic_report_unref(report);
        return good ? EXIT_DONE : EXIT_REFUSED;
}

/* "change  nft.shape table: changed -> dev=pic0 …", as a program would read it: what it is, and how it should be. */
static void show_steps(const json_t *steps)
{
        size_t i;

        for (i = 0; i < json_array_size(steps); i++) {
                const json_t *s = json_array_get(steps, i);
                const char *verb = str(s, "verb"), *object = str(s, "object");

                printf("%-8s %s %s",
                       strcmp(verb, "add") == 0      ? "missing"
                       : strcmp(verb, "remove") == 0 ? "extra"
                                                     : "changed",
                       str(s, "kind"), str(s, "key"));
                if (strcmp(verb, "add") != 0)
                        printf(": %s", str(s, "before"));
                if (strcmp(verb, "remove") != 0)
                        printf("%s%s", strcmp(verb, "add") == 0 ? ": " : " -> ", str(s, "after"));
                printf("%s%s%s\n", object[0] != '\0' ? " (" : "", object, object[0] != '\0' ? ")" : "");
        }
}

static void drift_text(const json_t *d)
{
        const json_t *steps = json_object_get(d, "steps");
        size_t count = json_array_size(steps);

        show_steps(steps);
        show_findings(json_object_get(d, "foreign"));
        if (json_integer_value(json_object_get(d, "repaired")) > 0)
                puts("what differed is put right");
        else if (count > 0)
                puts(json_is_true(json_object_get(d, "repair")) ? "the agent puts it right by itself: pic log tells"
                                                                : "it is left alone: pic drift --repair puts it right");
        else if (json_array_size(json_object_get(d, "foreign")) == 0)
                puts("nothing differs, and nothing foreign is in the way");
        else
                puts("nothing of ours differs");
}

int cmd_drift(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *d;
        int good;

        if (pic_drift_get(cli->ctx, cli_option(cli, "repair") != NULL ? PIC_DRIFT_REPAIR : 0, &report, &err) < 0)
                return cli_fail(cli, err);
        good = pic_report_good(report);
        if (cli->json) {
                cli_report_show(cli, report);
        } else {
                d = json_loads(pic_report_text(report), 0, NULL);
                drift_text(d);
                json_decref(d);
                pic_report_unref(report);
        }
        return cli->exit_code && !good ? EXIT_CHANGES : EXIT_DONE;
}

/* Is the destination known by another word than its address? */
static int has_other(const json_t *why)
{
        return strncmp(str(why, "to"), str(why, "destination"), strlen(str(why, "destination"))) != 0;
}

/* "since    revision 7, 2026-11-25T20:00:00Z, root: group kids: access lan -> internet" */
static void show_verdict(json_t *w)
{
        json_t *origin = json_object_get(w, "origin");

        printf("%s  %s (%s) -> %s%s%s%s\n", json_is_true(json_object_get(w, "allowed")) ? "yes" : "no", str(w, "from"),
               str(w, "source"), str(w, "to"), has_other(w) ? " (" : "", has_other(w) ? str(w, "destination") : "",
               has_other(w) ? ")" : "");
        printf("rule     %s%s%s\n", str(w, "rule"), str(w, "through")[0] != '\0' ? ", held by " : "",
               str(w, "through"));
        if (json_is_integer(json_object_get(w, "class")))
                printf("class    %lld\n", json_integer_value(json_object_get(w, "class")));
        printf("because  %s\n", str(w, "reason"));
        if (json_is_object(origin))
                printf("since    revision %lld, %s, by %s: %s\n",
                       json_integer_value(json_object_get(origin, "revision")), str(origin, "time"),
                       str(origin, "actor"), str(origin, "text"));
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
        show_verdict(w);
        json_decref(w);
        pic_report_unref(report);
        return EXIT_DONE;
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
                printf("%4lld  %s  %-10s %s\n", (long long)pic_event_seq(event), when, pic_event_actor(event),
                       pic_event_text(event));
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
        int64_t after;

        if (cli_number(cli, "after", &after) != EXIT_DONE)
                return EXIT_USAGE;
        if (pic_sub_open(cli->ctx, after > 0 ? after : 0, &sub, &err) < 0)
                return cli_fail(cli, err);
        while ((r = pic_sub_next(sub, timeout, &event, &err)) > 0)
                show_event(cli, event);
        pic_sub_unref(sub);
        return r < 0 ? cli_fail(cli, err) : EXIT_DONE;
}
