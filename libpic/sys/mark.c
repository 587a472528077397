/* Owns: marks of programs that outlive who started them. */
#include "sys/mark.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/crypto.h"

#define ENVIRON_MAX 4096

int pic__mark_make(const pic__mark *m, const void *what, size_t len, char ret[PIC__MARK_MAX])
{
        uint8_t digest[32];
        char hex[65];

        pic__digest(what, len, digest);
        pic__hex(digest, sizeof(digest), hex);
        return snprintf(ret, PIC__MARK_MAX, "%s=%s %s", m->word, hex, m->dir) < PIC__MARK_MAX ? 0 : -1;
}

static int read_mark(const pic__mark *m, pid_t pid, char ret[PIC__MARK_MAX])
{
        char path[64], all[ENVIRON_MAX], *at;
        size_t len = strlen(m->word);
        ssize_t n;
        int fd;

        snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -1;
        n = read(fd, all, sizeof(all) - 1);
        close(fd);
        n = n > 0 ? n : 0;
        all[n] = '\0';
        for (at = all; at < all + n; at += strlen(at) + 1)
                if (strncmp(at, m->word, len) == 0 && at[len] == '=')
                        return snprintf(ret, PIC__MARK_MAX, "%s", at) < PIC__MARK_MAX ? 0 : -1;
        return -1;
}

int pic__mark_same(const pic__mark *m, pid_t pid, const void *what, size_t len)
{
        char is[PIC__MARK_MAX], wanted[PIC__MARK_MAX];

        return read_mark(m, pid, is) == 0 && pic__mark_make(m, what, len, wanted) == 0 && strcmp(is, wanted) == 0;
}

int pic__mark_here(pid_t pid)
{
        struct stat own, other;
        char path[64];

        snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
        return stat("/proc/thread-self/ns/net", &own) == 0 && stat(path, &other) == 0 && own.st_ino == other.st_ino &&
               own.st_dev == other.st_dev;
}

static int is_ours(const pic__mark *m, pid_t pid)
{
        char is[PIC__MARK_MAX];
        const char *space;

        if (m->leader && getsid(pid) != pid)
                return 0;
        space = read_mark(m, pid, is) == 0 ? strchr(is, ' ') : NULL;
        return space != NULL && strcmp(space + 1, m->dir) == 0 && pic__mark_here(pid);
}

int pic__mark_adopt(const pic__mark *m, pic__child *child)
{
        DIR *proc = opendir("/proc");
        struct dirent *entry;
        int found = 0;

        while (proc != NULL && !found && (entry = readdir(proc)) != NULL) {
                pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

                if (pid > 1 && is_ours(m, pid))
                        found = pic__child_adopt_pid(child, pid, m->program, NULL) == 0;
        }
        if (proc != NULL)
                closedir(proc);
        return found;
}
