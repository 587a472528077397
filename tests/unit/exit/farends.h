/* A cell, an internet and a far end for one way out: this process's own network namespace is the cell, another one is
 * the rest of the world. Real programs at both sides. Everything ends with this process.
 *
 *   cell: picx1 (the backend's), wan0 203.0.113.1 2001:db8:1::1
 *   far:  wan0 203.0.113.2 2001:db8:1::2; lo 198.51.100.10, 2001:db8:9::10 with a web server on port 80 that says who
 *         asked, and a name server on 53 (TCP, UDP) that knows who.example.net */
#ifndef PIC_TESTS_EXIT_FARENDS_H
#define PIC_TESTS_EXIT_FARENDS_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sample.h"

#include "backend/exit/inside.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define FAR4 "203.0.113.2"
#define FAR6 "2001:db8:1::2"
#define WEB4 "198.51.100.10"
#define WEB6 "2001:db8:9::10"

static char far_dir[64], far_log[80];
static pid_t far_pids[16];         /* [0] holds the namespace */
static size_t far_count, far_kept; /* far_kept: so many live from test to test */

static inline int shell(const char *fmt, ...)
{
        char command[4096];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(command, sizeof(command), fmt, ap);
        va_end(ap);
        return system(command);
}

static inline void nap(unsigned ms)
{
        struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

        nanosleep(&t, NULL);
}

/* A file of the far end's directory as the value of a word. */
static inline void read_word(const char *name, char *to, size_t size)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char path[128];
        size_t i, n = 0;

        snprintf(path, sizeof(path), "%s/%s", far_dir, name);
        assert_int_equal(pic__file_read(path, 1 << 16, &text, NULL), 0);
        for (i = 0; i < text.len && n + 4 < size; i++)
                if (text.data[i] > ' ' && text.data[i] < 0x7f && strchr("%=", text.data[i]) == NULL)
                        n += (size_t)snprintf(to + n, size - n, "%c", text.data[i]);
                else
                        n += (size_t)snprintf(to + n, size - n, "%%%02x", (unsigned char)text.data[i]);
}

/* --- processes of the far side ----------------------------------------------------------------------------------- */

static inline pid_t far_keep(pid_t pid)
{
        assert_true(pid > 0 && far_count < PIC__COUNT(far_pids));
        far_pids[far_count++] = pid;
        return pid;
}

/* A program there; its output in <far_dir>/<base name>.log. */
static inline pid_t far_run(const char *const *argv)
{
        char net[32], path[160];
        const char *full[64] = { "nsenter", net, "--" };
        size_t i;
        pid_t pid = fork();

        if (pid != 0)
                return far_keep(pid);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        snprintf(net, sizeof(net), "--net=/proc/%d/ns/net", (int)far_pids[0]);
        for (i = 0; argv[i] != NULL && i + 4 < PIC__COUNT(full); i++)
                full[3 + i] = argv[i];
        snprintf(path, sizeof(path), "%s/%s.log", far_dir,
                 strrchr(argv[0], '/') != NULL ? strrchr(argv[0], '/') + 1 : argv[0]);
        i = (size_t)open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
        dup2((int)i, 1);
        dup2((int)i, 2);
        execvp(full[0], (char *const *)(uintptr_t)full);
        _exit(127);
}

/* The only call of kill here: to one process, never to a group and never to everybody. */
static inline void signal_one(pid_t pid, int number)
{
        if (pid < 2)
                fail_msg("no process: %d", (int)pid);
        kill(pid, number);
}

static inline void far_end(pid_t pid)
{
        size_t i;

        for (i = 0; i < far_count; i++) {
                if (far_pids[i] != pid || pid < 2)
                        continue;
                signal_one(pid, SIGCONT);
                signal_one(pid, SIGTERM);
                nap(30);
                signal_one(pid, SIGKILL);
                waitpid(pid, NULL, 0);
                far_pids[i] = 0;
        }
}

/* Enters the far side in a child of its own and does `serve` there for ever. */
static inline void far_serve(void (*serve)(void))
{
        char path[48];
        int fd;
        pid_t pid = fork();

        if (pid != 0) {
                far_keep(pid);
                return;
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)far_pids[0]);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
                _exit(1);
        serve();
        _exit(1);
}

static inline int listening(int type, uint16_t port)
{
        struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
        int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0), on = 1;

        /* What answers by datagrams has to answer from where it was asked. */
        inet_pton(AF_INET6, type == SOCK_DGRAM ? "::ffff:" WEB4 : "::", &at.sin6_addr);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || (type == SOCK_STREAM && listen(fd, 64) < 0))
                _exit(1);
        return fd;
}

