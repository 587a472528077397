/* The engine from inside: shared by the files that make it up, nobody else. */
#ifndef PIC_ENGINE_ENGINE_I_H
#define PIC_ENGINE_ENGINE_I_H

#include "audit/tree.h"
#include "base/vec.h"
#include "engine/engine.h"
#include "engine/exits.h"
#include "engine/seals.h"

/* What looks found that nobody here had wished: drift.c. */
typedef struct pic__drift {
        size_t repaired;     /* steps that put it right, not told yet */
        char *repaired_text; /* the first of them */
        size_t left;         /* differences that the last look left alone */
        char *left_text;     /* the first of them; NULL: none */
        int left_new;        /* they are not told yet */
} pic__drift;

/* What happened to an exit, for the journal: it is written when what follows from it is done. */
typedef struct pic__exit_news {
        pic_id id;
        char *name;
        const char *verb;
        char *text;
} pic__exit_news;

/* What the last look at a subsystem found, with the steps taken since. */
enum pic__seen {
        PIC__SEEN_NOT,     /* nobody knows */
        PIC__SEEN_LEFT,    /* something else than what *snap wants, which was left alone */
        PIC__SEEN_MATCHING /* what *snap wants, or it was made so */
};

struct pic__engine {
        char *dir;
        char *run_dir;
        char *log_dir;
        int fake;
        const pic__clock *clock;   /* borrowed */
        const pic__log *log;       /* borrowed; may be NULL */
        struct pic__logfile *file; /* borrowed; may be NULL */
        pic__store *store;
        pic__backend *backends[PIC__BACKENDS];
        pic__seals seals;         /* the key, and what it opened */
        pic__snap *snap;          /* the wishes that the world was brought to, or NULL */
        pic_revision applied;     /* -1: nothing yet */
        int dirty;                /* the world may differ from *snap: look before acting */
        pic__drift drift;         /* what others did */
        pic__exits_known known;   /* of exits: what snapshots are told */
        pic__exits *exits;        /* the agent's watch over them; NULL: there are none, or this is no agent's engine */
        const pic__snap *watched; /* what it watches: this snapshot as it was applied, */
        pic_revision watched_at;  /* at this revision */
        PIC__VEC(pic__exit_news) exit_news;
        enum pic__seen seen[PIC__BACKENDS];
        pic_time later_at; /* when what was put off is due; 0: nothing is */
        pic_time later_latest;
        unsigned looks;    /* how often everything was looked at */
        int checked_known; /* the store was sound when its stamp was: */
        pic__stamp checked;
        int stopping;                 /* the stop verb came */
        pic_time since;               /* wall time of the opening */
        pic_time started;             /* the same by the clock that does not jump */
        char boot[40];                /* of the machine */
        pic_error *failure;           /* of the last attempt; NULL when it was fine */
        int signed_known;             /* the next two are known: */
        uint8_t signed_key[32];       /* the cell's identity, */
        pic__tree signed_tree;        /* and the journal's tree, as it was signed last */
        pic_error *unsigned_why;      /* why nothing can be signed; NULL: nothing is wrong */
        pic_revision certs_seen;      /* the store as certificates were last looked at; -1: not yet */
        pic_time certs_at;            /* and when, by the wall clock: it may be put back since */
        pic_time certs_due;           /* when the next one is to be renewed, by the wall clock; 0: none is */
        pic_error *certs_why;         /* why one could not be issued; NULL: nothing is wrong */
        struct pic__acme *acme;       /* the asking of public CAs; NULL: nobody wants that */
        const char *web_ca;           /* borrowed; NULL: whom the system trusts */
        struct pic__lead *lead;       /* the router leads a port here; NULL: nobody wants that */
        pic_time reached;             /* a device was seen to come from the internet: when, monotonic; 0: never */
        struct pic__blocks *blocks;   /* the agent's watch over block lists; NULL: there are none */
        struct pic__traffic *traffic; /* the agent's counting of it; NULL: not begun */
        struct pic__keep *keep;       /* the care for backup targets; NULL: there is none */
        struct pic__favour *favour;   /* what a child does with a caller's file; NULL: nothing */
        struct pic__domains *domains; /* the agent's watch over public names; NULL: none is published */
        struct pic__alerts *alerts;   /* the agent's watch for who wants to be told; NULL: nobody does */
        struct pic__machine *machine; /* versions of programs, as they were told; NULL: nobody asked */
        struct pic__health *health;   /* the last look for trouble that nobody asked for; NULL: none yet */
};

/* Makes the subsystems of this engine's world: backends.c. */
int pic__engine_backends(pic__engine *e, pic_error **err);
/* The table of block lists is another: exits' filters get it too. */
void pic__engine_share_sieve(const pic__engine *e);

/* load.c: the ingredients of an apply. */
int pic__engine_load(pic__engine *e, pic__snap **ret, pic_revision *ret_revision,
                     pic_error **err); /* a fresh snapshot, as of now */
/* Fills and answers *s; NULL in the fake world, whose files must never hold an opened secret. */
const pic__secrets *pic__engine_secrets(pic__engine *e, pic__secrets *s);
/* 1: observed, and what is seen of it is for the caller to say, who compares; 0: it is as it was seen, and nothing is
 * added. */
