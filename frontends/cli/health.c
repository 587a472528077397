/* Owns: pic health history: what was wrong, and from when to when. */
#include <jansson.h>
#include <time.h>

#include "cli/cli.h"
#include "common/text.h"

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

static void put_when(const char *utc)
{
        int64_t us = text_moment(utc, 0);
        time_t seconds = (time_t)(us / 1000000);
        char text[32] = "";
        struct tm tm;

        if (us >= 0)
                strftime(text, sizeof(text), "%Y-%m-%d %H:%M", localtime_r(&seconds, &tm));
        fputs(text, stdout);
}

static void show(const json_t *list)
{
        size_t i;

        for (i = 0; i < json_array_size(list); i++) {
                const json_t *f = json_array_get(list, i);

                put_when(str(f, "began"));
                fputs(" to ", stdout);
                if (str(f, "ended")[0] != '\0')
                        put_when(str(f, "ended"));
                else
                        fputs("now             ", stdout);
                printf("  %-7s %s: %s\n", str(f, "level"), str(f, "area"), str(f, "what"));
                if (str(f, "ended")[0] == '\0' && str(f, "fix")[0] != '\0')
                        printf("  fix: %s\n", str(f, "fix"));
        }
        if (i == 0)
                puts("nothing was wrong, as far as is known");
}

int cmd_health_history(struct cli *cli)
{
        pic_health_opts o = PIC_HEALTH_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *doc;
        int64_t lines;
        int status = cli_number(cli, "lines", &lines);

        if (status == EXIT_DONE && (lines == 0 || lines > 5000))
                return cli_usage(cli, "--lines is a number from 1 to 5000");
        if (status == EXIT_DONE)
                status = cli_moment(cli, "since", &o.since);
        if (status == EXIT_DONE)
                status = cli_moment(cli, "until", &o.until);
        if (status != EXIT_DONE)
                return status;
        o.max = lines > 0 ? (uint32_t)lines : 0;
        if (pic_health_history(cli->ctx, &o, &report, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                return cli_report_show(cli, report);
        doc = json_loads(pic_report_text(report), 0, NULL);
        show(json_object_get(doc, "findings"));
        json_decref(doc);
        pic_report_unref(report);
        return EXIT_DONE;
}
