/* Owns: what this program is to the host: nobody in particular, with no privilege. */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "http/http.h"

enum { WAIT_MS = 60000, AGAIN = 75 /* its unit says what that means */ };

static int refuse(const char *what)
{
        fprintf(stderr, "pic-http: %s: %s\n", what, strerror(errno));
        return -1;
}

/* Root becomes whoever the cell's directory belongs to, by default the user pic. A directory of root's own has no such
 * user: then it stays what it is, but for its capabilities, and says so. */
int host_become_owner(const char *dir)
{
        struct passwd *who;
        struct stat st;
        int cap;

        if (geteuid() != 0)
                return 0;
        for (cap = 0; cap < 64; cap++) /* now, while there is the right to */
                (void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
        if (stat(dir, &st) < 0)
                return refuse(dir);
        if (st.st_uid == 0) {
                fprintf(stderr, "pic-http: %s belongs to root, so this program runs as root: give it to the user pic\n",
                        dir);
                return 0;
        }
        who = getpwuid(st.st_uid);
        if ((who != NULL ? initgroups(who->pw_name, st.st_gid) : setgroups(0, NULL)) < 0 ||
            setresgid(st.st_gid, st.st_gid, st.st_gid) < 0 || setresuid(st.st_uid, st.st_uid, st.st_uid) < 0)
                return refuse("cannot give up root");
        return 0;
}

/* The exchange of the cell's directory leaves a unit's view of it behind, so a unit is started anew; else the same
 * process begins again. The agent has its own patience; who finds the order there still asks the cell that is here. */
int host_start_again(const char *dir, char **argv)
{
        const struct timespec nap = { .tv_nsec = 50 * 1000000L };
        char path[PATH_ROOM];
        struct stat st;
        int left = WAIT_MS / 50;

        if (snprintf(path, sizeof(path), "%s/%s", dir, PIC_BACKUP_ORDERED) >= (int)sizeof(path))
                return 1;
        while (lstat(path, &st) == 0 && left-- > 0)
                (void)nanosleep(&nap, NULL);
        if (getenv("NOTIFY_SOCKET") == NULL)
                (void)execv("/proc/self/exe", argv);
        return AGAIN;
}

static int drop_capabilities(void)
{
        struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
        struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } }, have[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

        /* Who has none need not give them up; its unit does not even let it ask for that. */
        if (syscall(SYS_capget, &head, have) == 0 && memcmp(have, none, sizeof(none)) == 0)
                return 0;
        return syscall(SYS_capset, &head, none) < 0 ? refuse("cannot give up capabilities") : 0;
}

/* No capability now, none by any program it could start, no file of passwords in a core dump. */
int host_give_up(int parent)
{
        const struct rlimit none = { 0, 0 };
        /* The kernel forgets it with every change of who one is: so now. */
        if (parent && prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0)
                return refuse("cannot follow its parent");
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
            setrlimit(RLIMIT_CORE, &none) < 0)
                return refuse("cannot give up privileges");
        return drop_capabilities();
}
