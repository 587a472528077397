/* Owns: reading the end of wireguard-go's log. */
#include "backend/wg/words.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "ERROR: (pic0) 2027/01/31 23:59:59 Failed …" without its head. */
static const char *bare(const char *line)
{
        const char *at = strstr(line, ") ");

        return strncmp(line, "ERROR: (", 8) == 0 && at != NULL && strlen(at) > 22 && at[6] == '/' && at[12] == ' '
                       ? at + 22
                       : line;
}

void pic__wg_last_words(const char *log_path, char *text, size_t size)
{
        int fd = open(log_path, O_RDONLY | O_CLOEXEC);
        off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
        char part[300], *line;
        ssize_t n = 0;

        text[0] = '\0';
        if (fd < 0)
                return;
        if (end > 0)
                n = pread(fd, part, sizeof(part) - 1,
                          end > (off_t)sizeof(part) - 1 ? end - (off_t)sizeof(part) + 1 : 0);
        close(fd);
        while (n > 0 && part[n - 1] == '\n')
                n--;
        if (n <= 0)
                return;
        part[n] = '\0';
        line = strrchr(part, '\n');
        snprintf(text, size, "%s", bare(line != NULL ? line + 1 : part));
}
