#include "common/options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const levels[] = { "error", "warning", "info", "debug" };

int options_usage(const char *program, const char *what, const char *value)
{
        fprintf(stderr, "%s: %s%s%s (%s --help)\n", program, what, value != NULL ? ": " : "",
                value != NULL ? value : "", program);
        return 2;
}

int options_level(const char *program, const char *text, int *ret_level)
{
        int i;

        for (i = 0; i < 4; i++)
                if (strcmp(text, levels[i]) == 0) {
                        *ret_level = i;
                        return 0;
                }
        return options_usage(program, "--log-level is error, warning, info or debug", text);
}

int options_world(const char *program, const char *text, const char **ret_world)
{
        if (strcmp(text, "real") != 0 && strcmp(text, "fake") != 0)
                return options_usage(program, "--world is real or fake", text);
        *ret_world = text;
        return 0;
}

void options_log(int level, const char *area, const char *message, void *data)
{
        (void)data;
        fprintf(stderr, "%s %s: %s\n", levels[level & 3], area, message);
}
