/* The watch over public names from inside: shared by the files domains*.c. */
#ifndef PIC_ENGINE_DOMAINS_I_H
#define PIC_ENGINE_DOMAINS_I_H

#include "engine/domains.h"
#include "engine/domains_find.h"
#include "engine/engine_i.h"
#include "engine/provider.h"
#include "model/domain.h"

#define PIC__DOMAINS_EVERY (300 * PIC__SECOND)
#define PIC__DOMAINS_FILE "domains.state" /* in the cell's directory: what is known outlives the machine's boots */

typedef struct pic__told {
        char name[72];         /* "": free */
        char ip4[48], ip6[48]; /* as published last */
        pic_time at;           /* when; 0: never */
        pic_time tried;        /* 0: never */
        pic_time next;         /* not before, by the wall clock; 0: any time */
        unsigned failures;     /* in a row */
        int64_t changes;       /* how often it was led elsewhere */
        int code;              /* of the last attempt; 0: it went well */
        pic_revision revision; /* of the domain, as it was tried */
        char *said;            /* their last words */
        char *error, *hint;    /* why it failed */
        int forced;            /* a person waits for it */
        char want4[48], want6[48];
        pic__provider *job; /* under way */
} pic__told;

struct pic__domains {
        int epoll;
        pic_time look_at; /* monotonic */
        int looking;
        int asked;            /* somebody wants to know how publishing now went */
        pic_time asked_at;    /* when he said so last; monotonic */
        int looked;           /* *seen is known */
        pic__outside outside; /* the look under way */
        pic__outside seen;    /* what the last one found */
        pic__told at[PIC__DOMAINS_MAX];
};

/* domains_state.c */
void pic__told_clear(pic__told *t);
int pic__domains_load(const char *dir, pic__told at[PIC__DOMAINS_MAX]); /* what cannot be read is forgotten */
void pic__domains_read(char *text, pic__told at[PIC__DOMAINS_MAX]); /* what such a file says; the text is taken apart */
int pic__domains_save(const char *dir, const pic__told *at, pic_error **err);
const char *pic__told_state(const pic_obj *domain, const pic__told *t); /* t may be NULL */
/* How long to wait after a failure: pure. */
pic_time pic__told_patience(unsigned failures, int code);

/* domains.c */
pic__told *pic__domains_find(const pic__engine *e, const char *name);

#endif
