/* Owns: the past on the command line: what happened, what was, and going back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/cli.h"
#include "common/text.h"

static void show_event(const struct cli *cli, const pic_event *event)
{
        time_t seconds = (time_t)(pic_event_time(event) / 1000000);
        char when[32];
        struct tm tm;

        if (cli->json) {
                puts(pic_event_json(event));
                return;
        }
        strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &tm));
        printf("%5lld  %s  %-10s %s\n", (long long)pic_event_revision(event), when, pic_event_actor(event),
               pic_event_text(event));
}

static int64_t now(void)
{
        return (int64_t)time(NULL) * 1000000;
}

/* A whole number above zero, all of the text; -1: none. */
static int64_t number(const char *text)
{
        char *end;
        long long n;

        errno = 0;
        n = strtoll(text, &end, 10);
        return text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || n < 1 ? -1 : n;
}

static int number_option(const struct cli *cli, const char *name, int64_t most, int64_t *ret)
{
        const char *text = cli_option(cli, name);

        *ret = 0;
        if (text == NULL)
                return EXIT_DONE;
        *ret = number(text);
        if (*ret < 0 || *ret > most)
                return cli_usage(cli, "--%s takes a whole number from 1 to %lld, not '%s'", name, (long long)most,
                                 text);
        return EXIT_DONE;
}

int cli_moment(const struct cli *cli, const char *name, pic_time *ret)
{
        const char *text = cli_option(cli, name);

        *ret = 0;
        if (text == NULL)
                return EXIT_DONE;
        *ret = text_moment(text, now());
        if (*ret < 0)
                return cli_usage(cli, "--%s takes a date such as 2026-11-25, '2026-11-25 19:30' or 10m (ago), not '%s'",
                                 name, text);
        return EXIT_DONE;
}

int cli_search(const struct cli *cli, pic_history_opts *o)
{
        int64_t lines;
        int status = number_option(cli, "lines", 1000000, &lines);

        if (status == EXIT_DONE)
                status = number_option(cli, "before", INT64_MAX, &o->before);
        if (status == EXIT_DONE)
                status = cli_moment(cli, "since", &o->since);
        if (status == EXIT_DONE)
                status = cli_moment(cli, "until", &o->until);
        o->max = (uint32_t)lines;
        if (status == EXIT_DONE)
                status = number_option(cli, "from", INT64_MAX, &o->first);
        if (status == EXIT_DONE)
                status = number_option(cli, "to", INT64_MAX, &o->last);
        o->actor = cli_option(cli, "actor");
        o->verb = cli_option(cli, "verb");
        o->kind = cli_option(cli, "kind");
        if (status == EXIT_DONE && o->kind != NULL && pic_field_count(o->kind) == 0)
                status = cli_misuse(cli, "pic help audit list", "--kind: there is no kind '%s'", o->kind);
        o->name = cli_option(cli, "name");
        o->way = cli_option(cli, "way");
        o->text = cli_option(cli, "text");
        return status;
}

/* Events of these; *ret_found: how many. */
static int show(struct cli *cli, const pic_history_opts *o, size_t *ret_found)
{
        pic_history *h = NULL;
        pic_error *err = NULL;
        size_t i;

        if (pic_history_get(cli->ctx, o, &h, &err) < 0)
                return cli_fail(cli, err);
        *ret_found = pic_history_count(h);
        for (i = 0; i < *ret_found; i++)
                show_event(cli, pic_history_at(h, i));
        pic_history_unref(h);
        return EXIT_DONE;
}

int cmd_history(struct cli *cli)
{
        pic_history_opts o = PIC_HISTORY_OPTS_INIT;
        size_t found = 0;
        int status = cli_search(cli, &o);

        return status == EXIT_DONE ? show(cli, &o, &found) : status;
}

int cmd_object_history(struct cli *cli)
{
        pic_history_opts o = PIC_HISTORY_OPTS_INIT;
        const char *name = cli->word_count > 0 ? cli->words[0] : NULL;
        size_t found = 0;
        int status = cli_search(cli, &o);

        o.kind = cli->command->kind;
        o.name = strcmp(o.kind, "cell") == 0 ? NULL : name;
        if (status == EXIT_DONE)
                status = show(cli, &o, &found);
        if (status == EXIT_DONE && found == 0 && cli->option_count == 0)
                return cli_refuse(cli, PIC_NOTFOUND, "there is and was no %s '%s'", o.kind, name != NULL ? name : "");
        return status;
}

