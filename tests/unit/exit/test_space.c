/* backend/exit/space.c: the namespace from the inside: nothing but the far end can be reached, whoever one is; what the
 * machine has in /run is not there; and it survives us, but not its removal. */
#include <sched.h>
#include <sys/mount.h>

#include "world.h"

static int begin(void **state)
{
        pic__backend *b;

        (void)setup(state);
        if (far_open() < 0) {
                printf("SKIP: no far end\n");
                exit(77);
        }
        b = backend();
        must(b, NULL, WG_VALUE, WG_SECRET);
        lead_in();
        *state = b;
        return 0;
}

/* With an /etc of our own: that of the machine is not for us to change. */
static int begin_with_etc(void **state)
{
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            sh("mount -t tmpfs tmpfs /mnt && cp -a /etc /mnt/ && mount --bind /mnt/etc /etc") != 0) {
                printf("SKIP: no mount namespace\n");
                exit(77);
        }
        return begin(state);
}

static int end(void **state)
{
        pic__backend *b = *state;

        b->ops->free(b);
        world_close();
        return 0;
}

/* Sends a datagram to everything that is not the far end, by whom; nothing of it may be seen on either wire. */
static void send_all(const char *who)
{
        static const char *const to[] = { "192.0.2.10 9",         "192.0.2.66 51820",   "192.0.2.1 53",
                                          "169.254.96.5 22",      "169.254.96.5 5301",  "198.51.100.10 7",
                                          "10.1.0.1 53",          "127.0.0.1 53",       "169.254.96.10 53",
                                          "fd70:6963:78::1:1 22", "2001:db8:100::10 7", "fd70:6963:78::2:2 53" };
        size_t i;

        for (i = 0; i < PIC__COUNT(to); i++) {
                (void)sh("%s /usr/bin/python3 -c \"import socket,sys\n"
                         "for k in (socket.SOCK_DGRAM,socket.SOCK_STREAM):\n"
                         " s=socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET,k)\n"
                         " s.settimeout(0.05)\n"
                         " try:\n"
                         "  s.connect((sys.argv[1],int(sys.argv[2])));s.send(b'out')\n"
                         " except OSError: pass\" %s",
                         who, to[i]);
        }
}

static void from_inside(void **state)
{
        char who[300];

        (void)state;
        assert_string_equal(who_am_i("198.51.100.10", "udp", "3"), "10.66.0.2");
        assert_int_equal(sh("cd %s && for d in picx1 wan0; do tcpdump -Uni $d -w cap.$d 'not arp and not icmp6 and not "
                            "(ip6 dst net ff00::/8) and not (udp port 51820 and host 192.0.2.10)' 2>/dev/null & "
                            "echo $! >>dump.pid; done; sleep 0.5",
                            world_dir),
                         0);
        snprintf(who, sizeof(who), INSIDE, world_dir);
        send_all(who);
        snprintf(who, sizeof(who), AS_CARRIER, world_dir);
        send_all(who);
        assert_int_equal(sh("sleep 0.3; kill $(cat %s/dump.pid); sleep 0.1", world_dir), 0);
        assert_string_equal(said("tcpdump -nr %s/cap.picx1 2>/dev/null", world_dir), "");
        assert_string_equal(said("tcpdump -nr %s/cap.wan0 2>/dev/null", world_dir), "");
        /* And the far end can be reached, by the carrier's user alone. */
        assert_int_equal(sh(AS_CARRIER
                            "/usr/bin/python3 -c \"import socket;s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);"
                            "s.sendto(b'x',('192.0.2.10',51820))\"",
                            world_dir),
                         0);
        assert_int_not_equal(sh(INSIDE
                                "/usr/bin/python3 -c \"import socket;s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);"
                                "s.sendto(b'x',('192.0.2.10',51820))\" 2>/dev/null",
                                world_dir),
                             0);
}

/* As wireguard-go has it. */
#define AS                                                                                                \
        "nsenter --target=%d --net --mount --user -- setpriv --reuid=60602 --regid=60602 --clear-groups " \
        "--no-new-privs --inh-caps=-all,+net_admin --ambient-caps=-all,+net_admin --bounding-set=-all,+net_admin -- "

/* With NET_ADMIN: its own network can be changed, no cable to another one can be made. Where the kernel carries, no
 * process has that, which is as well: Linux before 6.13 lets it make a cable whose other end is elsewhere. */
