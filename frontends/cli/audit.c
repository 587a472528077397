/* Owns: the journal as evidence, on the command line. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/table.h"

enum { HEAD_MAX = 64 << 10 };

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

static long long num(const json_t *o, const char *key)
{
        return (long long)json_integer_value(json_object_get(o, key));
}

/* --- list ----------------------------------------------------------------------------------------------------- */

static void list_json(const pic_history *rows)
{
        size_t i;

        putchar('[');
        for (i = 0; i < pic_history_count(rows); i++)
                printf("%s%s", i > 0 ? ",\n" : "", pic_event_json(pic_history_at(rows, i)));
        puts("]");
}

static void list_table(const struct cli *cli, const pic_history *rows)
{
        static const char *const heads[] = { "row", "time", "actor", "verb", "~what" };
        struct table *t = table_new(heads, 5);
        char text[32];
        size_t i;

        for (i = 0; i < pic_history_count(rows); i++) {
                const pic_event *e = pic_history_at(rows, i);
                time_t seconds = (time_t)(pic_event_time(e) / 1000000);
                struct tm tm;

                snprintf(text, sizeof(text), "%lld", (long long)pic_event_seq(e));
                table_cell(t, text);
                strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &tm));
                table_cell(t, text);
                table_cell(t, pic_event_actor(e));
                table_cell(t, pic_event_verb(e));
                table_cell(t, pic_event_text(e));
        }
        cli_table_show(cli, t);
}

