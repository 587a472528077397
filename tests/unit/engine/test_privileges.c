/* What is left after the drop, seen from a child of this test that did it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/privileges.h"
#include "sys/power.h"

/* Where lines are counted, only exit() keeps what a child covered; LeakSanitizer, which exit() starts, cannot work in a
 * process that may not trace. */
#ifdef __SANITIZE_ADDRESS__
#define LEAVE _exit
#else
#define LEAVE exit
#endif

/* Runs fn in a child; its answer is the line that failed, 0 for none. */
static int in_child(int (*fn)(void))
{
        int status;
        pid_t child;

        fflush(NULL);
        child = fork();
        if (child == 0) {
                LEAVE(fn());
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int has(cap_value_t cap, cap_flag_t set)
{
        cap_t caps = cap_get_proc();
        cap_flag_value_t value = CAP_CLEAR;

        cap_get_flag(caps, cap, set, &value);
        cap_free(caps);
        return value == CAP_SET;
}

#define EXPECT(what)                            \
        do {                                    \
                if (!(what))                    \
                        return __LINE__ & 0xff; \
        } while (0)

static int drop_all(void)
{
        EXPECT(pic__privileges_check(NULL) == 0);
        EXPECT(pic__privileges_drop(0, NULL) == 0);
        EXPECT(pic__privileges_check(NULL) == 0);
        EXPECT(has(CAP_NET_ADMIN, CAP_EFFECTIVE) && has(CAP_NET_ADMIN, CAP_PERMITTED));
        EXPECT(!has(CAP_SYS_ADMIN, CAP_EFFECTIVE) && !has(CAP_SETUID, CAP_EFFECTIVE) &&
               !has(CAP_SETPCAP, CAP_EFFECTIVE) && !has(CAP_SYS_CHROOT, CAP_EFFECTIVE));
        EXPECT(!has(CAP_SYS_MODULE, CAP_PERMITTED) && !has(CAP_NET_RAW, CAP_PERMITTED) &&
               !has(CAP_SYS_RAWIO, CAP_PERMITTED));
        EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
        EXPECT(prctl(PR_CAPBSET_READ, CAP_SYS_MODULE, 0, 0, 0) == 0);
        EXPECT(prctl(PR_CAPBSET_READ, CAP_NET_ADMIN, 0, 0, 0) == 1);
        EXPECT(mount("none", "/mnt", "tmpfs", 0, NULL) < 0 && errno == EPERM);
        EXPECT(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 && errno == EPERM);
        EXPECT(sethostname("x", 1) < 0 && errno == EPERM);
        EXPECT(pic__privileges_drop(0, NULL) == 0); /* twice is fine */
        return 0;
}

/* What a child of ours that runs as root has: little, unless it is given more. */
static int drop_and_exec(void)
{
        EXPECT(pic__privileges_drop(0, NULL) == 0);
        EXPECT(system("grep -q '^CapEff:\t0000000000001400$' /proc/self/status") == 0);
        EXPECT(system("ip link add p0 type veth peer name p1 && ip link set p0 up && ip addr add 10.9.9.1/24 dev p0") ==
               0);
        EXPECT(system("nft add table inet t && nft delete table inet t") == 0);
        EXPECT(system("unshare --net true 2>/dev/null") != 0);
        return 0;
}

/* What makes namespaces: all that it takes, and only for as long as it was given. */
static int drop_and_give(void)
{
        uint64_t given;

        EXPECT(pic__privileges_drop(0, NULL) == 0);
        given = pic__power_give();
        EXPECT(given != 0);
        EXPECT(system("unshare --net --mount --propagation private -- sh -c 'mount -t tmpfs tmpfs /mnt && setpriv "
                      "--reuid "
                      "60602 --regid 60602 --clear-groups --inh-caps=-all --ambient-caps=-all --bounding-set=-all grep "
                      "-q \"^CapEff:.0*$\" /proc/self/status'") == 0);
        EXPECT(system("unshare --user --map-root-user true") == 0);
        EXPECT(!has(CAP_SYS_ADMIN, CAP_EFFECTIVE));
        pic__power_back(given);
        EXPECT(system("unshare --net true 2>/dev/null") != 0);
        EXPECT(system("grep -q '^CapEff:\t0000000000001400$' /proc/self/status") == 0);
        return 0;
}

static int drop_but_files(void)
{
        EXPECT(pic__privileges_drop(1, NULL) == 0);
        EXPECT(has(CAP_DAC_OVERRIDE, CAP_EFFECTIVE) && has(CAP_CHOWN, CAP_EFFECTIVE) && has(CAP_FOWNER, CAP_EFFECTIVE));
        EXPECT(system("grep -q '^CapEff:\t000000000000140b$' /proc/self/status") == 0);
        return 0;
}

/* Where some capabilities were never given, dropping what is not there is fine; without NET_ADMIN there is no agent. */
static int drop_with_little(void)
{
        static const cap_value_t few[] = { CAP_NET_ADMIN };
        cap_t caps = cap_init();
        pic_error *err = NULL;

        EXPECT(cap_set_flag(caps, CAP_PERMITTED, 1, few, CAP_SET) == 0 &&
               cap_set_flag(caps, CAP_EFFECTIVE, 1, few, CAP_SET) == 0);
        EXPECT(cap_set_proc(caps) == 0);
        EXPECT(pic__privileges_drop(1, NULL) == 0);
        EXPECT(has(CAP_NET_ADMIN, CAP_EFFECTIVE) && !has(CAP_CHOWN, CAP_PERMITTED));
        EXPECT(cap_clear(caps) == 0 && cap_set_proc(caps) == 0);
        cap_free(caps);
        EXPECT(pic__privileges_check(&err) == PIC_DENIED);
        EXPECT(pic_error_hint(err) != NULL && strstr(pic_error_message(err), "CAP_NET_ADMIN") != NULL);
        pic_error_free(err);
        return 0;
}

static void test_drops(void **state)
{
        (void)state;
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                print_message("skipped: needs root\n");
                skip();
        }
        assert_int_equal(in_child(drop_all), 0);
        assert_int_equal(in_child(drop_and_exec), 0);
        assert_int_equal(in_child(drop_and_give), 0);
        assert_int_equal(in_child(drop_but_files), 0);
        assert_int_equal(in_child(drop_with_little), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_drops) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