static void power(void **state)
{
        pic__exit *b = *state;
        int holder = (int)pic__child_pid(b->at[1]->holder);
        char command[400];

        if (!b->at[1]->own_users || by_kernel()) {
                print_message("no user namespaces here, or nobody in them with NET_ADMIN\n");
                skip();
        }
        snprintf(command, sizeof(command), AS, holder);
        assert_int_equal(sh("%s ip link add evil type veth peer name twin", command), 0);
        assert_int_not_equal(sh("%s ip link set evil netns %d 2>/dev/null", command, (int)getpid()), 0);
        assert_int_not_equal(
                sh("%s ip link add bad type veth peer name worse netns %d 2>/dev/null", command, (int)getpid()), 0);
        assert_int_not_equal(sh("%s nsenter --target %d --net true 2>/dev/null", command, (int)getpid()), 0);
        assert_int_not_equal(sh("%s kill -0 %d 2>/dev/null", command, holder), 0);
}

static void files(void **state)
{
        pic__exit *b = *state;
        int holder = (int)pic__child_pid(b->at[1]->holder);

        assert_string_equal(
                said("nsenter --target=%d --mount -- ls /run | grep -vE '^(etc|mount|picx|tun|wireguard)$'", holder),
                "");
        assert_int_equal(sh("nsenter --target=%d --mount -- test -e /run/picx/unbound.conf", holder), 0);
        assert_int_not_equal(sh("nsenter --target=%d --mount -- test -e %s", holder, world_dir), 0);
        /* The carrier may not read the resolver's files, nor what the agent wrote down. */
        assert_int_not_equal(sh("nsenter --target=%d --mount -- setpriv --reuid=60602 --regid=60602 --clear-groups cat "
                                "/run/picx/secret 2>/dev/null",
                                holder),
                             0);
        assert_int_equal(
                sh("nsenter --target=%d --mount -- setpriv --reuid=60602 --regid=60602 --clear-groups id -un | "
                   "grep -qx picx",
                   holder),
                0);
}

/* The machine gets a user, or another name server: programs that do so put another file in the old one's place, and a
 * mount over the old one would be gone, everywhere. The machine is one of our own for that. */
static void machine_changes(void **state)
{
        pic__exit *b = *state;
        int holder = (int)pic__child_pid(b->at[1]->holder);

        assert_int_equal(sh("cd /etc && cp passwd new && mv new passwd && echo nameserver 192.0.2.77 >new && "
                            "mv new resolv.conf"),
                         0);
        assert_int_equal(
                sh("nsenter --target=%d --mount -- setpriv --reuid=60602 --regid=60602 --clear-groups id -un | "
                   "grep -qx picx",
                   holder),
                0);
        assert_int_equal(sh("nsenter --target=%d --mount -- grep -q 192.0.2.77 /etc/resolv.conf", holder), 0);
}

#define AS_STRANGER                                                                                      \
        "nsenter --target=%d --net --mount --ipc -- setpriv --reuid=60602 --regid=60602 --clear-groups " \
        "--no-new-privs --inh-caps=-all --bounding-set=-all -- "

/* What there is beside files and the network: others' processes (and in /proc/PID/net their networks), places where all
 * may write, shared memory. */
static void strangers(void **state)
{
        pic__exit *b = *state;
        int holder = (int)pic__child_pid(b->at[1]->holder);
        char ipc[64];

        snprintf(ipc, sizeof(ipc), "%s", said("readlink /proc/%d/ns/ipc", (int)getpid()));
        assert_int_not_equal(sh(AS_STRANGER "cat /proc/%d/net/arp >/dev/null 2>&1", holder, (int)getpid()), 0);
        assert_int_not_equal(sh(AS_STRANGER "cat /proc/1/cmdline >/dev/null 2>&1", holder), 0);
        assert_int_equal(sh(AS_STRANGER "test -r /proc/self/status", holder), 0);
        assert_int_not_equal(sh(AS_STRANGER "readlink /proc/self/ns/ipc | grep -qxF '%s'", holder, ipc), 0);
        assert_int_equal(sh("touch /dev/shm/pic-test-%d", (int)getpid()), 0);
        assert_string_equal(said(AS_STRANGER "find /dev/shm /var/tmp -mindepth 1", holder), "");
        assert_int_equal(sh("rm /dev/shm/pic-test-%d", (int)getpid()), 0);
}

