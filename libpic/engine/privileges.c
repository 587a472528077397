/* Owns: capabilities and the system call filter. In effect stay: NET_ADMIN (links, addresses, rules, WireGuard),
 * NET_BIND_SERVICE (port 53, for unbound), and what the namespaces of connections take: KILL and SYS_PTRACE (their
 * processes are other users'; ptrace() itself is filtered), CHOWN, FOWNER and DAC_OVERRIDE (their files too, and a
 * cell's directory that is another user's), NET_BROADCAST (to hear what happens inside). What making namespaces takes
 * and what sets the clock is permitted but not in effect. Being root gives a child nothing (SECBIT_NOROOT): it gets the
 * first two, unless it is started with more (sys/power.h), as unshare, nsenter and setpriv are. */
#include "engine/privileges.h"

#include <errno.h>
#include <linux/securebits.h>
#include <seccomp.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const cap_value_t always[] = { CAP_NET_ADMIN,  CAP_NET_BIND_SERVICE, CAP_NET_BROADCAST, CAP_KILL,
                                      CAP_SYS_PTRACE, CAP_DAC_OVERRIDE,     CAP_CHOWN,         CAP_FOWNER };
/* Only to be given to children (sys/power.h). */
static const cap_value_t for_children[] = { CAP_SYS_ADMIN, CAP_SYS_CHROOT, CAP_SETUID, CAP_SETGID,
                                            CAP_SETPCAP,   CAP_SETFCAP,    CAP_MKNOD,  CAP_SYS_TIME };
/* What every child has; the second row where the directory is another user's. */
static const cap_value_t of_children[] = { CAP_NET_ADMIN, CAP_NET_BIND_SERVICE };
static const cap_value_t for_files[] = { CAP_DAC_OVERRIDE, CAP_CHOWN, CAP_FOWNER };

/* By name, not number: libseccomp knows what each architecture calls it, and one it does not have is skipped. Neither
 * the agent nor unbound or wireguard-go uses any. adjtimex and clock_adjtime are not here: without CAP_SYS_TIME, which
 * nobody but the chronyd of a cell that sets the clock has in effect, they only tell how the clock is. */
static const char *const denied_calls[] = {
        "kexec_load",
        "kexec_file_load",
        "init_module",
        "finit_module",
        "delete_module",
        "create_module",
        "reboot",
        "swapon",
        "swapoff",
        "ptrace",
        "process_vm_readv",
        "process_vm_writev",
        "bpf",
        "perf_event_open",
        "userfaultfd",
        "acct",
        "quotactl",
        "quotactl_fd",
        "add_key",
        "request_key",
        "keyctl",
        "pivot_root",
        "open_tree",
        "move_mount",
        "fsopen",
        "fsmount",
        "fsconfig",
        "fspick",
        "mount_setattr",
        "settimeofday",
        "clock_settime",
        "clock_settime64",
        "stime",
        "sethostname",
        "setdomainname",
        "open_by_handle_at",
        "name_to_handle_at",
        "iopl",
        "ioperm",
        "modify_ldt",
        "vm86",
        "vm86old",
        "lookup_dcookie",
        "nfsservctl",
        "syslog",
        "uselib",
        "personality",
        "io_uring_setup",
        "io_uring_enter",
        "io_uring_register",
};

static void free_caps(cap_t *caps)
{
        if (*caps != NULL)
                (void)cap_free(*caps);
        *caps = NULL;
}
#define auto_caps PIC__AUTO(free_caps)

static int has(cap_t caps, cap_value_t cap, cap_flag_t set)
{
        cap_flag_value_t value = CAP_CLEAR;

        return cap_get_flag(caps, cap, set, &value) == 0 && value == CAP_SET;
}

int pic__privileges_check(pic_error **err)
{
        auto_caps cap_t caps = cap_get_proc();

        if (caps == NULL)
                return pic__nomem(err);
        if (has(caps, CAP_NET_ADMIN, CAP_EFFECTIVE))
                return 0;
        (void)pic__fail(err, PIC_DENIED, "this process may not change the machine's network (no CAP_NET_ADMIN)");
        pic__hint(err, "Run it as root; in a container, give it --cap-add NET_ADMIN. To try things out: --world fake.");
        return PIC_DENIED;
}

