/* Owns: the API and the web page beside the agent of `pic up`: the program pic-http, from where this one is. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

enum { PORT = 3000, STOP_S = 10 };

static pid_t server; /* 0: none runs */

int cli_beside(const char *const *places, char path[CLI_PATH])
{
        char here[CLI_PATH];
        ssize_t n = readlink("/proc/self/exe", here, sizeof(here) - 1);
        char *slash;

        if (n <= 0)
                return -1;
        here[n] = '\0';
        slash = strrchr(here, '/');
        if (slash == NULL)
                return -1;
        *slash = '\0';
        for (; *places != NULL; places++)
                if (snprintf(path, CLI_PATH, "%s%s", here, *places) < CLI_PATH && access(path, X_OK) == 0)
                        return 0;
        return -1;
}

static int find_program(char path[CLI_PATH])
{
        static const char *const places[] = { "/pic-http", "/../sbin/pic-http", NULL };

        return cli_beside(places, path);
}

/* -1: it is not wanted. */
static int find_port(const struct cli *cli, char port[8])
{
        const char *wanted = cli_option(cli, "http");

        if (wanted != NULL && strcmp(wanted, "no") == 0)
                return -1;
        snprintf(port, 8, "%d", PORT);
        if (wanted != NULL)
                snprintf(port, 8, "%s", wanted);
        return 0;
}

int cli_serve_check(const struct cli *cli)
{
        const char *wanted = cli_option(cli, "http");
        char *end;
        long port;

        if (wanted == NULL || strcmp(wanted, "no") == 0)
                return EXIT_DONE;
        port = strtol(wanted, &end, 10);
        if (wanted[0] >= '0' && wanted[0] <= '9' && *end == '\0' && port >= 1 && port <= 65535)
                return EXIT_DONE;
        return cli_usage(cli, "--http takes a port from 1 to 65535, or no");
}

void cli_serve_start(const struct cli *cli)
{
        char program[CLI_PATH], port[8];
        sigset_t none;
        pid_t child;

        if (find_port(cli, port) < 0)
                return;
        if (find_program(program) < 0) {
                cli_note(cli, "pic-http is not installed: there is no web page.");
                return;
        }
        child = fork();
        if (child == 0) {
                sigemptyset(&none);
                sigprocmask(SIG_SETMASK, &none, NULL);
                execl(program, "pic-http", "--parent", "--port", port, "--dir",
                      cli->dir != NULL ? cli->dir : PIC_DEFAULT_DIR, "--world",
                      cli->world != NULL ? cli->world : "real", (char *)NULL);
                _exit(127);
        }
        if (child < 0)
                return;
        server = child;
        cli_note(cli, "The web page: http://127.0.0.1:%s/", port);
}

/* Asks it to end, and waits for that, for a while. */
void cli_serve_stop(void)
{
        const struct timespec nap = { .tv_nsec = 20 * 1000000 };
        int left;

        if (server <= 0)
                return;
        (void)kill(server, SIGTERM);
        for (left = STOP_S * 50; left > 0 && waitpid(server, NULL, WNOHANG) == 0; left--)
                (void)nanosleep(&nap, NULL);
        if (left == 0)
                (void)kill(server, SIGKILL);
        server = 0;
}
