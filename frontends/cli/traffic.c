/* Owns: pic traffic: how much passed, as a table with bars. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "common/table.h"
#include "common/text.h"

#define BAR 30
#define SHOWN 20 /* devices, ways out */

static json_int_t num(const json_t *o, const char *key)
{
        return json_integer_value(json_object_get(o, key));
}

static void put_bytes(struct table *t, const json_t *o, const char *key)
{
        char text[64];

        table_cell(t, text_bytes((uint64_t)num(o, key), text, sizeof(text)));
}

/* Of the largest of them. */
static void put_bar(struct table *t, json_int_t n, json_int_t most)
{
        char text[BAR + 1];
        size_t len = most > 0 ? (size_t)((double)n / (double)most * BAR + 0.5) : 0;

        len = len == 0 && n > 0 ? 1 : len;
        memset(text, '#', len);
        text[len] = '\0';
        table_cell(t, text);
}

/* Days are by UTC; hours are shown as the clock on the wall has them. */
static void put_when(struct table *t, const json_t *bucket, int hours)
{
        const char *from = json_string_value(json_object_get(bucket, "from"));
        int64_t us = text_moment(from != NULL ? from : "", 0);
        time_t seconds = (time_t)(us / 1000000);
        char text[32];
        struct tm tm;

        if (us < 0)
                text[0] = '\0';
        else if (hours)
                strftime(text, sizeof(text), "%Y-%m-%d %H:%M", localtime_r(&seconds, &tm));
        else
                strftime(text, sizeof(text), "%Y-%m-%d", gmtime_r(&seconds, &tm));
        table_cell(t, text);
}

static json_int_t most_of(const json_t *list)
{
        json_int_t most = 0;
        size_t i;

        for (i = 0; i < json_array_size(list); i++) {
                json_int_t n = num(json_array_get(list, i), "rx") + num(json_array_get(list, i), "tx");

                most = n > most ? n : most;
        }
        return most;
}

static void show_buckets(const struct cli *cli, const json_t *traffic)
{
        const json_t *list = json_object_get(traffic, "buckets");
        int hours = strcmp(json_string_value(json_object_get(traffic, "span")), "hour") == 0;
        const char *const heads[] = { hours ? "hour" : "day", "received", "sent", "" };
        struct table *t = table_new(heads, 4);
        json_int_t most = most_of(list);
        size_t i;

        for (i = 0; i < json_array_size(list); i++) {
                const json_t *b = json_array_get(list, i);

                put_when(t, b, hours);
                put_bytes(t, b, "rx");
                put_bytes(t, b, "tx");
                put_bar(t, num(b, "rx") + num(b, "tx"), most);
        }
        cli_table_show(cli, t);
}

static void show_whose(const struct cli *cli, const json_t *list, const char *title)
{
        const char *const heads[] = { title, "received", "sent", "" };
        size_t n = json_array_size(list), i;
        json_int_t most = most_of(list);
        struct table *t;

        if (n == 0)
                return;
        puts("");
        t = table_new(heads, 4);
        for (i = 0; i < n && i < SHOWN; i++) {
                const json_t *o = json_array_get(list, i);
                const char *name = json_string_value(json_object_get(o, "name"));

                table_cell(t, name != NULL ? name : "(removed)");
                put_bytes(t, o, "rx");
                put_bytes(t, o, "tx");
                put_bar(t, num(o, "rx") + num(o, "tx"), most);
        }
        cli_table_show(cli, t);
        if (n > SHOWN)
                printf("and %zu more: --json\n", n - SHOWN);
}

static void show(const struct cli *cli, const char *text)
{
        json_t *traffic = json_loads(text, 0, NULL);

        show_buckets(cli, traffic);
        if (cli->word_count == 0) {
                show_whose(cli, json_object_get(traffic, "peers"), "device");
                show_whose(cli, json_object_get(traffic, "connections"), "connection");
        }
        json_decref(traffic);
}

static int count_option(const struct cli *cli, const char *name, uint32_t *ret)
{
        int64_t n;
        int status = cli_number(cli, name, &n);

        if (status == EXIT_DONE && (n == 0 || n > UINT32_MAX))
                return cli_usage(cli, "--%s takes a number above zero", name);
        *ret = n > 0 ? (uint32_t)n : 0;
        return status;
}

static int read_options(const struct cli *cli, pic_traffic_opts *o)
{
        int status = count_option(cli, "hours", &o->hours);

        if (status == EXIT_DONE)
                status = count_option(cli, "days", &o->days);
        if (status == EXIT_DONE)
                status = cli_moment(cli, "since", &o->since);
        return status == EXIT_DONE ? cli_moment(cli, "until", &o->until) : status;
}

/* A device of that name, else a way out. */
static int ask(struct cli *cli, pic_traffic_opts *o, pic_report **ret)
{
        pic_error *err = NULL;
        pic_obj *connection = NULL;
        int r;

        o->peer = cli->word_count > 0 ? cli->words[0] : NULL;
        r = pic_traffic_get(cli->ctx, o, ret, &err);
        if (r == PIC_NOTFOUND && o->peer != NULL && pic_get(cli->ctx, "connection", o->peer, &connection, NULL) == 0) {
                pic_obj_unref(connection);
                pic_error_free(err);
                err = NULL;
                o->connection = o->peer;
                o->peer = NULL;
                r = pic_traffic_get(cli->ctx, o, ret, &err);
        }
        return r < 0 ? cli_fail(cli, err) : EXIT_DONE;
}

int cmd_traffic(struct cli *cli)
{
        pic_traffic_opts o = PIC_TRAFFIC_OPTS_INIT;
        pic_report *report = NULL;
        int status = read_options(cli, &o);

        if (status == EXIT_DONE)
                status = ask(cli, &o, &report);
        if (status != EXIT_DONE)
                return status;
        if (cli->json)
                return cli_report_show(cli, report);
        show(cli, pic_report_text(report));
        pic_report_unref(report);
        return EXIT_DONE;
}
