/* Owns: up and down. `pic up` is the agent in the foreground, with the web page beside it, for a laptop, a container, a
 * test. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static pic_cancel *stop;

static void on_signal(int signal)
{
        (void)signal;
        pic_cancel_raise(stop);
}

static void on_ready(void *data)
{
        struct cli *cli = data;

        cli_note(cli, "The cell is up. Ctrl-C stops the agent; what it built stays until 'pic down'.");
        cli_serve_start(cli);
        cli_say_setup(cli);
}

int cmd_up(struct cli *cli)
{
        struct sigaction action = { .sa_handler = on_signal };
        pic_agent_opts opts = PIC_AGENT_OPTS_INIT;
        pic_error *err = NULL;
        int r = cli_serve_check(cli);

        if (r != EXIT_DONE)
                return r;
        if (pic_cancel_new(&stop, &err) < 0)
                return cli_fail(cli, err);
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        opts.cancel = stop;
        opts.on_ready = on_ready;
        opts.data = cli;
        r = pic_agent_run(cli->ctx, &opts, &err);
        stop = pic_cancel_unref(stop);
        cli_serve_stop();
        return r < 0 ? cli_fail(cli, err) : EXIT_DONE;
}

int cmd_down(struct cli *cli)
{
        pic_error *err = NULL;

        if (pic_agent_down(cli->ctx, cli_option(cli, "keep-block") != NULL ? PIC_DOWN_KEEP_BLOCK : 0, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                puts("{\"down\":true}");
        cli_note(cli, "The cell is down. Its wishes are kept.");
        return EXIT_DONE;
}
