/* Owns: wireguard-go as a transport, and its life. The process outlives us: it is adopted by its pid file, and if a
 * kill came before that was written, recognized by a word in its environment. Its device is its last argument. The
 * sockets of all network namespaces share one directory, so a socket of the right name may be somebody else's. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backend/wg/transport.h"
#include "backend/wg/uapi.h"
#include "backend/wg/words.h"
#include "sys/file.h"

#define PROGRAM "wireguard-go"
#define START_MS 5000
#define STOP_MS 3000
#define PATIENCE_MS 250 /* a back-off up to this is just waited for */

struct user {
        pic__wg_transport base;
        pic__nl *route;
        const pic__log *log;
        char *log_path;
        char mark[256]; /* "PIC_RUN=<run_dir>", in the environment of what we start */
        pic__child *child;
        pic__uapi uapi;
};

static struct user *user_of(pic__wg_transport *t)
{
        return (struct user *)t;
}

pic__child *pic__wg_user_child(pic__wg_transport *t)
{
        return user_of(t)->child;
}

/* /proc/PID/FILE, at most size - 1 bytes, words ended by NUL. The length, or -1. */
static ssize_t read_proc(pid_t pid, const char *file, char *to, size_t size)
{
        char path[64];
        ssize_t n;
        int fd;

        snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -1;
        n = read(fd, to, size - 1);
        close(fd);
        if (n >= 0)
                to[n] = '\0';
        return n;
}

/* The last argument of the process: its device. */
static int device_of(pid_t pid, char name[IF_NAMESIZE])
{
        char args[512];
        ssize_t n = read_proc(pid, "cmdline", args, sizeof(args)), at = n - 1;

        while (at > 0 && args[at - 1] != '\0')
                at--;
        if (at <= 0 || strlen(args + at) >= IF_NAMESIZE)
                return -1;
        memcpy(name, args + at, strlen(args + at) + 1);
        return 0;
}

/* 0 only when both can be seen and differ. */
static int same_namespace(pid_t pid)
{
        struct stat own, other;
        char path[64];

        snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
        if (stat("/proc/thread-self/ns/net", &own) < 0 || stat(path, &other) < 0)
                return 1;
        return own.st_ino == other.st_ino && own.st_dev == other.st_dev;
}

static int find(pic__wg_transport *t, pic__wg_link *ret, pic_error **err)
{
        struct user *u = user_of(t);
        char name[IF_NAMESIZE];
        pid_t pid;
        int r;

        if (!pic__child_alive(u->child)) {
                pic__uapi_close(&u->uapi);
                if (!pic__child_adopt(u->child, PROGRAM))
                        return 0;
        }
        pid = pic__child_pid(u->child);
        if (device_of(pid, name) < 0 || !same_namespace(pid))
                return 0;
        r = pic__wg_link_get(u->route, name, ret, err);
        if (r <= 0)
                return r;
        if (strcmp(ret->kind, "tun") != 0)
                return 0;
        r = pic__uapi_name(&u->uapi, name, err);
        return r < 0 ? r : 1;
}

/* 1 when we started that process: our word is in its environment. */
static int started_by_us(const struct user *u, pid_t pid)
{
        char env[2048];
        ssize_t n = pid > 1 ? read_proc(pid, "environ", env, sizeof(env)) : -1, at = 0;

        while (at < n) {
                if (strcmp(env + at, u->mark) == 0)
                        return 1;
                at += (ssize_t)strlen(env + at) + 1;
        }
        return 0;
}

static void sweep(pic__wg_transport *t, const char *name)
{
        struct user *u = user_of(t);
        pid_t owner = 0;

        if (pic__child_alive(u->child)) { /* ours, but not the device that is wanted here */
                pic__child_stop(u->child, STOP_MS);
                pic__uapi_close(&u->uapi);
        }
        if (pic__uapi_name(&u->uapi, name, NULL) < 0 || pic__uapi_connect(&u->uapi, &owner, NULL) <= 0)
                return;
        pic__uapi_close(&u->uapi);
        if (!started_by_us(u, owner) || pic__child_adopt_pid(u->child, owner, PROGRAM, NULL) < 0)
                return;
        pic__log_put(u->log, PIC_LOG_WARNING, "wg", "stopping %s process %d, left over on %s", PROGRAM, (int)owner,
                     name);
        pic__child_stop(u->child, STOP_MS);
}

