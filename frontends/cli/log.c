/* Owns: the logs on a terminal: what is chosen of them, and what comes. */
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "common/text.h"

#define LOOK_MS 500

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

static void put_line(const struct cli *cli, const json_t *line)
{
        char *text;

        if (!cli->json) {
                puts(json_string_value(line));
                return;
        }
        text = json_dumps(line, JSON_COMPACT);
        puts(text != NULL ? text : "{}");
        free(text);
}

/* The answer, which the caller drops; NULL after having said why, with what to exit with. */
static json_t *look(struct cli *cli, const pic_log_opts *o, int *ret_status)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *answer;

        if (pic_log_search(cli->ctx, o, &report, &err) < 0) {
                *ret_status = cli_fail(cli, err);
                return NULL;
        }
        answer = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        if (answer == NULL)
                *ret_status = cli_refuse(cli, PIC_NOMEM, "out of memory");
        return answer;
}

static void put_lines(const struct cli *cli, const json_t *answer)
{
        const json_t *lines = json_object_get(answer, "lines");
        size_t i;

        for (i = 0; i < json_array_size(lines); i++)
                put_line(cli, json_array_get(lines, i));
}

/* Nothing is chosen but the area. */
static int show_last(struct cli *cli, const pic_log_opts *o)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_log_get(cli->ctx, o->area, o->max, &report, &err) < 0)
                return cli_fail(cli, err);
        fputs(pic_report_text(report), stdout);
        pic_report_unref(report);
        return EXIT_DONE;
}

static int is_choosing(const pic_log_opts *o)
{
        return o->text != NULL || o->level != NULL || o->peer != NULL || o->connection != NULL || o->before != NULL ||
               o->since != 0 || o->until != 0;
}

static int show(struct cli *cli, const pic_log_opts *o)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        int status = EXIT_DONE;
        json_t *answer;

        if (cli->json)
                return pic_log_search(cli->ctx, o, &report, &err) < 0 ? cli_fail(cli, err)
                                                                      : cli_report_show(cli, report);
        if (!is_choosing(o))
                return show_last(cli, o);
        answer = look(cli, o, &status);
        put_lines(cli, answer);
        json_decref(answer);
        return status;
}

/* The last lines, then what comes, over rotations. */
static int follow(struct cli *cli, pic_log_opts *o)
{
        int status = EXIT_DONE;
        char *after = NULL;

        for (;;) {
                json_t *answer = look(cli, o, &status);
                int more;

                if (answer == NULL)
                        break;
                put_lines(cli, answer);
                free(after);
                after = strdup(str(answer, "after"));
                more = json_is_true(json_object_get(answer, "more"));
                json_decref(answer);
                o->after = after;
                if (after == NULL || fflush(stdout) != 0 || (!more && poll(NULL, 0, LOOK_MS) != 0))
                        break;
        }
        free(after);
        return status;
}

static int read_options(struct cli *cli, pic_log_opts *o)
{
        int64_t lines;
        int status = cli_number(cli, "lines", &lines);

        if (status == EXIT_DONE && (lines == 0 || lines > 10000))
                return cli_usage(cli, "--lines is a number from 1 to 10000");
        if (status == EXIT_DONE)
                status = cli_moment(cli, "since", &o->since);
        if (status == EXIT_DONE)
                status = cli_moment(cli, "until", &o->until);
        o->max = lines > 0 ? (uint32_t)lines : 0;
        o->area = cli->word_count > 0 ? cli->words[0] : NULL;
        o->text = cli_option(cli, "text");
        o->flags = cli->json ? 0 : PIC_LOG_STRINGS;
        o->flags |= cli_option(cli, "ignore-case") != NULL ? PIC_LOG_FOLD : 0;
        o->level = cli_option(cli, "level");
        o->peer = cli_option(cli, "peer");
        o->connection = cli_option(cli, "connection");
        o->before = cli_option(cli, "before");
        return status;
}

int cmd_log(struct cli *cli)
{
        pic_log_opts o = PIC_LOG_OPTS_INIT;
        int status;

        if (cli->word_count > 0 && strcmp(cli->words[0], "level") == 0)
                return cli_log_level(cli);
        if (cli->word_count > 1)
                return cli_usage(cli, "of one area, or of all: pic log [AREA]");
        status = read_options(cli, &o);
        if (status != EXIT_DONE)
                return status;
        if (cli_option(cli, "follow") != NULL && (o.before != NULL || o.until != 0))
                return cli_usage(cli, "what comes is neither before nor until something");
        return cli_option(cli, "follow") != NULL ? follow(cli, &o) : show(cli, &o);
}
