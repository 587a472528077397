/* Owns: finding a program and starting it. posix_spawn and not fork: the agent may have threads and tens of megabytes,
 * and exec's failure comes back as an errno. The child inherits descriptors 0 to 2 only, whatever others forgot to
 * close. */
#include "sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/child.h"

#define SEARCH_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Program -> Debian package, where the names differ or the package is ours to ask for. */
static const struct {
        const char *program;
        const char *package;
} packages[] = {
        { "wireguard-go", "wireguard-go" },
        { "wg", "wireguard-tools" },
        { "nft", "nftables" },
        { "unbound", "unbound" },
        { "unbound-control", "unbound" },
        { "unbound-checkconf", "unbound" },
        { "ip", "iproute2" },
        { "modprobe", "kmod" },
        { "openvpn", "openvpn" },
        { "tor", "tor" },
        { "ssh", "openssh-client" },
        { "haproxy", "haproxy" },
        { "chronyd", "chrony" },
        { "uacme", "uacme" },
        { "restic", "restic" },
};

static int runnable(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *pic__cmd_find(const char *name)
{
        const char *dir = SEARCH_PATH;

        if (name == NULL || name[0] == '\0')
                return NULL;
        if (strchr(name, '/') != NULL)
                return runnable(name) ? pic__strdup(name) : NULL;
        while (*dir != '\0') {
                size_t len = strcspn(dir, ":");
                char path[512];

                if (snprintf(path, sizeof(path), "%.*s/%s", (int)len, dir, name) < (int)sizeof(path) && runnable(path))
                        return pic__strdup(path);
                dir += len + (dir[len] == ':');
        }
        return NULL;
}

static int missing(const char *name, pic_error **err)
{
        size_t i;

        pic__fail(err, PIC_UNSUPPORTED, "%s: no such program here", name);
        for (i = 0; i < PIC__COUNT(packages); i++)
                if (strcmp(packages[i].program, name) == 0)
                        pic__hint(err, "apt-get install %s", packages[i].package);
        return PIC_UNSUPPORTED;
}

void pic__argv_detail(const char *const *argv, pic_error **err)
{
        pic__auto_buf pic__buf line = PIC__BUF_INIT;
        size_t i;

        for (i = 0; argv[i] != NULL; i++)
                pic__buf_putf(&line, "%s%s", i > 0 ? " " : "", argv[i]);
        pic__detail(err, "argv", pic__buf_str(&line));
}

int pic__fd_above(int fd)
{
        int high;

        if (fd < 0 || fd > 2)
                return fd;
        high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        close(fd);
        return high;
}

/* PATH, LC_ALL and what is given, NULL-terminated; the texts are borrowed. */
static const char **whole_env(const char *const *env)
{
        size_t n = 0, i;
        const char **all;

        while (env != NULL && env[n] != NULL)
                n++;
        all = pic__alloc((n + 3) * sizeof(*all));
        if (all == NULL)
                return NULL;
        all[0] = "PATH=" SEARCH_PATH;
        all[1] = "LC_ALL=C";
        for (i = 0; i < n; i++)
                all[2 + i] = env[i];
        return all;
}

static int prepare(posix_spawnattr_t *attr, posix_spawn_file_actions_t *files, const int fds[3])
{
        sigset_t none, all;
        int i, r;

        sigemptyset(&none);
        sigfillset(&all);
        r = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        if (r == 0)
                r = posix_spawnattr_setsigmask(attr, &none);
        if (r == 0)
                r = posix_spawnattr_setsigdefault(attr, &all);
        for (i = 0; i < 3 && r == 0; i++)
                r = posix_spawn_file_actions_adddup2(files, fds[i], i);
        if (r == 0)
                r = posix_spawn_file_actions_addclosefrom_np(files, 3);
        return r;
}

/* An errno, or 0. */
static int start(const char *path, const char *const *argv, const char **env, const int fds[3], pid_t *ret_pid)
{
        posix_spawn_file_actions_t files;
        posix_spawnattr_t attr;
        int r;

        r = posix_spawnattr_init(&attr);
        if (r != 0)
                return r;
        r = posix_spawn_file_actions_init(&files);
        if (r == 0) {
                r = prepare(&attr, &files, fds);
                if (r == 0)
                        r = posix_spawn(ret_pid, path, &files, &attr, (char *const *)(uintptr_t)argv,
                                        (char *const *)(uintptr_t)env);
                posix_spawn_file_actions_destroy(&files);
        }
        posix_spawnattr_destroy(&attr);
        return r;
}

int pic__spawn(const char *const *argv, const char *const *env, const int fds[3], pic__proc *ret, pic_error **err)
{
        pic__auto_free char *path = pic__cmd_find(argv[0]);
        pic__auto_free const char **all = NULL;
        pid_t pid = 0;
        int r, pidfd;

        if (path == NULL)
                return missing(argv[0], err);
        all = whole_env(env);
        if (all == NULL)
                return pic__nomem(err);
        r = start(path, argv, all, fds, &pid);
        if (r != 0)
                return pic__fail_errno(err, r, "%s: cannot start it", path);
        /* Ours and not waited for yet, so the number cannot have passed to another process. */
        pidfd = pidfd_open(pid, 0);
        if (pidfd < 0) {
                r = errno;
                if (r == ESRCH) /* the host ignores SIGCHLD: the kernel has reaped it, and the number may be another's
                                   by now */
                        return pic__fail(err, PIC_BACKEND, "%s: its exit status is lost", argv[0]);
                kill(-pid, SIGKILL);
                waitpid(pid, NULL, 0);
                return pic__fail_errno(err, r, "%s: no descriptor for the process", path);
        }
        ret->pid = pid;
        ret->pidfd = pidfd;
        return 0;
}