/* The socket's name is free, or taken by a dead process: then it is freed. */
static int free_socket(struct user *u, const char *name, pic_error **err)
{
        char comm[64] = "";
        pid_t owner = 0;
        int r = pic__uapi_connect(&u->uapi, &owner, err);

        if (r < 0)
                return r;
        if (r == 0) {
                (void)unlink(u->uapi.path);
                return 0;
        }
        pic__uapi_close(&u->uapi);
        (void)read_proc(owner, "comm", comm, sizeof(comm));
        comm[strcspn(comm, "\n")] = '\0';
        pic__fail(err, PIC_CONFLICT, "device %s: %s belongs to process %d (%s)", name, u->uapi.path, (int)owner, comm);
        pic__hint(err, "these sockets are shared by all network namespaces: stop that process, or give the cell "
                       "another device name");
        return PIC_CONFLICT;
}

static int not_started(struct user *u, const char *name, const char *why, pic_error **err)
{
        char words[300];
        int code;

        pic__wg_last_words(u->log_path, words, sizeof(words));
        code = pic__fail(err, PIC_BACKEND, "device %s: %s %s%s%s", name, PROGRAM, why, words[0] != '\0' ? ": " : "",
                         words);
        pic__detail(err, "stderr", words);
        if (access("/dev/net/tun", F_OK) != 0)
                pic__hint(err, "there is no /dev/net/tun: modprobe tun, or give it to this container");
        else
                pic__hint(err, "it needs root, or the capability CAP_NET_ADMIN; its log is %s", u->log_path);
        pic__child_stop(u->child, STOP_MS);
        return code;
}

static int wait_until_it_serves(struct user *u, const char *name, pic_error **err)
{
        int waited, r;

        for (waited = 0; waited < START_MS; waited += 2) {
                struct pollfd p = { .fd = pic__child_fd(u->child), .events = POLLIN };

                r = pic__uapi_connect(&u->uapi, NULL, err);
                if (r != 0)
                        return r < 0 ? r : 0;
                (void)poll(&p, 1, 2);
                if (!pic__child_alive(u->child))
                        return not_started(u, name, "ended at once", err);
        }
        return not_started(u, name, "does not open its socket", err);
}

static int wait_back_off(struct user *u, const char *name, pic_error **err)
{
        unsigned ms = pic__child_backoff(u->child);
        struct timespec t = { .tv_nsec = (long)ms * 1000000 };

        if (ms > PATIENCE_MS) {
                pic__fail(err, PIC_BUSY, "device %s: %s keeps dying; it is started again in %u ms", name, PROGRAM, ms);
                pic__hint(err, "its log is %s", u->log_path);
                return PIC_BUSY;
        }
        if (ms > 0)
                (void)nanosleep(&t, NULL);
        return 0;
}

static int create(pic__wg_transport *t, const char *name, pic__wg_link *ret, pic_error **err)
{
        struct user *u = user_of(t);
        const char *const argv[] = { PROGRAM, "-f", name, NULL };
        const char *const env[] = { "WG_PROCESS_FOREGROUND=1", "LOG_LEVEL=error", u->mark, NULL };
        int r = pic__uapi_name(&u->uapi, name, err);

        if (r == 0)
                r = free_socket(u, name, err);
        if (r == 0)
                r = wait_back_off(u, name, err);
        if (r == 0)
                r = pic__child_start(u->child, argv, env, err);
        if (r == 0)
                r = wait_until_it_serves(u, name, err);
        if (r < 0)
                return r;
        r = pic__wg_link_get(u->route, name, ret, err);
        if (r == 0)
                return not_started(u, name, "made no device here", err);
        if (r > 0)
                r = pic__wg_link_mark(u->route, ret, err);
        if (r < 0)
                pic__child_stop(u->child, STOP_MS);
        return r;
}

