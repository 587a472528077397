/* What was found: each once, bounded, worst first. */
#ifndef PIC_ENGINE_FINDINGS_H
#define PIC_ENGINE_FINDINGS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/vec.h"

#define PIC__FINDINGS_MAX 256 /* more are counted, not kept */

typedef struct pic__finding {
        int level; /* PIC_LOG_* */
        const char *area;
        const char *what;
        const char *fix; /* or NULL */
        int act;         /* PIC__ACT_*, or 0: see plan/backend.h */
} pic__finding;

typedef struct pic__findings {
        pic__arena arena;
        PIC__VEC(pic__finding) list;
        size_t more; /* that were not kept */
        int failed;  /* out of memory */
} pic__findings;

#define PIC__FINDINGS_INIT                           \
        {                                            \
                PIC__ARENA_INIT, PIC__VEC_INIT, 0, 0 \
        }

void pic__findings_free(pic__findings *f);
/* A pic__finding_fn with a pic__findings as data. What was said already, in the same words of the same area, is not
 * said again. */
void pic__found(int level, const char *area, const char *what, const char *fix, void *data);
void pic__foundf(pic__findings *f, int level, const char *area, const char *fix, const char *fmt, ...) PIC_PRINTF(5, 6);
void pic__found_error(pic__findings *f, int level, const char *area, const pic_error *err);
/* [{"level","area","what","fix","act"}], worst first; act: what would put it right by itself (fixes.h). PIC_NOMEM, also
 * when something was lost before. */
int pic__findings_json(const pic__findings *f, pic__json *out, pic_error **err);

#endif
