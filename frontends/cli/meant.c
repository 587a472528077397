/* Owns: what somebody meant who typed a command that is none. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* How far what was typed is from this command; 99 for one that is out of the question. */
static size_t distance(const struct command *c, const char *first, const char *second, int noun_known)
{
        size_t d;

        if (c->help == NULL)
                return 99;
        if (noun_known)
                return c->noun != NULL && strcmp(c->noun, first) == 0 ? cli_edit_distance(second, c->verb) : 99;
        if (c->noun == NULL || second == NULL)
                return cli_edit_distance(first, c->noun != NULL ? c->noun : c->verb);
        d = cli_edit_distance(first, c->noun); /* "pear list": of all that is near, the one with that verb */
        return d < 4 && strcmp(second, c->verb) != 0 ? d + 1 : d;
}

int cli_is_noun(const char *word)
{
        const struct command *c;

        word = cli_noun(word);
        for (c = cli_commands; c->verb != NULL; c++)
                if (c->noun != NULL && strcmp(c->noun, word) == 0)
                        return 1;
        return strcmp(word, "dns") == 0;
}

/* "peer list"; of a command with a noun without `second` the noun alone. */
static void name_command(const struct command *c, const char *second, char *text, size_t size)
{
        if (c->noun == NULL)
                snprintf(text, size, "%s", c->verb);
        else if (second == NULL)
                snprintf(text, size, "%s", c->noun);
        else
                snprintf(text, size, "%s %s", c->noun, c->verb);
}

/* Words of other programs for what a verb here does, so that nobody who wants another name is led to `remove`. NULL:
 * none. */
static const char *other_word(const char *noun, const char *word)
{
        static const struct {
                const char *word, *verb, *how;
        } words[] = {
                { "rename", "set", "set NAME --name NEW" },
                { "mv", "set", "set NAME --name NEW" },
                { "edit", "set", "set" },
                { "change", "set", "set" },
                { "update", "set", "set" },
                { "delete", "remove", "remove" },
                { "del", "remove", "remove" },
                { "rm", "remove", "remove" },
                { "create", "add", "add" },
                { "new", "add", "add" },
                { "ls", "list", "list" },
                { "get", "show", "show" },
                { "info", "show", "show" },
        };
        int count;
        size_t i;

        for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (strcmp(words[i].word, word) == 0 && cli_find_command(noun, words[i].verb, &count) != NULL)
                        return words[i].how;
        return NULL;
}

/* Of all commands the one that is meant, perhaps. NULL: none is near. */
static const struct command *nearest(const char *first, const char *second, int noun_known)
{
        const struct command *c, *near = NULL;
        size_t best = 4;

        for (c = cli_commands; c->verb != NULL; c++) {
                size_t d = distance(c, cli_noun(first), second, noun_known);

                if (d < best) {
                        best = d;
                        near = c;
                }
        }
        return near;
}

int cli_unknown_command(struct cli *cli, const char *first, const char *second)
{
        const char *other = second != NULL ? other_word(first, second) : NULL;
        int noun_known = cli_is_noun(first);
        const struct command *near;
        char meant[64];

        if (noun_known && second == NULL)
                return cli_usage(cli, "'%s' needs a verb: see 'pic help %s'", first, first);
        if (other != NULL)
                return cli_usage(cli, "there is no command '%s %s': it is 'pic %s %s'", first, second, first, other);
        near = nearest(first, second, noun_known);
        if (near == NULL || near->noun == NULL) /* what follows is no part of the name, then */
                second = noun_known ? second : NULL;
        if (near == NULL)
                return cli_usage(cli, "there is no command '%s%s%s': see 'pic help'", first, second != NULL ? " " : "",
                                 second != NULL ? second : "");
        name_command(near, second, meant, sizeof(meant));
        if (second == NULL && strcmp(meant, first) == 0) /* pic help log nosuch */
                return cli_usage(cli, "'%s' is one command: see 'pic help %s'", first, first);
        return cli_usage(cli, "there is no command '%s%s%s': did you mean '%s'?", first, second != NULL ? " " : "",
                         second != NULL ? second : "", meant);
}
