/* Owns: the words for shell completion: `pic __complete WORD…`, the last one is being typed. One candidate a line; the
 * shell keeps those that begin with what was typed. Nothing at all leaves the shell to its own: file names. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* What stands before the word that is typed. */
struct typed {
        const struct command *command; /* NULL: not told yet */
        const char *noun;              /* a noun that waits for its verb */
        const char *option;            /* one that waits for its value, with dashes */
        size_t places;                 /* words that are no options, after the command's own */
        int words_only;                /* after "--" */
};

static void put(const char *before, size_t len, const char *word)
{
        printf("%.*s%s\n", (int)len, before, word);
}

static void put_choices(const char *before, size_t len, const char *choices)
{
        for (; *choices != '\0'; choices += strspn(choices, "|")) {
                size_t n = strcspn(choices, "|");

                printf("%.*s%.*s\n", (int)len, before, (int)n, choices);
                choices += n;
        }
}

static void put_names(struct cli *cli, const char *kind, const char *before, size_t len, const char *prefix)
{
        pic_list *list = NULL;
        size_t i;

        if (pic_list_get(cli->ctx, kind, &list, NULL) < 0)
                return;
        for (i = 0; i < pic_list_count(list); i++)
                printf("%.*s%s%s\n", (int)len, before, prefix, pic_obj_name(pic_list_at(list, i)));
        pic_list_unref(list);
}

static void put_grants(struct cli *cli, const char *before, size_t len)
{
        put_choices(before, len, "internet|lan|peers");
        put_names(cli, "peer", before, len, "peer:");
        put_names(cli, "group", before, len, "group:");
        put_names(cli, "service", before, len, "service:");
}

/* The value of a field. A list goes on after its last comma. */
static void put_values(struct cli *cli, const char *kind, size_t field, const char *typed)
{
        const char *type = pic_field_type(kind, field), *comma = strrchr(typed, ',');
        size_t len =
                comma != NULL && (pic_field_flags(kind, field) & PIC_FIELD_LIST) != 0 ? (size_t)(comma + 1 - typed) : 0;

        if (pic_field_choices(kind, field) != NULL)
                put_choices(typed, len, pic_field_choices(kind, field));
        if (pic_field_ref(kind, field) != NULL)
                put_names(cli, pic_field_ref(kind, field), typed, len, "");
        else if (strcmp(type, "bool") == 0)
                put_choices(typed, len, "yes|no");
        else if (strcmp(type, "grant") == 0)
                put_grants(cli, typed, len);
}

static void put_fields(const struct command *c)
{
        size_t i;

        for (i = 0; i < pic_field_count(c->kind); i++)
                if (cli_is_option(c, i))
                        put("", 0, pic_field_name(c->kind, i));
}

/* Options whose values are names of things or of fields. 1: it is one of them. */
static int put_named(struct cli *cli, const struct command *c, const char *option)
{
        int to = strcmp(option, "to") == 0 && c->run == cmd_connection_remove,
            peer = strcmp(option, "peer") == 0 || strcmp(option, "as") == 0;
        int unset = strcmp(option, "unset") == 0, user = strcmp(option, "user") == 0 && c->run == cmd_session_list;

        if (to) {
                put_names(cli, "connection", "", 0, "");
                put("", 0, "direct");
        }
        if (peer)
                put_names(cli, "peer", "", 0, "");
        if (user)
                put_names(cli, "user", "", 0, "");
        if (unset)
                put_fields(c);
        return to || peer || unset || user;
}

/* What may follow --NAME, as words of their own. */
static void option_values(struct cli *cli, const struct typed *t, const char *name, size_t len, const char *word)
{
        const struct command *c = t->command;
        const struct option_info *o = cli_global(c, name, len);
        int field = c != NULL ? cli_find_field(c, name, len) : -1;

        if (o == NULL && c != NULL)
                o = cli_find_option(c->options, name, len);
        if (o != NULL && c != NULL && put_named(cli, c, o->name))
                return;
        if (o != NULL && o->value != NULL && strchr(o->value, '|') != NULL)
                put_choices("", 0, o->value);
        else if (o == NULL && field >= 0 && !cli_is_secret(c->kind, (size_t)field))
                put_values(cli, c->kind, (size_t)field, word);
}

static void put_option(const char *name)
{
        fputs("--", stdout);
        for (; *name != '\0'; name++)
                putchar(*name == '_' ? '-' : *name);
        putchar('\n');
}

static void put_options(const struct typed *t)
{
        const struct command *c = t->command;
        const struct option_info *o;
        char name[64];
        size_t i;

        for (o = c != NULL ? c->options : NULL; o != NULL && o->name != NULL; o++)
                put_option(o->name);
        for (i = 0; c != NULL && c->kind != NULL && i < pic_field_count(c->kind); i++)
                if (cli_is_option(c, i))
                        put_option(cli_field_option(c->kind, i, name));
        for (o = cli_globals; o->name != NULL; o++)
                if (c == NULL || cli_takes_global(c, o))
                        put_option(o->name);
}

/* Nouns once each, verbs that stand alone, or the verbs of a noun. */
static void put_commands(const char *noun)
{
        const struct command *c;
        const char *last = "";

        for (c = cli_commands; c->verb != NULL; c++) {
                const char *word = c->noun != NULL ? c->noun : c->verb;

                if (c->help == NULL)
                        continue;
                if (noun != NULL && c->noun != NULL && strcmp(c->noun, noun) == 0)
                        put("", 0, c->verb);
                else if (strcmp(word, last) != 0 && (noun == NULL || (strcmp(noun, "dns") == 0 && cli_in_dns(c->noun))))
                        put("", 0, word);
                last = word;
        }
}

