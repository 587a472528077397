/* Owns: the parsing of the command line. Options may stand anywhere after `pic`; `--` ends them. An option is one of
 * the global ones, one of the command's, or a field of the command's kind. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

size_t cli_edit_distance(const char *a, const char *b)
{
        size_t row[64], la = strlen(a), lb = strlen(b), i, j;

        if (la >= 64 || lb >= 64)
                return 99;
        for (j = 0; j <= lb; j++)
                row[j] = j;
        for (i = 1; i <= la; i++) {
                size_t diagonal = row[0];

                row[0] = i;
                for (j = 1; j <= lb; j++) {
                        size_t up = row[j], best = diagonal + (a[i - 1] != b[j - 1]);

                        if (up + 1 < best)
                                best = up + 1;
                        if (row[j - 1] + 1 < best)
                                best = row[j - 1] + 1;
                        row[j] = best;
                        diagonal = up;
                }
        }
        return row[lb];
}

static const struct option_info *find_option(const struct option_info *list, const char *name, size_t len)
{
        for (; list != NULL && list->name != NULL; list++)
                if (strlen(list->name) == len && strncmp(list->name, name, len) == 0)
                        return list;
        return NULL;
}

static const struct command *find_command(const char *first, const char *second, int *ret_words)
{
        const struct command *c;

        for (c = cli_commands; c->verb != NULL; c++) {
                if (c->noun == NULL && strcmp(c->verb, first) == 0) {
                        *ret_words = 1;
                        return c;
                }
                if (c->noun != NULL && second != NULL && strcmp(c->noun, first) == 0 && strcmp(c->verb, second) == 0) {
                        *ret_words = 2;
                        return c;
                }
        }
        return NULL;
}

/* How far what was typed is from this command; 99 for one that is out of the question. */
static size_t distance(const struct command *c, const char *first, const char *second, int noun_known)
{
        if (c->help == NULL)
                return 99;
        if (noun_known)
                return c->noun != NULL && strcmp(c->noun, first) == 0 ? cli_edit_distance(second, c->verb) : 99;
        return cli_edit_distance(first, c->noun != NULL ? c->noun : c->verb);
}

static int unknown_command(struct cli *cli, const char *first, const char *second)
{
        const struct command *c, *near = NULL;
        size_t best = 4;
        int noun_known = 0;

        for (c = cli_commands; c->verb != NULL; c++)
                noun_known |= c->noun != NULL && strcmp(c->noun, first) == 0;
        if (noun_known && second == NULL)
                return cli_usage(cli, "'%s' needs a verb: see 'pic help %s'", first, first);
        for (c = cli_commands; c->verb != NULL; c++) {
                size_t d = distance(c, first, second, noun_known);

                if (d < best) {
                        best = d;
                        near = c;
                }
        }
        if (near == NULL)
                return cli_usage(cli, "there is no command '%s': see 'pic help'", first);
        return cli_usage(cli, "there is no command '%s%s%s': did you mean '%s%s%s'?", first, noun_known ? " " : "",
                         noun_known ? second : "", near->noun != NULL ? near->noun : "", near->noun != NULL ? " " : "",
                         near->verb);
}

/* The global options that have a place in struct cli. 1: it was one. */
static int global_option(struct cli *cli, const char *name, const char *value)
{
        const struct {
                const char *name;
                int *flag;
        } flags[] = { { "json", &cli->json },   { "plan", &cli->plan },       { "no-wait", &cli->nowait },
                      { "quiet", &cli->quiet }, { "verbose", &cli->verbose }, { "help", &cli->help } };
        size_t i;

        for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
                if (strcmp(flags[i].name, name) == 0) {
                        (*flags[i].flag)++;
                        return 1;
                }
        }
        if (strcmp(name, "dir") == 0)
                cli->dir = value;
        else if (strcmp(name, "world") == 0)
                cli->world = value;
        else
                return 0;
        return 1;
}

/* Index of the field that --some-name means in this kind, or -1. Fields that the cell sets are no options. */
static int find_field(const char *kind, const char *name, size_t len)
{
        size_t i, k;

        for (i = 0; kind != NULL && i < pic_field_count(kind); i++) {
                const char *field = pic_field_name(kind, i);

                if ((pic_field_flags(kind, i) & PIC_FIELD_SYSTEM) != 0 || strlen(field) != len)
                        continue;
                for (k = 0; k < len; k++)
                        if (field[k] != (name[k] == '-' ? '_' : name[k]))
                                break;
                if (k == len)
                        return (int)i;
        }
        return -1;
}

