/* Owns: what the program may ask of the kernel once it has opened what it needs. */
#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "sieve/program/serve.h"

static const char *const always[] = {
        "read",      "write",          "writev",          "close",  "fstat",      "newfstatat",
        "lseek",     "mmap",           "munmap",          "mremap", "mprotect",   "madvise",
        "brk",       "clock_gettime",  "clock_gettime64", "exit",   "exit_group", "rt_sigreturn",
        "sigreturn", "rt_sigprocmask", "restart_syscall", "futex",  "getrandom",  "fstat64",
        "fstatat64", "mmap2",          "_llseek"
};
static const char *const serving[] = { "epoll_wait", "epoll_pwait", "epoll_ctl",  "recvmmsg", "recvmmsg_time64",
                                       "sendmmsg",   "recvfrom",    "sendto",     "accept4",  "connect",
                                       "openat",     "getsockopt",  "setsockopt", "shutdown", "ppoll" };

static int allow(scmp_filter_ctx f, const char *const *calls, size_t count)
{
        size_t i;
        int r = 0;

        for (i = 0; i < count && r == 0; i++) {
                int nr = seccomp_syscall_resolve_name(calls[i]);

                if (nr >= 0)
                        r = seccomp_rule_add(f, SCMP_ACT_ALLOW, nr, 0);
        }
        return r;
}

/* Sockets of the internet's families only: those of the machine's programs are a way around every network rule. */
static int allow_sockets(scmp_filter_ctx f)
{
        int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_INET));

        return r < 0 ? r : seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_INET6));
}

int confine(int serve)
{
        scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
        int r = f != NULL && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : -1;

        if (r == 0)
                r = allow(f, always, sizeof(always) / sizeof(always[0]));
        if (r == 0 && serve)
                r = allow(f, serving, sizeof(serving) / sizeof(serving[0]));
        if (r == 0 && serve)
                r = allow_sockets(f);
        if (r == 0)
                r = seccomp_load(f);
        if (f != NULL)
                seccomp_release(f);
        return r < 0 ? -1 : 0;
}
