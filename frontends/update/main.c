/* Owns: the command line of `pic-update`. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "update/update.h"

static const char help[] =
        "usage: pic update [--key FILE|KEY] [--check] [--older] [--wait SECONDS] FILE|https://…\n"
        "       pic update --back | --finish | --status\n"
        "\n"
        "Installs a signed version: a release (pic-VERSION-ARCH.tar.zst) or a Debian package, with its FILE.minisig.\n"
        "The cell is backed up, the version tried with a copy of it, exchanged in one step, and kept only if the cell "
        "is\n"
        "well with it; else the former version goes on.\n"
        "\n"
        "  --key FILE|KEY   whose signature counts (minisign; default /etc/pic/release.pub)\n"
        "  --check          verify it and try it, change nothing\n"
        "  --older          also a version that is older than the one that is here\n"
        "  --wait SECONDS   how long the new version may take to be well (60)\n"
        "  --back           the version before this one\n"
        "  --finish         go on with an update that was cut off\n"
        "  --status         which version is here, which is kept\n"
        "  --prefix DIR     where the programs are installed (default: where this one is)\n"
        "  --dir DIR, --world real|fake, --json\n";

enum { UPDATE, CHECK, BACK, FINISH, STATUS };

static int usage(const char *what)
{
        fprintf(stderr, "pic update: %s\n%s", what, "'pic update --help' tells more\n");
        return EXIT_USAGE;
}

static int parse(int argc, char **argv, struct up *u, int *verb)
{
        static const struct option known[] = {
                { "dir", required_argument, NULL, 'd' },
                { "world", required_argument, NULL, 'w' },
                { "key", required_argument, NULL, 'k' },
                { "prefix", required_argument, NULL, 'p' },
                { "wait", required_argument, NULL, 't' },
                { "json", no_argument, NULL, 'j' },
                { "older", no_argument, NULL, 'o' },
                { "check", no_argument, NULL, 'c' },
                { "back", no_argument, NULL, 'b' },
                { "finish", no_argument, NULL, 'f' },
                { "status", no_argument, NULL, 's' },
                { "help", no_argument, NULL, 'h' },
                { NULL, 0, NULL, 0 },
        };
        int c, verbs = 0;
        char *end;

        while ((c = getopt_long(argc, argv, "", known, NULL)) >= 0) {
                switch (c) {
                case 'd': u->dir = optarg; break;
                case 'w': u->world = optarg; break;
                case 'k': u->key = optarg; break;
                case 'p': u->prefix = optarg; break;
                case 'j': u->json = 1; break;
                case 'o': u->older = 1; break;
                case 't':
                        u->wait = (unsigned)strtoul(optarg, &end, 10);
                        if (*end != '\0' || u->wait < 1 || u->wait > 3600)
                                return usage("--wait is a number of seconds from 1 to 3600");
                        break;
                case 'c':
                        *verb = CHECK;
                        verbs++;
                        break;
                case 'b':
                        *verb = BACK;
                        verbs++;
                        break;
                case 'f':
                        *verb = FINISH;
                        verbs++;
                        break;
                case 's':
                        *verb = STATUS;
                        verbs++;
                        break;
                case 'h': fputs(help, stdout); return EXIT_DONE;
                default: return EXIT_USAGE;
                }
        }
        if (verbs > 1)
                return usage("--check, --back, --finish, --status: one of them");
        if ((*verb <= CHECK) != (argc - optind == 1))
                return usage(*verb <= CHECK ? "which version? a file, or https://…" : "no file is wanted here");
        u->file = *verb <= CHECK ? argv[optind] : NULL;
        return -1;
}

/* <prefix>/libexec/pic/pic-update, or, with links, <prefix>/lib/pic/releases/VERSION/libexec/pic/pic-update. */
static int find_prefix(char out[UP_PATH])
{
        ssize_t n = readlink("/proc/self/exe", out, UP_PATH - 1);
        char *at;

        if (n < 0)
                return up_fail("/proc/self/exe cannot be read");
        out[n] = '\0';
        at = strstr(out, "/lib/pic/releases/");
        if (at == NULL)
                at = strstr(out, "/libexec/pic/");
        if (at == NULL)
                return up_fail(
                        "these programs are not installed (./dev install, or a package): there is nothing to update");
        *at = '\0';
        return 0;
}

