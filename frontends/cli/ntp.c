/* Owns: pic ntp: the time that the cell tells, and whether the machine's clock is right. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/told.h"

static void show_list(const char *label, const json_t *list, const char *empty)
{
        size_t i;

        printf("%s", label);
        for (i = 0; i < json_array_size(list); i++)
                printf("%s%s", i > 0 ? ", " : "", json_string_value(json_array_get(list, i)));
        puts(i == 0 ? empty : "");
}

static void show_offset(const json_t *t)
{
        long long us = json_integer_value(json_object_get(t, "offset_us"));
        long long error = json_integer_value(json_object_get(t, "error_us"));

        printf("clock     %.6f s %s (give or take %.6f s)%s\n", (double)llabs(us) / 1e6, us < 0 ? "ahead" : "behind",
               (double)error / 1e6, told_is(t, "wrong") ? ": WRONG, certificates depend on it" : "");
}

static void time_text(const json_t *t)
{
        printf("now       %s\n", told_str(t, "now"));
        if (!told_is(t, "wished"))
                puts("server    off: pic cell set --ntp yes");
        else if (!told_is(t, "serving"))
                puts("server    does not answer: pic log ntp");
        else
                show_list("server    ", json_object_get(t, "addresses"), "");
        if (told_str(t, "name")[0] != '\0')
                printf("name      %s\n", told_str(t, "name"));
        show_list("asks      ", json_object_get(t, "servers"), "nobody: pic cell set --ntp-servers HOST,...");
        if (told_is(t, "follows"))
                printf("follows   %s, stratum %" JSON_INTEGER_FORMAT "\n",
                       told_str(t, "reference")[0] != '\0' ? told_str(t, "reference") : "another clock",
                       json_integer_value(json_object_get(t, "stratum")));
        else
                puts("follows   this machine's clock, as it is");
        if (told_is(t, "follows"))
                show_offset(t);
        else if (told_is(t, "wrong"))
                puts("clock     WRONG: it is behind what the journal proves");
        printf("kept by   %s\n", told_is(t, "sets_clock")                    ? "the cell"
                                 : told_is(t, "kept")                        ? "this machine itself"
                                 : json_is_false(json_object_get(t, "kept")) ? "nobody, as the kernel knows"
                                                                             : "not known");
}

int cmd_ntp_status(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_ntp_get(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        return told_answer(cli, report, time_text);
}
