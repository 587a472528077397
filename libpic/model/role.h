/* What users and tokens may be, as words. What a role may do is the front ends' business. */
#ifndef PIC_MODEL_ROLE_H
#define PIC_MODEL_ROLE_H

/* What a token of this scope may do for a user of this role: the lesser one, a word of both tables; NULL: nothing. */
const char *pic__role_least(const char *scope, const char *role);

#endif
