/* Owns: a plan on a terminal: first what is wished, as a person said it, then the steps that follow. */
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

int cli_plan_show(const struct cli *cli, pic_plan *plan)
{
        json_t *data = NULL;
        size_t i, changes;

        if (cli->json) {
                puts(pic_plan_json(plan));
                pic_plan_unref(plan);
                return EXIT_DONE;
        }
        data = json_loads(pic_plan_json(plan), 0, NULL);
        changes = show_changes(json_object_get(data, "changes"));
        if (changes > 0)
                puts(pic_plan_count(plan) > 0 ? "which takes these steps:" : "which takes no step.");
        for (i = 0; i < pic_plan_count(plan); i++)
                printf("%s%s\n", changes > 0 ? "  " : "", pic_plan_text(plan, i));
        if (changes == 0 && i == 0)
                puts("nothing to do");
        json_decref(data);
        pic_plan_unref(plan);
        return EXIT_DONE;
}
