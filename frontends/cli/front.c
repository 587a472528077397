/* Owns: pic front: how devices reach the page by HTTPS, and whether they can. */
#include <stdio.h>
#include <string.h>

#include "cli/told.h"

static void show_page(const json_t *t)
{
        const json_t *list = json_object_get(t, "addresses");
        size_t i;

        printf("page          %s\n", told_str(t, "url"));
        printf("addresses    ");
        for (i = 0; i < json_array_size(list); i++)
                printf("%s %s", i > 0 ? "," : "", json_string_value(json_array_get(list, i)));
        puts("");
        printf("install root  %s\n", told_str(t, "trust"));
        printf("certificate   %s%s\n", told_str(t, "not_after")[0] != '\0' ? "good until " : "none now",
               told_str(t, "not_after"));
}

static void front_text(const json_t *t)
{
        if (!told_is(t, "wished")) {
                puts("front         off: pic cell set --front yes");
                return;
        }
        if (!told_is(t, "ready")) {
                puts("front         waits for a root that devices can trust: pic cert root");
                return;
        }
        printf("front         %s\n", told_is(t, "serving") ? "serves" : "does NOT serve");
        if (told_str(t, "trouble")[0] != '\0')
                printf("trouble       %s\n", told_str(t, "trouble"));
        if (told_str(t, "hint")[0] != '\0')
                printf("              %s\n", told_str(t, "hint"));
        show_page(t);
        if (told_str(t, "outside")[0] != '\0')
                printf("internet      %s\n", strcmp(told_str(t, "outside"), "open") == 0
                                                     ? "open to everybody at ports 80 and 443, for public services only"
                                                     : "NOT open: somebody else has port 80 or 443: pic doctor");
        if (told_is(t, "serving"))
                printf("since start   %" JSON_INTEGER_FORMAT " requests, %" JSON_INTEGER_FORMAT
                       " TLS handshakes; %" JSON_INTEGER_FORMAT " connections now\n",
                       json_integer_value(json_object_get(t, "requests")),
                       json_integer_value(json_object_get(t, "handshakes")),
                       json_integer_value(json_object_get(t, "connections")));
}

/* What it is called below the cell's domains. */
static void show_public(const json_t *list)
{
        size_t i;

        for (i = 0; i < json_array_size(list); i++) {
                const json_t *n = json_array_get(list, i);

                printf("%-13s %s%s\n", "", told_str(n, "url"),
                       told_is(n, "certificate")
                               ? ""
                               : " (no certificate of a public CA has this name yet: pic cert status)");
        }
}

static const char *state_of(const json_t *service)
{
        if (!told_is(service, "enabled"))
                return " (turned off)";
        if (strcmp(told_str(service, "state"), "up") == 0)
                return "";
        return told_str(service, "state")[0] == '\0' ? " (nobody looks)" : " does NOT answer";
}

static void show_services(const json_t *list)
{
        size_t i;

        for (i = 0; i < json_array_size(list); i++) {
                const json_t *s = json_array_get(list, i);

                printf("%-13s %s%s%s%s%s\n", i == 0 ? "services" : "", told_str(s, "url"), state_of(s),
                       told_is(s, "public") ? " (public)" : "", told_str(s, "why")[0] != '\0' ? ": " : "",
                       told_str(s, "why"));
                if (told_is(s, "enabled"))
                        show_public(json_object_get(s, "public_names"));
        }
}

static void status_text(const json_t *t)
{
        front_text(t);
        show_services(json_object_get(t, "services"));
}

int cmd_front_status(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_front_get(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        return told_answer(cli, report, status_text);
}
