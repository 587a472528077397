/* Owns: `pic log level`: how much the agent writes down, shown and changed. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "common/table.h"

static const char *const levels[] = { "error", "warning", "info", "debug", "default" };

static int is_level(const char *word)
{
        size_t i;

        for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
                if (strcmp(levels[i], word) == 0)
                        return 1;
        return 0;
}

static int is_own(const json_t *own, const char *area)
{
        size_t i;

        for (i = 0; i < json_array_size(own); i++)
                if (strcmp(json_string_value(json_array_get(own, i)), area) == 0)
                        return 1;
        return 0;
}

static void put_row(struct table *t, const char *area, const json_t *level, const char *why)
{
        table_cell(t, area);
        table_cell(t, json_string_value(level));
        table_cell(t, why);
}

static int show(struct cli *cli)
{
        static const char *const heads[] = { "area", "level", "because" };
        pic_report *report = NULL;
        pic_error *err = NULL;
        struct table *t;
        json_t *now, *level;
        const char *area;

        if (pic_log_levels(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                return cli_report_show(cli, report);
        now = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        t = table_new(heads, 3);
        put_row(t, "(all)", json_object_get(now, "root"), NULL);
        json_object_foreach(json_object_get(now, "areas"), area, level)
                put_row(t, area, level, is_own(json_object_get(now, "own"), area) ? "it was told so" : "as all");
        cli_table_show(cli, t);
        json_decref(now);
        return EXIT_DONE;
}

/* level; level LEVEL; level AREA LEVEL */
int cli_log_level(struct cli *cli)
{
        const char *area = cli->word_count > 2 ? cli->words[1] : NULL;
        const char *level = cli->word_count > 1 ? cli->words[cli->word_count - 1] : NULL;
        pic_error *err = NULL;

        if (level == NULL)
                return show(cli);
        if (!is_level(level))
                return cli_usage(cli, "'%s' is no level: error, warning, info, debug, or default", level);
        if (pic_log_level_set(cli->ctx, area, strcmp(level, "default") != 0 ? level : NULL, &err) < 0)
                return cli_fail(cli, err);
        return show(cli);
}