static int unknown_option(struct cli *cli, const char *name, size_t len)
{
        const char *kind = cli_takes_fields(cli->command) ? cli->command->kind : NULL, *near = NULL;
        char word[64];
        size_t best = 4, i;

        snprintf(word, sizeof(word), "%.*s", (int)len, name);
        for (i = 0; kind != NULL && i < pic_field_count(kind); i++) {
                size_t d = cli_edit_distance(word, pic_field_name(kind, i));

                if (d < best && (pic_field_flags(kind, i) & PIC_FIELD_SYSTEM) == 0) {
                        best = d;
                        near = pic_field_name(kind, i);
                }
        }
        if (near != NULL)
                return cli_usage(cli, "there is no option --%s: did you mean --%s?", word, near);
        return cli_usage(cli, "there is no option --%s here: see 'pic help %s%s%s'", word,
                         cli->command->noun != NULL ? cli->command->noun : "", cli->command->noun != NULL ? " " : "",
                         cli->command->verb);
}

/* What the word --NAME[=VALUE] means here. */
struct meaning {
        const char *name;
        size_t len;
        const char *value; /* NULL: none given with '=' */
        const struct option_info *global;
        const struct option_info *own;
        int field; /* -1: not one */
};

static struct meaning look_up(const struct cli *cli, const char *word)
{
        const char *equals = strchr(word, '=');
        struct meaning m = { .name = word + 2, .value = equals != NULL ? equals + 1 : NULL, .field = -1 };

        m.len = equals != NULL ? (size_t)(equals - m.name) : strlen(m.name);
        m.global = find_option(cli_globals, m.name, m.len);
        if (m.global == NULL)
                m.own = find_option(cli->command->options, m.name, m.len);
        if (m.global == NULL && m.own == NULL && cli_takes_fields(cli->command))
                m.field = find_field(cli->command->kind, m.name, m.len);
        return m;
}

static int takes_value(const struct meaning *m)
{
        const struct option_info *known = m->global != NULL ? m->global : m->own;

        return m->field >= 0 || (known != NULL && known->value != NULL);
}

/* The last of two would win in silence. Fields to unset are the one thing that there may be several of. */
static int is_there(const struct cli *cli, const struct meaning *m)
{
        const char *name = m->own != NULL ? m->own->name : pic_field_name(cli->command->kind, (size_t)m->field);
        const struct setting *list = m->own != NULL ? cli->options : cli->fields;
        size_t count = m->own != NULL ? cli->option_count : cli->field_count, i;

        for (i = 0; i < count && strcmp(name, "unset") != 0; i++)
                if (strcmp(list[i].name, name) == 0)
                        return 1;
        return 0;
}

static int keep_option(struct cli *cli, const struct meaning *m)
{
        if (m->global != NULL)
                return global_option(cli, m->global->name, m->value);
        if (is_there(cli, m)) {
                cli_usage(cli, "--%.*s is given twice", (int)m->len, m->name);
                return 0;
        }
        if (m->own != NULL && cli->option_count < 16) {
                cli->options[cli->option_count++] = (struct setting){ m->own->name, m->value != NULL ? m->value : "" };
                return 1;
        }
        if (m->own == NULL && cli->field_count < 64) {
                cli->fields[cli->field_count++] =
                        (struct setting){ pic_field_name(cli->command->kind, (size_t)m->field), m->value };
                return 1;
        }
        cli_usage(cli, "too many options");
        return 0;
}

/* One option at argv[at]; returns how many words it took, or 0 after having said what is wrong. */
static int parse_option(struct cli *cli, int argc, char **argv, int at)
{
        struct meaning m = look_up(cli, argv[at]);
        int took = 1;

        if (m.global == NULL && m.own == NULL && m.field < 0) {
                unknown_option(cli, m.name, m.len);
                return 0;
        }
        if (!takes_value(&m) && m.value != NULL) {
                cli_usage(cli, "--%.*s takes no value", (int)m.len, m.name);
                return 0;
        }
        if (takes_value(&m) && m.value == NULL) {
                if (at + 1 >= argc) {
                        cli_usage(cli, "--%.*s needs a value", (int)m.len, m.name);
                        return 0;
                }
                m.value = argv[at + 1];
                took = 2;
        }
        return keep_option(cli, &m) ? took : 0;
}

/* Global options in front of the command; answers where the command's words begin, or -1. */
static int leading_options(struct cli *cli, int argc, char **argv)
{
        static const struct command none = { NULL, "", NULL, "", 0, 0, NULL, NULL, NULL };
        int at = 1;

        cli->command = &none;
        while (at < argc && strncmp(argv[at], "--", 2) == 0) {
                int took;

                if (strcmp(argv[at], "--version") == 0)
                        argv[at] = argv[at] + 2;
                if (argv[at][0] != '-')
                        break;
                took = parse_option(cli, argc, argv, at);
                if (took == 0)
                        return -1;
                at += took;
        }
        return at;
}

