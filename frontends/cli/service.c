/* Owns: pic service: what there is beside what all kinds have: whether services answer, and what to do next. */
#include <stdio.h>
#include <string.h>

#include "cli/told.h"
#include "common/table.h"

/* What the front says; NULL: nobody tells. */
static json_t *ask(const struct cli *cli)
{
        pic_report *report = NULL;
        json_t *t = NULL;

        if (pic_front_get(cli->ctx, &report, NULL) == 0)
                t = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        return t;
}

static const json_t *of(const json_t *front, const char *name)
{
        const json_t *list = json_object_get(front, "services");
        size_t i;

        for (i = 0; i < json_array_size(list); i++)
                if (strcmp(told_str(json_array_get(list, i), "name"), name) == 0)
                        return json_array_get(list, i);
        return NULL;
}

/* --- list ----------------------------------------------------------------------------------------------------------
 */

static void put_row(struct table *table, const pic_obj *o, const json_t *known)
{
        static const char *const fields[] = { "name", "target", "enabled", "address4", "address6" };
        const char *why = told_str(known, "why");
        char text[200];
        size_t i;

        for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
                char *value = pic_obj_get(o, fields[i]);

                table_cell(table, value);
                pic_text_free(value);
        }
        snprintf(text, sizeof(text), "%s%s%s", told_str(known, "state")[0] != '\0' ? told_str(known, "state") : "-",
                 why[0] != '\0' ? ": " : "", why);
        table_cell(table, text);
        table_cell(table, told_str(known, "url"));
}

static void list_json(const pic_list *list, const json_t *front)
{
        json_t *all = json_array();
        size_t i;

        for (i = 0; i < pic_list_count(list); i++) {
                const json_t *known = of(front, pic_obj_name(pic_list_at(list, i)));
                char *text = pic_obj_json(pic_list_at(list, i));
                json_t *one = text != NULL ? json_loads(text, 0, NULL) : NULL;

                json_object_set(one, "state", known != NULL ? json_object_get(known, "state") : json_null());
                json_object_set(one, "why", known != NULL ? json_object_get(known, "why") : json_null());
                json_object_set(one, "url", known != NULL ? json_object_get(known, "url") : json_null());
                json_array_append_new(all, one);
                pic_text_free(text);
        }
        json_dumpf(all, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(all);
}

int cmd_service_list(struct cli *cli)
{
        static const char *const heads[] = { "name", "target", "enabled", "address4", "address6", "state", "url" };
        pic_list *list = NULL;
        pic_error *err = NULL;
        struct table *table;
        json_t *front;
        size_t i;

        if (pic_list_get(cli->ctx, "service", &list, &err) < 0)
                return cli_fail(cli, err);
        front = ask(cli);
        if (cli->json) {
                list_json(list, front);
        } else {
                table = table_new(heads, sizeof(heads) / sizeof(heads[0]));
                for (i = 0; i < pic_list_count(list); i++)
                        put_row(table, pic_list_at(list, i), of(front, pic_obj_name(pic_list_at(list, i))));
                cli_table_show(cli, table);
                if (pic_list_count(list) == 0)
                        cli_note(cli, "There is none yet: pic service add NAME --target http://ADDRESS:PORT");
        }
        json_decref(front);
        pic_list_unref(list);
        return EXIT_DONE;
}

/* --- add -----------------------------------------------------------------------------------------------------------
 */

int cmd_service_add(struct cli *cli)
{
        const char *name = cli->words[0];
        int status = cmd_add(cli);
        json_t *front;

        if (status != EXIT_DONE || cli->plan || cli->draft || cli->json || cli->quiet)
                return status;
        front = ask(cli);
        if (front != NULL && !told_is(front, "ready"))
                cli_note(cli, "It waits for the cell's CA: pic cert root");
        else if (front != NULL)
                printf("%s: %s\n", name, told_str(of(front, name), "url"));
        cli_note(cli, "Nobody reaches it yet: pic peer set NAME --access …,service:%s, or a group.", name);
        json_decref(front);
        return status;
}
