/* Plans from inside: made by an edit or from the agent's words. */
#ifndef PIC_API_PLAN_H
#define PIC_API_PLAN_H

#include "api/api.h"
#include "plan/diff.h"
#include "plan/meaning.h"
#include "plan/session.h"

typedef struct pic__plan_parts {
        const pic__steps *steps;
        pic_revision revision;
        const char *changes;         /* a JSON array, or NULL for none */
        const pic__meaning *meaning; /* or NULL */
        const char *wishes;          /* JSON, or NULL */
        const char *secrets;         /* JSON, or NULL */
        const char *notes;           /* JSON, or NULL */
        const char *questions;       /* JSON, or NULL: the plan has none */
        const pic__session *session; /* who makes the change; or NULL */
        const pic__verdict *verdict; /* of that session */
} pic__plan_parts;

/* A plan of these. Everything is copied. */
int pic__plan_make(const pic__plan_parts *parts, pic_plan **ret, pic_error **err);
/* A plan from {"revision","steps":[…]} as the agent says it. */
int pic__plan_parse(const char *json, size_t len, pic_plan **ret, pic_error **err);

#endif
