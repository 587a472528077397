/* Owns: looking for what keeps WireGuard from working here. */
#include <linux/capability.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backend/wg/state.h"

static int may_administer(void)
{
        struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

        if (syscall(SYS_capget, &head, caps) < 0)
                return 1; /* unknown is no finding */
        return (caps[CAP_TO_INDEX(CAP_NET_ADMIN)].effective & CAP_TO_MASK(CAP_NET_ADMIN)) != 0;
}

static void look_at_user(pic__wg *w, pic__finding_fn fn, void *data)
{
        pic__auto_free char *program = pic__cmd_find("wireguard-go");
        char what[160];
        unsigned ms;

        if (program == NULL)
                fn(PIC_LOG_ERROR, "wg", "the kernel has no WireGuard and there is no wireguard-go",
                   "apt-get install wireguard-go", data);
        if (access("/dev/net/tun", F_OK) != 0)
                fn(PIC_LOG_ERROR, "wg", "wireguard-go needs /dev/net/tun, which is not there",
                   "modprobe tun, or give the device to this container", data);
        ms = pic__child_backoff(pic__wg_user_child(w->user));
        if (ms > 0) {
                snprintf(what, sizeof(what), "wireguard-go keeps dying; it is held back for %u ms", ms);
                fn(PIC_LOG_ERROR, "wg", what, "read its log: pic log wg", data);
        }
}

void pic__wg_doctor(pic__wg *w, pic__finding_fn fn, void *data)
{
        if (!may_administer())
                fn(PIC_LOG_ERROR, "wg", "no capability CAP_NET_ADMIN: devices cannot be made or read",
                   "run the agent as root, or give it CAP_NET_ADMIN", data);
        if (w->kernel != NULL && pic__wg_kernel_there())
                return;
        if (w->user != NULL)
                look_at_user(w, fn, data);
        else
                fn(PIC_LOG_ERROR, "wg", "the kernel has no WireGuard, and wireguard-go is not allowed",
                   "boot a kernel with WireGuard (Debian's has it), or let the cell use wireguard-go", data);
}
