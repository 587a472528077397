/* Owns: how `pic` speaks: errors for people (message, cause, hint) or as JSON, plans, reports. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/table.h"
#include "common/text.h"

static void json_pair(const char *key, const char *value)
{
        fprintf(stderr, ",\"%s\":", key);
        text_json(stderr, value);
}

static void error_json(const pic_error *err)
{
        static const char *const details[] = { "field", "value", "rule", "object", "users", "file", "packet" };
        const pic_error *e;
        size_t i;

        fprintf(stderr, "{\"code\":\"%s\"", pic_code_name(pic_error_code(err)));
        json_pair("message", pic_error_message(err));
        for (i = 0; i < sizeof(details) / sizeof(details[0]); i++)
                json_pair(details[i], pic_error_detail(err, details[i]));
        json_pair("hint", pic_error_hint(err));
        fputs(",\"causes\":[", stderr);
        for (e = pic_error_cause(err); e != NULL; e = pic_error_cause(e)) {
                text_json(stderr, pic_error_message(e));
                if (pic_error_cause(e) != NULL)
                        fputc(',', stderr);
        }
        fputs("]", stderr);
        if (pic_error_detail(err, "line") != NULL)
                fprintf(stderr, ",\"line\":%s,\"column\":%s", pic_error_detail(err, "line"),
                        pic_error_detail(err, "column") != NULL ? pic_error_detail(err, "column") : "null");
}

static void error_text(const pic_error *err)
{
        const pic_error *e;

        fprintf(stderr, "pic: %s\n", pic_error_message(err));
        for (e = pic_error_cause(err); e != NULL; e = pic_error_cause(e))
                fprintf(stderr, "  because: %s\n", pic_error_message(e));
        if (pic_error_hint(err) != NULL)
                fprintf(stderr, "  hint: %s\n", pic_error_hint(err));
}

/* All that is wrong: each error with its followers. In JSON the first holds the others. */
static void show_all(const struct cli *cli, const struct errors *errors)
{
        const pic_error *e;
        size_t shown = 0, i;

        for (i = 0; i < errors->count; i++) {
                for (e = errors->at[i]; e != NULL; e = pic_error_next(e), shown++) {
                        if (!cli->json) {
                                error_text(e);
                                continue;
                        }
                        fputs(shown > 1 ? "}," : "", stderr);
                        error_json(e);
                        fputs(shown == 0 ? ",\"more\":[" : "", stderr);
                }
        }
        if (cli->json)
                fputs(shown > 1 ? "}]}\n" : "]}\n", stderr);
}

int cli_fail_all(const struct cli *cli, struct errors *errors)
{
        int status = pic_error_code(errors->at[0]) == PIC_INVALID ? EXIT_USAGE : EXIT_REFUSED;
        size_t i;

        show_all(cli, errors);
        for (i = 0; i < errors->count; i++)
                pic_error_free(errors->at[i]);
        return status;
}

int cli_fail(const struct cli *cli, pic_error *err)
{
        struct errors errors = { { err }, 1 };

        return cli_fail_all(cli, &errors);
}

static void PIC_PRINTF(4, 0) say(const struct cli *cli, int code, const char *hint, const char *fmt, va_list ap)
{
        char text[512];

        vsnprintf(text, sizeof(text), fmt, ap);
        if (cli->json) {
                fprintf(stderr, "{\"code\":\"%s\"", pic_code_name(code));
                json_pair("message", text);
                fputs(",\"field\":null,\"value\":null,\"rule\":null", stderr);
                json_pair("hint", hint);
                fputs(",\"causes\":[],\"more\":[]}\n", stderr);
        } else {
                fprintf(stderr, "pic: %s\n", text);
        }
}

int cli_usage(const struct cli *cli, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        say(cli, PIC_INVALID, "pic help", fmt, ap);
        va_end(ap);
        return EXIT_USAGE;
}

int cli_misuse(const struct cli *cli, const char *hint, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        say(cli, PIC_INVALID, hint, fmt, ap);
        va_end(ap);
        if (!cli->json)
                fprintf(stderr, "  hint: %s\n", hint);
        return EXIT_USAGE;
}

int cli_refuse(const struct cli *cli, int code, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        say(cli, code, NULL, fmt, ap);
        va_end(ap);
        return EXIT_REFUSED;
}

int cli_advise(const struct cli *cli, int code, const char *hint, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        say(cli, code, hint, fmt, ap);
        va_end(ap);
        if (!cli->json && hint != NULL)
                fprintf(stderr, "  hint: %s\n", hint);
        return EXIT_REFUSED;
}

void cli_note(const struct cli *cli, const char *fmt, ...)
{
        va_list ap;

        if (cli->quiet || cli->json)
                return;
        fflush(stdout); /* what it is about comes first, also where both go to one file */
        va_start(ap, fmt);
        vfprintf(stderr, fmt, ap);
        va_end(ap);
        fputc('\n', stderr);
}

size_t cli_width(void)
{
        const char *said = getenv("COLUMNS");
        unsigned long n = said != NULL ? strtoul(said, NULL, 10) : 0;
        struct winsize size;

        if (n >= 20 && n <= 10000)
                return n;
        if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
                return size.ws_col;
        return 0;
}

void cli_table_show(const struct cli *cli, struct table *table)
{
        size_t missing = table_print(table, stdout, cli->color, cli_width());

        if (missing > 0)
                cli_note(cli, "%zu column%s not fit: make the window wider, or --json", missing,
                         missing == 1 ? " does" : "s do");
        table_free(table);
}

int cli_report_show(const struct cli *cli, pic_report *report)
{
        const char *text = pic_report_text(report);
        size_t len = strlen(text);

        (void)cli;
        fputs(text, stdout);
        if (len > 0 && text[len - 1] != '\n')
                fputc('\n', stdout);
        pic_report_unref(report);
        return EXIT_DONE;
}
