/* What the parts of `pic-update` share. It links nothing of libpic, so that it lives through the exchange of all of it:
 * what it wants to know of a cell it asks the programs, the old ones or the new ones. */
#ifndef PIC_UPDATE_H
#define PIC_UPDATE_H

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_BACK = 4 /* it was tried, and everything is as before */ };
enum { UP_PATH = 4096, UP_VERSION = 64 };

struct up {
        const char *dir;    /* the cell's */
        const char *world;  /* "real" or "fake" */
        const char *prefix; /* where the programs are installed */
        const char *key;    /* whose signature counts: a file, or a key of minisign */
        const char *file;   /* what to install: a path, or https://… */
        unsigned wait;      /* seconds that the new version has to be well */
        int json;
        int older;              /* also one that is not newer */
        int came;               /* the version came from outside; else it was kept here */
        char base[UP_PATH];     /* <prefix>/lib/pic: releases, current, incoming, state */
        char scratch[UP_PATH];  /* <dir>.update: a copy of the cell, to try the new version with */
        char before[UP_PATH];   /* <dir>.before-update.tar.zst: the cell as it was */
        char from[UP_VERSION];  /* the version that is here */
        char to[UP_VERSION];    /* the one that comes */
        char incoming[UP_PATH]; /* the file, where nobody else can change it */
        char staged[UP_PATH];   /* the new version's tree, before it is the one that counts */
        const struct way *way;
};

/* How a version comes in, and how the former one comes back. Each answers 0, or -1 after having said why. */
struct way {
        const char *name;
        int (*present)(struct up *u);                   /* fills u->from */
        int (*stage)(struct up *u);                     /* fills u->to, u->staged, out of u->incoming */
        int (*former)(struct up *u);                    /* fills u->staged, for u->to, which is kept here */
        int (*prepare)(struct up *u);                   /* all that can be done before, and changes nothing that runs */
        int (*swap)(struct up *u, const char *version); /* that one counts from now on */
        int (*settle)(struct up *u);                    /* it stays: what nobody needs any more goes */
        int (*drop)(struct up *u, const char *version); /* it was tried, and is of no use */
};
extern const struct way up_links, up_package;

/* say.c: what is done, line by line on standard error; what went wrong (-1), once. */
void up_say(const struct up *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int up_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *up_why(void); /* what up_fail() was told, so far */
void up_forget(void);     /* it was dealt with */
/* A path out of pieces, up to a NULL; -1: it is too long. */
int up_path(char out[UP_PATH], const char *first, ...) __attribute__((sentinel));

/* run.c: programs. */
struct output {
        char *out; /* standard output; a NUL is behind it */
        char *err; /* standard error, its last line */
};
void up_output_clear(struct output *o);
/* The exit status; -1: it could not be started, was killed, or took longer (and is ended then), which up_fail() was
 * told. */
int up_run(const char *const *argv, unsigned seconds, struct output *ret);
/* As up_run(), and any other exit status than 0 is a failure that says what the program said. */
int up_must(const char *const *argv, unsigned seconds, struct output *ret);
json_t *up_json(const char *const *argv, unsigned seconds); /* its answer; NULL: as up_must() */

/* file.c */
int up_read(const char *path, size_t most, char **ret);          /* the caller frees; -1 without a word */
int up_write(const char *path, const char *text, unsigned mode); /* whole or not at all, and on the disk */
int up_link_over(const char *target, const char *path); /* a symbolic link in place of what is there, in one step */
int up_parents(const char *root, const char *below);    /* the directories above root/below */
int up_wipe(const char *path);                          /* a tree, or nothing */
int up_sync(const char *dir);

/* release.c: what a version says of itself (share/pic/release). */
struct release {
        char version[UP_VERSION];
        char arch[UP_VERSION];
        char prefix[UP_PATH];
        char *text;         /* all of it */
        const char **files; /* relative, as they stand there; parts of text */
        size_t count;
        size_t room;
};
int up_release_read(const char *root, struct release *ret); /* -1 after having said why; root: of the tree */
void up_release_clear(struct release *r);
int up_version_ok(const char *v);
int up_kept_name(const char *file, char out[UP_VERSION]); /* the version in "1.2.deb", "1.2"; 0: there is none */
int up_version_cmp(const char *a, const char *b);
/* fetch.c: the file and its signature into u->incoming, then whether it is signed by whom we trust. */
int up_fetch(struct up *u);

/* trial.c: the cell as it is, into a file, and the new version with a copy of it. */
int up_trial(struct up *u);
int up_has_cell(const struct up *u);

/* agent.c: who runs, and how it comes back with the programs that count then. */
struct agent {
        pid_t pid; /* 0: none */
        int ended; /* it ran, and has to again */
        int unit;  /* systemd's */
        char **argv;
        char **env;
        char *cwd;
        int out, err;
};
struct agents {
        struct agent agent;
        struct agent http;
};
int up_agents_find(struct up *u, struct agents *ret);
char **up_words(const char *text, size_t size); /* each with a NUL behind it; one piece, ended by a NULL */
int up_agents_stop(struct agents *a);
int up_agents_restart(struct up *u, struct agents *a); /* -1 after having said why */
void up_agents_clear(struct agents *a);

/* gate.c: whether a cell is well, and as well as before. */
json_t *up_errors(struct up *u); /* what doctor calls an error; NULL: nobody answers */
int up_gate(struct up *u, const char *version, const json_t *before);

/* steps.c: EXIT_DONE; EXIT_BACK or -1 after up_fail() was told why. */
int up_update(struct up *u, int only_check);
int up_back(struct up *u);
int up_finish(struct up *u); /* what a killed update left */
int up_status(struct up *u);

/* state.c: one update at a time, and what is at stake in it. */
int up_lock(const struct up *u);
int up_state_write(const struct up *u, const struct agents *a, const json_t *errors);
json_t *up_state_read(const struct up *u); /* NULL: nothing is */
int up_state_drop(const struct up *u);
void up_state_agent(const json_t *state,
                    struct agent *ret); /* it was ended for the exchange, and nobody started it anew */

#endif
