/* What is remembered of ACME over restarts: the account at each CA (its key sealed), and of each certificate the tries,
 * so that a restart spares limits; and records that are still to be cleared. One file in the cell's directory, written
 * before a try begins: who kills the agent again and again cannot make it ask more often. It is no wish, so it is not
 * in the store: an undo must not make tries unseen. */
#ifndef PIC_ENGINE_ACME_STATE_H
#define PIC_ENGINE_ACME_STATE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "engine/acme_pace.h"

#define PIC__ACME_STATE "acme.state"
#define PIC__ACME_STATE_MAX ((size_t)4 << 20)
#define PIC__ACME_WHY 500

/* What a CA is to be told, and did not hear yet. */
typedef struct pic__acme_wait {
        unsigned failures;
        pic_time next; /* not before */
        char *why;     /* the last one failed; NULL: it did not */
} pic__acme_wait;

typedef struct pic__acme_account {
        char *directory;     /* URL */
        char *sealed;        /* private key, PKCS #8, for the place "acme/account" */
        int64_t known;       /* the CA knows it since then; 0: not yet */
        char *email;         /* what the CA has been told; NULL: none, or nobody knows */
        pic__acme_wait mail; /* telling it another one */
} pic__acme_account;

/* A certificate that a CA has vouched for and that has not ended: one that is to be withdrawn there, or that was
 * renewed and is withdrawn with its successor. */
typedef struct pic__acme_paper {
        pic_id id;       /* of the object that it is, or was */
        char issuer[65]; /* pic__acme_mark() of the CA's directory */
        char *name;
        char *text; /* DER in base64 */
        pic_time until;
        pic_time done; /* the CA has withdrawn it; 0: not yet, and maybe nobody wants that */
        pic__acme_wait wait;
} pic__acme_paper;

/* A TXT record that is set, or may be. */
typedef struct pic__acme_left {
        char *record; /* "_acme-challenge.home.example.org" */
        char *value;
        pic__acme_wait wait; /* clearing it */
} pic__acme_left;

/* Told by the journal already. */
enum pic__acme_told { PIC__ACME_TOLD_NOTHING, PIC__ACME_TOLD_LATE, PIC__ACME_TOLD_ENDED };

typedef struct pic__acme_entry {
        pic_id id;       /* of the certificate */
        char wished[65]; /* digest of what was wished at the last try: another one is a new beginning */
        int told;        /* enum pic__acme_told */
        int under_way;   /* a try has begun; after a restart: was cut short */
        pic_time ended;  /* the last try */
        int where;       /* whom it asked */
        char *why;       /* why it failed; NULL: it did not */
        pic__acme_track track;
} pic__acme_entry;

typedef struct pic__acme_state {
        PIC__VEC(pic__acme_account) accounts;
        PIC__VEC(pic__acme_entry *) entries;
        PIC__VEC(pic__acme_paper *) papers;
        PIC__VEC(pic__acme_left) left;
} pic__acme_state;

/* A file that is not there is an empty state; so is one that is damaged, which is told: PIC_CORRUPT, usable. */
int pic__acme_state_load(const char *path, pic__acme_state *ret, pic_error **err);
int pic__acme_state_read(const char *text, size_t len, pic__acme_state *ret, pic_error **err);
int pic__acme_state_save(const pic__acme_state *s, const char *path, pic_error **err);
void pic__acme_state_free(pic__acme_state *s);
/* NULL: out of memory, or, without `make`, there is none. */
pic__acme_entry *pic__acme_state_entry(pic__acme_state *s, pic_id id, int make);
pic__acme_account *pic__acme_state_account(pic__acme_state *s, const char *directory, int make);
void pic__acme_state_why(pic__acme_entry *e, const char *why); /* NULL: all is well */
/* The one of that text; `make`: it is put in. NULL as above. */
pic__acme_paper *pic__acme_state_paper(pic__acme_state *s, const char *text, size_t len, int make);
/* Forgets the papers of which drop() says 1. */
void pic__acme_state_drop(pic__acme_state *s, int (*drop)(const pic__acme_paper *p, void *data), void *data);
/* The one of that value; `make`: it is put in. NULL as above. The next one may move it. */
pic__acme_left *pic__acme_state_left(pic__acme_state *s, const char *record, const char *value, int make);
void pic__acme_state_cleared(pic__acme_state *s, const char *record, const char *value);
/* A reason, in one line of bounded length, in place of the former one; NULL: none. */
void pic__acme_state_say(char **why, const char *text);
/* Forgets the certificates of which keep() says 0, when their last try is more than eight days ago: who removes one and
 * makes it anew is held by the table all the same. */
void pic__acme_state_prune(pic__acme_state *s, pic_time now, int (*keep)(pic_id id, void *data), void *data);

#endif
