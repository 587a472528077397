/* What the files of this backend share. */
#ifndef PIC_BACKEND_EXIT_INSIDE_H
#define PIC_BACKEND_EXIT_INSIDE_H

#include "backend/exit/carrier.h"
#include "backend/exit/exit.h"
#include "backend/exit/limits.h"
#include "model/exit.h"
#include "sieve/counts.h"
#include "sys/child.h"
#include "sys/clock.h"

/* Users: of exit n the carrier 60600 + 2n and the resolver the next; root inside all of them 60600. Nobody's numbers
 * (systemd's table of them). */
#define PIC__EXIT_FIRST_ID 60600u
#define PIC__EXIT_ALIAS "pic"
#define PIC__EXIT_TABLE 100  /* inside: the carrier's way to the cell */
#define PIC__EXIT_GRACE 1500 /* ms that a process has to end */
/* ms. One that has lived so long was well (a dial that nobody answers counts: it waited enough), and the most that the
 * next start waits: of an exit that stood not long ago, and of one that did not. */
#define PIC__EXIT_WELL 8000
#define PIC__EXIT_WAIT_SHORT 5000
#define PIC__EXIT_WAIT_LONG 30000

/* One process of an exit that runs or ought to run. */
typedef struct pic__exit_process {
        char *name;
        char *program;  /* base name of argv[0], for finding it again */
        char print[65]; /* digest of arguments and files it was started with */
        long long said; /* its log from here on is of what it is now; before that of others, or of other settings */
        pic__child *child;
        int watched; /* its pidfd as it is in epoll, or -1 */
} pic__exit_process;

#define PIC__EXIT_PROCESSES (PIC__PROCESSES_MAX + 2)

/* What is known of its programs that do nothing: hang.c */
typedef struct pic__exit_hang {
        pic_time at;             /* one was replaced; 0: never */
        pic_time gap;            /* and the next one is, so much later at the earliest */
        pic_time look;           /* when carriers are asked next */
        unsigned missed;         /* so often one did not answer, in a row */
        pic_time unread;         /* since then questions wait at its resolver; 0: none do */
        unsigned long long work; /* that it had done by then */
        char told[120];          /* what was replaced, for who asks */
} pic__exit_hang;

/* One exit. */
typedef struct pic__exit_space {
        unsigned slot;
        char dev[PIC__EXIT_DEV];
        char *dir; /* <run_dir>/exit/<n> */
        const char *keep_dir;
        const char *log_dir;
        const pic__log *log;
        pic__child *holder; /* keeps the namespaces */
        int watched;        /* holder's pidfd in epoll, or -1 */
        int own_users;      /* the network namespace belongs to a user namespace of its own */
        int nsid;           /* how the cell's namespace calls it; -1: not known */
        char *value;        /* the item it was built with; NULL: not there, or not wholly */
        uint8_t *secret;
        size_t secret_len;
        pic__exit_conf conf; /* of value; type "" when there is none */
        const pic__carrier *carrier;
        pic__exit_process process[PIC__EXIT_PROCESSES];
        size_t processes;
        char rules[65];  /* digest of the firewall inside, as we left it; "" not known */
        char routes[65]; /* of addresses, routes and rules for them */
        int settled;     /* the carrier is as it has to be; else that is still to be done */
        unsigned mtu;    /* that tun0 was given; 0: not known */
        int look;        /* something was heard: look before telling */
        char *why;       /* what its carrier said last of a fault, after a long time; or NULL */
        pic_time why_until;
        pic__exit_hang hang;
        pic_error *refusal; /* why nothing carries it, though it is built; or NULL */
        char told[160];     /* of it, to the log: not again */
        int refused;        /* its carrier was not even started: that is tried again now and then, */
        pic_time again;     /* next then */
        pic_time stood;     /* when it was last seen settled and alive; 0: never yet */
} pic__exit_space;

typedef struct pic__exit {
        pic__backend base;
        char *dir; /* <run_dir>/exit */
        char *log_dir;
        char *keep_dir; /* or NULL */
        int epoll, wake, timer;
        int heard[2]; /* netlink: links, addresses, routes; firewalls. -1: cannot be heard */
        int all;      /* they tell of other namespaces too */
        int moved;    /* links, routes or rules of the cell may be others: ways out too */
        pic_time fitted;
        int listed; /* what is in `dir` has been taken up */
        unsigned ticks;
        pic__exit_space *at[PIC__EXIT_SLOTS + 1];
} pic__exit;

/* space.c: the namespace itself, found or made */
int pic__space_new(const pic__exit *b, unsigned slot, pic__exit_space **ret, pic_error **err);
void pic__space_free(pic__exit_space *s); /* lets go; stops nothing */
int pic__space_holds(pic__exit_space *s); /* 1: the namespace is there (adopted if need be) */
int pic__space_make(pic__exit_space *s, pic_error **err);
void pic__space_remove(pic__exit_space *s); /* processes, cable, namespace, files */
pic__carrier_env pic__space_env(const pic__exit_space *s, pic__arena *arena);
char *pic__space_file(const pic__exit_space *s, const char *name);
uid_t pic__space_user(const pic__exit_space *s, int resolver);
int pic__space_knows(const pic__exit_space *s, unsigned user); /* 1: rules inside can name that user */

/* cable.c: links, addresses and routes of both ends */
int pic__cable_stands(const pic__exit_space *s); /* the cell's end */
int pic__cable_lay(pic__exit_space *s, const pic__exit_conf *c, pic_error **err);
void pic__cable_cut(const pic__exit_space *s);
int pic__cable_conflict(const pic__exit_space *s, pic_error **err); /* 0, or PIC_CONFLICT */
/* tun0: made for the carrier, or only addresses, mtu and routes when it is the carrier's own. */
int pic__tunnel_make(const pic__exit_space *s, pic_error **err);
unsigned pic__tunnel_index(const pic__exit_space *s); /* 0: there is none */
int pic__tunnel_dress(pic__exit_space *s, const pic__exit_conf *c, pic_error **err);
void pic__tunnel_fit(pic__exit_space *s); /* its mtu follows the way to the far end */

