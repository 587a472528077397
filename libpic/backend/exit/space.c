/* Owns: the namespace of one exit: found again, made, taken away.
 *
 * It is kept by a process that does nothing (the holder) and not by a mounted file: mounts of the agent's are its own
 * under systemd and gone when it is started again; a process stays. With it come a mount namespace, in which /run and
 * /tmp are empty but for the exit's own directory (a socket in /run would be a way around every network rule: nscd,
 * resolved, Docker), nothing is shared by which two exits could talk, and /proc shows a user his own processes only
 * (/proc/PID/net of another one is the machine's network: who talks to whom, neighbours, routes); and where it can be
 * had a user namespace that owns the network one: NET_ADMIN of a carrier means nothing outside then. Each exit has
 * users of its own, so carriers of two exits are strangers to each other. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backend/exit/inside.h"
#include "sys/file.h"
#include "sys/power.h"

#define HOLDER "cat" /* what the holder is when it is ready: reads a pipe that nobody writes to */
#define START_MS 5000

/* $1: the exit's directory; $2: "tun" when the machine's /dev/net/tun is not for everybody; $3: our own filter, when it
 * lies where nothing is seen from here (a tree below /tmp). Constant; nothing of a wish gets into it. */
static const char script[] =
        "set -e\n"
        "mount() { m=$(command mount \"$@\" 2>&1) || { echo \"${m%%dmesg*}\" | tr '\\n' ' ' >&2; return 1; }; }\n"
        "mount -n -t tmpfs -o mode=755,size=1m,nosuid tmpfs /run\n"
        "mkdir -m 711 /run/picx /run/wireguard\n"
        "if [ -n \"$3\" ]; then : >" PIC__SIEVE_BOUND "; mount -n --bind \"$3\" " PIC__SIEVE_BOUND "; fi\n"
        "cd \"$1\"\n"
        "mount -n -t tmpfs -o mode=1777,size=16m,nosuid,nodev,noexec tmpfs /tmp\n"
        "mount -n -c --bind . " PIC__EXIT_HOME "\n"
        "cd /\n"
        "mount -n --bind " PIC__EXIT_HOME "/wg /run/wireguard\n"
        "mkdir /run/etc\n"
        "mount -n --rbind /etc /run/etc\n"
        "mount -n -t tmpfs -o mode=755,size=1m,nosuid,nodev,noexec tmpfs /etc\n"
        "ln -s /run/etc/* /etc/\n"
        "ln -sfn " PIC__EXIT_HOME "/passwd /etc/passwd\n"
        "for d in /var/tmp /dev/shm /dev/mqueue; do\n"
        "[ ! -d $d ] || mount -n -t tmpfs -o mode=1777,size=1m,nosuid,nodev,noexec tmpfs $d\n"
        "done\n"
        "mount -n -t proc -o nosuid,nodev,noexec,hidepid=2 proc /proc || :\n"
        "if [ \"$2\" = tun ]; then mknod -m 666 /run/tun c 10 200; mount -n --bind /run/tun /dev/net/tun; fi\n"
        "if unshare --user --net true 2>/dev/null; then\n"
        "exec unshare --user --net -- setpriv --no-new-privs " HOLDER " " PIC__EXIT_HOME "/hold\n"
        "fi\n"
        "exec unshare --net -- setpriv --no-new-privs --inh-caps=-all --bounding-set=-all " HOLDER " " PIC__EXIT_HOME
        "/hold\n";

/* In one write each: the kernel takes a map as a whole. */
static const char map_script[] = "printf %s \"$2\" >\"/proc/$1/uid_map\" && printf %s \"$2\" >\"/proc/$1/gid_map\"";

uid_t pic__space_user(const pic__exit_space *s, int resolver)
{
        return PIC__EXIT_FIRST_ID + 2 * s->slot + (resolver ? 1 : 0);
}

char *pic__space_file(const pic__exit_space *s, const char *name)
{
        return pic__path_join(s->dir, name);
}

pic__carrier_env pic__space_env(const pic__exit_space *s, pic__arena *arena)
{
        return (pic__carrier_env){ s->slot, s->dir, s->log_dir, s->keep_dir, pic__space_user(s, 0), s->log, arena, s };
}

