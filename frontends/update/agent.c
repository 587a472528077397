/* Owns: who runs of the cell's programs, and starting them anew as they were started: by systemd, or with their own
 * words, environment and outputs. The network stays as it is meanwhile. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "update/update.h"

#define MOST ((size_t)1 << 20)

static void clear_one(struct agent *a)
{
        free(a->argv);
        free(a->env);
        free(a->cwd);
        if (a->out > 0)
                close(a->out);
        if (a->err > 0)
                close(a->err);
        *a = (struct agent){ 0 };
}

void up_agents_clear(struct agents *a)
{
        clear_one(&a->agent);
        clear_one(&a->http);
}

static int proc_path(pid_t pid, const char *what, char out[64])
{
        return snprintf(out, 64, "/proc/%d/%s", (int)pid, what);
}

static ssize_t proc_read(pid_t pid, const char *what, char **ret)
{
        char path[64];
        size_t used = 0;
        ssize_t n;
        int fd;

        proc_path(pid, what, path);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        *ret = fd >= 0 ? malloc(MOST + 1) : NULL;
        while (*ret != NULL && used < MOST && (n = read(fd, *ret + used, MOST - used)) > 0)
                used += (size_t)n;
        if (fd >= 0)
                close(fd);
        if (*ret == NULL)
                return -1;
        (*ret)[used] = '\0';
        return (ssize_t)used;
}

char **up_words(const char *text, size_t size)
{
        size_t count = 0, i;
        char **v, *at;

        for (i = 0; i < size; i++)
                count += text[i] == '\0';
        v = calloc(1, (count + 1) * sizeof(*v) + size + 1);
        if (v == NULL)
                return NULL;
        at = (char *)(v + count + 1);
        memcpy(at, text, size);
        for (i = 0; i < count; i++, at += strlen(at) + 1)
                v[i] = at;
        return v;
}

static char **words_of(pid_t pid, const char *what)
{
        char *text, **v;
        ssize_t size = proc_read(pid, what, &text);

        if (size < 0)
                return NULL;
        v = up_words(text, (size_t)size);
        free(text);
        return v;
}

static int exe_of(pid_t pid, char out[UP_PATH])
{
        char path[64];
        ssize_t n;

        proc_path(pid, "exe", path);
        n = readlink(path, out, UP_PATH - 1);
        if (n < 0)
                return -1;
        out[n] = '\0';
        return 0;
}

static const char *base_of(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash != NULL ? slash + 1 : path;
}

static int is_unit_of(pid_t pid, const char *unit)
{
        char *text = NULL;
        int is = proc_read(pid, "cgroup", &text) > 0 && strstr(text, unit) != NULL &&
                 access("/run/systemd/system", F_OK) == 0;

        free(text);
        return is;
}

static int output_of(pid_t pid, const char *which)
{
        char path[64];
        int fd;

        proc_path(pid, which, path);
        fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
        return fd >= 0 ? fd : open("/dev/null", O_WRONLY | O_CLOEXEC);
}

static int remember(struct agent *a, pid_t pid, const char *unit)
{
        char path[64], cwd[UP_PATH];
        ssize_t n;

        a->pid = pid;
        a->unit = is_unit_of(pid, unit);
        if (a->unit)
                return 0;
        proc_path(pid, "cwd", path);
        n = readlink(path, cwd, sizeof(cwd) - 1);
        a->argv = words_of(pid, "cmdline");
        a->env = words_of(pid, "environ");
        a->cwd = n > 0 ? strndup(cwd, (size_t)n) : NULL;
        a->out = output_of(pid, "fd/1");
        a->err = output_of(pid, "fd/2");
        return a->argv != NULL && a->env != NULL && a->cwd != NULL ? 0
                                                                   : up_fail("process %d: it cannot be read", (int)pid);
}

static int find_agent(struct up *u, struct agent *ret)
{
        char pic[UP_PATH], exe[UP_PATH] = "";
        const char *argv[] = { pic, "--dir", u->dir, "--world", u->world, "--json", "status", NULL };
        struct output o;
        json_t *doc = NULL;
        pid_t pid;

        if (up_path(pic, u->prefix, "/bin/pic", NULL) < 0)
                return -1;
        if (up_run(argv, 60, &o) == 0)
                doc = json_loads(o.out, 0, NULL);
        up_output_clear(&o);
        up_forget();
        pid = (pid_t)json_integer_value(json_object_get(json_object_get(doc, "agent"), "pid"));
        json_decref(doc);
        if (pid <= 0 || exe_of(pid, exe) < 0)
                return 0; /* nobody, or the very process that asked, in a pretend world */
        if (pid == 1 || strcmp(base_of(exe), "pic") == 0)
                return up_fail("the agent (process %d) is %s: end it, update, and start it anew", (int)pid,
                               pid == 1 ? "what this system lives by" : "a 'pic up' that somebody looks at");
        return remember(ret, pid, "/picd.service");
}

