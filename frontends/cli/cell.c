/* Owns: init, and the answer to how a cell is removed. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static int is_fake(const struct cli *cli)
{
        return cli->world != NULL && strcmp(cli->world, "fake") == 0;
}

static void say_made(struct cli *cli, const pic_obj *cell)
{
        char *net4 = pic_obj_get(cell, "net4"), *net6 = pic_obj_get(cell, "net6"),
             *endpoint = pic_obj_get(cell, "endpoint");

        printf("cell %s: %s, %s\n", pic_obj_name(cell), net4 != NULL ? net4 : "-", net6 != NULL ? net6 : "-");
        if (endpoint == NULL)
                cli_note(cli, "Devices need to know where the cell is: pic cell set --endpoint HOST:PORT");
        if (cli->dir == NULL && cli->world == NULL)
                cli_note(cli, "Next: systemctl enable --now picd (or, without systemd: picd &), then: pic peer add "
                              "phone --access internet --qr");
        else
                cli_note(cli, "Next: pic%s%s%s%s peer add phone --access internet --qr%s",
                         cli->dir != NULL ? " --dir " : "", cli->dir != NULL ? cli->dir : "",
                         cli->world != NULL ? " --world " : "", cli->world != NULL ? cli->world : "",
                         is_fake(cli) ? "" : " (the agent must run: picd --dir DIR)");
        pic_text_free(net4);
        pic_text_free(net6);
        pic_text_free(endpoint);
}

int cmd_init(struct cli *cli)
{
        const char *fields[2 * 64 + 3];
        pic_obj *cell = NULL;
        pic_error *err = NULL;
        size_t n = 0, i;
        int named = 0;

        if (cli->word_count > 0) {
                fields[n++] = "name";
                fields[n++] = cli->words[0];
                named = 1;
        }
        for (i = 0; i < cli->field_count; i++) {
                named |= strcmp(cli->fields[i].name, "name") == 0;
                fields[n++] = cli->fields[i].name;
                fields[n++] = cli->fields[i].value;
        }
        fields[n] = NULL;
        if (!named)
                return cli_usage(cli, "the cell needs a name: pic init --name home");
        if (pic_cell_init(cli->ctx, fields, &cell, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json) {
                char *json = pic_obj_json(cell);

                puts(json != NULL ? json : "null");
                pic_text_free(json);
        } else {
                say_made(cli, cell);
                cli_say_setup(cli);
        }
        pic_obj_unref(cell);
        return EXIT_DONE;
}

int cmd_cell_remove(struct cli *cli)
{
        return cli_usage(cli,
                         "a cell is removed with its directory, and that cannot be undone: 'pic down', then remove %s",
                         cli->dir != NULL ? cli->dir : PIC_DEFAULT_DIR);
}
