/* How a way out is carried: one of these for each type. It knows its program and that program's files; it does not know
 * namespaces, firewalls and the life of processes, which are the same for all.
 *
 * The exit's directory is seen by its processes as PIC__EXIT_HOME, whatever the agent calls it: use that in arguments
 * and in configuration files. Nothing else of /run and /tmp is there for them. Inside there are two links: cell0, to
 * the cell, by which the carrier's user reaches the addresses in `remote` (or, with PIC__CARRIER_ANYWHERE, public ones)
 * and nothing else; and for types with a device, tun0.
 *
 * Order at a start: files, processes (each started and waited for until it is ready), settle. A change of the item:
 * `change` when the carrier has one, else processes whose arguments or files differ are started again. */
#ifndef PIC_BACKEND_EXIT_CARRIER_H
#define PIC_BACKEND_EXIT_CARRIER_H

#include <sys/types.h>

#include "backend/exit/value.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"

#define PIC__EXIT_HOME "/run/picx" /* the exit's directory, for its processes */
#define PIC__EXIT_DEVICE "tun0"    /* what carries, inside */
#define PIC__EXIT_LINK "cell0"     /* the way to the cell, inside */
#define PIC__EXIT_TCP_PORT 12345   /* the transparent redirector listens here, on all addresses (IPv4: 0.0.0.0) */
#define PIC__EXIT_SOCKS_PORT 1080  /* for what the carrier's programs say to each other, on 127.0.0.1 */
#define PIC__EXIT_DNS_PORT 5353    /* a name server of the carrier's own (tor), on 127.0.0.1, UDP */
#define PIC__EXIT_MARK 0x1u        /* of packets that a kernel device sends to `remote` (wg fwmark) */

enum {
        /* Carries TCP only, of IPv4 unless families say more: connections of devices come to PIC__EXIT_TCP_PORT
         * (SO_ORIGINAL_DST); the resolver asks over TCP through the same port. No device. */
        PIC__CARRIER_TCP_ONLY = 1 << 0,
        /* tun0 is made by the backend before the processes start, persistent and owned by the carrier's user: a program
         * attaches to it (IFF_TUN | IFF_NO_PI) without any capability. The backend gives it mtu, addresses of
         * `addresses` and the default routes; settle may give it more. */
        PIC__CARRIER_TUN = 1 << 1,
        /* tun0 comes into being by the carrier itself (settle of a kernel device, or a process with NET_ADMIN). */
        PIC__CARRIER_OWN_DEVICE = 1 << 2,
        PIC__CARRIER_DNS = 1 << 3,        /* names are asked of PIC__EXIT_DNS_PORT, not of `dns` */
        PIC__CARRIER_ANYWHERE = 1 << 4,   /* the far ends are many and unknown: any public address, TCP */
        PIC__CARRIER_TCP_REMOTE = 1 << 5, /* `remote` is spoken to over TCP (else UDP) */
        /* What it carries over TCP goes by connections that it holds, not by a new one for each of a device's: what is
         * lost of one keeps back all behind it. */
        PIC__CARRIER_HOLDS = 1 << 6
};

typedef struct pic__carrier_env {
        unsigned slot;
        const char *dir; /* <run_dir>/exit/<n>, as the agent sees it */
        const char *log_dir;
        const char *keep_dir; /* for what outlives a boot (keep.h); NULL: nothing does */
        uid_t user;           /* carrier's user and group, of this exit alone */
        const pic__log *log;
        pic__arena *arena; /* for texts of process specs: lives as long as they */
        const void *space; /* the backend's own */
} pic__carrier_env;

#define PIC__PROCESS_ARGS 32
#define PIC__PROCESSES_MAX 4
#define PIC__IS_SIEVE 2

typedef struct pic__process_spec {
        const char *name;                    /* of pid file and log: "ssh"; short, unique within the exit */
        const char *argv[PIC__PROCESS_ARGS]; /* NULL-terminated; argv[0] is looked for in the usual PATH */
        const char *program;                 /* what that becomes (exec of a shell's); NULL: it stays what it is */
        const char *env[4];                  /* "K=V", NULL-terminated */
        int net_admin;                       /* needs CAP_NET_ADMIN within its namespace */
        int bind_low;                        /* needs to bind ports below 1024 */
        const char *reads[4];                /* names of its files, NULL-terminated: another text in one is a restart */
        /* 1: serves; 0: not yet; negative: never will. Asked every few milliseconds for at most ready_ms (0: 5 s).
         * NULL: ready when started. */
        int (*ready)(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err);
        unsigned ready_ms;
        unsigned tasks;  /* processes and threads that its user may have; 0: as usual (limits.h) */
        int is_resolver; /* the backend's own, or PIC__IS_SIEVE; carriers leave it 0 */
} pic__process_spec;

