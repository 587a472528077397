/* Owns: lock files. The lock is the open description's (F_OFD_SETLK), not the process's: two threads exclude each other
 * too. The file is never removed: removing it would let a third take a lock on a name that two already share. */
#include "engine/lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

#define STEP_MS 10u

/* The pid that the file tells; 0 if it tells none. */
static long holder(int fd)
{
        char text[32] = "";
        ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

        return n > 0 ? strtol(text, NULL, 10) : 0;
}

static int write_pid(int fd, const char *path, pic_error **err)
{
        char text[32];
        int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

        if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n)
                return pic__fail_errno(err, errno, "cannot write %s", path);
        return 0;
}

static int wait_for(int fd, const char *path, unsigned wait_ms, const char *who, pic_error **err)
{
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        unsigned waited = 0;

        while (fcntl(fd, F_OFD_SETLK, &whole) < 0) {
                if (errno == EINTR)
                        continue;
                if (errno != EAGAIN && errno != EACCES)
                        return pic__fail_errno(err, errno, "cannot lock %s", path);
                if (waited >= wait_ms) {
                        (void)pic__fail(err, PIC_BUSY, "%s (pid %ld) holds %s", who, holder(fd), path);
                        pic__detail_int(err, "pid", holder(fd));
                        return PIC_BUSY;
                }
                (void)poll(NULL, 0, (int)STEP_MS);
                waited += STEP_MS;
        }
        return 0;
}

int pic__lock_take(const char *run_dir, const char *name, unsigned wait_ms, const char *who, int *ret_fd,
                   pic_error **err)
{
        pic__auto_free char *path = pic__path_join(run_dir, name);
        int fd, r;

        if (path == NULL)
                return pic__nomem(err);
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return pic__fail_errno(err, errno, "cannot open %s", path);
        r = wait_for(fd, path, wait_ms, who, err);
        if (r == 0)
                r = write_pid(fd, path, err);
        if (r < 0) {
                close(fd);
                return r;
        }
        *ret_fd = fd;
        return 0;
}

int pic__lock_holds(const char *run_dir, const char *name, int fd)
{
        pic__auto_free char *path = pic__path_join(run_dir, name);
        struct stat held, there;

        if (path == NULL || fstat(fd, &held) < 0)
                return 1;
        return stat(path, &there) == 0 && held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}
