/* A verb being done, and its arguments: whoever calls is trusted with none of them. */
#ifndef PIC_ENGINE_VERBS_ARGS_H
#define PIC_ENGINE_VERBS_ARGS_H

#include "codec/doc.h"
#include "engine/engine.h"

#define PIC__NOT_YET 1 /* what a verb answers when it is to be asked again */

struct pic__verb_call {
        pic__engine *e;
        const pic__node *args;
        const char *actor;
        int file; /* that came along; -1: none */
        pic__json *out;
};

/* A text argument; `def` when it is absent or null. PIC_INVALID. */
int pic__arg_text(const struct pic__verb_call *c, const char *key, const char *def, const char **ret, pic_error **err);
/* A number from 0 to max. */
int pic__arg_int(const struct pic__verb_call *c, const char *key, int64_t def, int64_t max, int64_t *ret,
                 pic_error **err);
int pic__arg_bool(const struct pic__verb_call *c, const char *key, int def, int *ret, pic_error **err);

/* Whom the journal names: who the kernel says is calling, and for whom it says it calls. */
int pic__name_actor(const struct pic__verb_call *c, const char *claimed, pic__buf *out, pic_error **err);

/* The agent applies before it listens; an engine that was opened for one call (the fake world's) has not. Telling a
 * state is telling that of a world that somebody keeps, so it is brought there first. What fails is part of the state.
 */
void pic__verb_settle(pic__engine *e);

#endif