typedef struct pic__carrier {
        const char *type; /* as in the item */
        unsigned flags;   /* PIC__CARRIER_* */
        /* Refuses, in words for people, what it could not carry. May be NULL. */
        int (*check)(const pic__exit_conf *c, pic_error **err);
        /* Writes its files with pic__carrier_file. May be NULL. */
        int (*files)(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err);
        /* In order of starting; the number, or an error. NULL: none (the kernel carries). */
        int (*processes)(const pic__exit_conf *c, const pic__carrier_env *env, pic__process_spec *out, size_t max,
                         pic_error **err);
        /* After all are ready. May be NULL. */
        int (*settle)(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err);
        /* From one item to another while it runs: 1 done, 0 it has to be started again. NULL: always 0. */
        int (*change)(const pic__exit_conf *from, const pic__exit_conf *to, const pic__carrier_env *env,
                      pic_error **err);
        /* 1: it stands as settle left it; 0: not. Called when something inside has changed, and now and then. May be
         * NULL. */
        int (*stands)(const pic__exit_conf *c, const pic__carrier_env *env);
        /* Which of its processes does not answer what it answers also when its far end is dead; NULL: all do, or nobody
         * can tell. Asked while the exit does not work, for at most a second. May be NULL. */
        const char *(*silent)(const pic__exit_conf *c, const pic__carrier_env *env);
        /* Name servers that the far end has told, by whom names are asked where the item names none; how many. Asked
         * after settling and when files are written. May be NULL. */
        size_t (*dns)(const pic__exit_conf *c, const pic__carrier_env *env, pic__exit_place *out, size_t max);
        /* Why it does not carry, in its own last words (from its log), or nothing. May be NULL. */
        void (*fault)(const pic__exit_conf *c, const pic__carrier_env *env, pic__buf *why);
} pic__carrier;

/* What a carrier may call. */

/* Writes PIC__EXIT_HOME/<name>, mode 0600, owned by the carrier's user; only when it differs. */
int pic__carrier_file(const pic__carrier_env *env, const char *name, const void *data, size_t len, pic_error **err);
/* Path of a file of the exit's as the agent sees it. In the arena; NULL when out of memory. */
const char *pic__carrier_path(const pic__carrier_env *env, const char *name);
/* Runs a program to its end inside, as root with NET_ADMIN: ip, wg. As pic__cmd_run. */
int pic__carrier_run(const pic__carrier_env *env, const char *const *argv, const void *input, size_t input_len,
                     pic__buf *out, pic_error **err);
/* The same as the carrier's user without any capability. */
int pic__carrier_run_as(const pic__carrier_env *env, const char *const *argv, const void *input, size_t input_len,
                        pic__buf *out, pic_error **err);
/* Runs one that asks a program which may not answer: PIC_TIMEOUT after half a second. */
int pic__carrier_ask(const pic__carrier_env *env, int as_root, const char *const *argv, pic__buf *out, pic_error **err);
/* The last lines that a process of the exit wrote, at most max bytes, controls escaped. */
void pic__carrier_last_words(const pic__carrier_env *env, const char *process, size_t max, pic__buf *out);
/* The end of what it wrote since it was started with what it has now, at most max bytes, as it wrote them. */
void pic__carrier_log(const pic__carrier_env *env, const char *process, size_t max, pic__buf *out);
/* 1: somebody listens on that TCP port inside (by /proc, without a connection); -1: cannot tell. */
int pic__carrier_listens(const pic__carrier_env *env, unsigned port);
/* 1: connections wait at that TCP port inside, that nobody has taken. */
int pic__carrier_waits(const pic__carrier_env *env, unsigned port);

/* All there are. NULL: no such type. */
const pic__carrier *pic__carrier_of(const char *type);

extern const pic__carrier pic__carrier_wireguard, pic__carrier_openvpn, pic__carrier_tor, pic__carrier_ssh,
        pic__carrier_proxy, pic__carrier_block;

#endif