static int destroy(pic__wg_transport *t, const pic__wg_link *link, pic_error **err)
{
        struct user *u = user_of(t);

        (void)link;
        (void)err;
        pic__child_stop(u->child, STOP_MS);
        pic__uapi_close(&u->uapi);
        /* Killed, it leaves its socket behind. */
        if (pic__uapi_connect(&u->uapi, NULL, NULL) == 0)
                (void)unlink(u->uapi.path);
        return 0;
}

/* One that hangs carries no packet, and would hold up every apply for as long as it does: it goes, and the next look
 * finds no device and makes it anew. */
static int unless_hung(struct user *u, int r)
{
        if (r != PIC_TIMEOUT || !pic__child_alive(u->child))
                return r;
        pic__log_put(u->log, PIC_LOG_WARNING, "wg", "%s, process %d, does not answer: killed", PROGRAM,
                     (int)pic__child_pid(u->child));
        pic__child_stop(u->child, 0);
        return r;
}

static int set_device(pic__wg_transport *t, const pic__wg_link *link, const pic__wg_device *device, pic_error **err)
{
        (void)link;
        return unless_hung(user_of(t), pic__uapi_set_device(&user_of(t)->uapi, device, err));
}

static int set_peer(pic__wg_transport *t, const pic__wg_link *link, const pic__wg_peer *peer, int replace,
                    pic_error **err)
{
        (void)link;
        return unless_hung(user_of(t), pic__uapi_set_peer(&user_of(t)->uapi, peer, replace, err));
}

static int remove_peer(pic__wg_transport *t, const pic__wg_link *link, const uint8_t key[32], pic_error **err)
{
        (void)link;
        return unless_hung(user_of(t), pic__uapi_remove_peer(&user_of(t)->uapi, key, err));
}

static int flush(pic__wg_transport *t, pic_error **err)
{
        return unless_hung(user_of(t), pic__uapi_flush(&user_of(t)->uapi, err));
}

static int read_device(pic__wg_transport *t, const pic__wg_link *link, const pic__wg_reader *reader, pic_error **err)
{
        (void)link;
        return unless_hung(user_of(t), pic__uapi_read(&user_of(t)->uapi, reader, err));
}

static void user_free(pic__wg_transport *t)
{
        struct user *u = user_of(t);

        pic__uapi_free(&u->uapi);
        pic__child_unref(u->child);
        pic__free(u->log_path);
        pic__free(u);
}

static const pic__wg_transport_ops user_ops = {
        find, sweep, create, destroy, set_device, set_peer, remove_peer, flush, read_device, user_free,
};

static int build(struct user *u, const pic__wg_user_opts *opts, pic_error **err)
{
        int r = pic__uapi_new(&u->uapi, err);

        if (r < 0)
                return r;
        if (snprintf(u->mark, sizeof(u->mark), "PIC_RUN=%s", opts->run_dir) >= (int)sizeof(u->mark))
                return pic__fail(err, PIC_INVALID, "%s: too long a path for run files", opts->run_dir);
        u->log_path = pic__path_join(opts->log_dir, "wg.log");
        if (u->log_path == NULL)
                return pic__nomem(err);
        return pic__child_new("wg", opts->run_dir, opts->log_dir, opts->log, &u->child, err);
}

int pic__wg_user_new(const pic__wg_user_opts *opts, pic__wg_transport **ret, pic_error **err)
{
        struct user *u = pic__alloc(sizeof(*u));
        int r;

        if (u == NULL)
                return pic__nomem(err);
        u->base = (pic__wg_transport){ &user_ops, "userspace" };
        u->route = opts->route;
        u->log = opts->log;
        u->uapi.fd = -1;
        r = build(u, opts, err);
        if (r < 0) {
                user_free(&u->base);
                return r;
        }
        *ret = &u->base;
        return 0;
}
