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

        if (!cli->json && !cli->quiet && strcmp(kind, "connection") == 0)
                cli_say_connection(cli, name);
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

int cli_wish_new(struct cli *cli, pic_edit *edit, const char *kind, const char *name)
{
        struct errors errors = { .count = 0 };
        pic_error *err = NULL;

        if (pic_edit_add(edit, kind, name, &err) < 0)
                errors.at[errors.count++] = err;
        cli_set_fields(cli, edit, kind, name, &errors);
        err = NULL;
        if (cli_option(cli, "keep-key") != NULL && pic_edit_set(edit, kind, name, "key_mode", "kept", &err) < 0)
                errors.at[errors.count++] = err;
        if (errors.count > 0)
                return cli_fail_all(cli, &errors);
        return cli->said ? EXIT_REFUSED : EXIT_DONE;
}

int cmd_add(struct cli *cli)
{
        const char *kind = cli->command->kind, *name = word(cli, 0);
        int config = cli_option(cli, "config") != NULL || cli_option(cli, "qr") != NULL;
        pic_edit *edit = NULL;
        int status;

        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        status = cli_wish_new(cli, edit, kind, name);
        if (status != EXIT_DONE) {
                pic_edit_unref(edit);
                return status;
        }
        cli->with_config = cli->json && config;
        status = cli_finish(cli, edit, kind, name);
        if (status != EXIT_DONE || cli->plan || cli->draft || cli->json)
                return status;
        say_added(cli, kind, name);
        return config ? cli_show_config(cli, name, cli_option(cli, "qr") != NULL) : EXIT_DONE;
}

static int any_has(const pic_list *list, const char *field)
{
        size_t i;

        for (i = 0; i < pic_list_count(list); i++)
                if (pic_obj_has(pic_list_at(list, i), field))
                        return 1;
        return 0;
}

/* Columns of a list: what fits a person's eye; --json has all. Who uses no connections reads of none. Of devices not
 * the exit that was wished is told, but the way they take (leave.c), where that is known. */
static size_t list_columns(const char *kind, const pic_list *list, int leaves, const char **columns, size_t max)
{
        static const char *const wanted[] = { "name",     "to",      "domain",    "user",    "role",      "scope",
                                              "mode",     "events",  "enabled",   "leaves",  "address4",  "address6",
                                              "net4",     "net6",    "access",    "url",     "every",     "endpoint",
                                              "groups",   "devices", "exit",      "rule",    "addresses", "cname",
                                              "mx",       "srv",     "txt",       "servers", "dnssec",    "ttl",
                                              "subjects", "issuer",  "not_after", "revoked", "expires",   "note" };
        size_t count = 0, i, k;

        for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]) && count < max; i++) {
                if (leaves && strcmp(wanted[i], "leaves") == 0)
                        columns[count++] = wanted[i];
                for (k = 0; k < pic_field_count(kind); k++)
                        if (strcmp(wanted[i], pic_field_name(kind, k)) == 0 &&
                            (strcmp(wanted[i], "exit") != 0 || (!leaves && any_has(list, "exit"))) &&
                            ((strcmp(kind, "record") != 0 && strcmp(kind, "domain") != 0 &&
                              strcmp(kind, "target") != 0 && strcmp(kind, "alert") != 0) ||
                             any_has(list, wanted[i])))
                                columns[count++] = wanted[i];
        }
        return count;
}

/* A list or a text may be cut in a narrow table; an address, a name or a date may not. */
static const char *head_of(const char *column)
{
        static const char *const cuttable[] = { "~access",   "~groups", "~devices", "~events",
                                                "~subjects", "~txt",    "~note" };
        size_t i;

        for (i = 0; i < sizeof(cuttable) / sizeof(cuttable[0]); i++)
                if (strcmp(cuttable[i] + 1, column) == 0)
                        return cuttable[i];
        return column;
}

static void put_rows(struct table *table, const pic_list *list, const struct cli_leaves *l, const char **columns,
                     size_t count)
{
        size_t i, c;

        for (i = 0; i < pic_list_count(list); i++) {
                const pic_obj *o = pic_list_at(list, i);

                for (c = 0; c < count; c++) {
                        char *text = pic_obj_get(o, columns[c]);

                        table_cell(table,
                                   strcmp(columns[c], "leaves") == 0 ? cli_leaves_text(l, pic_obj_name(o)) : text);
                        pic_text_free(text);
                }
        }
}

