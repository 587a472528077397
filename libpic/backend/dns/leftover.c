/* Owns: finding a server of ours that no pid file names: we were killed between its start and the writing of that, or
 * the run directory was taken away. It would hold port 53 for ever. Its last argument is our configuration. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/dns/inside.h"
#include "sys/mark.h"

static int last_argument_is(pid_t pid, const char *wanted)
{
        char path[64], args[4096];
        size_t len = strlen(wanted);
        ssize_t n;
        int fd;

        snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return 0;
        n = read(fd, args, sizeof(args));
        close(fd);
        return n > (ssize_t)len + 1 && args[n - 1] == '\0' && args[n - (ssize_t)len - 2] == '\0' &&
               memcmp(args + n - len - 1, wanted, len) == 0;
}

int pic__dns_adopt_leftover(pic__dns *b)
{
        DIR *proc = opendir("/proc");
        struct dirent *entry;
        int found = 0;

        while (proc != NULL && !found && (entry = readdir(proc)) != NULL) {
                pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

                if (pid > 1 && last_argument_is(pid, b->conf) && pic__mark_here(pid))
                        found = pic__child_adopt_pid(b->child, pid, "unbound", NULL) == 0;
        }
        if (proc != NULL)
                closedir(proc);
        if (found)
                pic__log_put(b->base.log, PIC_LOG_WARNING, "dns", "found process %d, of which no file told",
                             (int)pic__child_pid(b->child));
        return found;
}
