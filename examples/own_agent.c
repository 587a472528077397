/* The agent inside a program of one's own: runs until SIGTERM or SIGINT, then takes the cell out of the machine.
 *     own_agent DIR [fake] */
#include <pic/pic.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static pic_cancel *stop; /* the one thing that a signal handler may touch */

static void on_signal(int number)
{
        (void)number;
        pic_cancel_raise(stop);
}

static void on_ready(void *data)
{
        printf("%s: ready\n", (const char *)data);
        fflush(stdout);
}

static void on_log(int level, const char *area, const char *message, void *data)
{
        (void)data;
        fprintf(stderr, "%s%s: %s\n", level == PIC_LOG_ERROR ? "error: " : "", area, message);
}

static int on_line(int level, const char *area, const char *program, const char *connection, const char *text,
                   void *data)
{
        (void)connection;
        on_log(level, area, text, data);
        return ferror(stderr) != 0 || program == NULL;
}

int main(int argc, char **argv)
{
        pic_agent_opts agent = PIC_AGENT_OPTS_INIT;
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        struct sigaction action;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 2) {
                fprintf(stderr, "usage: own_agent DIR [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 2 ? argv[2] : NULL;
        opts.log = on_log;
        opts.log_level = PIC_LOG_WARNING;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = pic_cancel_new(&stop, &err);
        memset(&action, 0, sizeof(action));
        action.sa_handler = on_signal;
        sigaction(SIGTERM, &action, NULL);
        sigaction(SIGINT, &action, NULL);
        agent.cancel = stop;
        agent.on_ready = on_ready;
        agent.on_line = on_line; /* of unbound and the others: they write to files */
        agent.data = argv[1];
        if (r >= 0)
                r = pic_agent_run(ctx, &agent, &err); /* blocks; give it a thread if there is more to do */
        if (r >= 0 && pic_cancel_raised(stop))
                r = pic_agent_down(ctx, 0, &err);
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        stop = pic_cancel_unref(stop);
        pic_ctx_unref(ctx);
        return r < 0;
}
