/* Owns: the file that questions are written to while the owner wants that. unbound writes it itself; the agent cuts it
 * with the other children's logs. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/dns/inside.h"
#include "model/exit.h"
#include "sys/file.h"

/* unbound would make it as others may read it. */
void pic__dns_queries_begin(const pic__dns *b)
{
        int fd = open(b->queries, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

        if (fd < 0)
                return; /* unbound says why */
        (void)fchmod(fd, 0600);
        close(fd);
}

static void remove_former(const char *file)
{
        char path[PATH_MAX + 8];
        int i;

        for (i = 1; i <= PIC__DNS_QUERIES_KEPT; i++) {
                snprintf(path, sizeof(path), "%s.%d", file, i);
                unlink(path);
        }
}

/* The filter has its file open as long as it runs: that one stays, empty. */
void pic__dns_queries_end(const pic__dns *b)
{
        pic__auto_free char *blocked = pic__path_join(b->log_dir, PIC__DNS_BLOCKED);

        unlink(b->queries);
        remove_former(b->queries);
        if (blocked == NULL)
                return;
        (void)!truncate(blocked, 0);
        remove_former(blocked);
}
