/* Owns: by what devices leave, in lists: the status tells, and who leaves directly against the wish is named aloud. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "common/text.h"

/* By name: what the status says of each device's way out. */
struct cli_leaves {
        json_t *root; /* the status; NULL: nobody tells */
        json_t *by_name;
};

static int has_connections(const struct cli *cli)
{
        pic_list *list = NULL;
        int some = pic_list_get(cli->ctx, "connection", &list, NULL) == 0 && pic_list_count(list) > 0;

        pic_list_unref(list);
        return some;
}

struct cli_leaves *cli_leaves_new(const struct cli *cli)
{
        struct cli_leaves *l = calloc(1, sizeof(*l));
        pic_report *report = NULL;
        const json_t *peers;
        size_t i;

        if (l == NULL)
                return NULL;
        if (has_connections(cli) && pic_status_get(cli->ctx, 0, &report, NULL) == 0)
                l->root = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        l->by_name = json_object();
        peers = json_object_get(l->root, "peers");
        for (i = 0; i < json_array_size(peers); i++) {
                const json_t *p = json_array_get(peers, i);
                const char *name = json_string_value(json_object_get(p, "name"));

                if (name != NULL)
                        (void)json_object_set(l->by_name, name, json_object_get(p, "leaves"));
        }
        return l;
}

void cli_leaves_free(struct cli_leaves *l)
{
        if (l == NULL)
                return;
        json_decref(l->root);
        json_decref(l->by_name);
        free(l);
}

int cli_leaves_known(const struct cli_leaves *l)
{
        return l != NULL && json_is_array(json_object_get(l->root, "peers"));
}

const char *cli_leaves_text(const struct cli_leaves *l, const char *name)
{
        const json_t *one = l != NULL ? json_object_get(l->by_name, name) : NULL;

        return json_string_value(json_object_get(one, "text"));
}

void cli_leaves_json(const struct cli_leaves *l, const pic_obj *peer)
{
        const json_t *one = l != NULL ? json_object_get(l->by_name, pic_obj_name(peer)) : NULL;
        char *leaves = one != NULL ? json_dumps(one, JSON_COMPACT) : NULL, *json = pic_obj_json(peer);

        if (json != NULL)
                printf("%.*s,\"leaves\":%s}", (int)strlen(json) - 1, json, leaves != NULL ? leaves : "null");
        free(leaves);
        pic_text_free(json);
}

/* Fail-open that came true. */
static int is_open(const json_t *leaves)
{
        return json_is_string(json_object_get(leaves, "exit")) && json_is_true(json_object_get(leaves, "direct")) &&
               json_is_true(json_object_get(leaves, "may"));
}

void cli_warn_open(const void *peers)
{
        const char *exit = NULL, *name;
        size_t i, more = 0, shown = 0;

        for (i = 0; i < json_array_size(peers); i++) {
                const json_t *p = json_array_get(peers, i), *leaves = json_object_get(p, "leaves");

                if (!is_open(leaves))
                        continue;
                name = json_string_value(json_object_get(p, "name"));
                exit = json_string_value(json_object_get(leaves, "exit"));
                if (shown < 5)
                        printf("%s%s", shown == 0 ? "OPEN      " : ", ", name != NULL ? name : "?");
                else
                        more++;
                shown++;
        }
        if (more > 0)
                printf(" and %zu more", more);
        if (shown > 0)
                printf(": directly to the internet, as failopen says, because the exit is down (%s): pic connection "
                       "list\n",
                       exit);
}

void cli_leaves_warn(const struct cli_leaves *l)
{
        cli_warn_open(l != NULL ? json_object_get(l->root, "peers") : NULL);
}

int cmd_peer_show(struct cli *cli)
{
        struct cli_leaves *l;
        pic_obj *obj = NULL;
        pic_error *err = NULL;
        const char *text;

        if (!cli->json) {
                int status = cmd_show(cli);

                if (status != EXIT_DONE)
                        return status;
        }
        if (pic_get(cli->ctx, "peer", cli->words[0], &obj, &err) < 0)
                return cli_fail(cli, err);
        l = cli_leaves_new(cli);
        text = cli_leaves_text(l, pic_obj_name(obj));
        if (cli->json) {
                cli_leaves_json(l, obj);
                putchar('\n');
        } else if (text != NULL) {
                printf("%-14s %s\n", "leaves", text);
        }
        cli_leaves_free(l);
        pic_obj_unref(obj);
        return EXIT_DONE;
}