int pic__engine_observe_one(pic__engine *e, enum pic__backend_id id, pic__items *out, pic_error **err);
/* All that is not known to be as it was seen, in *ret_parts (PIC__PART). */
int pic__engine_observe_news(pic__engine *e, pic__items *out, unsigned *ret_parts, pic_error **err);
int pic__engine_observe(pic__engine *e, pic__items *out, pic_error **err); /* all, whatever is known */
void pic__engine_forget(pic__engine *e);                                   /* nothing is known of any subsystem */
void pic__engine_forget_left(pic__engine *e);                              /* nor of those that were left alone */
/* Of what was observed and compared: what asks for no step matches, the rest was seen as `otherwise`. */
void pic__engine_saw(pic__engine *e, unsigned parts, const pic__steps *steps, enum pic__seen otherwise);
void pic__engine_trim(void); /* gives what a full look needed back to the system */

/* attached.c: tells a snapshot the networks that the machine is attached to now. 1: they are others than it was told.
 */
int pic__engine_attach(pic__engine *e, pic__snap *s, pic_error **err);
/* 1: they are not those that *snap was told, or nobody knows. */
int pic__engine_moved(pic__engine *e);
/* When they are not: brings rules, and *snap, to those that they are now. Costs the classes of rights, and no look at
 * the world: until it is done the new network is taken for what it was. */
int pic__engine_follow(pic__engine *e, size_t *ret_steps, pic_error **err);
/* Keeps what *snap was told for others to read. */
void pic__engine_note_attached(pic__engine *e);
void pic__engine_forget_attached(const pic__engine *e);

/* exits_follow.c: tells a snapshot what is known of its exits. */
int pic__engine_tell_exits(pic__engine *e, pic__snap *s, pic_error **err);
void pic__engine_exits_made(pic__engine *e, const pic__step *step); /* a step was taken: an exit may be made anew */
void pic__engine_drop_exits(pic__engine *e);                        /* nobody watches any more */
void pic__streams_end(const pic_obj *cell, const pic__log *log);    /* streams.c: TCP between this host and devices */
void pic__engine_forget_exits(pic__engine *e);                      /* nor is anything known */
/* Takes down and makes anew what carries a connection. PIC_NOTFOUND; PIC_BADSTATE: nothing carries it now. */
int pic__engine_exit_restart(pic__engine *e, const char *name, pic_error **err);

/* Tries one out, as a device's packets would go when `peer` is a name (NULL: the cell's). 1: the answer is in out; 0:
 * not yet, ask again. PIC_NOTFOUND, PIC_BADSTATE; PIC_UNSUPPORTED in the fake world. */
int pic__engine_exit_try(pic__engine *e, const char *name, const char *peer, pic__json *out, pic_error **err);

/* guard.c: after a failure: rules, and nothing else, as the wishes say. */
void pic__engine_guard(pic__engine *e);
/* Of what separates the world from the wishes: what keeps packets out and is gone, into `block`; the rest stays. */
int pic__guard_split(pic__steps *steps, pic__steps *block, pic_error **err);

/* drift.c */
int pic__engine_repairs(const pic__engine *e); /* 1: what others change is put right by itself (the cell's field) */
/* These steps put right what others changed. */
void pic__drift_repaired(pic__engine *e, const pic__steps *steps);
/* The same as text, which is taken. */
void pic__drift_repaired_text(pic__engine *e, char *text, size_t steps);
/* What was left alone is not any more: its text, the caller's, or NULL. */
char *pic__drift_take_left(pic__engine *e);
/* These are left alone; none: all is well again. 1: they are others than at the last look. */
int pic__drift_left(pic__engine *e, const pic__steps *steps);
void pic__drift_free(pic__drift *d);

/* steps.c: takes the steps, or undoes those that it took: PIC_ROLLEDBACK, PIC_BROKEN. */
int pic__engine_run(pic__engine *e, const pic__steps *steps, pic_error **err);
/* `count` steps of one subsystem; *ret_done: how many are in force, also on failure. */
int pic__engine_take(pic__engine *e, const pic__steps *steps, size_t from, size_t count, size_t *ret_done,
                     pic_error **err);
/* later.c: something may have been put off. */
void pic__engine_put_off(pic__engine *e, enum pic__backend_id id);
/* Waits for what steps of a subsystem left running. */
int pic__engine_finish(pic__engine *e, enum pic__backend_id id, pic_error **err);

/* mend.c: looks at the world and brings it to *snap, as far as that goes: PIC_BACKEND when some steps could not be
 * taken. */
enum pic__mending {
        PIC__MEND_WISHES, /* what differs is what was wished, or nobody knows */
        PIC__MEND_DRIFT,  /* it is what others did: told as repaired */
        PIC__MEND_BLOCK   /* the same, but only what keeps packets out is put right, the rest is left alone */
};
int pic__engine_mend(pic__engine *e, enum pic__mending how, size_t *ret_steps, pic_error **err);

/* apply.c: keeps the outcome of an attempt for status and log; takes `bad`, gives it to err. Answers r. */
int pic__engine_outcome(pic__engine *e, int r, pic_error *bad, pic_error **err);
/* 1: the world is as *snap says, as far as anybody knows. */
int pic__engine_trusted(const pic__engine *e);
/* "revision" and "steps" of what separates world and store, into an object. `spare`: not read when nothing can
 * have changed. */
int pic__engine_compare(pic__engine *e, int spare, pic__json *out, size_t *ret_steps, pic_error **err);

#endif
