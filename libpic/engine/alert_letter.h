/* What one message says, in the forms that it is sent in. Pure. */
#ifndef PIC_ENGINE_ALERT_LETTER_H
#define PIC_ENGINE_ALERT_LETTER_H

#include "base/json.h"
#include "engine/alert_judge.h"

#define PIC__LETTER_ITEMS 50 /* more are counted */

/* A message under way: what happened, for people and for programs. */
typedef struct pic__letter {
        char id[40];
        pic_time made; /* wall clock */
        int level;     /* the worst */
        int test;
        pic__buf title;  /* one line */
        pic__buf text;   /* lines */
        pic__buf events; /* JSON: items of a list, with commas between */
        size_t count;
} pic__letter;

#define PIC__LETTER_INIT                                                               \
        {                                                                              \
                "", 0, PIC_LOG_INFO, 0, PIC__BUF_INIT, PIC__BUF_INIT, PIC__BUF_INIT, 0 \
        }
void pic__letter_free(pic__letter *l);

/* now: the two clocks, for "since". */
void pic__letter_add(pic__letter *l, const pic__alert_entry *e, const char *how, pic_time wall, pic_time mono);
/* When all was added: the title, and how many found no place. */
void pic__letter_close(pic__letter *l, size_t more);
/* The one that asks whether messages arrive. */
void pic__letter_test(pic__letter *l, const char *alert);

/* Who tells it. */
typedef struct pic__letter_from {
        const char *cell;  /* its name */
        const char *host;  /* "home.internal" */
        const char *alert; /* the alert's name */
        unsigned lost;     /* messages before this one that never arrived */
} pic__letter_from;

/* Bodies: see <pic/alert.h>. */
void pic__letter_webhook(const pic__letter *l, const pic__letter_from *from, pic__buf *out);
void pic__letter_ntfy(const pic__letter *l, const pic__letter_from *from, const char *topic, pic__buf *out);
/* RFC 5322, lines end in CR LF. */
void pic__letter_mail(const pic__letter *l, const pic__letter_from *from, const pic_obj *alert, pic__buf *out);
/* "sha256=<hex>": HMAC-SHA-256 of a body. */
void pic__letter_sign(const void *body, size_t len, const char *secret, char text[72]);

#endif
