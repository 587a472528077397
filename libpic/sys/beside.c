/* Owns: where our own helpers are: known by where the running program is, so that a tree, a test and an installation
 * each find theirs. */
#include "sys/beside.h"

#include <dlfcn.h>
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

static const char here; /* in the library, or in the program that has it */

char *pic__beside_find(const char *program)
{
        /* Beside it; PREFIX/sbin/picd; a program of the tree's tests. */
        static const char *const below[] = { "", "/../libexec/pic", "/../bin" };
        /* another's program (python) has this library: PREFIX/lib, or a folder of it */
        static const char *const of_library[] = { "/../libexec/pic", "/../../libexec/pic", "/../bin" };
        char self[1024], *found = NULL;
        Dl_info lib;
        ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
        const char *slash;
        size_t i;

        self[n > 0 ? n : 0] = '\0';
        slash = strrchr(self, '/');
        for (i = 0; found == NULL && slash != NULL && i < PIC__COUNT(below); i++)
                found = runnable(self, (size_t)(slash - self), below[i], program);
        if (found == NULL && dladdr(&here, &lib) != 0 && (slash = strrchr(lib.dli_fname, '/')) != NULL)
                for (i = 0; found == NULL && i < PIC__COUNT(of_library); i++)
                        found = runnable(lib.dli_fname, (size_t)(slash - lib.dli_fname), of_library[i], program);
        return found != NULL ? found : runnable(PIC_LIBEXEC, strlen(PIC_LIBEXEC), "", program);
}
