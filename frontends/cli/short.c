/* Owns: which options have a short form, and which may be given more than once. */
#include <string.h>

#include "cli/cli.h"

static int is_like_age(const struct command *c)
{
        return c->run == cmd_age || (c->noun != NULL && strcmp(c->noun, "backup") == 0);
}

/* Options with a short form, where they are options: --file, --lines, and those that age(1) has. */
char *cli_lengthen(const struct command *command, char *word)
{
        static char file[] = "--file", lines[] = "--lines";
        static char names[][20] = { "d--decrypt",         "e--encrypt",  "a--armor",  "p--passphrase", "r--recipient",
                                    "R--recipients-file", "i--identity", "o--output", "y--convert" };
        size_t i;

        if (strcmp(word, "-f") == 0 && cli_find_option(command->options, "file", 4) != NULL)
                return file;
        if (strcmp(word, "-n") == 0 && cli_find_option(command->options, "lines", 5) != NULL)
                return lines;
        for (i = 0; i < sizeof(names) / sizeof(names[0]) && is_like_age(command); i++)
                if (word[0] == '-' && word[1] == names[i][0] && word[2] == '\0' &&
                    cli_find_option(command->options, names[i] + 3, strlen(names[i] + 3)) != NULL)
                        return names[i] + 1;
        return word;
}

/* Options of which there may be several: fields to unset, and for whom a file is. */
int cli_may_repeat(const char *name)
{
        static const char *const names[] = { "unset", "recipient", "recipients-file", "identity" };
        size_t i;

        for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (strcmp(names[i], name) == 0)
                        return 1;
        return 0;
}