/* Says to whoever comes from where it comes. */
static inline void serve_web(void)
{
        int fd = listening(SOCK_STREAM, 80);

        for (;;) {
                struct sockaddr_in6 from;
                socklen_t len = sizeof(from);
                char text[INET6_ADDRSTRLEN], all[256];
                int c = accept(fd, (struct sockaddr *)&from, &len);

                if (c < 0)
                        continue;
                if (read(c, all, sizeof(all)) > 0) {
                        inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof(text));
                        snprintf(all, sizeof(all), "you are %s\n", strncmp(text, "::ffff:", 7) == 0 ? text + 7 : text);
                        (void)!write(c, all, strlen(all));
                }
                close(c);
        }
}

/* Answers every question with one A record, 192.0.2.99. */
static inline size_t answer_dns(uint8_t *q, size_t len)
{
        static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 192, 0, 2, 99 };
        size_t at = 12;

        if (len < 17)
                return 0;
        while (at < len && q[at] != 0)
                at += q[at] + 1u;
        at += 5;
        if (at > len)
                return 0;
        q[2] = 0x85;
        q[3] = 0x80;
        memset(q + 6, 0, 6);
        q[7] = q[at - 3] == 1; /* A only */
        if (q[7] != 0)
                memcpy(q + at, record, sizeof(record));
        return at + (q[7] != 0 ? sizeof(record) : 0);
}

static inline void serve_dns(void)
{
        int udp = listening(SOCK_DGRAM, 53), tcp = listening(SOCK_STREAM, 53);

        for (;;) {
                struct pollfd p[2] = { { udp, POLLIN, 0 }, { tcp, POLLIN, 0 } };
                struct sockaddr_in6 from;
                socklen_t len = sizeof(from);
                uint8_t q[600];
                ssize_t n;
                int c;

                poll(p, 2, -1);
                if (p[0].revents != 0) {
                        n = recvfrom(udp, q, 512, 0, (struct sockaddr *)&from, &len);
                        n = n > 0 ? (ssize_t)answer_dns(q, (size_t)n) : 0;
                        if (n > 0)
                                sendto(udp, q, (size_t)n, 0, (struct sockaddr *)&from, len);
                }
                c = p[1].revents != 0 ? accept(tcp, NULL, NULL) : -1;
                n = c >= 0 ? read(c, q, 514) : 0;
                n = n > 2 ? (ssize_t)answer_dns(q + 2, (size_t)n - 2) : 0;
                if (n > 0) {
                        q[0] = (uint8_t)(n >> 8);
                        q[1] = (uint8_t)n;
                        (void)!write(c, q, (size_t)n + 2);
                }
                if (c >= 0)
                        close(c);
        }
}

/* --- the world ------------------------------------------------------------------------------------------------------
 */

static inline void far_namespace(void)
{
        int pipes[2];
        char c;
        pid_t pid;

        assert_int_equal(pipe(pipes), 0);
        pid = fork();
        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (unshare(CLONE_NEWNET) == 0)
                        (void)!write(pipes[1], "x", 1);
                for (;;)
                        pause();
        }
        far_keep(pid);
        assert_int_equal(read(pipes[0], &c, 1), 1);
        close(pipes[0]);
        close(pipes[1]);
}

#define FAR_NET                                                                                                    \
        "set -e; F='nsenter --net=/proc/%d/ns/net'; ip link set lo up; $F ip link set lo up; "                     \
        "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; "                                        \
        "ip link add wan0 type veth peer name wan0 netns %d; ip addr add 203.0.113.1/24 dev wan0; "                \
        "ip addr add 2001:db8:1::1/64 dev wan0 nodad; ip link set wan0 up; "                                       \
        "$F ip addr add 203.0.113.2/24 dev wan0; $F ip addr add 2001:db8:1::2/64 dev wan0 nodad; "                 \
        "$F ip link set wan0 up; $F ip addr add 198.51.100.10/24 dev lo; $F ip addr add 2001:db8:9::10/64 dev lo " \
        "nodad; printf 'table inet w {\\n chain p {\\n type nat hook postrouting priority 100\\n oifname "         \
        "\"wan0\" masquerade\\n }\\n}\\n' | nft -f -"

/* 77 when it cannot be had, with the reason. */
static inline int far_open(const char *const *programs)
{
        size_t i;

        for (i = 0; programs[i] != NULL; i++) {
                pic__auto_free char *found = pic__cmd_find(programs[i]);

                if (found == NULL) {
                        printf("SKIP: needs %s\n", programs[i]);
                        return 77;
                }
        }
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                printf("SKIP: needs root and the right to make a network namespace\n");
                return 77;
        }
        snprintf(far_dir, sizeof(far_dir), "/tmp/pic-far-XXXXXX");
        if (mkdtemp(far_dir) == NULL || chmod(far_dir, 0755) < 0 || pic__crypto_start(NULL) < 0)
                return 77;
        snprintf(far_log, sizeof(far_log), "%s/log", far_dir);
        far_namespace();
        if (shell(FAR_NET, (int)far_pids[0], (int)far_pids[0]) != 0)
                return 77;
        far_serve(serve_web);
        far_serve(serve_dns);
        far_kept = far_count;
        return 0;
}

