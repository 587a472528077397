/* Stand-ins of providers (tests/fixtures/providers.py) in a directory of their own, for tests of public names. */
#ifndef TEST_ENGINE_PROVIDERS_WORLD_H
#define TEST_ENGINE_PROVIDERS_WORLD_H

#include "fixture.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "engine/provider.h"

typedef struct providers {
        char dir[64];
        pid_t pid;
        int port;
} providers;

/* Into a network of one's own, in which there is no internet: 1; 0: not allowed. */
static inline int pw_apart(void)
{
        return unshare(CLONE_NEWNET) == 0 && system("ip link set lo up") == 0;
}

static inline void pw_write(const providers *p, const char *name, const char *text)
{
        char path[128];

        snprintf(path, sizeof(path), "%s/%s", p->dir, name);
        assert_int_equal(pic__file_write(path, text, strlen(text), 0644, NULL), 0);
}

static inline void pw_remove(const providers *p, const char *name)
{
        char path[128];

        snprintf(path, sizeof(path), "%s/%s", p->dir, name);
        (void)unlink(path);
}

static inline int pw_port(const providers *p)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char path[128];

        snprintf(path, sizeof(path), "%s/port", p->dir);
        return pic__file_read(path, 100, &text, NULL) == 0 ? atoi(pic__buf_str(&text)) : 0;
}

/* tls: over TLS, with a certificate that vouches for itself: dir/cert. */
static inline void pw_begin(providers *p, int tls)
{
        char cert[128], key[128], command[600];
        int i;

        fixture_dir(p->dir, sizeof(p->dir));
        snprintf(cert, sizeof(cert), "%s/cert", p->dir);
        snprintf(key, sizeof(key), "%s/key", p->dir);
        snprintf(command, sizeof(command),
                 "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -addext "
                 "subjectAltName=DNS:localhost -days 2 -keyout %s -out %s 2>/dev/null",
                 key, cert);
        if (tls)
                assert_int_equal(system(command), 0);
        pw_write(p, "ip", "198.51.100.7");
        p->pid = fork();
        if (p->pid == 0) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves none behind */
                execl("/usr/bin/python3", "python3", PIC_TEST_DATA "/fixtures/providers.py", p->dir, "60",
                      tls ? "127.0.0.1" : (char *)NULL, cert, key, (char *)NULL);
                _exit(127);
        }
        for (i = 0; i < 1000 && (p->port = pw_port(p)) == 0; i++)
                usleep(10000);
        assert_true(p->port > 0);
}

static inline void pw_start(providers *p)
{
        pw_begin(p, 0);
}

static inline void pw_stop(providers *p)
{
        kill(p->pid, SIGKILL);
        waitpid(p->pid, NULL, 0);
        fixture_drop(p->dir);
}

/* How many requests have this in them; the whole log with NULL. */
static inline int pw_asked(const providers *p, const char *what)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char path[128], *line, *save = NULL;
        int count = 0;

        snprintf(path, sizeof(path), "%s/log", p->dir);
        if (pic__file_read(path, 1 << 20, &text, NULL) < 0 || text.len == 0)
                return 0;
        for (line = strtok_r(text.data, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
                count += what == NULL || strstr(line, what) != NULL;
        return count;
}

#endif
