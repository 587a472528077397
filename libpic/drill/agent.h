/* The agent of a copy. */
#ifndef PIC_DRILL_AGENT_H
#define PIC_DRILL_AGENT_H

#include <sys/types.h>

#include "base/err.h"
#include "codec/doc.h"
#include "engine/link.h"

typedef struct pic__drill_agent {
        pid_t pid; /* 0: none */
        int words; /* what it says when it cannot go on */
        pic__link *link;
} pic__drill_agent;

/* dir: the copy, a cell's directory. */
int pic__drill_agent_start(const char *dir, int fake, pic__drill_agent *ret, pic_error **err);
/* Until it has applied all that is wished; what it cannot apply, or said at its end, is the error. */
int pic__drill_agent_ready(pic__drill_agent *a, pic_error **err);
/* One verb's answer. */
int pic__drill_agent_ask(pic__drill_agent *a, const char *verb, const char *args, pic__doc **ret, pic_error **err);
/* It takes everything down, and ends by itself. */
int pic__drill_agent_down(pic__drill_agent *a, pic_error **err);
void pic__drill_agent_end(pic__drill_agent *a); /* in any case, now */

#endif