int cmd_audit_list(struct cli *cli)
{
        pic_history_opts o = PIC_HISTORY_OPTS_INIT;
        pic_history *rows = NULL;
        pic_error *err = NULL;
        int status = cli_search(cli, &o);

        if (status != EXIT_DONE)
                return status;
        if (pic_history_get(cli->ctx, &o, &rows, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                list_json(rows);
        else
                list_table(cli, rows);
        pic_history_unref(rows);
        return EXIT_DONE;
}

/* --- show ----------------------------------------------------------------------------------------------------- */

static void show_fields(const char *title, const json_t *fields)
{
        const char *key;
        json_t *value;

        if (!json_is_object(fields))
                return;
        json_object_foreach((json_t *)(uintptr_t)fields, key, value)
                printf("%s%s: %s\n", title, key, json_is_string(value) ? json_string_value(value) : "nothing");
}

static void show_row(const json_t *doc)
{
        static const char *const keys[] = { "time", "actor", "way", "kind", "name", "verb", "text" };
        const json_t *row = json_object_get(doc, "row");
        size_t i;

        printf("row       %lld, revision %lld\n", num(row, "seq"), num(row, "revision"));
        for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
                printf("%-9s %s\n", keys[i], str(row, keys[i]));
        show_fields("before    ", json_object_get(row, "before"));
        show_fields("after     ", json_object_get(row, "after"));
        printf("hash      %s\n", str(doc, "hash"));
}

int cmd_audit_show(struct cli *cli)
{
        int proof = cli_option(cli, "proof") != NULL;
        pic_report *report = NULL;
        pic_error *err = NULL;
        char *end;
        long long seq;
        json_t *doc;

        errno = 0;
        seq = strtoll(cli->words[0], &end, 10);
        if (errno != 0 || *end != '\0' || cli->words[0][0] < '0' || cli->words[0][0] > '9')
                return cli_usage(cli, "a row is a whole number ('pic audit list'), not '%s'", cli->words[0]);
        if (pic_audit_get(cli->ctx, seq, proof ? PIC_AUDIT_PROOF : 0, &report, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                return cli_report_show(cli, report);
        doc = json_loads(pic_report_text(report), 0, NULL);
        if (proof)
                fputs(str(json_object_get(doc, "proof"), "text"), stdout);
        else
                show_row(doc);
        json_decref(doc);
        pic_report_unref(report);
        return EXIT_DONE;
}

/* --- export --------------------------------------------------------------------------------------------------- */

static int open_output(const struct cli *cli, int *ret_fd)
{
        const char *path = cli_option(cli, "output");

        *ret_fd = STDOUT_FILENO;
        if (path == NULL)
                return EXIT_DONE;
        *ret_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (*ret_fd >= 0)
                return EXIT_DONE;
        return cli_refuse(cli, errno == EEXIST ? PIC_EXISTS : PIC_IO, "cannot make %s: %s", path, strerror(errno));
}

static int parse_format(const struct cli *cli, int *ret)
{
        static const char *const names[] = { "jsonl", "csv", "bundle" };
        const char *format = cli_option(cli, "format");
        int i;

        for (i = 0; i < 3; i++)
                if (strcmp(format != NULL ? format : "jsonl", names[i]) == 0) {
                        *ret = i;
                        return EXIT_DONE;
                }
        return cli_usage(cli, "--format is jsonl, csv or bundle, not '%s'", format);
}

int cmd_audit_export(struct cli *cli)
{
        const char *path = cli_option(cli, "output");
        pic_history_opts o = PIC_HISTORY_OPTS_INIT;
        pic_error *err = NULL;
        int format = 0, fd, filtered, r;

        if (cli_search(cli, &o) != EXIT_DONE || parse_format(cli, &format) != EXIT_DONE)
                return EXIT_USAGE;
        if (cli->json && format == PIC_AUDIT_CSV)
                return cli_misuse(cli, "--format jsonl, or no --json", "--json and --format csv: give one of them");
        filtered = cli->option_count > (size_t)(path != NULL) + (cli_option(cli, "format") != NULL);
        if (filtered && format == PIC_AUDIT_BUNDLE)
                return cli_usage(cli, "a bundle is whole: it takes none of the options that choose rows");
        if (open_output(cli, &fd) != EXIT_DONE)
                return EXIT_REFUSED;
        r = pic_audit_export(cli->ctx, fd, format, filtered ? &o : NULL, &err);
        if (path != NULL && close(fd) < 0 && r == 0)
                return cli_refuse(cli, PIC_IO, "cannot write %s: %s", path, strerror(errno));
        if (r < 0 && path != NULL)
                unlink(path);
        return r < 0 ? cli_fail(cli, err) : EXIT_DONE;
}

/* --- verify and head ------------------------------------------------------------------------------------------ */

/* The text of a file of which everything is read, or NULL after having said why. */
static char *read_head(const struct cli *cli, const char *path)
{
        size_t len = 0;
        char *text = cli_read_document(cli, path, &len);

        if (text == NULL || len < HEAD_MAX)
                return text;
        free(text);
        cli_refuse(cli, PIC_IO, "cannot read %s: too long for a head", path);
        return NULL;
}

static void show_verdict(const json_t *v)
{
        const json_t *bad = json_object_get(v, "bad");

        if (json_is_object(bad)) {
                if (num(bad, "row") > 0)
                        printf("from row %lld on this is not the journal that was written\n", num(bad, "row"));
                printf("%s\n", str(bad, "what"));
                return;
        }
        printf("all is as it was written: %lld rows\n", num(v, "rows"));
        if (str(v, "key")[0] == '\0')
                puts("nothing is signed: the cell has no identity yet");
        else
                printf("signed    %lld rows (heads: %lld)\n", num(v, "signed"), num(v, "heads"));
        if (json_is_integer(json_object_get(v, "outside")))
                printf("outside   the %lld rows of the head that was kept are there\n", num(v, "outside"));
}

int cmd_audit_verify(struct cli *cli)
{
        pic_audit_verify_opts o = PIC_AUDIT_VERIFY_OPTS_INIT;
        const char *path = cli_option(cli, "head");
        char *head = NULL;
        pic_report *report = NULL;
        pic_error *err = NULL;
        int r, good;

        if (path != NULL && (head = read_head(cli, path)) == NULL)
                return EXIT_REFUSED;
        o.key = cli_option(cli, "key");
        o.head = head;
        r = pic_audit_verify(cli->ctx, &o, &report, &err);
        free(head);
        if (r < 0)
                return cli_fail(cli, err);
        good = pic_report_good(report);
        if (cli->json) {
                cli_report_show(cli, report);
        } else {
                json_t *v = json_loads(pic_report_text(report), 0, NULL);

                show_verdict(v);
                json_decref(v);
                pic_report_unref(report);
        }
        return good ? EXIT_DONE : EXIT_REFUSED;
}

int cmd_audit_head(struct cli *cli)
{
        const char *path = cli_option(cli, "output"), *text;
        int key = cli_option(cli, "key") != NULL, status = EXIT_DONE;
        pic_report *report = NULL;
        pic_error *err = NULL;
        char line[512];
        json_t *doc;

        if (pic_audit_head(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        doc = json_loads(pic_report_text(report), 0, NULL);
        snprintf(line, sizeof(line), "%s\n", str(doc, "key"));
        text = cli->json ? pic_report_text(report) : key ? line : str(doc, "note");
        if (path != NULL)
                status = cli_write(cli, path, text);
        else
                printf("%s%s", text, cli->json ? "\n" : "");
        if (!cli->json && !key && num(doc, "rows") > num(doc, "size"))
                cli_note(cli, "%lld newer rows are not signed yet: the agent signs, start it with picd",
                         num(doc, "rows") - num(doc, "size"));
        json_decref(doc);
        pic_report_unref(report);
        return status;
}
