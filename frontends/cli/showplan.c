/* Owns: a plan on a terminal: first what is wished, as a person said it, then what it means in packets, then the steps.
 */
#include <jansson.h>
#include <string.h>

#include "cli/cli.h"

static const char *str(const json_t *o, const char *key)
{
        const char *s = json_string_value(json_object_get(o, key));

        return s != NULL ? s : "";
}

static void show_field(const json_t *field, int is_new)
{
        const char *before = str(field, "before"), *after = str(field, "after");

        if (is_new)
                printf("  %-13s %s\n", str(field, "field"), after);
        else
                printf("  %-13s %s -> %s\n", str(field, "field"), before[0] != '\0' ? before : "nothing",
                       after[0] != '\0' ? after : "nothing");
}

static size_t show_changes(const json_t *changes)
{
        size_t i, k;

        for (i = 0; i < json_array_size(changes); i++) {
                const json_t *change = json_array_get(changes, i), *fields = json_object_get(change, "fields");
                const char *verb = str(change, "verb");

                printf("%s %s %s\n", verb, str(change, "kind"), str(change, "name"));
                for (k = 0; strcmp(verb, "remove") != 0 && k < json_array_size(fields); k++)
                        show_field(json_array_get(fields, k), strcmp(verb, "add") == 0);
        }
        return i;
}

void cli_show_secrets(FILE *out, const pic_plan *plan, int all)
{
        json_t *data = json_loads(pic_plan_json(plan), 0, NULL);
        const json_t *secrets = json_object_get(data, "secrets");
        size_t i;

        for (i = 0; i < json_array_size(secrets); i++) {
                const json_t *s = json_array_get(secrets, i);
                int matters = strcmp(str(s, "state"), "new") == 0 || strcmp(str(s, "state"), "missing") == 0;

                if (matters || all)
                        fprintf(out, "%s%s\n", matters ? "warning: " : "", str(s, "text"));
        }
        json_decref(data);
}

static void show_notes(const json_t *notes)
{
        const json_t *note;
        size_t i;

        json_array_foreach(notes, i, note)
                printf("%s%s\n", strcmp(str(note, "note"), "withdrawn") != 0 ? "warning: " : "", str(note, "text"));
}

/* Of a backup that would be restored here. */
static void show_questions(const json_t *questions)
{
        const json_t *q;
        size_t i;

        json_array_foreach(questions, i, q)
        {
                char option[64];
                char *c;

                snprintf(option, sizeof(option), "--%s", str(q, "field"));
                for (c = option; *c != '\0'; c++)
                        *c = *c == '_' ? '-' : *c;
                printf("%s %s (%s): %s\n",
                       json_is_true(json_object_get(q, "needed")) ? "needs an answer:" : "question:", option,
                       str(q, "value"), str(q, "text"));
        }
}

static void show_meaning(const pic_plan *plan)
{
        size_t i;

        puts(pic_plan_meaning_count(plan) > 0 ? "which means:" : "by which nobody's reach changes.");
        for (i = 0; i < pic_plan_meaning_count(plan); i++)
                printf("  %s\n", pic_plan_meaning(plan, i));
}

void cli_show_risk(FILE *out, const pic_plan *plan)
{
        json_t *data = NULL;
        const json_t *session;

        if (pic_plan_risk(plan) != PIC_RISK_SESSION)
                return;
        data = json_loads(pic_plan_json(plan), 0, NULL);
        session = json_object_get(data, "session");
        if (json_is_object(session))
                fprintf(out, "This cuts the connection you use (from %s): %s.\n", str(session, "address"),
                        str(session, "reason"));
        else
                fputs("This may cut the connection of whoever makes it.\n", out);
        json_decref(data);
}

static void show_text(const pic_plan *plan, const json_t *data)
{
        size_t changes = show_changes(json_object_get(data, "changes")), i;

        cli_show_secrets(stdout, plan, 1);
        show_notes(json_object_get(data, "notes"));
        show_questions(json_object_get(data, "questions"));
        if (changes > 0) {
                show_meaning(plan);
                puts(pic_plan_count(plan) > 0 ? "which takes these steps:" : "which takes no step.");
        }
        for (i = 0; i < pic_plan_count(plan); i++)
                printf("%s%s\n", changes > 0 ? "  " : "", pic_plan_text(plan, i));
        if (changes == 0 && i == 0)
                puts("nothing to do");
        cli_show_risk(stdout, plan);
}

int cli_plan_show(const struct cli *cli, pic_plan *plan)
{
        json_t *data = json_loads(pic_plan_json(plan), 0, NULL);
        int changes = json_array_size(json_object_get(data, "changes")) > 0 || pic_plan_count(plan) > 0;

        if (cli->json && cli->told != NULL)
                printf("%.*s,\"told\":%s}\n", (int)strlen(pic_plan_json(plan)) - 1, pic_plan_json(plan), cli->told);
        else if (cli->json)
                puts(pic_plan_json(plan));
        else
                show_text(plan, data);
        json_decref(data);
        pic_plan_unref(plan);
        return cli->exit_code && changes ? EXIT_CHANGES : EXIT_DONE;
}