/* rules.c: the firewall inside, and pictures of what is inside */
int pic__rules_load(pic__exit_space *s, const pic__exit_conf *c, const pic__carrier *carrier, pic_error **err);
enum { PIC__OF_RULES, PIC__OF_ROUTES };
int pic__rules_picture(const pic__exit_space *s, int of, char ret[65], pic_error **err);

/* process.c */
#define PIC__EXIT_ARGV (PIC__PROCESS_ARGS + 24 + PIC__EXIT_LIMITS)
typedef struct pic__exit_argv {
        const char *at[PIC__EXIT_ARGV];
        char words[8][64];
        char limits[PIC__EXIT_LIMITS][32];
} pic__exit_argv;
/* Puts before argv what takes a program into the namespace of `holder` and makes it what spec says. */
enum { PIC__INSIDE_ROOT, PIC__INSIDE_USER, PIC__INSIDE_RESOLVER, PIC__INSIDE_SIEVE };
void pic__process_argv(const pic__exit_space *s, pid_t holder, const pic__process_spec *spec, int who,
                       pic__exit_argv *ret);
int pic__process_new(const pic__exit_space *s, const char *name, pic__exit_process *ret, pic_error **err);
void pic__process_free(pic__exit_process *p);
int pic__process_alive(pic__exit_process *p); /* adopted if need be */
int pic__process_print(const pic__exit_space *s, const pic__process_spec *spec, char ret[65], pic_error **err);
int pic__process_start(const pic__exit_space *s, pic__exit_process *p, const pic__process_spec *spec, pic_error **err);
void pic__process_stop(pic__exit_process *p);
/* Runs one to its end inside. `own_mounts` 0: with the machine's files. */
int pic__inside_run(const pic__exit_space *s, int who, const char *const *argv, const void *input, size_t len,
                    pic__buf *out, pic_error **err);
/* The same without input, for at most so long. */
int pic__inside_ask(const pic__exit_space *s, int who, const char *const *argv, unsigned ms, pic__buf *out,
                    pic_error **err);

/* leftover.c: processes of this exit that no file names */
void pic__leftover_kill(const pic__exit_space *s);

/* resolver.c */
void pic__resolver_conf(pic__buf *out, const pic__exit_conf *c, unsigned flags, const char *root_key);
int pic__resolver_files(const pic__exit_space *s, const pic__exit_conf *c, const pic__carrier *carrier,
                        pic_error **err);
void pic__resolver_spec(pic__process_spec *ret);

/* sieve.c: the filter before it, where the item wants one */
int pic__exit_sieved(const pic__exit_conf *c);
#define PIC__SIEVE_BOUND "/run/pic-sieve" /* where it is inside, when its own place is not seen there */
char *pic__exit_sieve_hidden(void);       /* that place; NULL: it is seen */
int pic__exit_sieve_files(const pic__exit_space *s, const pic__exit_conf *c, pic_error **err);
/* Its arguments live in the arena. */
int pic__exit_sieve_spec(const pic__exit_conf *c, pic__arena *arena, pic__process_spec *ret, pic_error **err);

/* build.c: from one item to another */
int pic__exit_build(pic__exit *b, pic__exit_space *s, const pic__item *item, pic_error **err);
int pic__exit_stands(pic__exit_space *s); /* 1: as its item says; looks only if it has to */

/* carry.c: the processes */
int pic__exit_carry(pic__exit *b, pic__exit_space *s, const pic__exit_conf *c, pic_error **err);
void pic__exit_mend(pic__exit *b, pic__exit_space *s); /* processes that died are started again, when it is time */

int pic__carry_nothing(pic__exit *b, pic__exit_space *s, const pic__exit_conf *c, pic_error **err); /* names alone */

/* refuse.c: a carrier's own troubles, which are nobody else's */
int pic__exit_try(pic__exit *b, pic__exit_space *s, const pic__exit_conf *c, pic_error **err);
int pic__exit_note(pic__exit_space *s, const char *name, pic_error *why); /* taken; answers its code */
void pic__exit_forgive(pic__exit_space *s);
void pic__exit_again(pic__exit *b, pic__exit_space *s); /* when it is time */
int pic__exit_refusal(const pic__exit_space *s, pic_error **err);

/* record.c: what is written down for the agent's next life */
int pic__record_put(const pic__exit_space *s, pic_error **err);
void pic__record_forget(pic__exit_space *s); /* it is not wholly what the item says any more */
int pic__record_take(pic__exit_space *s, pic_error **err);
int pic__exit_set_item(pic__exit_space *s, const char *value, const void *secret, size_t len, pic_error **err);

/* watch.c */
int pic__exit_watch_open(pic__exit *b, pic_error **err);
void pic__exit_watch_close(pic__exit *b);
void pic__exit_watch_fd(const pic__exit *b, int *watched, int fd);
void pic__exit_hear(pic__exit *b); /* takes what was told, marks those that have to be looked at */
void pic__exit_fit(pic__exit *b);  /* tunnels, if something was heard that may be their way */
void pic__exit_ring(pic__exit *b);
void pic__exit_ring_in(pic__exit *b, unsigned ms);
int pic__exit_drain(pic__backend *backend);

/* doctor.c */
void pic__exit_doctor(pic__backend *backend, pic__finding_fn fn, void *data);

#endif
