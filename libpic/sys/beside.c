/* Owns: where our own helpers are: known by where the running program is, so that a tree, a test and an installation
 * each find theirs. */
#include "sys/beside.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef PIC_LIBEXEC
#define PIC_LIBEXEC "/usr/local/libexec/pic"
#endif

static char *runnable(const char *dir, size_t len, const char *below, const char *program)
{
        char path[1024];

        if (snprintf(path, sizeof(path), "%.*s%s/%s", (int)len, dir, below, program) >= (int)sizeof(path) ||
            access(path, X_OK) != 0)
                return NULL;
        return pic__strdup(path);
}

char *pic__beside_find(const char *program)
{
        /* Beside it; PREFIX/sbin/picd; a program of the tree's tests. */
        static const char *const below[] = { "", "/../libexec/pic", "/../bin" };
        char self[1024], *found = NULL;
        ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
        const char *slash;
        size_t i;

        self[n > 0 ? n : 0] = '\0';
        slash = strrchr(self, '/');
        for (i = 0; found == NULL && slash != NULL && i < PIC__COUNT(below); i++)
                found = runnable(self, (size_t)(slash - self), below[i], program);
        return found != NULL ? found : runnable(PIC_LIBEXEC, strlen(PIC_LIBEXEC), "", program);
}