/* Or waits to be reaped. */
static int dead(int pid)
{
        return sh("grep -q '^State:.[^Z]' /proc/%d/status 2>/dev/null", pid) != 0;
}

static void survives_us(void **state)
{
        pic__backend *b = *state;
        int holder = (int)pic__child_pid(((pic__exit *)b)->at[1]->holder);

        b->ops->free(b);
        b = *state = backend();
        assert_string_equal(seen(b), WG_VALUE);
        assert_int_equal(pic__child_pid(((pic__exit *)b)->at[1]->holder), holder);
        assert_string_equal(who_am_i("198.51.100.10", "udp", "3"), "10.66.0.2");
        must(b, WG_VALUE, NULL, NULL);
        assert_true(dead(holder));
        assert_int_not_equal(sh("ip link show picx1 >/dev/null 2>&1"), 0);
        assert_int_not_equal(sh("test -e %s/exit", world_dir), 0);
}

/* Whoever holds the namespace dies: it is made anew, and what was in the old one ends. */
static void holder_dies(void **state)
{
        pic__backend *b = *state;
        int child = atoi(said("cat %s/exit/1/exit1-names.pid", world_dir));

        kill(pic__child_pid(((pic__exit *)b)->at[1]->holder), SIGKILL);
        assert_int_equal(sh("sleep 0.05"), 0);
        assert_string_equal(seen(b), "changed");
        must(b, "changed", WG_VALUE, WG_SECRET);
        assert_string_equal(seen(b), WG_VALUE);
        assert_true(dead(child));
        lead_in();
        assert_string_equal(who_am_i("198.51.100.10", "udp", "3"), "10.66.0.2");
}

/* The agent was killed before it had said who is who in there: such a one is not taken over. */
static void half_a_holder(void **state)
{
        pic__backend *b = *state;
        int holder = (int)pic__child_pid(((pic__exit *)b)->at[1]->holder);

        if (!((pic__exit *)b)->at[1]->own_users)
                skip();
        b->ops->free(b);
        kill(holder, SIGKILL);
        assert_int_equal(sh("cd %s/exit/1; PIC_EXIT=$PWD unshare --user --net cat hold >/dev/null 2>&1 & sleep 0.2; "
                            "read -r _ _ boot <%s/exit/1/exit1-hold.pid; "
                            "echo $! $(cut -d' ' -f22 /proc/$!/stat) $boot >%s/exit/1/exit1-hold.pid",
                            world_dir, world_dir, world_dir),
                         0);
        holder = atoi(said("cat %s/exit/1/exit1-hold.pid", world_dir));
        assert_int_equal(sh("grep -qx cat /proc/%d/comm", holder), 0);
        b = *state = backend();
        assert_string_not_equal(seen(b), WG_VALUE);
        must(b, "changed", WG_VALUE, WG_SECRET);
        assert_true(dead(holder));
        assert_string_equal(seen(b), WG_VALUE);
        lead_in();
        assert_string_equal(who_am_i("198.51.100.10", "udp", "3"), "10.66.0.2");
}

/* Somebody tidied up in /run. */
static void directory_gone(void **state)
{
        pic__backend *b = *state;
        int child = atoi(said("cat %s/exit/1/exit1-wireguard.pid", world_dir)), heard, tries = 0;

        assert_int_equal(sh("rm -r %s/exit", world_dir), 0);
        for (heard = b->ops->drain(b); heard == 0 && tries < 200; tries++) {
                assert_int_equal(sh("sleep 0.02"), 0);
                b->ops->tick(b);
                heard = b->ops->drain(b);
        }
        assert_int_not_equal(heard, 0);
        assert_string_equal(seen(b), "changed");
        must(b, "changed", WG_VALUE, WG_SECRET);
        assert_string_equal(seen(b), WG_VALUE);
        assert_true(dead(child));
        lead_in();
        assert_string_equal(who_am_i("198.51.100.10", "udp", "3"), "10.66.0.2");
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = { WITH(from_inside),
                                            WITH(power),
                                            WITH(files),
                                            WITH(strangers),
                                            WITH(survives_us),
                                            WITH(holder_dies),
                                            WITH(half_a_holder),
                                            WITH(directory_gone),
                                            cmocka_unit_test_setup_teardown(machine_changes, begin_with_etc, end) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
