/* Owns: limits. Capabilities go, but the one that opens another user's files where that is needed; no program is run
 * any more, nothing is traced, mounted or loaded; memory is bounded; no core.
 * A restic repository is the exception: restic is a program, and so is the ssh that it may start. Then exec stays, and
 * all else is as before, for them too: filter, limits and the absence of privileges are inherited, and they have the
 * same capabilities, so that they may read our memory files by /proc (keeper/restic.c). Starting restic beforehand, or
 * by the agent, would not do: an order takes several runs of it, and each is told by what the one before has said. */
#include "keeper/program/confine.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const programs[] = { "execve", "execveat", "fork", "vfork" };
static const char *const denied[] = {
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
static int limit(void)
{
        const struct rlimit core = { 0, 0 };
        int r = setrlimit(RLIMIT_CORE, &core);

#ifndef __SANITIZE_ADDRESS__ /* which has 16 TiB of addresses: with a limit it gets no more of any */
        const rlim_t memory = (rlim_t)6 << 30, heap = (rlim_t)5 << 30;
        const struct rlimit all = { memory, memory }, data = { heap, heap };

        r |= setrlimit(RLIMIT_AS, &all) | setrlimit(RLIMIT_DATA, &data);
#endif
        return r;
}

/* Files of others are opened, and so they are by what is started from here. */
static int keep_files(cap_t next, int runs)
{
        static const cap_value_t kept[] = { CAP_DAC_OVERRIDE };
        int r = cap_set_flag(next, CAP_PERMITTED, 1, kept, CAP_SET) |
                cap_set_flag(next, CAP_EFFECTIVE, 1, kept, CAP_SET) |
                cap_set_flag(next, CAP_INHERITABLE, 1, kept, runs ? CAP_SET : CAP_CLEAR);

        if (r == 0)
                r = cap_set_proc(next);
        return r == 0 && runs ? cap_set_ambient(kept[0], CAP_SET) : r;
}

static int has_files(void)
{
        cap_t now = cap_get_proc();
        cap_flag_value_t has = CAP_CLEAR;
        int r = now != NULL && cap_get_flag(now, CAP_DAC_OVERRIDE, CAP_PERMITTED, &has) == 0 ? has == CAP_SET : -1;

        if (now != NULL)
                (void)cap_free(now);
        return r;
}

static int drop_capabilities(const char *dir, int here, int runs)
{
        int has = has_files(), r = -1;
        cap_t next = cap_init();
        struct stat st;

        if (has >= 0 && next != NULL)
                r = has && (here || stat(dir, &st) < 0 || st.st_uid != geteuid()) ? keep_files(next, runs)
                                                                                  : cap_set_proc(next);
        if (next != NULL)
                (void)cap_free(next);
        return r;
}

static int deny(scmp_filter_ctx f, const char *const *names, size_t count)
{
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < count; i++) {
                int nr = seccomp_syscall_resolve_name(names[i]);

                if (nr >= 0)
                        r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), nr, 0);
        }
        return r;
}

static int filter(int runs)
{
        scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
        int r = f != NULL ? deny(f, denied, PIC__COUNT(denied)) : -1;

        if (r == 0 && !runs)
                r = deny(f, programs, PIC__COUNT(programs));
        if (r == 0)
                r = seccomp_load(f);
        if (f != NULL)
                seccomp_release(f);
        return r;
}

int keeper_confine(const char *dir, int here, int runs, pic_error **err)
{
        if (limit() != 0 || drop_capabilities(dir, here, runs) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            filter(runs) < 0)
                return pic__fail_errno(err, errno, "the keeper cannot be confined");
        return 0;
}
