/* Owns: help, version and the words for shell completion: all made from the command table and the field tables. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static void option_line(FILE *out, const char *name, const char *value, const char *help)
{
        char left[64];
        size_t i;

        snprintf(left, sizeof(left), "--%s%s%s", name, value != NULL ? " " : "", value != NULL ? value : "");
        for (i = 2; left[i] != '\0' && left[i] != ' '; i++)
                if (left[i] == '_')
                        left[i] = '-';
        fprintf(out, "  %-34s %s\n", left, help);
}

static void field_lines(FILE *out, const char *kind)
{
        size_t i;

        for (i = 0; i < pic_field_count(kind); i++) {
                const char *choices = pic_field_choices(kind, i), *place = pic_field_placeholder(kind, i);
                const char *def = pic_field_default(kind, i);
                char help[256];

                if ((pic_field_flags(kind, i) & PIC_FIELD_SYSTEM) != 0)
                        continue;
                snprintf(help, sizeof(help), "%s%s%s%s", pic_field_help(kind, i), def != NULL ? " (default " : "",
                         def != NULL ? def : "", def != NULL ? ")" : "");
                option_line(out, pic_field_name(kind, i),
                            choices != NULL ? choices
                            : place != NULL ? place
                                            : "TEXT",
                            help);
        }
}

int cli_takes_fields(const struct command *c)
{
        return c->kind != NULL && c->run != cmd_list && c->run != cmd_show && c->run != cmd_remove;
}

static void overview(FILE *out)
{
        const struct command *c;
        const struct option_info *o;

        fputs("pic: a Personal Internet Cell\n\n"
              "  pic init --name home --endpoint home.example.org:51820\n"
              "  picd &\n"
              "  pic peer add phone --access internet --qr\n\nCommands\n",
              out);
        for (c = cli_commands; c->verb != NULL; c++) {
                char left[64];

                if (c->help == NULL)
                        continue;
                snprintf(left, sizeof(left), "%s%s%s %s", c->noun != NULL ? c->noun : "", c->noun != NULL ? " " : "",
                         c->verb, c->args);
                fprintf(out, "  %-24s %s\n", left, c->help);
        }
        fputs("\nOptions of every command\n", out);
        for (o = cli_globals; o->name != NULL; o++)
                option_line(out, o->name, o->value, o->help);
        fputs("\n'pic help COMMAND' tells its options. Exit status: 0 done, 1 refused or failed, 2 usage.\n", out);
}

void cli_help(FILE *out, const struct command *command)
{
        const struct option_info *o;

        if (command == NULL) {
                overview(out);
                return;
        }
        fprintf(out, "pic %s%s%s %s\n  %s\n", command->noun != NULL ? command->noun : "",
                command->noun != NULL ? " " : "", command->verb, command->args,
                command->help != NULL ? command->help : "");
        if (cli_takes_fields(command)) {
                fputs("\nFields\n", out);
                field_lines(out, command->kind);
        }
        if (command->options != NULL && command->options->name != NULL)
                fputs("\nOptions\n", out);
        for (o = command->options; o != NULL && o->name != NULL; o++)
                option_line(out, o->name, o->value, o->help);
        fputs("\nOptions of every command\n", out);
        for (o = cli_globals; o->name != NULL; o++)
                option_line(out, o->name, o->value, o->help);
}

static void noun_help(const char *noun)
{
        const struct command *c;

        for (c = cli_commands; c->verb != NULL; c++)
                if (c->noun != NULL && strcmp(c->noun, noun) == 0)
                        printf("  pic %s %s %-10s  %s\n", noun, c->verb, c->args, c->help);
}

int cmd_help(struct cli *cli)
{
        const struct command *c;
        const char *first = cli->word_count > 0 ? cli->words[0] : NULL;
        const char *second = cli->word_count > 1 ? cli->words[1] : NULL;
        int noun = 0;

        if (first == NULL) {
                cli_help(stdout, NULL);
                return EXIT_DONE;
        }
        for (c = cli_commands; c->verb != NULL; c++) {
                int same = c->noun == NULL
                                   ? second == NULL && strcmp(c->verb, first) == 0
                                   : second != NULL && strcmp(c->noun, first) == 0 && strcmp(c->verb, second) == 0;

                if (same) {
                        cli_help(stdout, c);
                        return EXIT_DONE;
                }
                noun |= c->noun != NULL && strcmp(c->noun, first) == 0;
        }
        if (!noun || second != NULL)
                return cli_usage(cli, "there is no command '%s%s%s'", first, second != NULL ? " " : "",
                                 second != NULL ? second : "");
        noun_help(first);
        return EXIT_DONE;
}

int cmd_version(struct cli *cli)
{
        if (cli->json)
                printf("{\"version\":\"%s\"}\n", pic_version());
        else
                printf("pic %s\n", pic_version());
        return EXIT_DONE;
}

/* Words that may follow those given, one a line. The last word is the one being typed; the shell filters. */
static void complete_names(struct cli *cli, const char *kind)
{
        pic_list *list = NULL;
        size_t i;

        if (pic_list_get(cli->ctx, kind, &list, NULL) < 0)
                return;
        for (i = 0; i < pic_list_count(list); i++)
                puts(pic_obj_name(pic_list_at(list, i)));
        pic_list_unref(list);
}

static void complete_options(const struct command *c)
{
        const struct option_info *o;
        size_t i;

        for (o = cli_globals; o->name != NULL; o++)
                printf("--%s\n", o->name);
        for (o = c->options; o != NULL && o->name != NULL; o++)
                printf("--%s\n", o->name);
        for (i = 0; cli_takes_fields(c) && i < pic_field_count(c->kind); i++) {
                char name[64];
                char *p;

                if ((pic_field_flags(c->kind, i) & PIC_FIELD_SYSTEM) != 0)
                        continue;
                snprintf(name, sizeof(name), "%s", pic_field_name(c->kind, i));
                for (p = name; *p != '\0'; p++)
                        *p = *p == '_' ? '-' : *p;
                printf("--%s\n", name);
        }
}

/* Whether the words typed so far name this command, with something after it. */
static int names_command(const struct command *c, const struct cli *cli)
{
        if (c->noun == NULL)
                return cli->word_count > 1 && strcmp(c->verb, cli->words[0]) == 0;
        return cli->word_count > 2 && strcmp(c->noun, cli->words[0]) == 0 && strcmp(c->verb, cli->words[1]) == 0;
}

int cmd_complete(struct cli *cli)
{
        const struct command *c;

        for (c = cli_commands; c->verb != NULL; c++) {
                if (c->help == NULL)
                        continue;
                if (cli->word_count <= 1)
                        puts(c->noun != NULL ? c->noun : c->verb);
                else if (cli->word_count == 2 && c->noun != NULL && strcmp(c->noun, cli->words[0]) == 0)
                        puts(c->verb);
                if (!names_command(c, cli))
                        continue;
                complete_options(c);
                if (c->noun != NULL && c->max_words > 0 && c->run != cmd_add)
                        complete_names(cli, c->noun);
                if (c->run == cmd_why)
                        complete_names(cli, "peer");
        }
        return EXIT_DONE;
}
