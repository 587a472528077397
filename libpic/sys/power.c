/* Owns: the ambient set of this thread, for the time of a start; whether AppArmor would have a say. */
#include "sys/power.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

/* For namespaces, mounts and other users' processes; and, where the owner wants it, for the machine's clock. */
static const int wanted[] = { CAP_SYS_ADMIN,    CAP_SYS_CHROOT, CAP_SETUID,        CAP_SETGID,  CAP_SETPCAP,
                              CAP_SETFCAP,      CAP_MKNOD,      CAP_SYS_PTRACE,    CAP_CHOWN,   CAP_FOWNER,
                              CAP_DAC_OVERRIDE, CAP_KILL,       CAP_NET_BROADCAST, CAP_SYS_TIME };

static int ambient(unsigned long what, int cap)
{
        return prctl(PR_CAP_AMBIENT, what, (unsigned long)cap, 0, 0);
}

uint64_t pic__power_give(void)
{
        uint64_t given = 0;
        unsigned i;

        for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
                if (ambient(PR_CAP_AMBIENT_IS_SET, wanted[i]) == 0 && ambient(PR_CAP_AMBIENT_RAISE, wanted[i]) == 0)
                        given |= UINT64_C(1) << wanted[i];
        return given;
}

void pic__power_back(uint64_t given)
{
        int cap;

        for (cap = 0; cap < 64; cap++)
                if ((given >> cap & 1) != 0)
                        (void)ambient(PR_CAP_AMBIENT_LOWER, cap);
}

const char *pic__power_unbound(void)
{
        char on = 'N';
        int fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);

        if (fd >= 0) {
                if (read(fd, &on, 1) != 1)
                        on = 'N';
                close(fd);
        }
        return on == 'Y' ? "--apparmor-profile=unconfined" : NULL;
}
