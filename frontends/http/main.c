/* Owns: the program: options, who it runs as, the context. It needs no privilege, and has none when it listens. */
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/journal.h"
#include "common/options.h"
#include "http/http.h"

enum { PORT = 3000, BUSY_MS = 5000, AGENT_MS = 10000 };

static const char help[] =
        "usage: pic-http [--dir DIR] [--host NAME]… [--port PORT] [--log-level LEVEL] [--world real|fake]\n"
        "\n"
        "Serves the API and the web page of the cell in DIR on 127.0.0.1, and on no other address.\n"
        "\n"
        "  --dir DIR          the cell's directory (" PIC_DEFAULT_DIR ")\n"
        "  --host NAME        a further name (with :PORT, if it has one) by which it may be asked for; may be "
        "repeated\n"
        "  --port PORT        instead of 3000\n"
        "  --log-level LEVEL  error, warning (default), info or debug\n"
        "  --world WORLD      real, or fake: a pretend kernel in DIR\n"
        "  --parent           end when the program ends that started this one\n"
        "  --routes           print the table of routes as JSON, and end\n"
        "  --help, --version\n";

static int usage(const char *what, const char *value)
{
        return options_usage("pic-http", what, value);
}

/* For whoever wants to know, or to test, all of it. */
static int print_routes(void)
{
        json_t *all = json_array();
        const struct route *r;
        int bad;

        for (r = http_routes; r->method != NULL; r++)
                json_array_append_new(all, json_pack("{s:s,s:s,s:i,s:b,s:b,s:s?,s:s?,s:s,s:s,s:b,s:b,s:b}", "method",
                                                     r->method, "path", r->path, "roles", (int)r->roles, "public",
                                                     (r->flags & F_PUBLIC) != 0, "csrf",
                                                     route_mutates(r) && (r->flags & (F_NOCSRF | F_PUBLIC)) == 0,
                                                     "kind", r->kind, "takes", r->takes, "query", r->query, "gives",
                                                     r->gives, "stream", (r->flags & F_STREAM) != 0, "edit",
                                                     (r->flags & F_EDIT) != 0, "person", (r->flags & F_PERSON) != 0));
        bad = json_dumpf(all, stdout, JSON_INDENT(1)) < 0 || putchar('\n') == EOF;
        json_decref(all);
        return bad;
}

static int parse_number(const char *text, struct options *o)
{
        int64_t port;

        if (text_int(text, 1, 65535, &port) < 0)
                return usage("--port is a number from 1 to 65535", text);
        o->port = (unsigned)port;
        return 0;
}

static int parse_host(const char *text, struct options *o)
{
        if (o->host_count + 2 >= sizeof(o->hosts) / sizeof(o->hosts[0]))
                return usage("too many names", text);
        o->hosts[o->host_count++] = text;
        return 0;
}

/* -1: go on. Else the exit status. */
static int parse(int argc, char **argv, struct options *o)
{
        static const struct option known[] = {
                { "dir", required_argument, NULL, 'd' },       { "host", required_argument, NULL, 'n' },
                { "port", required_argument, NULL, 'p' },      { "world", required_argument, NULL, 'w' },
                { "log-level", required_argument, NULL, 'l' }, { "routes", no_argument, NULL, 'r' },
                { "parent", no_argument, NULL, 'a' },          { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'v' },         { NULL, 0, NULL, 0 },
        };
        int c, bad = 0;

        while (bad == 0 && (c = getopt_long(argc, argv, "", known, NULL)) >= 0) {
                switch (c) {
                case 'd': o->dir = optarg; break;
                case 'n': bad = parse_host(optarg, o); break;
                case 'p': bad = parse_number(optarg, o); break;
                case 'l': bad = options_level("pic-http", optarg, &o->level); break;
                case 'w': bad = options_world("pic-http", optarg, &o->world); break;
                case 'a': o->parent = 1; break;
                case 'r': return print_routes();
                case 'h': return fputs(help, stdout) < 0;
                case 'v': return printf("pic-http %s\n", pic_version()) < 0;
                default: return 2; /* getopt has said why */
                }
        }
        if (bad != 0)
                return bad;
        return optind < argc ? usage("too many arguments", argv[optind]) : -1;
}

static int run(struct options *o, char **argv)
{
        struct journal journal = { .program = "pic-http", .fd = -1 };
        pic_ctx_opts open = PIC_CTX_OPTS_INIT;
        struct app *app = NULL;
        pic_ctx *ctx = NULL;
        pic_error *err = NULL;
        char names[2][32];
        int status = 1, leaves = 0;

        snprintf(names[0], sizeof(names[0]), "127.0.0.1:%u", o->port);
        snprintf(names[1], sizeof(names[1]), "localhost:%u", o->port);
        o->hosts[o->host_count++] = names[0];
        o->hosts[o->host_count++] = names[1];
        open.dir = o->dir;
        open.world = o->world;
        open.way = "http";
        open.busy_ms = BUSY_MS;
        open.agent_ms = AGENT_MS;
        open.log_level = o->level;
        open.log = journal_log;
        open.log_data = &journal;
        if (o->world == NULL || strcmp(o->world, "fake") != 0)
                journal_open("pic-http", &journal);
        if (pic_ctx_open(&open, &ctx, &err) < 0)
                fprintf(stderr, "pic-http: %s\n", pic_error_message(err));
        else
                app = app_new(ctx, o);
        if (app != NULL) {
                status = server_run(app);
                leaves = app_leaves(app);
        }
        app_free(app);
        pic_ctx_unref(ctx);
        journal_close(&journal);
        pic_error_free(err);
        return leaves ? host_start_again(o->dir, argv) : status;
}

/* What is freed held bodies with passwords in them. */
static void wiping_free(void *p)
{
        if (p != NULL)
                explicit_bzero(p, malloc_usable_size(p));
        free(p);
}

int main(int argc, char **argv)
{
        struct options o = { .dir = PIC_DEFAULT_DIR, .port = PORT, .level = PIC_LOG_WARNING };
        int status = parse(argc, argv, &o);

        if (status >= 0)
                return status;
        signal(SIGPIPE, SIG_IGN);
        json_set_alloc_funcs(malloc, wiping_free);
        return host_become_owner(o.dir) < 0 || host_give_up(o.parent) < 0 ? 1 : run(&o, argv);
}
