/* Owns: processes of an exit that no pid file names: we were killed between a start and the writing of that, or the run
 * directory was taken away. What we start has the exit's directory in its environment. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/exit/inside.h"

static int marked(pid_t pid, const char *mark)
{
        char path[64], env[8192];
        ssize_t n, at = 0;
        int fd;

        snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return 0;
        n = read(fd, env, sizeof(env) - 1);
        close(fd);
        if (n <= 0)
                return 0;
        for (env[n] = '\0'; at < n; at += (ssize_t)strlen(env + at) + 1)
                if (strcmp(env + at, mark) == 0)
                        return 1;
        return 0;
}

/* How many were there. */
static int kill_all(const pic__exit_space *s, const char *mark)
{
        DIR *proc = opendir("/proc");
        struct dirent *entry;
        int found = 0;

        while (proc != NULL && (entry = readdir(proc)) != NULL) {
                pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

                if (pid <= 1 || pid == getpid() || !marked(pid, mark))
                        continue;
                found++;
                if (kill(pid, SIGKILL) == 0)
                        pic__log_put(s->log, PIC_LOG_WARNING, "exit", "%s: killed process %d, of which no file told",
                                     s->dev, (int)pid);
        }
        if (proc != NULL)
                closedir(proc);
        return found;
}

void pic__leftover_kill(const pic__exit_space *s)
{
        static const struct timespec pause = { 0, 5000000 };
        size_t size = strlen(s->dir) + 16;
        pic__auto_free char *mark = pic__alloc(size);
        int tries;

        if (mark == NULL)
                return;
        snprintf(mark, size, "PIC_EXIT=%s", s->dir);
        for (tries = 0; tries < 100 && kill_all(s, mark) > 0; tries++)
                nanosleep(&pause, NULL);
}