static void list_text(struct cli *cli, const char *kind, const pic_list *list, const struct cli_leaves *l)
{
        const char *columns[12], *heads[12];
        size_t count = list_columns(kind, list, cli_leaves_known(l), columns, 12), i;
        struct table *table;

        for (i = 0; i < count; i++)
                heads[i] = head_of(columns[i]);
        table = table_new(heads, count);
        put_rows(table, list, l, columns, count);
        cli_table_show(cli, table);
        cli_leaves_warn(l);
        if (pic_list_count(list) == 0)
                cli_note(cli, "There is none yet: pic %s %s NAME", cli->command->noun,
                         strcmp(kind, "certificate") == 0 ? "issue" : "add");
}

static int list_json(pic_list *list, const struct cli_leaves *l)
{
        const char *json;
        size_t i;

        for (i = 0; l != NULL && i < pic_list_count(list); i++) {
                putchar(i == 0 ? '[' : ',');
                cli_leaves_json(l, pic_list_at(list, i));
        }
        if (l != NULL && i > 0) {
                puts("]");
                return EXIT_DONE;
        }
        json = pic_list_json(list);
        puts(json != NULL ? json : "[]");
        return json != NULL ? EXIT_DONE : EXIT_REFUSED;
}

int cmd_list(struct cli *cli)
{
        const char *kind = cli->command->kind;
        struct cli_leaves *l = NULL;
        int status = EXIT_DONE;
        pic_list *list = NULL;
        pic_error *err = NULL;

        if (pic_list_get(cli->ctx, kind, &list, &err) < 0)
                return cli_fail(cli, err);
        if (strcmp(kind, "peer") == 0)
                l = cli_leaves_new(cli);
        if (cli->json)
                status = list_json(list, l);
        else
                list_text(cli, kind, list, l);
        cli_leaves_free(l);
        pic_list_unref(list);
        return status;
}

/* "a" among "a|b"? */
static int is_choice(const char *choices, const char *word, size_t len)
{
        for (; choices != NULL && *choices != '\0'; choices += strspn(choices, "|")) {
                size_t n = strcspn(choices, "|");

                if (n == len && strncmp(choices, word, len) == 0)
                        return 1;
                choices += n;
        }
        return 0;
}

/* A field whose help begins with the types that have it ("ssh, proxy: …") says nothing about the others. */
static int goes_with(const pic_obj *obj, const char *kind, size_t field)
{
        const char *help = pic_field_help(kind, field), *colon = strstr(help, ": "), *at = help;
        char *type = strcmp(kind, "connection") == 0 && colon != NULL ? pic_obj_get(obj, "type") : NULL;
        int goes = type == NULL;
        size_t i;

        for (i = 0; !goes && strcmp(pic_field_name(kind, i), "type") != 0; i++)
                ;
        while (!goes && at < colon) {
                size_t len = strcspn(at, ",:");

                goes = !is_choice(pic_field_choices(kind, i), at, len) ||
                       (strlen(type) == len && strncmp(type, at, len) == 0);
                at += len;
                at += strspn(at, ", ");
        }
        pic_text_free(type);
        return goes;
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
                const char *field = pic_field_name(kind, i);
                char *text;

                if (!goes_with(obj, kind, i))
                        continue;
                text = pic_obj_get(obj, field);
                if ((pic_field_flags(kind, i) & PIC_FIELD_SECRET) == 0)
                        printf("%-14s %s\n", field, text != NULL && text[0] != '\0' ? text : "-");
                else if (cli_is_secret(kind, i) || strcmp(field, "totp") == 0)
                        printf("%-14s %s\n", field, pic_obj_has(obj, field) ? "(sealed)" : "-");
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
        if (errors.count > 0 || cli->said) {
                pic_edit_unref(edit);
                return errors.count > 0 ? cli_fail_all(cli, &errors) : EXIT_REFUSED;
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
