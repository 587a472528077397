/* Owns: drills on the command line: how one is shown, and which backup is tried. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

static json_int_t num(const json_t *o, const char *key)
{
        return json_integer_value(json_object_get(o, key));
}

static void show_check(const json_t *one)
{
        const char *state = str(one, "state"), *hint = str(one, "hint");

        printf("%-13s %-8s %3" JSON_INTEGER_FORMAT ".%" JSON_INTEGER_FORMAT " s  %s\n", str(one, "check"), state,
               num(one, "milliseconds") / 1000, num(one, "milliseconds") % 1000 / 100, str(one, "text"));
        if (hint[0] != '\0')
                printf("%-13s hint: %s\n", "", hint);
}

static void show_checks(const json_t *drill)
{
        const json_t *one;
        size_t i;

        json_array_foreach(json_object_get(drill, "checks"), i, one)
        {
                if (str(one, "state")[0] != '\0')
                        show_check(one);
        }
}

int cli_drill_show(struct cli *cli, const json_t *drill)
{
        int good = json_is_true(json_object_get(drill, "restorable"));

        if (cli->json) {
                json_dumpf(drill, stdout, JSON_COMPACT);
                putchar('\n');
                return good ? EXIT_DONE : EXIT_REFUSED;
        }
        if (!cli->quiet)
                show_checks(drill);
        printf("restorable: %s, %" JSON_INTEGER_FORMAT ".%" JSON_INTEGER_FORMAT " s%s%s\n", good ? "yes" : "no",
               num(drill, "milliseconds") / 1000, num(drill, "milliseconds") % 1000 / 100, good ? "" : ": ",
               good ? "" : str(drill, "failed"));
        return good ? EXIT_DONE : EXIT_REFUSED;
}

static int drill_here(struct cli *cli, const char *path)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        struct cli_source s;
        json_t *doc;
        int status = cli_source_open(cli, path, &s), r;

        if (status != EXIT_DONE)
                return status;
        s.o.flags |= geteuid() != 0 ? PIC_BACKUP_AGENT : 0; /* who may make no namespaces */
        r = pic_backup_drill(cli->ctx, s.keys, s.fd, &s.o, &report, &err);
        if (r < 0)
                status = cli_source_fail(cli, &s, err);
        cli_source_close(&s);
        if (r < 0)
                return status;
        doc = json_loads(pic_report_text(report), 0, NULL);
        status = cli_drill_show(cli, doc);
        json_decref(doc);
        pic_report_unref(report);
        return status;
}

/* Without keys a target's is the agent's to open, as it opens what it made. */
int cmd_backup_drill(struct cli *cli)
{
        const char *word = cli->word_count > 0 ? cli->words[0] : NULL;
        int keys = cli_option(cli, "identity") != NULL || cli_option(cli, "passphrase") != NULL ||
                   cli_option(cli, "passphrase-file") != NULL;
        char *name = NULL, *target = word != NULL && !keys ? cli_target_of(cli, word, &name) : NULL;
        int status;

        if (word == NULL && keys)
                status = cli_misuse(cli, "FILE, or TARGET:", "of which backup?");
        else if (word == NULL || target != NULL)
                status = cli_target_drill(cli, target, name);
        else
                status = drill_here(cli, word);
        free(target);
        free(name);
        return status;
}
