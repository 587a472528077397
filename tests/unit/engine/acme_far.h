/* A CA to test with: pebble (Let's Encrypt's own, for tests) with pebble-challtestsrv as its name server, in a network
 * namespace of this process. uacme trusts what /etc/ssl/certs has, so in a mount namespace that is pebble's own. */
#ifndef TEST_ENGINE_ACME_FAR_H
#define TEST_ENGINE_ACME_FAR_H

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#define ACME_DIRECTORY "https://127.0.0.1:14000/dir"
#define ACME_OUTER "198.51.100.1" /* where all names lead */

typedef struct acme_far {
        char dir[64];
        pid_t names, ca;
} acme_far;

static inline pid_t af_run(const acme_far *f, const char *log, const char *const *argv)
{
        pid_t pid = fork();

        if (pid == 0) {
                char path[128];
                int fd;

                snprintf(path, sizeof(path), "%s/%s", f->dir, log);
                fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
                dup2(fd, 1);
                dup2(fd, 2);
                setenv("PEBBLE_VA_NOSLEEP", "1", 1);
                setenv("PEBBLE_WFE_NONCEREJECT", "0", 1);
                setenv("PEBBLE_AUTHZREUSE", "0", 0);
                execvp(argv[0], (char *const *)(uintptr_t)argv);
                _exit(127);
        }
        return pid;
}

static inline int af_listens(int port)
{
        struct sockaddr_in at = { .sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int fd, i, r = -1;

        for (i = 0; i < 500 && r < 0; i++) {
                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
                r = connect(fd, (struct sockaddr *)&at, sizeof(at));
                close(fd);
                if (r < 0)
                        usleep(20000);
        }
        return r == 0;
}

static inline void af_start_ca(acme_far *f)
{
        char conf[128];
        const char *const ca[] = { "pebble", "-config", conf, "-dnsserver", "127.0.0.1:8053", "-strict", NULL };

        snprintf(conf, sizeof(conf), "%s/pebble.json", f->dir);
        f->ca = af_run(f, "pebble.log", ca);
}

static inline void af_end(pid_t *pid)
{
        if (*pid > 0) {
                kill(*pid, SIGKILL);
                waitpid(*pid, NULL, 0);
        }
        *pid = 0;
}

/* 0: this machine cannot. */
static inline int af_begin(acme_far *f)
{
        static const char *const names[] = { "pebble-challtestsrv",
                                             "-dns01",
                                             "127.0.0.1:8053",
                                             "-http01",
                                             "",
                                             "-https01",
                                             "",
                                             "-tlsalpn01",
                                             "",
                                             "-management",
                                             "127.0.0.1:8055",
                                             "-defaultIPv6",
                                             "",
                                             "-defaultIPv4",
                                             ACME_OUTER,
                                             NULL };
        char command[2048];

        memset(f, 0, sizeof(*f));
        if (geteuid() != 0 || system("command -v pebble pebble-challtestsrv uacme openssl setpriv >/dev/null") != 0 ||
            unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return 0;
        snprintf(f->dir, sizeof(f->dir), "/tmp/pic-far-XXXXXX");
        if (mkdtemp(f->dir) == NULL)
                return 0;
        snprintf(
                command, sizeof(command),
                "cd %s && ip link set lo up && ip link add out0 type veth peer name out1 && ip addr add " ACME_OUTER
                "/24 dev out0 && ip link set out0 up && ip link set out1 up && openssl req -x509 -newkey ec -pkeyopt "
                "ec_paramgen_curve:P-256 -nodes -keyout key.pem -out ca.pem -days 2 -subj /CN=test -addext "
                "subjectAltName=IP:127.0.0.1 2>/dev/null && mount --bind ca.pem /etc/ssl/certs/ca-certificates.crt && "
                "echo '{\"pebble\":{\"listenAddress\":\"127.0.0.1:14000\",\"managementListenAddress\":"
                "\"127.0.0.1:15000\",\"certificate\":\"ca.pem\",\"privateKey\":\"key.pem\",\"httpPort\":80,\"tlsPort\":"
                "443,\"ocspResponderURL\":\"\",\"externalAccountBindingRequired\":false}}' >pebble.json",
                f->dir);
        if (system(command) != 0 || chdir(f->dir) < 0)
                return 0;
        f->names = af_run(f, "names.log", names);
        af_start_ca(f);
        return af_listens(14000) && af_listens(8055);
}

static inline void af_finish(acme_far *f)
{
        char command[128];

        af_end(&f->ca);
        af_end(&f->names);
        if (f->dir[0] == '\0')
                return;
        (void)!chdir("/");
        snprintf(command, sizeof(command), "umount /etc/ssl/certs/ca-certificates.crt; rm -rf %s", f->dir);
        (void)!system(command);
}

/* What its names say: set-txt, clear-txt, set-servfail… */
static inline void af_names(const char *what, const char *host, const char *value)
{
        char command[1024];

        snprintf(command, sizeof(command),
                 "curl -s -d '{\"host\":\"%s.\",\"value\":\"%s\"}' http://127.0.0.1:8055/%s >/dev/null", host, value,
                 what);
        (void)!system(command);
}

#endif
