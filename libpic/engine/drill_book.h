/* What a drill looked at, in its order: each check with its outcome, its time, and words. What was not come to says
 * nothing. */
#ifndef PIC_ENGINE_DRILL_BOOK_H
#define PIC_ENGINE_DRILL_BOOK_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "codec/doc.h"
#include "sys/clock.h"

enum pic__drill_check {
        PIC__DRILL_OPENS,        /* its form, its encryption, its manifest */
        PIC__DRILL_FILES,        /* all of it: each file's size and hash, nothing missing, nothing more */
        PIC__DRILL_STORE,        /* the database: of a version that is known, no page damaged, each value allowed */
        PIC__DRILL_IDENTITY,     /* the cell that the manifest says */
        PIC__DRILL_KEY,          /* the key is the store's */
        PIC__DRILL_SECRETS,      /* it opens each seal, and the cell's keys are pairs */
        PIC__DRILL_AUDIT,        /* the trail is proved: rows, tree, signed heads */
        PIC__DRILL_WISHES,       /* the wishes go together */
        PIC__DRILL_CERTIFICATES, /* chain, key, names, validity */
        PIC__DRILL_AGENT,        /* its agent comes up on a machine of its own, and applies all of it */
        PIC__DRILL_PEERS,        /* WireGuard has the store's devices */
        PIC__DRILL_RULES,        /* the firewall is as planned */
        PIC__DRILL_ROUTES,
        PIC__DRILL_NAMES,    /* the name server is as planned, and answers */
        PIC__DRILL_EXITS,    /* connections are built */
        PIC__DRILL_SERVICES, /* the front and the time server */
        PIC__DRILL_END,      /* its agent takes all of it down again */
        PIC__DRILL_CHECKS
};
extern const char *const pic__drill_checks[PIC__DRILL_CHECKS];

enum pic__drill_state { PIC__DRILL_NOT_YET, PIC__DRILL_OK, PIC__DRILL_SKIPPED, PIC__DRILL_FAILED };

typedef struct pic__drill_line {
        enum pic__drill_state state;
        int64_t milliseconds;
        char *text;
        char *hint;
} pic__drill_line;

typedef struct pic__drill_book {
        const pic__clock *clock;
        pic_time began, lap;                          /* monotonic */
        void (*entered)(enum pic__drill_check check); /* who follows it; NULL: nobody */
        pic__drill_line at[PIC__DRILL_CHECKS];
} pic__drill_book;

void pic__book_begin(pic__drill_book *b, const pic__clock *clock);
void pic__book_clear(pic__drill_book *b);
/* It is well; skipped: it does not apply, and why. The time since the last entry is its own. */
void pic__book_ok(pic__drill_book *b, enum pic__drill_check check, const char *fmt, ...) PIC_PRINTF(3, 4);
void pic__book_skip(pic__drill_book *b, enum pic__drill_check check, const char *fmt, ...) PIC_PRINTF(3, 4);
/* It is not: takes the words and the hint of the error. */
void pic__book_fail(pic__drill_book *b, enum pic__drill_check check, const pic_error *err);

/* The first check that failed; PIC__DRILL_CHECKS: none did. */
enum pic__drill_check pic__book_failed(const pic__drill_book *b);
/* 1: each check was come to, and none failed. */
int pic__book_good(const pic__drill_book *b);
/* "restorable", "milliseconds", "failed" (a check, null), "checks":[{"check","state","milliseconds","text","hint"},…]
 * as members of an open object. */
void pic__book_put(const pic__drill_book *b, pic__json *j);
/* Takes over what another has put so. */
void pic__book_take(pic__drill_book *b, const pic__node *root);

#endif
