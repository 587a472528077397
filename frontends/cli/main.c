/* pic: the command line of a Personal Internet Cell. A thin consumer of libpic: it parses words, calls, prints. */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static void log_line(int level, const char *area, const char *message, void *data)
{
        static const char *const names[] = { "error", "warning", "info", "debug" };

        (void)data;
        fprintf(stderr, "pic: %s: %s: %s\n", names[level & 3], area, message);
}

static int open_context(struct cli *cli)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;

        opts.dir = cli->dir;
        opts.world = cli->world;
        opts.way = "cli";
        if (cli->verbose > 0) {
                opts.log = log_line;
                opts.log_level = cli->verbose > 1 ? PIC_LOG_DEBUG : PIC_LOG_INFO;
        }
        if (pic_ctx_open(&opts, &cli->ctx, &err) < 0)
                return cli_fail(cli, err);
        return EXIT_DONE;
}

int main(int argc, char **argv)
{
        struct cli cli = { .dir = getenv("PIC_DIR"), .world = getenv("PIC_WORLD") };
        int status;

        setlocale(LC_CTYPE, "");
        cli.color = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
        if (cli.dir != NULL && cli.dir[0] == '\0')
                cli.dir = NULL;
        if (cli.world != NULL && cli.world[0] == '\0')
                cli.world = NULL;
        status = cli_parse(&cli, argc, argv);
        if (status != EXIT_DONE)
                return status;
        if (cli.help)
                cli_help(stdout, cli.command);
        else
                status = open_context(&cli);
        if (!cli.help && status == EXIT_DONE)
                status = cli.command->run(&cli);
        pic_ctx_unref(cli.ctx);
        errno = 0;
        if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_DONE)
                return cli_refuse(&cli, PIC_IO, "cannot write the output%s%s", errno != 0 ? ": " : "",
                                  errno != 0 ? strerror(errno) : "");
        return status;
}
