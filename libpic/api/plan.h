/* Plans from inside: made by an edit or from the agent's words. */
#ifndef PIC_API_PLAN_H
#define PIC_API_PLAN_H

#include "api/api.h"
#include "plan/diff.h"

/* A plan of these steps; `changes` is a JSON array, or NULL for none. Everything is copied. */
int pic__plan_make(const pic__steps *steps, pic_revision revision, const char *changes, pic_plan **ret,
                   pic_error **err);
/* A plan from {"revision","steps":[…]} as the agent says it. */
int pic__plan_parse(const char *json, size_t len, pic_plan **ret, pic_error **err);

#endif
