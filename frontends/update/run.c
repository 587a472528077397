/* Owns: running another program to its end, with what it says and a limit. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "update/update.h"

#define MOST ((off_t)64 << 20) /* of what a program says */

void up_output_clear(struct output *o)
{
        free(o->out);
        free(o->err);
        *o = (struct output){ NULL, NULL };
}

static char *all_of(int fd)
{
        off_t size = lseek(fd, 0, SEEK_END), at = 0;
        char *text;
        ssize_t n;

        if (size < 0 || size > MOST || (text = malloc((size_t)size + 1)) == NULL)
                return NULL;
        while (at < size && (n = pread(fd, text + at, (size_t)(size - at), at)) > 0)
                at += n;
        text[at] = '\0';
        return text;
}

/* The last line that is not empty is what a program ends with when it fails. */
static void keep_last_line(char *text)
{
        size_t len = strlen(text);
        char *line;

        while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
                text[--len] = '\0';
        line = strrchr(text, '\n');
        if (line != NULL)
                memmove(text, line + 1, strlen(line + 1) + 1);
}

/* Its wait status, or -1 when it did not end in time. */
static int wait_for(pid_t pid, unsigned seconds)
{
        int fd = (int)syscall(SYS_pidfd_open, pid, 0), status = -1, ended = 0;
        struct pollfd p = { .fd = fd, .events = POLLIN };

        while ((ended = poll(&p, 1, (int)seconds * 1000)) < 0 && errno == EINTR) {
        }
        if (fd >= 0)
                close(fd);
        if (ended <= 0)
                kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
        return ended > 0 ? status : -1;
}

static int spawn_with(const char *const *argv, int out, int err, pid_t *ret)
{
        posix_spawn_file_actions_t to;
        int r;

        if (posix_spawn_file_actions_init(&to) != 0)
                return ENOMEM;
        r = posix_spawn_file_actions_addopen(&to, 0, "/dev/null", O_RDONLY, 0);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&to, out, 1);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&to, err, 2);
        if (r == 0)
                r = posix_spawnp(ret, argv[0], &to, NULL, (char *const *)(uintptr_t)argv, environ);
        posix_spawn_file_actions_destroy(&to);
        return r;
}

int up_run(const char *const *argv, unsigned seconds, struct output *ret)
{
        int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC), r, status = -1;
        pid_t pid = 0;

        *ret = (struct output){ NULL, NULL };
        r = out < 0 || err < 0 ? errno : spawn_with(argv, out, err, &pid);
        if (r != 0) {
                up_fail("%s cannot be run: %s", argv[0], strerror(r));
        } else {
                status = wait_for(pid, seconds);
                ret->out = all_of(out);
                ret->err = all_of(err);
                if (ret->err != NULL)
                        keep_last_line(ret->err);
                if (status == -1)
                        up_fail("%s has not ended after %u s", argv[0], seconds);
                else if (WIFSIGNALED(status))
                        up_fail("%s was ended by signal %d", argv[0], WTERMSIG(status));
        }
        if (out >= 0)
                close(out);
        if (err >= 0)
                close(err);
        return status != -1 && WIFEXITED(status) && ret->out != NULL && ret->err != NULL ? WEXITSTATUS(status) : -1;
}

int up_must(const char *const *argv, unsigned seconds, struct output *ret)
{
        int status = up_run(argv, seconds, ret);

        if (status > 0)
                up_fail("%s: %s", argv[0], ret->err[0] != '\0' ? ret->err : "it failed without a word");
        return status == 0 ? 0 : up_fail("%s failed", argv[0]);
}

json_t *up_json(const char *const *argv, unsigned seconds)
{
        struct output o;
        json_t *doc = NULL;

        if (up_must(argv, seconds, &o) == 0 && (doc = json_loads(o.out, 0, NULL)) == NULL)
                up_fail("%s: its answer is no JSON", argv[0]);
        up_output_clear(&o);
        return doc;
}