static int revision_word(struct cli *cli, size_t i, pic_revision *ret)
{
        *ret = number(cli->words[i]);
        if (*ret < 0)
                return cli_usage(cli, "a revision is a whole number ('pic history'), not '%s'", cli->words[i]);
        return EXIT_DONE;
}

int cmd_show_revision(struct cli *cli)
{
        pic_history_opts o = PIC_HISTORY_OPTS_INIT;
        size_t found = 0;
        int status = revision_word(cli, 0, &o.first);

        o.last = o.first;
        o.max = 1000000;
        if (status == EXIT_DONE)
                status = show(cli, &o, &found);
        if (status == EXIT_DONE && found == 0)
                return cli_refuse(cli, PIC_NOTFOUND, "there is no revision %s: see 'pic history'", cli->words[0]);
        return status;
}

int cmd_diff(struct cli *cli)
{
        pic_revision from, to;
        pic_error *err = NULL;
        pic_plan *plan = NULL;

        if (revision_word(cli, 0, &from) != EXIT_DONE || revision_word(cli, 1, &to) != EXIT_DONE)
                return EXIT_USAGE;
        if (pic_diff_get(cli->ctx, from, to, &plan, &err) < 0)
                return cli_fail(cli, err);
        return cli_plan_show(cli, plan);
}

static int find_revision(struct cli *cli, pic_revision *ret)
{
        const char *word = cli->words[0];
        pic_error *err = NULL;
        pic_time when;

        *ret = number(word);
        if (*ret > 0)
                return EXIT_DONE;
        when = text_moment(word, now());
        if (when < 0)
                return cli_usage(
                        cli,
                        "at what? A revision, or a date such as 2026-11-25, '2026-11-25 19:30' or 10m (ago), not '%s'",
                        word);
        return pic_revision_at(cli->ctx, when, ret, &err) < 0 ? cli_fail(cli, err) : EXIT_DONE;
}

int cli_write(const struct cli *cli, const char *path, const char *text)
{
        FILE *out = fopen(path, "we");
        int bad;

        if (out == NULL)
                return cli_refuse(cli, PIC_IO, "cannot write %s: %s", path, strerror(errno));
        bad = fputs(text, out) < 0;
        if (fclose(out) != 0 || bad)
                return cli_refuse(cli, PIC_IO, "cannot write %s: %s", path, strerror(errno));
        return EXIT_DONE;
}

int cmd_at(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        pic_revision revision;
        int status = find_revision(cli, &revision);

        if (status != EXIT_DONE)
                return status;
        if (pic_export_at(cli->ctx, revision, cli->json ? PIC_EXPORT_JSON : 0, &report, &err) < 0)
                return cli_fail(cli, err);
        if (cli_option(cli, "output") == NULL)
                return cli_report_show(cli, report);
        status = cli_write(cli, cli_option(cli, "output"), pic_report_text(report));
        pic_report_unref(report);
        return status;
}

int cmd_undo(struct cli *cli)
{
        const char *to = cli_option(cli, "to");
        pic_revision revision = 0;
        pic_edit *edit = NULL;
        pic_error *err = NULL;
        int r;

        if (to != NULL && cli->word_count > 0)
                return cli_usage(cli, "undo one revision, or go back to one with --to: not both");
        if (cli->word_count > 0 && revision_word(cli, 0, &revision) != EXIT_DONE)
                return EXIT_USAGE;
        if (to != NULL && (revision = number(to)) < 0)
                return cli_usage(cli, "--to takes the number of a revision ('pic history'), not '%s'", to);
        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        r = to != NULL ? pic_edit_return(edit, revision, &err) : pic_edit_undo(edit, revision, &err);
        if (r < 0) {
                pic_edit_unref(edit);
                return cli_fail(cli, err);
        }
        return cli_finish(cli, edit, NULL, NULL);
}

int cmd_confirm(struct cli *cli)
{
        pic_error *err = NULL;

        if (pic_confirm(cli->ctx, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                puts("{\"confirmed\":true}");
        else
                cli_note(cli, "Kept.");
        return EXIT_DONE;
}