void pic__space_free(pic__exit_space *s)
{
        size_t i;

        if (s == NULL)
                return;
        for (i = 0; i < s->processes; i++)
                pic__process_free(&s->process[i]);
        pic__child_unref(s->holder);
        pic__exit_conf_free(&s->conf);
        if (s->secret != NULL)
                explicit_bzero(s->secret, s->secret_len);
        pic__free(s->secret);
        pic__free(s->value);
        pic__free(s->why);
        pic_error_free(s->refusal);
        pic__free(s->dir);
        pic__free(s);
}

enum { DIR_MAX_LEN = 95 }; /* with "/255/mgmt" behind it */

/* Sockets have short names, and words of configurations no blanks. Only who has connections need care. */
static int check_dir(const char *dir, pic_error **err)
{
        if (dir[0] == '/' && strpbrk(dir, "\"\n\\ ") == NULL && strlen(dir) <= DIR_MAX_LEN)
                return 0;
        pic__fail(err, PIC_INVALID, "%s: for connections this has to be an absolute path of at most %d bytes", dir,
                  DIR_MAX_LEN);
        pic__hint(err, "without blanks, quotes and backslashes");
        return PIC_INVALID;
}

int pic__space_new(const pic__exit *b, unsigned slot, pic__exit_space **ret, pic_error **err)
{
        pic__exit_space *s;
        char name[24];
        int r = check_dir(b->dir, err);

        if (r < 0)
                return r;
        s = pic__alloc(sizeof(*s));
        if (s == NULL)
                return pic__nomem(err);
        snprintf(name, sizeof(name), "%u", slot);
        s->slot = slot;
        s->watched = -1;
        s->nsid = -1;
        s->log = b->base.log;
        s->log_dir = b->log_dir;
        s->keep_dir = b->keep_dir;
        s->dir = pic__path_join(b->dir, name);
        pic__exit_dev(slot, s->dev);
        pic__exit_conf_free(&s->conf); /* so that its texts are there */
        snprintf(name, sizeof(name), "exit%u-hold", slot);
        r = s->dir != NULL ? pic__child_new(name, s->dir, b->log_dir, b->base.log, &s->holder, err) : pic__nomem(err);
        if (r < 0) {
                pic__space_free(s);
                return r;
        }
        *ret = s;
        return 0;
}

/* 1: they are two. */
static int differ(pid_t pid, const char *kind)
{
        struct stat own, other;
        char path[64];

        snprintf(path, sizeof(path), "/proc/thread-self/ns/%s", kind);
        if (stat(path, &own) < 0)
                return 0;
        snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, kind);
        return stat(path, &other) == 0 && (own.st_ino != other.st_ino || own.st_dev != other.st_dev);
}

/* We may have been killed before they were (map_users); nobody can be made anything inside then. */
static int has_map(pid_t pid, const char *map)
{
        char path[64], text[8];
        ssize_t n = -1;
        int fd;

        snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, map);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
                n = read(fd, text, sizeof(text));
                close(fd);
        }
        return n > 0;
}

int pic__space_knows(const pic__exit_space *s, unsigned user)
{
        char path[64], line[80];
        unsigned first = 0, count = 0;
        int found = !s->own_users;
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pic__child_pid(s->holder));
        f = fopen(path, "re");
        while (f != NULL && fgets(line, sizeof(line), f) != NULL)
                found |= sscanf(line, " %u %*u %u", &first, &count) == 2 && user >= first && user - first < count;
        if (f != NULL)
                fclose(f);
        return found;
}

static int users_are_mapped(const pic__exit_space *s)
{
        pid_t pid = pic__child_pid(s->holder);

        return !s->own_users || (has_map(pid, "uid_map") && has_map(pid, "gid_map"));
}

/* What runs inside sees a directory that has no name any more, and nothing can be told to it. */
static int has_dir(const pic__exit_space *s)
{
        pic__auto_free char *hold = pic__space_file(s, "hold");

        return hold == NULL || access(hold, F_OK) == 0 || errno != ENOENT;
}

