/* What the files of this backend share. */
#ifndef PIC_BACKEND_FRONT_INSIDE_H
#define PIC_BACKEND_FRONT_INSIDE_H

#include "backend/front/conf.h"
#include "backend/front/front.h"
#include "base/vec.h"
#include "sys/daemon.h"

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

/* A certificate that is issued when it is asked for, as far as it is known. */
typedef struct pic__front_own {
        char *key;
        pic_time renew_at, until;
} pic__front_own;

typedef struct pic__front {
        pic__backend base;
        PIC__DAEMON(d); /* its directory has configuration, maps, empty; haproxy stands in it */
        char *secret_file;
        pic__front_conf conf;
        int (*issue)(const char *names, pic__buf *out, pic_time *ret_until, void *data, pic_error **err);
        pic_time (*now)(void *data);
        void *data;
        PIC__VEC(pic__front_own) own; /* the page's own certificate, and those of services */
        int stale;                    /* servers are left that nobody names any more */
        int refused;    /* somebody has its ports, or it is not installed: no reason for changes of others to fail */
        int shut;       /* it is not open to everybody, as is wished: somebody has those ports */
        char *mend;     /* what to do about the trouble */
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

/* outer.c: who has 80 or 443 of this machine beside us, in words. 0: nobody. */
int pic__front_outer_taken(const pic__front_conf *c, pic__buf *who);

/* live.c: what changes while it runs. */
int pic__front_put(pic__front *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err);
/* All that it has but for itself. */
int pic__front_look(pic__front *b, pic__items *out, pic_error **err);
int pic__front_tell_secret(pic__front *b, pic_error **err);
/* One command and its answer. wanted: what a good answer has; NULL: nothing but empty lines. */
int pic__front_tell(pic__front *b, const pic__buf *command, const char *wanted, pic_error **err);
int pic__front_tellf(pic__front *b, const char *wanted, pic_error **err, const char *fmt, ...) PIC_PRINTF(4, 5);
/* The certificate of this name becomes this one; the one that is there is served until the new one is whole. */
int pic__front_exchange(pic__front *b, const char *name, const pic__buf *pem, pic_error **err);

/* own.c: certificates that the agent issues when they are asked for; their items' values begin with "own ". */
int pic__front_is_own(const pic__item *item);
int pic__front_own_put(pic__front *b, const pic__item *item, int is_new, pic_error **err); /* makes another one */
/* What its value is, if the one with this serial number is there; else nothing. */
void pic__front_own_read(pic__front *b, const char *key, const char *serial, pic__buf *out);
void pic__front_own_drop(pic__front *b, const char *key);
void pic__front_own_forget(pic__front *b);                           /* all, and leaves what is noted of them */
pic_time pic__front_own_until(const pic__front *b, const char *key); /* 0: it has none */
void pic__front_renew(pic__front *b);                                /* those that are due */

/* shown.c: which of the other certificates is shown for which name of a service. */
int pic__front_show(pic__front *b, const pic__step *s, pic_error **err);
int pic__front_look_shown(pic__front *b, pic__items *out, pic_error **err);
/* It goes: it is shown for nothing any more. */
int pic__front_unshow(pic__front *b, const char *cert, pic_error **err);

/* servers.c: what stands behind services. */
int pic__front_serve(pic__front *b, const pic__step *s, pic_error **err);
int pic__front_look_servers(pic__front *b, pic__items *out, pic_error **err);
void pic__front_sweep(pic__front *b); /* servers that nobody names any more, as far as nobody uses them */
/* What is open to it ends, whoever has it: those who may begin again. */
void pic__front_cut(pic__front *b, const char *service);
/* How each is: for the engine. */
void pic__front_tell_services(pic__backend *backend, pic__service_fn fn, void *data);
void pic__front_judge_services(pic__front *b, pic__finding_fn fn, void *data);

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
