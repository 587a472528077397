/* The agent as a program: reads its options, runs pic_agent_run() in the foreground until a signal or `pic down` ends
 * it. */
#include <errno.h>
#include <getopt.h>
#include <pic/pic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/journal.h"
#include "common/notify.h"
#include "common/options.h"

#define INTERVAL_MAX 86400

struct options {
        const char *dir;
        const char *world;
        int level;
        uint32_t interval_ms;
        uint32_t flags;
};

static pic_cancel *stop; /* a signal handler has no other way to reach it */

static const char help[] =
        "usage: picd [--dir DIR] [--interval SECONDS] [--log-level LEVEL] [--world real|fake]\n"
        "\n"
        "Keeps this machine's network as the cell in DIR wishes it. Runs in the foreground.\n"
        "\n"
        "  --dir DIR           the cell's directory (" PIC_DEFAULT_DIR ")\n"
        "  --interval SECONDS  time between two looks at everything (60)\n"
        "  --log-level LEVEL   error, warning, info (default) or debug; what standard error gets\n"
        "  --world WORLD       real, or fake: a pretend kernel in DIR, without privilege\n"
        "  --exchange          only do the restore that was ordered, if one was, and end: for picd's unit\n"
        "  --keep-privileges   do not give up what root can do beyond the agent's need\n"
        "  --help, --version\n";

static void on_signal(int number)
{
        (void)number;
        pic_cancel_raise(stop);
}

static int usage(const char *what, const char *value)
{
        return options_usage("picd", what, value);
}

static int parse_interval(const char *text, struct options *o)
{
        char *end;
        long seconds;

        errno = 0;
        seconds = strtol(text, &end, 10);
        if (errno != 0 || end == text || *end != '\0' || seconds < 1 || seconds > INTERVAL_MAX)
                return usage("--interval is a number of seconds from 1 to 86400", text);
        o->interval_ms = (uint32_t)seconds * 1000;
        return 0;
}

/* -1: go on. Else the exit status. */
static int parse(int argc, char **argv, struct options *o)
{
        static const struct option known[] = {
                { "dir", required_argument, NULL, 'd' },
                { "interval", required_argument, NULL, 'i' },
                { "log-level", required_argument, NULL, 'l' },
                { "world", required_argument, NULL, 'w' },
                { "keep-privileges", no_argument, NULL, 'k' },
                { "exchange", no_argument, NULL, 'x' },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'v' },
                { NULL, 0, NULL, 0 },
        };
        int c, bad = 0;

        while (bad == 0 && (c = getopt_long(argc, argv, "", known, NULL)) >= 0) {
                switch (c) {
                case 'd': o->dir = optarg; break;
                case 'i': bad = parse_interval(optarg, o); break;
                case 'l': bad = options_level("picd", optarg, &o->level); break;
                case 'w': bad = options_world("picd", optarg, &o->world); break;
                case 'k': o->flags |= PIC_AGENT_KEEP_PRIVILEGES; break;
                case 'x': o->flags |= PIC_AGENT_EXCHANGE; break;
                case 'h': return fputs(help, stdout) < 0;
                case 'v': return printf("picd %s\n", pic_version()) < 0;
                default: return 2; /* getopt has said why */
                }
        }
        if (bad != 0)
                return bad;
        return optind < argc ? usage("too many arguments", argv[optind]) : -1;
}

static int fail(pic_error *err)
{
        const pic_error *e;

        fprintf(stderr, "picd: ");
        for (e = err; e != NULL; e = pic_error_cause(e))
                fprintf(stderr, "%s%s", pic_error_message(e), pic_error_cause(e) != NULL ? ": " : "\n");
        if (pic_error_hint(err) != NULL)
                fprintf(stderr, "hint: %s\n", pic_error_hint(err));
        pic_error_free(err);
        return 1;
}

static int catch_signals(pic_error **err)
{
        static const int ends[] = { SIGTERM, SIGINT, SIGHUP };
        struct sigaction action = { .sa_handler = on_signal };
        size_t i;
        int r = pic_cancel_new(&stop, err);

        if (r < 0)
                return r;
        sigemptyset(&action.sa_mask);
        for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
                sigaction(ends[i], &action, NULL);
        action.sa_handler = SIG_IGN;
        sigaction(SIGPIPE, &action, NULL);
        return 0;
}

static void on_ready(void *data)
{
        (void)data;
        notify_host("READY=1");
}

static int run(const struct options *o, pic_error **err)
{
        pic_ctx_opts open = PIC_CTX_OPTS_INIT;
        pic_agent_opts agent = PIC_AGENT_OPTS_INIT;
        struct journal journal = { .program = "picd", .fd = -1 };
        pic_ctx *ctx = NULL;
        int r;

        if (o->world == NULL || strcmp(o->world, "fake") != 0)
                journal_open("picd", &journal);
        open.dir = o->dir;
        open.world = o->world;
        open.way = "agent";
        open.log_level = o->level;
        open.log = journal_log;
        open.log_data = &journal;
        r = pic_ctx_open(&open, &ctx, err);
        if (r == 0)
                r = catch_signals(err);
        agent.flags = o->flags;
        agent.interval_ms = o->interval_ms;
        agent.cancel = stop;
        agent.on_ready = on_ready;
        agent.on_line = journal.fd >= 0 ? journal_line : NULL;
        agent.data = &journal;
        if (r == 0)
                r = pic_agent_run(ctx, &agent, err);
        if ((o->flags & PIC_AGENT_EXCHANGE) == 0)
                notify_host("STOPPING=1");
        pic_ctx_unref(ctx);
        journal_close(&journal);
        return r;
}

int main(int argc, char **argv)
{
        struct options o = { .level = PIC_LOG_INFO };
        pic_error *err = NULL;
        int status = parse(argc, argv, &o);

        if (status >= 0)
                return status;
        return run(&o, &err) < 0 ? fail(err) : 0;
}
