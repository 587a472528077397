/* Owns: `pic update`: the program pic-update in this one's place. It is a program of its own because it exchanges this
 * one and the library under it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static void add(const char **argv, size_t *n, const char *option, const char *value)
{
        argv[(*n)++] = option;
        if (value != NULL && value[0] != '\0')
                argv[(*n)++] = value;
}

int cmd_update(struct cli *cli)
{
        static const char *const places[] = { "/pic-update", "/../libexec/pic/pic-update", NULL };
        static const char *const options[][2] = { { "key", "--key" },       { "check", "--check" },
                                                  { "older", "--older" },   { "wait", "--wait" },
                                                  { "back", "--back" },     { "finish", "--finish" },
                                                  { "status", "--status" }, { NULL, NULL } };
        char program[CLI_PATH];
        const char *argv[24] = { program }, *value;
        size_t n = 1, i;

        if (cli_beside(places, program) < 0)
                return cli_refuse(cli, PIC_NOTFOUND, "the program pic-update is not beside this one");
        if (cli->dir != NULL)
                add(argv, &n, "--dir", cli->dir);
        if (cli->world != NULL)
                add(argv, &n, "--world", cli->world);
        if (cli->json)
                add(argv, &n, "--json", NULL);
        for (i = 0; options[i][0] != NULL; i++)
                if ((value = cli_option(cli, options[i][0])) != NULL)
                        add(argv, &n, options[i][1], value);
        if (cli->word_count > 0) {
                add(argv, &n, "--", NULL);
                add(argv, &n, cli->words[0], NULL);
        }
        execv(program, (char *const *)(uintptr_t)argv);
        return cli_refuse(cli, PIC_IO, "%s: %s", program, strerror(errno));
}
