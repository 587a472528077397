/* pic: the command line of a Personal Internet Cell. A thin consumer of libpic: it parses words, calls, prints. */
#include <errno.h>
#include <fcntl.h>
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

int cli_open(struct cli *cli)
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

/* `pic [--dir DIR] [--world WORLD] __complete WORD…`: those words are no command line, they are only looked at. */
static int is_completion(struct cli *cli, int argc, char **argv, int *ret_first)
{
        int at = 1;

        for (; at + 1 < argc && strcmp(argv[at], "__complete") != 0; at += 2) {
                if (strcmp(argv[at], "--dir") == 0)
                        cli->dir = argv[at + 1];
                else if (strcmp(argv[at], "--world") == 0)
                        cli->world = argv[at + 1];
                else
                        return 0;
        }
        *ret_first = at + 1;
        return at < argc && strcmp(argv[at], "__complete") == 0;
}

static const char *from_environment(const char *name)
{
        const char *value = getenv(name);

        return value != NULL && value[0] != '\0' ? value : NULL;
}

/* The command that was parsed, or its help. */
static int run(struct cli *cli)
{
        int status = EXIT_DONE;

        if (cli->help)
                cli_help(stdout, cli->command);
        else
                status = cli_open(cli);
        if (!cli->help && status == EXIT_DONE)
                status = cli->command->run(cli);
        errno = 0;
        if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_DONE)
                return cli_refuse(cli, PIC_IO, "cannot write the output%s%s", errno != 0 ? ": " : "",
                                  errno != 0 ? strerror(errno) : "");
        return status;
}

/* Who is started without one of the three (`>&-`) would have a file that is opened next in its place, and write there
 * what is for a person. Reading alone is allowed: what is told is told to nobody, and that is an error, as ever. */
static void keep_places(void)
{
        int fd;

        for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
                        _exit(EXIT_REFUSED);
}

int main(int argc, char **argv)
{
        struct cli cli = { .dir = from_environment("PIC_DIR"), .world = from_environment("PIC_WORLD") };
        int status, at;

        keep_places();
        setlocale(LC_CTYPE, "");
        cli.plain = from_environment("NO_COLOR") != NULL;
        cli.color = isatty(STDOUT_FILENO) && !cli.plain;
        if (is_completion(&cli, argc, argv, &at)) {
                status = cli_complete(&cli, (const char *const *)argv + at, (size_t)(argc - at));
        } else {
                status = cli_parse(&cli, argc, argv);
                if (status == EXIT_DONE)
                        status = run(&cli);
        }
        pic_ctx_unref(cli.ctx);
        return status;
}
