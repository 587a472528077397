/* "Did you mean": the known words that are nearest to an unknown one. Offer every candidate, then set the hint. */
#ifndef PIC_MODEL_NEAR_H
#define PIC_MODEL_NEAR_H

#include "base/err.h"

#define PIC__NEAR_WORDS 3

typedef struct pic__near {
        const char *word; /* borrowed */
        size_t count;
        unsigned distance[PIC__NEAR_WORDS];
        char best[PIC__NEAR_WORDS][72]; /* copies: a candidate may be gone at once */
} pic__near;

#define PIC__NEAR(text)           \
        {                         \
                (text), 0, { 0 }, \
                {                 \
                        {         \
                                0 \
                        }         \
                }                 \
        }

void pic__near_try(pic__near *n, const char *candidate);
/* Hints "did you mean 'a' or 'b'?"; when nothing was near, hints `otherwise` (may be NULL: no hint). */
void pic__near_hint(const pic__near *n, const char *otherwise, pic_error **err);

#endif