int pic__space_holds(pic__exit_space *s)
{
        if (pic__child_alive(s->holder)) {
                if (has_dir(s))
                        return 1;
                pic__log_put(s->log, PIC_LOG_WARNING, "exit", "%s: its directory was taken away", s->dev);
                pic__child_stop(s->holder, 0);
                return 0;
        }
        if (!pic__child_adopt(s->holder, HOLDER))
                return 0;
        s->own_users = differ(pic__child_pid(s->holder), "user");
        /* The first cannot be; and what would follow is about the machine. */
        if (differ(pic__child_pid(s->holder), "net") && users_are_mapped(s))
                return 1;
        pic__child_stop(s->holder, 0);
        return 0;
}

/* --- making ----------------------------------------------------------------------------------------------------- */

static int own(const char *path, uid_t user, pic_error **err)
{
        if (chown(path, user, user) == 0)
                return 0;
        return pic__fail_errno(err, errno, "%s: cannot give it to user %u", path, (unsigned)user);
}

/* Names for ids that no machine knows: ssh wants one. */
static int write_passwd(const pic__exit_space *s, pic_error **err)
{
        pic__auto_free char *path = pic__space_file(s, "passwd");
        unsigned carrier = pic__space_user(s, 0), resolver = pic__space_user(s, 1);
        char text[300];
        int n = snprintf(text, sizeof(text),
                         "root:x:0:0:root:/nonexistent:/usr/sbin/nologin\n"
                         "picx:x:%u:%u:exit:" PIC__EXIT_HOME ":/usr/sbin/nologin\n"
                         "picxr:x:%u:%u:exit:" PIC__EXIT_HOME ":/usr/sbin/nologin\n",
                         carrier, carrier, resolver, resolver);

        return path != NULL ? pic__file_write(path, text, (size_t)n, 0644, err) : pic__nomem(err);
}

static int make_files(const pic__exit_space *s, pic_error **err)
{
        pic__auto_free char *wg = pic__space_file(s, "wg"), *hold = pic__space_file(s, "hold");
        int r;

        if (wg == NULL || hold == NULL)
                return pic__nomem(err);
        r = pic__dir_make(s->dir, 0711, err);
        if (r == 0)
                r = pic__dir_make(s->log_dir, 0750, err);
        if (r == 0)
                r = pic__dir_make(wg, 0700, err);
        if (r == 0)
                r = own(wg, pic__space_user(s, 0), err);
        if (r == 0 && mkfifo(hold, 0600) < 0 && errno != EEXIST)
                r = pic__fail_errno(err, errno, "%s", hold);
        return r < 0 ? r : write_passwd(s, err);
}

/* The shell has become what holds. */
static int ready(pid_t pid)
{
        char path[64], name[32] = "";
        int fd;
        ssize_t n;

        snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return 0;
        n = read(fd, name, sizeof(name) - 1);
        close(fd);
        return n > 0 && strcmp(name, HOLDER "\n") == 0;
}

static int not_made(pic__exit_space *s, pic_error **err)
{
        pic__auto_buf pic__buf words = PIC__BUF_INIT;
        pic__carrier_env env = pic__space_env(s, NULL);

        pic__child_stop(s->holder, 0);
        pic__carrier_last_words(&env, "hold", 300, &words);
        pic__fail(err, PIC_BACKEND, "exit %u: cannot make a network namespace%s%s", s->slot, words.len > 0 ? ": " : "",
                  pic__buf_str(&words));
        pic__hint(err, "the agent needs to be root with CAP_SYS_ADMIN; a container needs --privileged for that");
        return PIC_BACKEND;
}

static int start_holder(pic__exit_space *s, pic_error **err)
{
        static const struct timespec pause = { 0, 1000000 };
        struct stat tun;
        int closed = stat("/dev/net/tun", &tun) == 0 && (tun.st_mode & 0006) != 0006;
        pic__auto_free char *sieve = pic__exit_sieve_hidden();
        const char *argv[] = { "unshare",
                               "--mount",
                               "--ipc",
                               "--propagation",
                               "private",
                               "--",
                               "sh",
                               "-c",
                               script,
                               "picx",
                               s->dir,
                               closed ? "tun" : "",
                               sieve != NULL ? sieve : "",
                               NULL };
        pic__auto_free char *mark = pic__alloc(strlen(s->dir) + 16);
        const char *env[] = { mark, NULL };
        uint64_t power;
        int r, waited;

        if (mark == NULL)
                return pic__nomem(err);
        snprintf(mark, strlen(s->dir) + 16, "PIC_EXIT=%s", s->dir);
        power = pic__power_give();
        r = pic__child_start(s->holder, argv, env, err);
        pic__power_back(power);
        if (r < 0)
                return r;
        for (waited = 0; waited < START_MS; waited++) {
                if (!pic__child_alive(s->holder))
                        return not_made(s, err);
                if (ready(pic__child_pid(s->holder)))
                        return 0;
                nanosleep(&pause, NULL);
        }
        return not_made(s, err);
}

