/* One errand at a public CA: getting a certificate, having one withdrawn, telling another e-mail address: `uacme` as a
 * child, which speaks ACME (RFC 8555), and never sees a certificate's key that is to be used: it gets a request. The
 * account's key it needs; it lies in a directory of the run directory while the program runs, and is gone with the try.
 * Driven by one descriptor: nobody waits. */
#ifndef PIC_ENGINE_ACME_ASK_H
#define PIC_ENGINE_ACME_ASK_H

#include "engine/acme_hook.h"
#include "sys/job.h"
#include "sys/x509.h"

#define PIC__ACME_USER 60601u /* who uacme is: nobody's file is open to it */
#define PIC__ACME_WORK "acme" /* in the run directory */

typedef struct pic__acme_ask pic__acme_ask;

enum pic__acme_errand {
        PIC__ACME_GET,      /* of `names`, proved by who hears */
        PIC__ACME_WITHDRAW, /* of `leaf`, by the account's word, or by the certificate's own (`leaf_key`) */
        PIC__ACME_CONTACT   /* the account's address is `email` now; NULL: it has none */
};

typedef struct pic__acme_ask_opts {
        enum pic__acme_errand errand;
        const char *run_dir;
        const char *program;   /* NULL: uacme */
        const char *hook;      /* NULL: pic__acme_hook_find() */
        const char *directory; /* URL of the CA */
        const char *email;     /* or NULL */
        pic__der account;      /* its private key, PKCS #8 */
        int known;             /* the CA knows the account */
        const char *const *names;
        pic__der leaf, leaf_key; /* leaf_key: PKCS #8; empty: none */
        unsigned timeout_ms;     /* 0: ten minutes */
        /* A proof is wanted, or was: answer by pic__acme_ask_answer(), at once or later. */
        void (*hear)(const pic__acme_word *w, void *data);
        void *data;
} pic__acme_ask_opts;

/* PIC_UNSUPPORTED: uacme, or its hook, is not there. */
int pic__acme_ask_start(const pic__acme_ask_opts *opts, pic__acme_ask **ret, pic_error **err);
int pic__acme_ask_fd(const pic__acme_ask *a); /* readable: go on */
/* 0: not done; 1: it is; of PIC__ACME_GET pic__acme_ask_chain() is what the CA sent. PIC_BACKEND and others: in its
 * words. */
int pic__acme_ask_go_on(pic__acme_ask *a, pic_error **err);
void pic__acme_ask_answer(pic__acme_ask *a, int yes);
const pic__buf *pic__acme_ask_chain(const pic__acme_ask *a);    /* PEM */
const pic__x509_key *pic__acme_ask_key(const pic__acme_ask *a); /* of the certificate */
int pic__acme_ask_known(const pic__acme_ask *a);                /* 1: the CA knows the account */
const char *pic__acme_ask_email(const pic__acme_ask *a);        /* "": none */
int pic__acme_ask_new(const pic__acme_ask *a);                  /* 1: it was made here, with that address */
int pic__acme_ask_limited(const pic__acme_ask *a);              /* 1: it said that it is asked too often */
pic__acme_ask *pic__acme_ask_unref(pic__acme_ask *a);
PIC__CLEANUP(pic__acme_ask, pic__acme_ask_unref)

/* What a try that was cut short left behind. */
void pic__acme_ask_sweep(const char *run_dir);
/* Pure: the most telling line of what uacme wrote, appended. */
void pic__acme_ask_explain(const char *said, pic__buf *out);
/* Puts before a program's arguments what makes it a user without any right, in the directory `own` (NULL: "/"); room
 * for 16 words. Where we are not root it is only the directory. */
void pic__acme_ask_humble(const char *own, const char **argv, size_t *n);
/* Starts a program (at most 16 words) as such a user. */
int pic__acme_ask_run(const char *const *words, const pic__job_opts *opts, pic__job **ret, pic_error **err);

#endif
