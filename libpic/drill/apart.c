/* Owns: namespaces. Before the first of them is entered nothing was changed; after the last one nothing can be. */
#include "drill/apart.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int pic__drill_bound(pid_t parent)
{
        return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent ? 0 : -1;
}

/* As long as the other one lives; its end is ours. */
static void wait_for(pid_t child)
{
        int status = 0;

        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                ;
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static int mount_one(const char *type, const char *at, unsigned long flags, const char *data, pic_error **err)
{
        return mount("none", at, type, flags, data) == 0 ? 0 : pic__fail_errno(err, errno, "%s of a drill", at);
}

static int mount_own(pic_error **err)
{
        const unsigned long usual = MS_NOSUID | MS_NODEV | MS_NOEXEC;
        int r;

        if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return pic__fail_errno(err, errno, "mounts of a drill cannot be made its own");
        r = mount_one("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755,size=32m", err);
        if (r == 0)
                r = mount_one("proc", "/proc", usual, NULL, err);
        return r == 0 ? mount_one("sysfs", "/sys", usual, NULL, err) : r;
}

static int lift_lo(pic_error **err)
{
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct ifreq lo = { .ifr_name = "lo" };
        int r = fd >= 0 ? ioctl(fd, SIOCGIFFLAGS, &lo) : -1;

        if (r == 0) {
                lo.ifr_flags = (short)(lo.ifr_flags | IFF_UP);
                r = ioctl(fd, SIOCSIFFLAGS, &lo);
        }
        if (r < 0)
                r = pic__fail_errno(err, errno, "lo of a drill");
        if (fd >= 0)
                (void)close(fd);
        return r;
}

int pic__drill_apart(pic_error **err)
{
        pid_t child;
        int r;

        if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC) < 0) {
                r = pic__fail_errno(err, errno, "a machine for the drill cannot be made");
                pic__hint(err, "Run it as root; in a container, give it --cap-add SYS_ADMIN. To look at the backup's "
                               "files alone: pic backup verify");
                return r;
        }
        child = fork();
        if (child < 0)
                return pic__fail_errno(err, errno, "a machine for the drill cannot be made");
        if (child > 0)
                wait_for(child);
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                return pic__fail_errno(err, errno, "a drill cannot be bound to its starter");
        r = mount_own(err);
        return r == 0 ? lift_lo(err) : r;
}
