/* Owns: the one rule about options that not every command can honour: who gives such an option to a command that cannot
 * is told so, and nothing happens. What a command honours stands in its row of the table (commands.c). */
#include <string.h>

#include "cli/cli.h"

static const struct {
        const char *option;
        unsigned bit;
        const char *meant; /* for what it is */
} heeds[] = {
        { "plan", HEEDS_PLAN, "it is for what changes the cell" },
        { "exit-code", HEEDS_EXIT, "it tells by the exit status whether there is a difference" },
        { "no-wait", HEEDS_NOWAIT, "it is for what changes the cell" },
        { "confirm", HEEDS_CONFIRM, "it is for what changes the cell" },
        { "if-revision", HEEDS_REVISION, "it is for what changes the cell" },
        { "override", HEEDS_OVERRIDE, "it is for what changes the cell" },
};
#define COUNT (sizeof(heeds) / sizeof(heeds[0]))

unsigned cli_heed(const char *option)
{
        size_t i;

        for (i = 0; i < COUNT; i++)
                if (strcmp(heeds[i].option, option) == 0)
                        return heeds[i].bit;
        return 0;
}

int cli_may_heed(const struct command *command, const char *option)
{
        unsigned bit = cli_heed(option), may = command->heeds | command->heeds >> HEEDS_BITS;

        if ((may & HEEDS_PLAN) != 0)
                may |= HEEDS_EXIT;
        return bit == 0 || (may & bit) != 0;
}

const char *cli_heeds_with(const struct command *command)
{
        return cli_find_option(command->options, "only", 4) != NULL ? "only" : "file";
}

/* What it honours as it stands there. */
static unsigned heeded(const struct cli *cli)
{
        unsigned now = cli->command->heeds;

        if (cli_option(cli, cli_heeds_with(cli->command)) != NULL)
                now |= now >> HEEDS_BITS;
        if (cli->plan && (now & HEEDS_PLAN) != 0)
                now |= HEEDS_EXIT;
        return now;
}

static int refuse(const struct cli *cli, size_t i)
{
        const struct command *c = cli->command;
        const char *option = heeds[i].option, *needed = NULL;
        char name[48], hint[128];

        snprintf(name, sizeof(name), "pic %s%s%s", c->noun != NULL ? c->noun : "", c->noun != NULL ? " " : "", c->verb);
        if ((c->heeds >> HEEDS_BITS & heeds[i].bit) != 0)
                needed = strcmp(cli_heeds_with(c), "only") == 0 ? "--only KINDS" : "--file FILE";
        else if (heeds[i].bit == HEEDS_EXIT && (c->heeds & HEEDS_PLAN) != 0)
                needed = "--plan";
        if (needed == NULL) {
                snprintf(hint, sizeof(hint), "pic help%s", name + 3);
                return cli_misuse(cli, hint, "--%s is not for '%s': %s", option, name, heeds[i].meant);
        }
        snprintf(hint, sizeof(hint), "%s %s --%s", name, needed, option);
        return cli_misuse(cli, hint, "--%s is not for '%s' without %s: %s", option, name, needed, heeds[i].meant);
}

int cli_check_heeds(struct cli *cli)
{
        unsigned now = heeded(cli);
        size_t i;

        for (i = 0; i < COUNT; i++)
                if ((cli->given & heeds[i].bit & ~now) != 0)
                        return refuse(cli, i);
        return EXIT_DONE;
}
