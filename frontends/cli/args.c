/* Owns: the parsing of the command line. Options may stand anywhere after `pic`; `--` ends them. An option is one of
 * the global ones, one of the command's, or a field of the command's kind. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "common/text.h"

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

const struct option_info *cli_find_option(const struct option_info *list, const char *name, size_t len)
{
        for (; list != NULL && list->name != NULL; list++)
                if (strlen(list->name) == len && strncmp(list->name, name, len) == 0)
                        return list;
        return NULL;
}

int cli_in_dns(const char *noun)
{
        static const char *const nouns[] = { "record", "forward", "block" };
        size_t i;

        for (i = 0; noun != NULL && i < sizeof(nouns) / sizeof(nouns[0]); i++)
                if (strcmp(nouns[i], noun) == 0)
                        return 1;
        return 0;
}

const char *cli_noun(const char *word)
{
        if (strcmp(word, "certificate") == 0) /* the kind's whole name, as hints say it */
                return "cert";
        if (strcmp(word, "blocklist") == 0)
                return "block";
        return strcmp(word, "ddns") == 0 ? "domain" : word; /* dynamic DNS is a thing that domains do */
}

const struct command *cli_find_command(const char *first, const char *second, int *ret_words)
{
        const struct command *c;

        first = cli_noun(first);
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

/* At least a second: who can type faster needs no net. */
static int confirm_option(struct cli *cli, const char *value)
{
        int64_t ms = text_duration(value);

        if (ms < 1000) {
                cli_usage(cli, "--confirm takes a time from 1s to 24h, such as 60s, not '%s'", value);
                return 0;
        }
        cli->confirm_ms = (uint32_t)ms;
        return 1;
}

static int revision_option(struct cli *cli, const char *value)
{
        char *end = NULL;

        errno = 0;
        if (value != NULL && value[0] >= '0' && value[0] <= '9')
                cli->if_revision = strtoll(value, &end, 10);
        if (end != NULL && *end == '\0' && errno == 0 && cli->if_revision > 0)
                return 1;
        cli_usage(cli, "--if-revision takes the number of a revision ('pic history'), not '%s'",
                  value != NULL ? value : "");
        return 0;
}

/* The global options that have a place in struct cli. 1: it was one. */
static int global_option(struct cli *cli, const char *name, const char *value)
{
        const struct {
                const char *name;
                int *flag;
        } flags[] = { { "json", &cli->json },      { "plan", &cli->plan },   { "exit-code", &cli->exit_code },
                      { "no-wait", &cli->nowait }, { "quiet", &cli->quiet }, { "verbose", &cli->verbose },
                      { "help", &cli->help } };
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
        else if (strcmp(name, "override") == 0)
                cli->override = value;
        else if (strcmp(name, "if-revision") == 0)
                return revision_option(cli, value);
        else if (strcmp(name, "confirm") == 0)
                return confirm_option(cli, value);
        else
                return 0;
        return 1;
}

int cli_find_field(const struct command *command, const char *name, size_t len)
{
        char option[64];
        size_t i, k;

        for (i = 0; command->kind != NULL && i < pic_field_count(command->kind); i++) {
                if (!cli_is_option(command, i) || strlen(cli_field_option(command->kind, i, option)) != len)
                        continue;
                for (k = 0; k < len; k++)
                        if (option[k] != (name[k] == '_' ? '-' : name[k]))
                                break;
                if (k == len)
                        return (int)i;
        }
        return -1;
}

/* An alert's --quiet are its quiet hours: what stands in front of the command is for every command. */
const struct option_info *cli_global(const struct command *command, const char *name, size_t len)
{
        if (command != NULL && cli_find_field(command, name, len) >= 0)
                return NULL;
        return cli_find_option(cli_globals, name, len);
}

int cli_takes_global(const struct command *command, const struct option_info *option)
{
        return cli_may_heed(command, option->name) && cli_global(command, option->name, strlen(option->name)) != NULL;
}

static void nearer(const char *word, const char *name, const char **near, size_t *best)
{
        size_t d = cli_edit_distance(word, name);

        if (d < *best) {
                *best = d;
                *near = name;
        }
}

/* --password: what follows was a secret, and is in the shell's history by now. 1: so it was. */
static int tell_secret(struct cli *cli, const char *word)
{
        const struct command *c = cli->command;
        char file[72], option[64];
        size_t i;

        snprintf(file, sizeof(file), "%s-file", word);
        for (i = 0; c->kind != NULL && i < pic_field_count(c->kind); i++) {
                if (!cli_is_option(c, i) || !cli_is_secret(c->kind, i) ||
                    strcmp(cli_field_option(c->kind, i, option), file) != 0)
                        continue;
                (void)cli_misuse(cli, "'-' for FILE is standard input, which is not shown on a terminal",
                                 "a secret is no word of a command line, where others can read it: --%s FILE", option);
                return 1;
        }
        return 0;
}

static int unknown_option(struct cli *cli, const char *name, size_t len)
{
        const struct command *c = cli->command;
        const char *near = NULL;
        const struct option_info *o;
        char word[64], options[64][64];
        size_t best = 4, i;

        snprintf(word, sizeof(word), "%.*s", (int)len, name);
        for (i = 0; word[i] != '\0'; i++)
                word[i] = word[i] == '_' ? '-' : word[i];
        if (tell_secret(cli, word))
                return EXIT_USAGE;
        for (i = 0; c->kind != NULL && i < pic_field_count(c->kind) && i < 64; i++)
                if (cli_is_option(c, i))
                        nearer(word, cli_field_option(c->kind, i, options[i]), &near, &best);
        for (o = c->options; o != NULL && o->name != NULL; o++)
                nearer(word, o->name, &near, &best);
        for (o = cli_globals; o->name != NULL; o++)
                nearer(word, o->name, &near, &best);
        if (near != NULL)
                return cli_usage(cli, "there is no option --%s: did you mean --%s?", word, near);
        return cli_usage(cli, "there is no option --%s here: see 'pic help%s%s%s%s'", word, c->noun != NULL ? " " : "",
                         c->noun != NULL ? c->noun : "", c->verb[0] != '\0' ? " " : "", c->verb);
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
        m.global = cli_global(cli->command, m.name, m.len);
        if (m.global == NULL)
                m.own = cli_find_option(cli->command->options, m.name, m.len);
        if (m.global == NULL && m.own == NULL)
                m.field = cli_find_field(cli->command, m.name, m.len);
        return m;
}

static int takes_value(const struct meaning *m)
{
        const struct option_info *known = m->global != NULL ? m->global : m->own;

        return m->field >= 0 || (known != NULL && known->value != NULL);
}

/* The last of two would win in silence. */
static int is_there(const struct cli *cli, const struct meaning *m)
{
        const char *name = m->own != NULL ? m->own->name : pic_field_name(cli->command->kind, (size_t)m->field);
        const struct setting *list = m->own != NULL ? cli->options : cli->fields;
        size_t count = m->own != NULL ? cli->option_count : cli->field_count, i;

        for (i = 0; i < count && !cli_may_repeat(name); i++)
                if (strcmp(list[i].name, name) == 0)
                        return 1;
        return 0;
}

static int keep_option(struct cli *cli, const struct meaning *m)
{
        if (m->global != NULL)
                cli->given |= cli_heed(m->global->name);
        if (m->global != NULL)
                return global_option(cli, m->global->name, m->value);
        if (is_there(cli, m)) {
                cli_usage(cli, "--%.*s is given twice", (int)m->len, m->name);
                return 0;
        }
        if (m->own != NULL && cli->option_count < sizeof(cli->options) / sizeof(cli->options[0])) {
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

/* Global options in front of a word of the command; answers where that word is, or -1. */
static int leading_options(struct cli *cli, int argc, char **argv, int at)
{
        static const struct command none = { NULL, "", NULL, "", 0, 0, NULL, NULL, NULL, 0 };

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
        int options = 1;

        while (at < argc) {
                int took = 1;

                if (options)
                        argv[at] = cli_lengthen(cli->command, argv[at]);
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
        return cli_check_heeds(cli);
}

/* Words that are too few or too many, and what was meant perhaps: a document, or an option without its dashes. */
static int wrong_words(struct cli *cli)
{
        const struct command *c = cli->command;
        const char *extra = cli->word_count > c->max_words ? cli->words[c->max_words] : NULL;
        char name[48], hint[320];

        snprintf(name, sizeof(name), "%s%s%s", c->noun != NULL ? c->noun : "", c->noun != NULL ? " " : "", c->verb);
        snprintf(hint, sizeof(hint), "pic help %s", name);
        if (extra != NULL && cli_find_option(c->options, "file", 4) != NULL && cli_option(cli, "file") == NULL)
                snprintf(hint, sizeof(hint), "pic %s --file %.160s", name, extra);
        else if (extra != NULL && cli_find_field(c, extra, strlen(extra)) >= 0)
                snprintf(hint, sizeof(hint), "an option has two dashes: --%.160s", extra);
        if (c->max_words > 0)
                return cli_misuse(cli, hint, "usage: pic %s %s%s", name, c->args,
                                  cli_takes_fields(c) ? " [--FIELD VALUE...]" : "");
        return cli_misuse(cli, hint, "'pic %s' takes no word such as '%s'", name, extra);
}

static int check_words(struct cli *cli)
{
        const struct command *c = cli->command;

        if (cli->help)
                return EXIT_DONE;
        return cli->word_count >= c->min_words && cli->word_count <= c->max_words ? check_options(cli)
                                                                                  : wrong_words(cli);
}

/* No command is named: the overview, or what there is of a noun. */
static int without_command(struct cli *cli, const char *noun)
{
        int words;

        cli->command = NULL;
        if (!cli->help && noun != NULL)
                return cli_unknown_command(cli, noun, NULL);
        if (!cli->help)
                cli_help(stderr, NULL);
        else if (noun != NULL) {
                cli->words[cli->word_count++] = noun;
                cli->command = cli_find_command("help", NULL, &words);
                cli->help = 0;
        }
        return cli->help || noun != NULL ? EXIT_DONE : EXIT_USAGE;
}

/* What a person gets wrong in the options of every command. */
static int check_globals(struct cli *cli)
{
        if (cli->world != NULL && strcmp(cli->world, "real") != 0 && strcmp(cli->world, "fake") != 0)
                return cli_usage(cli, "the world is real or fake, not '%s'", cli->world);
        return EXIT_DONE;
}

/* Whether errors are to be JSON, also those that are made before that word is reached. */
static int wants_json(int argc, char **argv)
{
        int i;

        for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
                if (strcmp(argv[i], "--json") == 0)
                        return 1;
        return 0;
}

/* The first word of the command; "dns" before some nouns says no more. */
static const char *noun_at(int argc, char **argv, int *at)
{
        const char *first = argv[(*at)++];

        return strcmp(first, "dns") == 0 && *at < argc && cli_in_dns(argv[*at]) ? argv[(*at)++] : first;
}

static int parse(struct cli *cli, int argc, char **argv)
{
        int at = leading_options(cli, argc, argv, 1), words = 0, status;
        const char *first;

        if (at < 0)
                return EXIT_USAGE;
        if (at >= argc)
                return without_command(cli, NULL);
        first = noun_at(argc, argv, &at);
        if (cli_is_noun(first)) {
                at = leading_options(cli, argc, argv, at);
                if (at < 0)
                        return EXIT_USAGE;
                if (at < argc && is_help(argv[at]))
                        cli->help = 1;
                if (at >= argc || is_help(argv[at]))
                        return without_command(cli, first);
        }
        cli->command = cli_find_command(first, at < argc ? argv[at] : NULL, &words);
        if (cli->command == NULL)
                return cli_unknown_command(cli, first, at < argc ? argv[at] : NULL);
        status = parse_rest(cli, argc, argv, at + words - 1);
        if (status == EXIT_DONE)
                status = check_words(cli);
        return status == EXIT_DONE ? check_globals(cli) : status;
}

int cli_parse(struct cli *cli, int argc, char **argv)
{
        int json = wants_json(argc, argv), status;

        cli->json = json;
        status = parse(cli, argc, argv);
        if (status == EXIT_DONE)
                cli->json -= json; /* the word may have been a value: then it was none of ours */
        return status;
}

const char *cli_option(const struct cli *cli, const char *name)
{
        size_t i;

        for (i = 0; i < cli->option_count; i++)
                if (strcmp(cli->options[i].name, name) == 0)
                        return cli->options[i].value;
        return NULL;
}

int cli_number(const struct cli *cli, const char *option, int64_t *ret)
{
        const char *text = cli_option(cli, option);
        char *end;

        *ret = -1;
        if (text == NULL)
                return EXIT_DONE;
        errno = 0;
        *ret = strtoll(text, &end, 10);
        if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0)
                return cli_usage(cli, "--%s takes a number, not '%s'", option, text);
        return EXIT_DONE;
}