static inline void far_close(void)
{
        size_t i;

        for (i = far_count; i-- > 0;)
                far_end(far_pids[i]);
        far_count = 0;
        shell("rm -rf %s", far_dir);
}

/* --- the cell's side -------------------------------------------------------------------------------------------------
 */

static inline pic__backend *backend(void)
{
        static char keep[80];
        pic__exit_opts opts = { .run_dir = far_dir, .log_dir = far_log, .keep_dir = keep };
        pic__backend *b = NULL;

        snprintf(keep, sizeof(keep), "%s/keep", far_dir);
        if (pic__exit_new(&opts, &b, NULL) < 0)
                abort();
        return b;
}

/* After each test: whatever it left. */
static inline int clear(void **state)
{
        pic__backend *b = backend();

        (void)state;
        (void)b->ops->teardown(b, 0, NULL);
        b->ops->free(b);
        for (; far_count > far_kept; far_count--)
                far_end(far_pids[far_count - 1]);
        return 0;
}

#define FAR_TEST(f) cmocka_unit_test_setup_teardown(f, NULL, clear)

static inline void step(pic__backend *b, const char *from, const char *to, const char *secret)
{
        pic__item before = { .kind = PIC__I_EXIT_SPACE, .key = "1", .value = from },
                  after = { .kind = PIC__I_EXIT_SPACE,
                            .key = "1",
                            .value = to,
                            .secret = (const uint8_t *)secret,
                            .secret_len = secret != NULL ? strlen(secret) : 0 };
        pic__step s = { from == NULL ? PIC__ADD
                        : to == NULL ? PIC__REMOVE
                                     : PIC__CHANGE,
                        PIC__I_EXIT_SPACE, from != NULL ? &before : NULL, to != NULL ? &after : NULL };
        pic_error *err = NULL;
        size_t done = 99;
        int r = b->ops->apply(b, &s, 1, &done, &err);

        if (r == 0 && b->ops->finish != NULL)
                r = b->ops->finish(b, &err);
        if (r < 0)
                fail_msg("%s %s (%s)", pic_error_message(err),
                         pic_error_cause(err) != NULL ? pic_error_message(pic_error_cause(err)) : "",
                         pic_error_detail(err, "stderr") != NULL ? pic_error_detail(err, "stderr") : "");
}

/* What devices send leaves by the exit; the cell masquerades it, so it comes from the link's address. */
static inline void routes(void)
{
        assert_int_equal(shell("ip route replace 198.51.100.0/24 via 169.254.96.6 dev picx1 && ip -6 route "
                               "replace 2001:db8:9::/64 via fd70:6963:78::1:2 dev picx1"),
                         0);
}

static inline int dial(const char *addr, uint16_t port, unsigned ms)
{
        struct sockaddr_storage to = { 0 };
        struct pollfd p;
        socklen_t len = sizeof(struct sockaddr_in);
        int error = 0, six = strchr(addr, ':') != NULL;

        if (six) {
                struct sockaddr_in6 *in = (struct sockaddr_in6 *)&to;

                in->sin6_family = AF_INET6;
                in->sin6_port = htons(port);
                inet_pton(AF_INET6, addr, &in->sin6_addr);
                len = sizeof(*in);
        } else {
                struct sockaddr_in *in = (struct sockaddr_in *)&to;

                in->sin_family = AF_INET;
                in->sin_port = htons(port);
                inet_pton(AF_INET, addr, &in->sin_addr);
        }
        p = (struct pollfd){ socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), POLLOUT, 0 };
        if (connect(p.fd, (struct sockaddr *)&to, len) == 0)
                return p.fd;
        len = sizeof(error);
        if (errno == EINPROGRESS && poll(&p, 1, (int)ms) == 1 &&
            getsockopt(p.fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0)
                return p.fd;
        if (error != 0)
                errno = error;
        else if (errno == EINPROGRESS)
                errno = ETIMEDOUT;
        error = errno;
        close(p.fd);
        errno = error;
        return -1;
}

/* What the web server says within `ms`: "you are 198.51.100.10"; "" when the connection ends or nothing comes,
 * "refused: …" when there is no connection. */
