/* Owns: add, list, show, set, remove: the same five verbs for every kind, made from the field tables. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "common/table.h"
#include "common/text.h"

static const char *word(const struct cli *cli, size_t at)
{
        return at < cli->word_count ? cli->words[at] : NULL;
}

/* By what it has itself, or by one of its groups. */
static int reaches_something(const struct cli *cli, const pic_obj *peer)
{
        char *access = pic_obj_get(peer, "access"), *groups = pic_obj_get(peer, "groups"), *rest = NULL, *name;
        int some = access != NULL && access[0] != '\0';

        for (name = groups != NULL ? strtok_r(groups, ",", &rest) : NULL; name != NULL && !some;
             name = strtok_r(NULL, ",", &rest)) {
                pic_obj *group = NULL;
                char *text = pic_get(cli->ctx, "group", name, &group, NULL) == 0 ? pic_obj_get(group, "access") : NULL;

                some = text != NULL && text[0] != '\0';
                pic_text_free(text);
                pic_obj_unref(group);
        }
        pic_text_free(access);
        pic_text_free(groups);
        return some;
}

/* "anna: 10.1.0.2, fd..::2" and what to type next. */
static void say_added(struct cli *cli, const char *kind, const char *name)
{
        pic_obj *obj = NULL;
        char *a4, *a6;

        if (cli->json || cli->quiet || strcmp(kind, "peer") != 0 || pic_get(cli->ctx, kind, name, &obj, NULL) < 0)
                return;
        a4 = pic_obj_get(obj, "address4");
        a6 = pic_obj_get(obj, "address6");
        printf("%s: %s, %s\n", pic_obj_name(obj), a4 != NULL ? a4 : "-", a6 != NULL ? a6 : "-");
        if (!reaches_something(cli, obj))
                cli_note(cli, "It reaches names and time only. Grant more: pic peer set %s --access internet", name);
        if (cli_option(cli, "config") == NULL && cli_option(cli, "qr") == NULL)
                cli_note(cli, "Its configuration: pic peer qr %s, or: pic peer config %s", name, name);
        pic_text_free(a4);
        pic_text_free(a6);
        pic_obj_unref(obj);
}

int cmd_add(struct cli *cli)
{
        const char *kind = cli->command->kind, *name = word(cli, 0);
        pic_edit *edit = NULL;
        struct errors errors = { .count = 0 };
        pic_error *err = NULL;
        int status;

        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        if (pic_edit_add(edit, kind, name, &err) < 0)
                errors.at[errors.count++] = err;
        cli_set_fields(cli, edit, kind, name, &errors);
        err = NULL;
        if (cli_option(cli, "keep-key") != NULL && pic_edit_set(edit, kind, name, "key_mode", "kept", &err) < 0)
                errors.at[errors.count++] = err;
        if (errors.count > 0) {
                pic_edit_unref(edit);
                return cli_fail_all(cli, &errors);
        }
        cli->with_config = cli->json && (cli_option(cli, "config") != NULL || cli_option(cli, "qr") != NULL);
        status = cli_finish(cli, edit, kind, name);
        if (status != EXIT_DONE || cli->plan || cli->draft || cli->json)
                return status;
        say_added(cli, kind, name);
        if (cli_option(cli, "config") != NULL || cli_option(cli, "qr") != NULL)
                return cli_show_config(cli, name, cli_option(cli, "qr") != NULL);
        return EXIT_DONE;
}

/* Columns of a list: what fits a person's eye; --json has all. */
static size_t list_columns(const char *kind, const char **columns, size_t max)
{
        static const char *const wanted[] = { "name",   "domain",   "enabled", "address4", "address6", "net4", "net6",
                                              "access", "endpoint", "groups",  "rule",     "expires",  "note" };
        size_t count = 0, i, k;

        for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]) && count < max; i++)
                for (k = 0; k < pic_field_count(kind); k++)
                        if (strcmp(wanted[i], pic_field_name(kind, k)) == 0)
                                columns[count++] = wanted[i];
        return count;
}

/* A list or a text may be cut in a narrow table; an address, a name or a date may not. */
static const char *head_of(const char *column)
{
        static const char *const cuttable[] = { "~access", "~groups", "~note" };
        size_t i;

        for (i = 0; i < sizeof(cuttable) / sizeof(cuttable[0]); i++)
                if (strcmp(cuttable[i] + 1, column) == 0)
                        return cuttable[i];
        return column;
}

int cmd_list(struct cli *cli)
{
        const char *kind = cli->command->kind, *columns[12], *heads[12];
        size_t count = list_columns(kind, columns, 12), i, c;
        pic_list *list = NULL;
        pic_error *err = NULL;
        struct table *table;

        if (pic_list_get(cli->ctx, kind, &list, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json) {
                const char *json = pic_list_json(list);

                puts(json != NULL ? json : "[]");
                pic_list_unref(list);
                return json != NULL ? EXIT_DONE : EXIT_REFUSED;
        }
        for (i = 0; i < count; i++)
                heads[i] = head_of(columns[i]);
        table = table_new(heads, count);
        for (i = 0; i < pic_list_count(list); i++) {
                for (c = 0; c < count; c++) {
                        char *text = pic_obj_get(pic_list_at(list, i), columns[c]);

                        table_cell(table, text);
                        pic_text_free(text);
                }
        }
        cli_table_show(cli, table);
        if (pic_list_count(list) == 0)
                cli_note(cli, "There is none yet: pic %s add NAME", kind);
        pic_list_unref(list);
        return EXIT_DONE;
}

int cmd_show(struct cli *cli)
{
        const char *kind = cli->command->kind;
        pic_obj *obj = NULL;
        pic_error *err = NULL;
        size_t i;

        if (pic_get(cli->ctx, kind, word(cli, 0), &obj, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json) {
                char *json = pic_obj_json(obj);

                puts(json != NULL ? json : "null");
                pic_text_free(json);
        }
        for (i = 0; !cli->json && i < pic_field_count(kind); i++) {
                char *text = pic_obj_get(obj, pic_field_name(kind, i));

                if ((pic_field_flags(kind, i) & PIC_FIELD_SECRET) == 0)
                        printf("%-14s %s\n", pic_field_name(kind, i), text != NULL && text[0] != '\0' ? text : "-");
                pic_text_free(text);
        }
        pic_obj_unref(obj);
        return EXIT_DONE;
}

int cmd_set(struct cli *cli)
{
        const char *kind = cli->command->kind, *name = word(cli, 0);
        const char *shown = name;
        pic_edit *edit = NULL;
        struct errors errors = { .count = 0 };
        size_t i;

        if (cli->field_count == 0 && cli_option(cli, "unset") == NULL)
                return cli_usage(cli, "nothing to set: name a field, such as --note TEXT ('pic help %s set')", kind);
        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        cli_set_fields(cli, edit, kind, name, &errors);
        if (errors.count > 0) {
                pic_edit_unref(edit);
                return cli_fail_all(cli, &errors);
        }
        for (i = 0; i < cli->field_count; i++)
                if (strcmp(cli->fields[i].name, "name") == 0)
                        shown = cli->fields[i].value;
        return cli_finish(cli, edit, kind, shown);
}

int cmd_remove(struct cli *cli)
{
        pic_edit *edit = NULL;
        pic_error *err = NULL;

        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        if (pic_edit_remove(edit, cli->command->kind, word(cli, 0), &err) < 0) {
                pic_edit_unref(edit);
                return cli_fail(cli, err);
        }
        return cli_finish(cli, edit, NULL, NULL);
}