/* Whether its words are names of things that are there. */
static int takes_names(const struct command *c)
{
        return c->noun != NULL && c->run != cmd_add && c->run != cmd_connection_import &&
               strcmp(c->noun, "cell") != 0 && strcmp(c->noun, "dns") != 0 && strcmp(c->noun, "backup") != 0;
}

/* [AREA]; level [[AREA] LEVEL] */
static void put_log_words(size_t places, const char *before)
{
        int after_level = places == 1 && strcmp(before, "level") == 0;

        if (places == 0 || after_level)
                put_choices("", 0,
                            "agent|acme|alert|audit|backup|blocks|certs|dns|doctor|domains|engine|exit|front|nft|ntp|"
                            "route|router|store|wg");
        if (places == 0)
                put_choices("", 0, "level");
        if (places == 2 || after_level)
                put_choices("", 0, "error|warning|info|debug|default");
}

static int takes_device(const struct command *c, size_t places)
{
        return (c->run == cmd_why && places < 2) || (c->run == cmd_dns_log && places == 0);
}

static void put_kept(struct cli *cli)
{
        pic_report *report = NULL;
        json_t *root;
        const json_t *one;
        size_t i;

        if (pic_backup_kept(cli->ctx, &report, NULL) < 0)
                return;
        root = json_loads(pic_report_text(report), 0, NULL);
        json_array_foreach(json_object_get(root, "kept"), i, one)
                put("", 0, json_string_value(json_object_get(one, "name")));
        json_decref(root);
        pic_report_unref(report);
}

/* Words that are neither names nor nouns. 1: the command has such. */
static int put_words(struct cli *cli, const struct command *c, size_t places, const char *before, const char *typed)
{
        if (c->run == cmd_log)
                put_log_words(places, before);
        else if (c->run == cmd_user_passkey && places == 0)
                put_choices("", 0, "list|remove");
        else if (c->run == cmd_age && places == 0 && typed[0] == 'k') /* else the shell knows files */
                put("", 0, "keygen");
        else if ((c->run == cmd_backup_undo || c->run == cmd_backup_forget) && places == 0)
                put_kept(cli);
        else
                return 0;
        return 1;
}

static void put_help_words(size_t places, const char *before)
{
        if (places == 1)
                put_commands(before);
        if (places > 0)
                return;
        put_commands(NULL);
        put_choices("", 0, "grants|exits|assertions|users|certificates|domains");
}

static void put_places(struct cli *cli, const struct typed *t, const char *const *words, size_t count)
{
        const struct command *c = t->command;
        const char *before = count > 0 ? words[count - 1] : "", *typed = count > 0 ? words[count] : "";

        if (c == NULL)
                put_commands(t->noun);
        else if (c->run == cmd_help)
                put_help_words(t->places, before);
        else if (takes_device(c, t->places))
                put_names(cli, "peer", "", 0, "");
        else if (!put_words(cli, c, t->places, before, typed) && c->max_words > t->places && takes_names(c))
                put_names(cli, c->noun, "", 0, "");
}

/* 1: the option takes the next word for its value. */
static int waits(const struct typed *t, const char *word)
{
        const struct option_info *o = cli_global(t->command, word + 2, strlen(word + 2));

        if (strchr(word, '=') != NULL)
                return 0;
        if (o == NULL && t->command != NULL)
                o = cli_find_option(t->command->options, word + 2, strlen(word + 2));
        if (o != NULL)
                return o->value != NULL;
        return t->command != NULL && cli_find_field(t->command, word + 2, strlen(word + 2)) >= 0;
}

static void take_place(struct typed *t, const char *word)
{
        int words = 0;

        if (t->command != NULL)
                t->places++;
        else if (t->noun != NULL && strcmp(t->noun, "dns") == 0 && cli_in_dns(word))
                t->noun = word;
        else if (t->noun == NULL)
                t->command = cli_find_command(word, NULL, &words);
        else
                t->command = cli_find_command(t->noun, word, &words);
        if (t->command == NULL && t->noun == NULL)
                t->noun = word;
}

static void take(struct cli *cli, struct typed *t, const char *word)
{
        if (t->option != NULL) {
                if (strcmp(t->option, "--dir") == 0)
                        cli->dir = word;
                else if (strcmp(t->option, "--world") == 0)
                        cli->world = word;
                t->option = NULL;
        } else if (strncmp(word, "--dir=", 6) == 0) {
                cli->dir = word + 6;
        } else if (strncmp(word, "--world=", 8) == 0) {
                cli->world = word + 8;
        } else if (!t->words_only && strcmp(word, "--") == 0) {
                t->words_only = 1;
        } else if (!t->words_only && strncmp(word, "--", 2) == 0) {
                t->option = waits(t, word) ? word : NULL;
        } else if (t->words_only || word[0] != '-') {
                take_place(t, word);
        }
}

int cli_complete(struct cli *cli, const char *const *words, size_t count)
{
        const char *last = count > 0 ? words[count - 1] : "", *equals;
        struct typed t = { NULL, NULL, NULL, 0, 0 };
        size_t i;

        for (i = 0; i + 1 < count; i++)
                take(cli, &t, words[i]);
        if (cli_open(cli) != EXIT_DONE)
                return EXIT_REFUSED;
        equals = strncmp(last, "--", 2) == 0 ? strchr(last, '=') : NULL;
        if (t.option != NULL)
                option_values(cli, &t, t.option + 2, strlen(t.option + 2), last);
        else if (!t.words_only && equals != NULL)
                option_values(cli, &t, last + 2, (size_t)(equals - last - 2), equals + 1);
        else if (!t.words_only && last[0] == '-')
                put_options(&t);
        else
                put_places(cli, &t, words, count > 0 ? count - 1 : 0);
        return EXIT_DONE;
}