static inline const char *fetch(const char *addr, uint16_t port, unsigned ms)
{
        static char text[256];
        int fd = dial(addr, port, ms);
        struct pollfd p = { fd, POLLIN, 0 };
        size_t len = 0;
        ssize_t n;

        if (fd < 0) {
                snprintf(text, sizeof(text), "refused: %s", strerror(errno));
                return text;
        }
        (void)!write(fd, "GET /\r\n\r\n", 9);
        while (len + 1 < sizeof(text) && poll(&p, 1, (int)ms) == 1 &&
               (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
                len += (size_t)n;
        close(fd);
        text[len] = '\0';
        text[strcspn(text, "\n")] = '\0';
        return text;
}

/* Until it is said, or for `ms`. */
static inline void fetch_until(const char *addr, uint16_t port, const char *want, unsigned ms)
{
        const char *got = "";

        for (; ms > 0; ms = ms > 100 ? ms - 100 : 0) {
                got = fetch(addr, port, 500);
                if (strcmp(got, want) == 0)
                        return;
                nap(100);
        }
        shell("tail -n 50 %s/*.log; for f in %s/*; do echo \"== $f\"; tail -n 30 \"$f\"; done", far_dir, far_log);
        fail_msg("'%s' instead of '%s'", got, want);
}

/* The exit's resolver, asked as a device would be: what dig says. */
static inline const char *ask_exit(const char *name)
{
        static char out[256];
        char command[256];
        size_t n;
        FILE *p;

        snprintf(command, sizeof(command), "dig @169.254.96.6 +short +time=3 +tries=2 %s A 2>&1 | head -1", name);
        p = popen(command, "r");
        assert_non_null(p);
        n = fread(out, 1, sizeof(out) - 1, p);
        pclose(p);
        out[n] = '\0';
        out[strcspn(out, "\n")] = '\0';
        return out;
}

/* Why it does not carry, in the carrier's words; until they have `part`, or for `ms`. */
static inline void fault_until(pic__backend *b, const char *part, unsigned ms)
{
        char last[512] = "";

        for (;; ms = ms > 100 ? ms - 100 : 0) {
                pic__auto_buf pic__buf why = PIC__BUF_INIT;

                b->ops->fault(b, "1", &why);
                snprintf(last, sizeof(last), "%s", pic__buf_str(&why));
                if (strstr(last, part) != NULL)
                        return;
                if (ms == 0)
                        break;
                (void)fetch(WEB4, 80, 100);
                nap(100);
        }
        shell("for f in %s/*; do echo \"== $f\"; tail -n 30 \"$f\"; done", far_log);
        fail_msg("'%s' does not say '%s'", last, part);
}

/* As the engine: what died is started again. */
static inline void look_after(pic__backend *b)
{
        if (b->ops->tick != NULL)
                b->ops->tick(b);
        if (b->ops->drain != NULL)
                b->ops->drain(b);
}

/* What died comes up again. */
static inline void comes_back(pic__backend *b, const char *want, unsigned ms)
{
        for (; ms > 0 && strcmp(fetch(WEB4, 80, 300), want) != 0; ms = ms > 100 ? ms - 100 : 0) {
                look_after(b);
                nap(100);
        }
        fetch_until(WEB4, 80, want, 100);
}

static inline pid_t pid_of(pic__backend *b, const char *process)
{
        pic__exit_space *s = ((pic__exit *)b)->at[1];
        size_t i;

        for (i = 0; i < s->processes; i++)
                if (strcmp(s->process[i].name, process) == 0 && pic__process_alive(&s->process[i]))
                        return pic__child_pid(s->process[i].child);
        fail_msg("no %s", process);
        return 0;
}

/* Every process of the exit has its own user, no capability, and cannot get any. */
static inline void powerless(pic__backend *b)
{
        const pic__exit_space *s = ((pic__exit *)b)->at[1];
        size_t i;

        for (i = 0; i < s->processes; i++) {
                char path[64], line[256];
                pid_t pid = pic__child_pid(s->process[i].child);
                unsigned uid, seen = 0;
                FILE *f;

                snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
                f = fopen(path, "r");
                assert_non_null(f);
                while (fgets(line, sizeof(line), f) != NULL) {
                        if (sscanf(line, "Uid: %u", &uid) == 1)
                                seen += uid >= 60600;
                        else if (strncmp(line, "CapPrm:", 7) == 0 || strncmp(line, "CapBnd:", 7) == 0)
                                seen += strtoull(line + 7, NULL, 16) == 0;
                        else if (strncmp(line, "NoNewPrivs:", 11) == 0)
                                seen += atoi(line + 11) == 1;
                }
                fclose(f);
                if (seen != 4 && strcmp(s->process[i].name, "unbound") != 0)
                        fail_msg("%s has powers", s->process[i].name);
        }
}

#endif