/* The two users and the filter's are the same numbers within. Root within is a number that nobody is outside: our own
 * programs are that inside, no process of the exit may become it, and to map the machine's root would take one
 * capability more. */
static int map_users(pic__exit_space *s, pic_error **err)
{
        char pid[16], map[64];
        const char *argv[] = { "sh", "-c", map_script, "picx", pid, map, NULL };
        uint64_t power;
        int r;

        s->own_users = differ(pic__child_pid(s->holder), "user");
        if (!s->own_users)
                return 0;
        snprintf(pid, sizeof(pid), "%d", (int)pic__child_pid(s->holder));
        snprintf(map, sizeof(map), "0 %u 1\n%u %u 2\n%u %u 1", PIC__EXIT_FIRST_ID, (unsigned)pic__space_user(s, 0),
                 (unsigned)pic__space_user(s, 0), PIC__SIEVE_USER, PIC__SIEVE_USER);
        power = pic__power_give();
        r = pic__cmd_run(argv, NULL, NULL, NULL, err);
        pic__power_back(power);
        return r;
}

/* For people and tests: nsenter --net=<dir>/ns. */
static int link_ns(const pic__exit_space *s, pic_error **err)
{
        pic__auto_free char *path = pic__space_file(s, "ns");
        char to[64];

        if (path == NULL)
                return pic__nomem(err);
        snprintf(to, sizeof(to), "/proc/%d/ns/net", (int)pic__child_pid(s->holder));
        (void)unlink(path);
        return symlink(to, path) == 0 ? 0 : pic__fail_errno(err, errno, "%s", path);
}

int pic__space_make(pic__exit_space *s, pic_error **err)
{
        int r;

        if (pic__space_holds(s))
                return 0;
        pic__leftover_kill(s);
        pic__cable_cut(s);
        s->rules[0] = s->routes[0] = '\0';
        s->settled = 0;
        r = make_files(s, err);
        if (r == 0)
                r = start_holder(s, err);
        if (r == 0 && !differ(pic__child_pid(s->holder), "net"))
                r = not_made(s, err);
        if (r == 0)
                r = map_users(s, err);
        if (r == 0)
                r = link_ns(s, err);
        if (r < 0)
                pic__child_stop(s->holder, 0);
        return r;
}

/* --- taking away ------------------------------------------------------------------------------------------------ */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
        (void)st;
        (void)type;
        (void)at;
        (void)remove(path);
        return 0;
}

/* The processes that could change it meanwhile are dead by now. */
static void remove_files(const pic__exit_space *s)
{
        (void)nftw(s->dir, remove_one, 8, FTW_PHYS | FTW_DEPTH | FTW_MOUNT);
}

void pic__space_remove(pic__exit_space *s)
{
        while (s->processes > 0) {
                pic__exit_process *p = &s->process[--s->processes];

                pic__process_stop(p);
                pic__process_free(p);
        }
        pic__cable_cut(s);
        pic__child_stop(s->holder, 0);
        pic__leftover_kill(s);
        remove_files(s);
        pic__exit_forgive(s);
        pic__exit_conf_free(&s->conf);
        if (s->secret != NULL)
                explicit_bzero(s->secret, s->secret_len);
        pic__free(s->secret);
        pic__free(s->value);
        pic__free(s->why);
        s->secret = NULL;
        s->value = s->why = NULL;
        s->stood = 0;
        s->carrier = NULL;
        s->rules[0] = s->routes[0] = '\0';
        s->settled = 0;
}
