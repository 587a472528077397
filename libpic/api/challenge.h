/* Challenges for passkeys. None is kept: one is the keyed digest of what it is for, so that strangers who ask for many
 * fill no memory; only those that were answered are remembered, until they would be over. Pure but for its lock and
 * its random numbers: time comes in. */
#ifndef PIC_API_CHALLENGE_H
#define PIC_API_CHALLENGE_H

#include "base/err.h"
#include "base/time.h"

typedef struct pic__challenges pic__challenges;

#define PIC__CHALLENGE_TEXT 44                  /* 32 bytes as base64url, NUL */
#define PIC__CHALLENGE_STATE 33                 /* 24 bytes as base64url, NUL */
#define PIC__CHALLENGE_LIFE (150 * PIC__SECOND) /* what browsers are told is less */

/* What it is for: it counts for nothing else. */
typedef struct pic__challenge_for {
        int64_t session; /* in which a passkey is added; 0: for a login */
        const char *origin;
} pic__challenge_for;

int pic__challenges_new(pic__challenges **ret, pic_error **err);
void pic__challenges_free(pic__challenges *c);
/* A new one; state is what its asker keeps, without which it cannot be answered. now: of a clock that does not jump. */
void pic__challenge_new(pic__challenges *c, const pic__challenge_for *what, pic_time now,
                        char state[PIC__CHALLENGE_STATE], char text[PIC__CHALLENGE_TEXT]);
/* The one that belongs to the state; from now on it is used up. PIC_DENIED: none, over, or used up; PIC_BUSY: so many
 * were answered lately that no more can be remembered. */
int pic__challenge_take(pic__challenges *c, const pic__challenge_for *what, pic_time now, const char *state,
                        const char *answered, pic_error **err);

#endif
