/* Owns: the file that questions are written to while the owner wants that. unbound writes it itself; the agent cuts it
 * with the other children's logs. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/dns/inside.h"

/* unbound would make it as others may read it. */
void pic__dns_queries_begin(const pic__dns *b)
{
        int fd = open(b->queries, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

        if (fd < 0)
                return; /* unbound says why */
        (void)fchmod(fd, 0600);
        close(fd);
}

void pic__dns_queries_end(const pic__dns *b)
{
        char path[PATH_MAX + 8];
        int i;

        unlink(b->queries);
        for (i = 1; i <= PIC__DNS_QUERIES_KEPT; i++) {
                snprintf(path, sizeof(path), "%s.%d", b->queries, i);
                unlink(path);
        }
}