static int among(const cap_value_t *list, size_t count, cap_value_t cap)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (list[i] == cap)
                        return 1;
        return 0;
}

/* The bounding set first: that needs SETPCAP, which is not in effect later. Without SETPCAP the bounding set stays;
 * no_new_privs holds then. */
static void drop_bounding(cap_t now)
{
        cap_value_t cap;

        (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        if (!has(now, CAP_SETPCAP, CAP_EFFECTIVE))
                return;
        for (cap = 0; prctl(PR_CAPBSET_READ, (unsigned long)cap, 0, 0, 0) >= 0; cap++)
                if (!among(always, PIC__COUNT(always), cap) && !among(for_children, PIC__COUNT(for_children), cap))
                        (void)prctl(PR_CAPBSET_DROP, (unsigned long)cap, 0, 0, 0);
        (void)prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0, 0);
}

/* Adds the caps of a list that are permitted now: permitted and inheritable, and in effect or not. */
static int copy_caps(cap_t from, cap_t to, const cap_value_t *list, size_t count, int effect)
{
        static const cap_flag_t flags[] = { CAP_PERMITTED, CAP_INHERITABLE, CAP_EFFECTIVE };
        size_t i, k;

        for (i = 0; i < count; i++)
                for (k = 0; has(from, list[i], CAP_PERMITTED) && k < (effect ? 3 : 2); k++)
                        if (cap_set_flag(to, flags[k], 1, &list[i], CAP_SET) < 0)
                                return -1;
        return 0;
}

static void give_children(const cap_value_t *list, size_t count)
{
        size_t i;

        for (i = 0; i < count; i++)
                (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (unsigned long)list[i], 0, 0);
}

static int drop_caps(int files, pic_error **err)
{
        auto_caps cap_t now = cap_get_proc();
        auto_caps cap_t less = cap_init();

        if (now == NULL || less == NULL)
                return pic__nomem(err);
        drop_bounding(now);
        if (copy_caps(now, less, always, PIC__COUNT(always), 1) < 0 ||
            copy_caps(now, less, for_children, PIC__COUNT(for_children), 0) < 0)
                return pic__nomem(err);
        if (cap_set_proc(less) < 0)
                return pic__fail_errno(err, errno, "cannot give up capabilities");
        give_children(of_children, PIC__COUNT(of_children));
        if (files)
                give_children(for_files, PIC__COUNT(for_files));
        return 0;
}

static void free_filter(scmp_filter_ctx *f)
{
        if (*f != NULL)
                seccomp_release(*f);
        *f = NULL;
}

static int filter_calls(pic_error **err)
{
        PIC__AUTO(free_filter) scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
        size_t i;
        int r;

        if (f == NULL)
                return pic__nomem(err);
        for (i = 0; i < PIC__COUNT(denied_calls); i++) {
                int call = seccomp_syscall_resolve_name(denied_calls[i]);

                if (call == __NR_SCMP_ERROR)
                        continue;
                r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), call, 0);
                if (r == -ENOMEM)
                        return pic__nomem(err);
                if (r < 0 && r != -EDOM && r != -EFAULT)
                        return pic__fail_errno(err, -r, "cannot deny the system call %s", denied_calls[i]);
        }
        r = seccomp_load(f);
        if (r < 0)
                return pic__fail(err, PIC_UNSUPPORTED, "cannot filter system calls: %s", pic__errno_text(-r));
        return 0;
}

int pic__privileges_drop(int files, pic_error **err)
{
        const struct rlimit none = { 0, 0 };
        int r;

        /* A core would hold keys in clear; children inherit this. */
        if (setrlimit(RLIMIT_CORE, &none) < 0)
                return pic__fail_errno(err, errno, "cannot forbid core dumps");
        r = drop_caps(files, err);
        if (r < 0)
                return r;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return pic__fail_errno(err, errno, "cannot set no_new_privs");
        return filter_calls(err);
}
