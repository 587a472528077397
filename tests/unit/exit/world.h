/* A cell in a network namespace of this test's own, and a far end in another one: a WireGuard server (wireguard-go)
 * with an internet behind it (198.51.100.10, 2001:db8:100::10), joined by a wire on which one can listen. */
#ifndef PIC_TESTS_EXIT_WORLD_H
#define PIC_TESTS_EXIT_WORLD_H

#include "sample.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/exit/inside.h"
#include "sys/crypto.h"
#include "sys/file.h"

static char world_dir[64];
static char world_log[80];

/* Runs a shell command with printf's words; its status. */
static inline int sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline int sh(const char *fmt, ...)
{
        char command[2000];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(command, sizeof(command), fmt, ap);
        va_end(ap);
        return system(command);
}

/* What a command prints, its first 4095 bytes. */
static inline const char *said(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline const char *said(const char *fmt, ...)
{
        static char out[4096];
        char command[2000];
        va_list ap;
        size_t n;
        FILE *p;

        va_start(ap, fmt);
        vsnprintf(command, sizeof(command), fmt, ap);
        va_end(ap);
        p = popen(command, "r");
        assert_non_null(p);
        n = fread(out, 1, sizeof(out) - 1, p);
        pclose(p);
        out[n] = '\0';
        return out;
}

static inline int can(const char *program)
{
        char *path = pic__cmd_find(program);
        int there = path != NULL;

        pic__free(path);
        return there;
}

static inline int world_open(void)
{
        if (geteuid() != 0 || !can("unbound") || !can("wireguard-go") || !can("wg") || !can("nft")) {
                printf("SKIP: needs root, unbound, wireguard-go, wg and nft\n");
                return 77;
        }
        if (unshare(CLONE_NEWNET) < 0) {
                printf("SKIP: needs the right to make a network namespace\n");
                return 77;
        }
        snprintf(world_dir, sizeof(world_dir), "/tmp/pic-exit-XXXXXX");
        if (mkdtemp(world_dir) == NULL || pic__crypto_start(NULL) < 0)
                return 77;
        snprintf(world_log, sizeof(world_log), "%s/log", world_dir);
        return sh("ip link set lo up && sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1") == 0 ? 0 : 77;
}

/* Puts a command into the far end's namespace. */
#define FAR "nsenter --target=$(cat %s/far.pid) --net -- "
/* Puts a command into the exit's namespace, as root or as the carrier's user, without capabilities. */
#define INSIDE "nsenter --net=%s/exit/1/ns -- setpriv --bounding-set=-all --inh-caps=-all -- "
#define AS_CARRIER                                                                                              \
        "nsenter --net=%s/exit/1/ns -- setpriv --reuid=60602 --regid=60602 --clear-groups --bounding-set=-all " \
        "--inh-caps=-all -- "

/* The wire, the far end's WireGuard at 192.0.2.10:51820, and what is behind it: somebody who answers with the address
 * that he is asked from, by TCP and UDP port 7. Out on the wire a third machine, 192.0.2.66. */
static inline int far_open(void)
{
        static const char who[] = "import socketserver as s,threading as t,socket\n"
                                  "class T(s.BaseRequestHandler):\n"
                                  " def handle(q): q.request.sendall(q.client_address[0].encode())\n"
                                  "class U(s.BaseRequestHandler):\n"
                                  " def handle(q): "
                                  "q.request[1].sendto(q.client_address[0].encode(),q.client_address)\n"
                                  "for k,h in ((s.ThreadingTCPServer,T),(s.UDPServer,U)):\n"
                                  " k.allow_reuse_address=True\n"
                                  " for a in ('198.51.100.10','192.0.2.66','2001:db8:100::10'):\n"
                                  "  k.address_family=socket.AF_INET6 if ':' in a else socket.AF_INET\n"
                                  "  t.Thread(target=k((a,7),h).serve_forever).start()\n";
        pic__auto_free char *path = pic__path_join(world_dir, "who.py");

        if (pic__file_write(path, who, strlen(who), 0600, NULL) < 0)
                return -1;
        return sh("cd %s && { unshare --net sleep 600 & echo $! >far.pid; } && "
                  "until [ \"$(readlink /proc/$(cat far.pid)/ns/net)\" != \"$(readlink /proc/self/ns/net)\" ]; do :; "
                  "done && "
                  "ip link add wan0 type veth peer name up0 netns $(cat far.pid) && ip addr add 192.0.2.1/24 dev wan0 "
                  "&& "
                  "ip link set wan0 up && "
                  "nft add table ip t && nft 'add chain ip t p { type nat hook postrouting priority 100; }' && "
                  "nft add rule ip t p oifname wan0 masquerade && "
                  "printf '%%s' " FAR_PRIVATE " >key && printf '%%s' " SHARED " >psk",
                  world_dir) == 0 &&
                               sh(FAR "sh -c 'cd %s; ip link set lo up; ip addr add 192.0.2.10/24 dev up0; ip addr add "
                                      "192.0.2.66/24 dev up0; ip link set up0 up; ip addr add 198.51.100.10/32 dev lo; "
                                      "ip addr add 2001:db8:100::10/128 dev lo; LOG_LEVEL=error wireguard-go -f "
                                      "wf$$ >wf.log 2>&1 & p=$!; echo $p >wgfar.pid; i=wf$$; "
                                      "until wg show $i >/dev/null 2>&1; do sleep 0.01; done; "
                                      "wg set $i private-key key listen-port 51820 peer " OUR_PUBLIC
                                      " preshared-key psk allowed-ips 10.66.0.2/32,fd66::2/128; "
                                      "ip addr add 10.66.0.1/24 dev $i; ip addr add fd66::1/64 dev $i nodad; ip link "
                                      "set $i mtu 1420 up; "
                                      "/usr/bin/python3 who.py >who.log 2>&1 & echo $! >who.pid; "
                                      "until ss -Hlun sport = :7 | grep -q 2001; do sleep 0.02; done'",
                                  world_dir, world_dir) == 0
                       ? sh("until ping -q -c1 -W1 192.0.2.10 >/dev/null; do :; done")
                       : -1;
}

static inline void far_close(void)
{
        (void)sh("cd %s && for f in wgfar who far; do [ ! -s $f.pid ] || kill -9 $(cat $f.pid) 2>/dev/null; done",
                 world_dir);
}

/* Devices' packets to the world behind the far end. */
static inline void lead_in(void)
{
        assert_int_equal(sh("ip route replace 198.51.100.0/24 via 169.254.96.6 dev picx1 && "
                            "ip route replace 2001:db8:100::/64 via fd70:6963:78::1:2 dev picx1"),
                         0);
}

/* Asks who we are, seen from there; "" without an answer within the time. */
static inline const char *who_am_i(const char *to, const char *kind, const char *seconds)
{
        return said("/usr/bin/python3 -c \"import socket,sys\n"
                    "s=socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET,"
                    "socket.SOCK_STREAM if sys.argv[2]=='tcp' else socket.SOCK_DGRAM)\n"
                    "s.settimeout(float(sys.argv[3]))\n"
                    "try:\n s.connect((sys.argv[1],7)); s.send(b'x'); print(s.recv(99).decode(),end='')\n"
                    "except OSError as e: print(type(e).__name__,end='')\" %s %s %s",
                    to, kind, seconds);
}

static inline pic__backend *backend(void)
{
        pic__exit_opts opts = { .run_dir = world_dir, .log_dir = world_log };
        pic__backend *b = NULL;
        pic_error *err = NULL;

        if (pic__exit_new(&opts, &b, &err) < 0) {
                printf("%s\n", pic_error_message(err));
                abort();
        }
        return b;
}

static inline void world_close(void)
{
        pic__backend *b = backend();

        (void)b->ops->teardown(b, 0, NULL);
        b->ops->free(b);
        far_close();
        (void)sh("rm -rf %s", world_dir);
        if (unshare(CLONE_NEWNET) < 0)
                abort();
}

static inline int setup(void **state)
{
        (void)state;
        if (world_open() != 0)
                exit(77);
        return 0;
}

static inline int cleanup(void **state)
{
        (void)state;
        world_close();
        return 0;
}

static inline int step(pic__backend *b, const char *key, const char *from, const char *to, const char *secret,
                       pic_error **err)
{
        pic__item before = { .kind = PIC__I_EXIT_SPACE, .key = key, .value = from },
                  after = { .kind = PIC__I_EXIT_SPACE,
                            .key = key,
                            .value = to,
                            .secret = (const uint8_t *)secret,
                            .secret_len = secret != NULL ? strlen(secret) : 0 };
        pic__step s = { from == NULL ? PIC__ADD
                        : to == NULL ? PIC__REMOVE
                                     : PIC__CHANGE,
                        PIC__I_EXIT_SPACE, from != NULL ? &before : NULL, to != NULL ? &after : NULL };
        size_t done = 99;
        int r = b->ops->apply(b, &s, 1, &done, err);

        assert_int_equal(done, r < 0 ? 0 : 1);
        return r;
}

static inline void must(pic__backend *b, const char *from, const char *to, const char *secret)
{
        pic_error *err = NULL;

        if (step(b, "1", from, to, secret, &err) < 0)
                fail_msg("%s (%s) %s", pic_error_message(err),
                         pic_error_detail(err, "argv") ? pic_error_detail(err, "argv") : "",
                         pic_error_detail(err, "stderr") ? pic_error_detail(err, "stderr") : "");
}

static inline const char *seen(pic__backend *b)
{
        static char value[2048];
        pic__auto_items pic__items items = PIC__ITEMS_INIT;

        assert_int_equal(b->ops->observe(b, &items, NULL), 0);
        if (items.count == 0)
                return NULL;
        assert_int_equal(items.count, 1);
        snprintf(value, sizeof(value), "%s", items.at[0].value);
        return value;
}

/* The kernel carries WireGuard here, so there is no process of it. */
static inline int by_kernel(void)
{
        return sh("test -e %s/exit/1/exit1-wireguard.pid", world_dir) != 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, cleanup)

#endif