/* The one that serves this cell: by its program's name, and the directory among its words. */
static int serves(const struct up *u, pid_t pid)
{
        char exe[UP_PATH];
        char **words;
        const char *dir = "/var/lib/pic";
        char real[UP_PATH];
        size_t i;
        int is;

        if (exe_of(pid, exe) < 0 || strncmp(base_of(exe), "pic-http", 8) != 0 ||
            (words = words_of(pid, "cmdline")) == NULL)
                return 0;
        for (i = 0; words[i] != NULL; i++) {
                if (strcmp(words[i], "--dir") == 0 && words[i + 1] != NULL)
                        dir = words[i + 1];
                else if (strncmp(words[i], "--dir=", 6) == 0)
                        dir = words[i] + 6;
        }
        is = realpath(dir, real) != NULL && strcmp(real, u->dir) == 0;
        free(words);
        return is;
}

static int find_http(struct up *u, struct agent *ret)
{
        DIR *d = opendir("/proc");
        struct dirent *e;
        int r = 0;

        while (d != NULL && ret->pid == 0 && r == 0 && (e = readdir(d)) != NULL) {
                if (isdigit((unsigned char)e->d_name[0]) && serves(u, (pid_t)atoi(e->d_name)))
                        r = remember(ret, (pid_t)atoi(e->d_name), "/pic-http.service");
        }
        if (d != NULL)
                closedir(d);
        return r;
}

int up_agents_find(struct up *u, struct agents *ret)
{
        if (!up_has_cell(u))
                return 0;
        return find_agent(u, &ret->agent) < 0 ? -1 : find_http(u, &ret->http);
}

/* --- and again ------------------------------------------------------------------------------------------------------
 */

static int end(pid_t pid)
{
        int fd = (int)syscall(SYS_pidfd_open, pid, 0), ended;
        struct pollfd p = { .fd = fd, .events = POLLIN };

        if (fd < 0)
                return errno == ESRCH ? 0 : up_fail("process %d: %s", (int)pid, strerror(errno));
        kill(pid, SIGTERM);
        ended = poll(&p, 1, 30000);
        if (ended == 0)
                kill(pid, SIGKILL); /* the network stays as it is all the same */
        if (ended == 0)
                ended = poll(&p, 1, 5000);
        close(fd);
        return ended > 0 ? 0 : up_fail("process %d does not end", (int)pid);
}

static int start(const char *program, struct agent *a)
{
        posix_spawn_file_actions_t to;
        posix_spawnattr_t how;
        int r;

        if (posix_spawn_file_actions_init(&to) != 0)
                return up_fail("out of memory");
        posix_spawnattr_init(&how);
        posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSID);
        r = posix_spawn_file_actions_addopen(&to, 0, "/dev/null", O_RDONLY, 0);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&to, a->out, 1);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&to, a->err, 2);
        if (r == 0)
                r = posix_spawn_file_actions_addchdir_np(&to, a->cwd);
        if (r == 0)
                r = posix_spawn(&a->pid, program, &to, &how, a->argv, a->env != NULL ? a->env : environ);
        posix_spawnattr_destroy(&how);
        posix_spawn_file_actions_destroy(&to);
        if (r != 0) {
                a->pid = 0;
                return up_fail("%s: %s", program, strerror(r));
        }
        a->ended = 0;
        return 0;
}

static int tell_systemd(const char *verb, const char *unit)
{
        const char *argv[] = { "systemctl", verb, unit, NULL };
        struct output o;
        int r = up_must(argv, 120, &o);

        up_output_clear(&o);
        return r;
}

static int stop_one(struct agent *a, const char *unit)
{
        int r = 0;

        if (a->pid != 0)
                r = a->unit ? tell_systemd("stop", unit) : end(a->pid);
        if (a->pid != 0 && r == 0)
                *a = (struct agent){ 0, 1, a->unit, a->argv, a->env, a->cwd, a->out, a->err };
        return r;
}

int up_agents_stop(struct agents *a)
{
        return stop_one(&a->agent, "picd.service") < 0 ? -1 : stop_one(&a->http, "pic-http.service");
}

static int again(const struct up *u, struct agent *a, const char *program, const char *unit)
{
        char path[UP_PATH];

        if (a->pid == 0 && !a->ended)
                return 0;
        if (a->unit)
                return tell_systemd("restart", unit);
        if (a->pid != 0 && end(a->pid) < 0)
                return -1;
        a->pid = 0; /* nobody's number, until it runs again: the kernel may give it to another */
        a->ended = 1;
        return up_path(path, u->prefix, program, NULL) < 0 ? -1 : start(path, a);
}

int up_agents_restart(struct up *u, struct agents *a)
{
        if (a->agent.pid == 0 && !a->agent.ended && a->http.pid == 0 && !a->http.ended)
                return 0;
        up_say(u, "Starting the agent anew");
        if ((a->agent.unit || a->http.unit) && tell_systemd("daemon-reload", NULL) < 0)
                return -1;
        if (again(u, &a->agent, "/sbin/picd", "picd.service") < 0)
                return -1;
        return again(u, &a->http, "/sbin/pic-http", "pic-http.service");
}
