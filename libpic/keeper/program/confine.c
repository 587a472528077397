/* Owns: limits. Capabilities go, but the one that opens another user's files where that is needed; no program is run
 * any more, nothing is traced, mounted or loaded; memory is bounded; no core. */
#include "keeper/program/confine.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const denied[] = {
        "execve",
        "execveat",
        "fork",
        "vfork",
        "ptrace",
        "process_vm_readv",
        "process_vm_writev",
        "mount",
        "umount2",
        "pivot_root",
        "chroot",
        "unshare",
        "setns",
        "init_module",
        "bpf",
        "keyctl",
        "add_key",
        "request_key",
        "perf_event_open",
        "userfaultfd",
        "finit_module",
        "kexec_load",
        "reboot",
        "swapon",
        "swapoff",
        "settimeofday",
        "clock_settime",
        "io_uring_setup",
        "sethostname",
        "mknod",
        "mknodat",
        "listen",
        "accept",
        "accept4",
        "personality",
};

/* zstd's window and its threads, a part of 16 MiB, scrypt's 256 MiB to 4 GiB. */
static const rlim_t memory = (rlim_t)6 << 30, heap = (rlim_t)5 << 30;

static int limit(void)
{
        const struct rlimit core = { 0, 0 }, all = { memory, memory }, data = { heap, heap };

        return setrlimit(RLIMIT_CORE, &core) | setrlimit(RLIMIT_AS, &all) | setrlimit(RLIMIT_DATA, &data);
}

static int drop_capabilities(const char *dir, int here)
{
        static const cap_value_t kept[] = { CAP_DAC_OVERRIDE };
        struct stat st;
        cap_t now = cap_get_proc(), next = cap_init();
        cap_flag_value_t has = CAP_CLEAR;
        int r = now != NULL && next != NULL ? 0 : -1;

        if (r == 0 && (here || stat(dir, &st) < 0 || st.st_uid != geteuid()) &&
            cap_get_flag(now, CAP_DAC_OVERRIDE, CAP_PERMITTED, &has) == 0 && has == CAP_SET)
                r = cap_set_flag(next, CAP_PERMITTED, 1, kept, CAP_SET) |
                    cap_set_flag(next, CAP_EFFECTIVE, 1, kept, CAP_SET);
        if (r == 0)
                r = cap_set_proc(next);
        if (now != NULL)
                (void)cap_free(now);
        if (next != NULL)
                (void)cap_free(next);
        return r;
}

static int filter(void)
{
        scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
        size_t i;
        int r = f != NULL ? 0 : -1;

        for (i = 0; r == 0 && i < sizeof(denied) / sizeof(denied[0]); i++) {
                int nr = seccomp_syscall_resolve_name(denied[i]);

                if (nr >= 0)
                        r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), nr, 0);
        }
        if (r == 0)
                r = seccomp_load(f);
        if (f != NULL)
                seccomp_release(f);
        return r;
}

int keeper_confine(const char *dir, int here, pic_error **err)
{
        if (limit() != 0 || drop_capabilities(dir, here) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            filter() < 0)
                return pic__fail_errno(err, errno, "the keeper cannot be confined");
        return 0;
}
