/* Owns: the log on a terminal. The library gives the last lines of several files, one file after the other; so while
 * following, what is new is found by comparing with the lines of the look before. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "common/text.h"

#define LINES 100
#define FOLLOWED 1000 /* lines compared at each look */
#define LOOK_MS 1000

/* Length of the line at `s` with its newline, 0 at the end. */
static size_t line_len(const char *s)
{
        size_t len = strcspn(s, "\n");

        return len + (s[len] == '\n');
}

/* Where the line that begins `line` is in `old`, or NULL. */
static const char *find_line(const char *old, const char *line, size_t len)
{
        for (; *old != '\0'; old += line_len(old))
                if (line_len(old) == len && memcmp(old, line, len) == 0)
                        return old;
        return NULL;
}

static void put_line(const struct cli *cli, const char *line, size_t len)
{
        char *copy;

        if (!cli->json) {
                fwrite(line, 1, len, stdout);
                return;
        }
        copy = strndup(line, len - (len > 0 && line[len - 1] == '\n'));
        text_json(stdout, copy);
        free(copy);
}

/* The lines of `text` that are not in `old`, where both have their lines in one order. Lines that fell out at the
 * beginning of `old` are passed over. */
static void put_new(const struct cli *cli, const char *text, const char *old)
{
        for (; *text != '\0'; text += line_len(text)) {
                const char *same = find_line(old, text, line_len(text));

                if (same != NULL) {
                        old = same + line_len(same);
                        continue;
                }
                put_line(cli, text, line_len(text));
                fputs(cli->json ? "\n" : "", stdout);
        }
}

/* The last lines, for free(); NULL after having said why, with what to exit with. */
static char *look(struct cli *cli, uint32_t lines, int *ret_status)
{
        const char *area = cli->word_count > 0 ? cli->words[0] : NULL;
        pic_report *report = NULL;
        pic_error *err = NULL;
        char *text;

        if (pic_log_get(cli->ctx, area, lines, &report, &err) < 0) {
                *ret_status = cli_fail(cli, err);
                return NULL;
        }
        text = strdup(pic_report_text(report));
        pic_report_unref(report);
        if (text == NULL)
                *ret_status = cli_refuse(cli, PIC_NOMEM, "out of memory");
        return text;
}

static void put_all(const struct cli *cli, const char *text)
{
        const char *sep = "[";

        if (!cli->json) {
                fputs(text, stdout);
                return;
        }
        for (; *text != '\0'; text += line_len(text)) {
                fputs(sep, stdout);
                put_line(cli, text, line_len(text));
                sep = ",";
        }
        puts(sep[0] == '[' ? "[]" : "]");
}

/* The last `lines` lines, then what comes. What is compared is read before what is shown: a line that comes in between
 * is shown twice rather than not at all. */
static int follow(struct cli *cli, uint32_t lines)
{
        uint32_t compared = lines > FOLLOWED ? lines : FOLLOWED;
        int status = EXIT_DONE;
        char *old = look(cli, compared, &status), *text = old != NULL ? look(cli, lines, &status) : NULL;

        if (text != NULL)
                put_new(cli, text, "");
        free(text);
        while (status == EXIT_DONE && old != NULL && fflush(stdout) == 0 && poll(NULL, 0, LOOK_MS) == 0) {
                text = look(cli, compared, &status);
                if (text != NULL)
                        put_new(cli, text, old);
                free(old);
                old = text;
        }
        free(old);
        return status;
}

int cmd_log(struct cli *cli)
{
        int64_t lines;
        char *text;
        int status;

        if (cli->word_count > 0 && strcmp(cli->words[0], "level") == 0)
                return cli_log_level(cli);
        if (cli->word_count > 1)
                return cli_usage(cli, "of one area, or of all: pic log [AREA]");
        status = cli_number(cli, "lines", &lines);
        if (status == EXIT_DONE && (lines == 0 || lines > 1000000))
                return cli_usage(cli, "--lines is a number from 1 to 1000000");
        if (status != EXIT_DONE)
                return status;
        if (cli_option(cli, "follow") != NULL)
                return follow(cli, lines > 0 ? (uint32_t)lines : LINES);
        text = look(cli, lines > 0 ? (uint32_t)lines : LINES, &status);
        if (text != NULL)
                put_all(cli, text);
        free(text);
        return status;
}
