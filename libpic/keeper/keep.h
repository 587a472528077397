/* The keeper's work: making a backup at a place and looking whether it is there; listing, reading, sending what is. */
#ifndef PIC_KEEPER_KEEP_H
#define PIC_KEEPER_KEEP_H

#include "base/json.h"
#include "base/vec.h"
#include "keeper/order.h"
#include "sys/digest.h"

/* One of ours at the place. */
typedef struct pic__kept {
        char name[PIC__FAR_NAME];
        uint64_t size; /* 0: the place does not say */
        pic_time created;
        int part;
} pic__kept;

typedef struct pic__keeper {
        const pic__order *order;
        pic__far *far;
        PIC__VEC(pic__kept) list;
        void (*progress)(const char *what, uint64_t bytes); /* often; may be NULL */
        pic__buf *out;                                      /* the answer: an open object of JSON */
} pic__keeper;

/* What passes by: its bytes, and their hash. */
typedef struct pic__passed {
        pic__digesting *digest;
        uint64_t bytes;
        const pic__keeper *k;
        const char *what;
} pic__passed;

int pic__passed_start(pic__passed *p, const pic__keeper *k, const char *what, pic_error **err);
int pic__passed_put(pic__passed *p, const void *data, size_t len, pic_error **err);
int pic__passed_end(pic__passed *p, char hex[65], pic_error **err); /* also frees */

/* Does what is ordered; its answer is a JSON object in out. fd: where `fetch` sends to. */
int pic__keep(const pic__order *o, int fd, void (*progress)(const char *what, uint64_t bytes), pic__buf *out,
              pic_error **err);

/* parts of it */
int pic__keep_list(pic__keeper *k, pic_error **err);                                     /* into k->list */
const pic__kept *pic__keep_one(const pic__keeper *k, const char *name, pic_error **err); /* NULL: the newest */
int pic__keep_canceled(const pic__order *o);
int pic__keep_run(pic__keeper *k, pic__json *j, pic_error **err);    /* run.c */
int pic__keep_verify(pic__keeper *k, pic__json *j, pic_error **err); /* verify.c */

#endif