static int absolute(const char *path, char out[UP_PATH])
{
        char here[UP_PATH];

        if (path[0] == '/')
                return up_path(out, path, NULL);
        return getcwd(here, sizeof(here)) != NULL ? up_path(out, here, "/", path, NULL)
                                                  : up_fail("no working directory");
}

/* What dpkg has put there is dpkg's to exchange. */
static int is_dpkgs(const struct up *u)
{
        char pic[UP_PATH];
        const char *argv[] = { "dpkg-query", "--search", pic, NULL };
        struct output o;
        int is;

        if (up_path(pic, u->prefix, "/bin/pic", NULL) < 0)
                return 0;
        is = up_run(argv, 60, &o) == 0;
        up_output_clear(&o);
        up_forget();
        return is;
}

static int set_up(struct up *u)
{
        int dpkgs = is_dpkgs(u), deb;

        u->way = dpkgs ? &up_package : &up_links;
        if (dpkgs ? up_path(u->base, "/var/lib/pic-update", NULL) < 0
                  : up_path(u->base, u->prefix, "/lib/pic", NULL) < 0)
                return -1;
        if (u->file == NULL)
                return 0;
        deb = strlen(u->file) > 4 && strcmp(u->file + strlen(u->file) - 4, ".deb") == 0;
        if (deb != dpkgs)
                return up_fail(dpkgs ? "%s/bin/pic came with a Debian package: a newer package is wanted"
                                     : "%s/bin/pic came with no Debian package: a release (.tar.zst) is wanted",
                               u->prefix);
        return 0;
}

static int run(struct up *u, int verb)
{
        int r;

        if (set_up(u) < 0)
                return -1;
        switch (verb) {
        case BACK: return up_back(u);
        case STATUS: return up_status(u);
        case FINISH: r = up_lock(u) < 0 ? -1 : up_finish(u); return r == EXIT_DONE ? up_status(u) : r;
        default: return up_update(u, verb == CHECK);
        }
}

/* Absolute, as others are told: the cell may be one that is only to come. */
static int find_paths(struct up *u)
{
        static char dir[UP_PATH], prefix[UP_PATH], real[UP_PATH];

        if (u->prefix != NULL ? absolute(u->prefix, prefix) < 0 : find_prefix(prefix) < 0)
                return -1;
        if (absolute(u->dir, dir) < 0)
                return -1;
        u->prefix = prefix;
        u->dir = realpath(dir, real) != NULL ? real : dir;
        return up_path(u->scratch, u->dir, ".update", NULL) < 0
                       ? -1
                       : up_path(u->before, u->dir, ".before-update.tar.zst", NULL);
}

static int tell(const struct up *u, int status)
{
        json_t *error = json_pack("{s:s,s:s,s:n,s:n,s:n,s:n,s:[],s:[]}", "code",
                                  status == EXIT_BACK ? "ROLLEDBACK" : "BACKEND", "message", up_why(), "field", "value",
                                  "rule", "hint", "causes", "more"); /* as pic's own errors are */

        if (u->json)
                json_dumpf(error, stderr, JSON_COMPACT);
        else
                fprintf(stderr, "pic update: %s", up_why());
        fputc('\n', stderr);
        json_decref(error);
        return status == EXIT_BACK ? EXIT_BACK : EXIT_REFUSED;
}

int main(int argc, char **argv)
{
        static struct up u = { .dir = "/var/lib/pic", .world = "real", .wait = 60 };
        int verb = UPDATE, status;

        if (getenv("PIC_DIR") != NULL)
                u.dir = getenv("PIC_DIR");
        if (getenv("PIC_WORLD") != NULL)
                u.world = getenv("PIC_WORLD");
        status = parse(argc, argv, &u, &verb);
        if (status >= 0)
                return status;
        status = find_paths(&u) < 0 ? -1 : run(&u, verb);
        return status == EXIT_DONE || (verb == STATUS && status == EXIT_REFUSED) ? status : tell(&u, status);
}