static int parse_rest(struct cli *cli, int argc, char **argv, int at)
{
        int options = cli->command->run != cmd_complete;

        while (at < argc) {
                int took = 1;

                if (options && strcmp(argv[at], "--") == 0) {
                        options = 0;
                } else if (options && strncmp(argv[at], "--", 2) == 0) {
                        took = parse_option(cli, argc, argv, at);
                        if (took == 0)
                                return EXIT_USAGE;
                } else if (options && strcmp(argv[at], "-h") == 0) {
                        cli->help = 1;
                } else if (options && argv[at][0] == '-' && argv[at][1] != '\0') {
                        return cli_usage(cli, "there is no option %s: options have two dashes", argv[at]);
                } else if (cli->word_count < 8) {
                        cli->words[cli->word_count++] = argv[at];
                } else {
                        return cli_usage(cli, "too many words");
                }
                at += took;
        }
        return EXIT_DONE;
}

static int is_help(const char *word)
{
        return word != NULL && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0);
}

/* Whoever asks for a plan expects that nothing happens: `down --plan` must not take the cell down. */
static int has_plan(const struct command *c)
{
        int (*const with[])(struct cli *) = { cmd_add,         cmd_set,          cmd_remove, cmd_peer_rekey,
                                              cmd_peer_enable, cmd_peer_disable, cmd_plan,   cmd_apply };
        size_t i;

        for (i = 0; i < sizeof(with) / sizeof(with[0]); i++)
                if (c->run == with[i])
                        return 1;
        return 0;
}

/* A field that is set and unset, or told in two ways. */
static int check_options(struct cli *cli)
{
        const char *keep = cli_option(cli, "keep-key");
        size_t i, k;

        for (k = 0; k < cli->field_count; k++) {
                const char *field = cli->fields[k].name;

                for (i = 0; i < cli->option_count; i++)
                        if (strcmp(cli->options[i].name, "unset") == 0 && strcmp(cli->options[i].value, field) == 0)
                                return cli_usage(cli, "%s is both set and unset", field);
                if (keep != NULL && strcmp(field, "key_mode") == 0)
                        return cli_usage(cli, "--keep-key is --key-mode kept: give one of them");
                if (cli->command->run == cmd_init && cli->word_count > 0 && strcmp(field, "name") == 0)
                        return cli_usage(cli, "the cell's name is given twice");
        }
        if (cli->plan && !has_plan(cli->command))
                return cli_usage(cli, "there is no --plan of this: see 'pic help'");
        return EXIT_DONE;
}

static int check_words(struct cli *cli)
{
        const struct command *c = cli->command;

        if (cli->help)
                return EXIT_DONE;
        if (cli->word_count >= c->min_words && cli->word_count <= c->max_words)
                return check_options(cli);
        return cli_usage(cli, "usage: pic %s%s%s %s", c->noun != NULL ? c->noun : "", c->noun != NULL ? " " : "",
                         c->verb, c->args);
}

int cli_parse(struct cli *cli, int argc, char **argv)
{
        int at = leading_options(cli, argc, argv), words = 0, status;
        const char *first, *second;

        if (at < 0)
                return EXIT_USAGE;
        if (at >= argc) {
                cli->command = NULL;
                if (!cli->help)
                        cli_help(stderr, NULL);
                return cli->help ? EXIT_DONE : EXIT_USAGE;
        }
        first = argv[at];
        second = at + 1 < argc ? argv[at + 1] : NULL;
        cli->command = find_command(first, second, &words);
        if (cli->command == NULL && is_help(second)) {
                cli->words[cli->word_count++] = first;
                cli->command = find_command("help", NULL, &words);
                return EXIT_DONE;
        }
        if (cli->command == NULL)
                return unknown_command(cli, first, second);
        status = parse_rest(cli, argc, argv, at + words);
        return status == EXIT_DONE ? check_words(cli) : status;
}

const char *cli_option(const struct cli *cli, const char *name)
{
        size_t i;

        for (i = 0; i < cli->option_count; i++)
                if (strcmp(cli->options[i].name, name) == 0)
                        return cli->options[i].value;
        return NULL;
}

int cli_if_revision(const struct cli *cli, pic_revision *ret)
{
        const char *text = cli_option(cli, "if-revision");
        char *end;

        *ret = -1;
        if (text == NULL)
                return EXIT_DONE;
        errno = 0;
        *ret = strtoll(text, &end, 10);
        if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0)
                return cli_usage(cli, "--if-revision takes the number of a revision ('pic status'), not '%s'", text);
        return EXIT_DONE;
}
