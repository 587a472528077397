/* What the files of this backend share. */
#ifndef PIC_BACKEND_FRONT_INSIDE_H
#define PIC_BACKEND_FRONT_INSIDE_H

#include "backend/front/conf.h"
#include "backend/front/front.h"
#include "base/vec.h"
#include "sys/bell.h"
#include "sys/child.h"

#define PIC__FRONT_START_LIMIT 5000 /* ms until a started one has to answer */
#define PIC__FRONT_TIMEOUT 2000     /* ms, of one command */
#define PIC__FRONT_ASK_EVERY 15     /* ticks between two questions whether it still answers: half a minute */
#define PIC__FRONT_LOOK_EVERY 150   /* and between two looks at all that it has: five minutes */

#define PIC__FRONT_FEW 2000 /* to look at so many costs 2 ms: each time somebody asks for what differs */

/* An item as it was applied. */
typedef struct pic__front_held {
        enum pic__item_kind kind;
        char *key, *value;
        uint8_t *secret;
        size_t secret_len;
} pic__front_held;

typedef struct pic__front {
        pic__backend base;
        char *dir;   /* <run_dir>/haproxy: configuration, maps, empty; it stands in it */
        char *stamp; /* server: the item's value */
        char *page; /* page: of its own certificate serial number, when it is renewed, when it ends, the item's value */
        char *log_dir;
        char *log_file;
        char *secret_file;
        pic__child *child;
        pic__bell bell;
        char *value; /* what runs, or is refused: NULL when nothing does, "" when it cannot be told */
        pic__front_conf conf;
        int (*issue)(const char *names, pic__buf *out, pic_time *ret_until, void *data, pic_error **err);
        pic_time (*now)(void *data);
        void *data;
        pic_time renew_at, until; /* of the page's own certificate; 0: it has none */
        int known;                /* it is as observe told it last, with the steps applied since */
        int refused;   /* somebody has its ports, or it is not installed: no reason for changes of others to fail */
        char *trouble; /* why the last start failed, and what to do */
        char *mend;
        unsigned ticks;
        size_t entries; /* so many did it have when it was looked at */
        uint64_t sum;   /* of what observe told last, with the steps applied since */
        /* Certificates of others, because nobody tells keys; and everything while it is refused. */
        PIC__VEC(pic__front_held) held;
} pic__front;

/* server.c */
int pic__front_find(pic__front *b,
                    pic_error **err); /* 1: one of ours runs (adopted if need be), or is refused; 0: none */
/* Starts one and waits for its first answer. PIC_BUSY before the back-off is over. Refused is no failure. */
int pic__front_start(pic__front *b, const char *value, pic_error **err);
int pic__front_change(pic__front *b, const char *value, pic_error **err);
void pic__front_stop(pic__front *b);
void pic__front_forget(pic__front *b);                  /* it is gone */
int pic__front_answers(pic__front *b, pic_error **err); /* one that does not is killed */
int pic__front_explain(char *written, pic_error **err); /* why it does not start, by what it wrote; the code */
int pic__front_ports_free(const pic__front *b);         /* 1: nobody listens where it wants to */

/* live.c: what changes while it runs. */
int pic__front_put(pic__front *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err);
/* All that it has but for itself. */
int pic__front_look(pic__front *b, pic__items *out, pic_error **err);
int pic__front_tell_secret(pic__front *b, pic_error **err);
void pic__front_renew(pic__front *b); /* the page's own certificate, when it is due */

/* server.c: a certificate, with its key, in PEM, that nobody trusts: until there is a good one. */
#define PIC__FRONT_NOBODY "nobody"
int pic__front_nobody(pic__buf *out, pic_error **err);

/* held.c */
pic__front_held *pic__front_held_find(pic__front *b, enum pic__item_kind kind, const char *key);
int pic__front_hold(pic__front *b, const pic__item *item, pic_error **err); /* adds or replaces */
void pic__front_let_go(pic__front *b, enum pic__item_kind kind, const char *key);
void pic__front_let_all_go(pic__front *b);
int pic__front_held_tell(const pic__front *b, pic__items *out, pic_error **err);

#endif
