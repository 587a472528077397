/* The networks that this machine is attached to: a fact about the machine, not a wish. They are part of what "lan"
 * means and never of what "internet" means, whatever their addresses. Kept are only those that make a difference:
 * pic__attached_judge(). */
#ifndef PIC_MODEL_ATTACHED_H
#define PIC_MODEL_ATTACHED_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "model/net.h"

typedef PIC__VEC(pic__prefix) pic__attached; /* by address and length, each once */

enum {
        PIC__ATTACHED_PLAIN,  /* in lan already, or nothing that is forwarded to: makes no difference */
        PIC__ATTACHED_COUNTS, /* belongs to lan from now on */
        PIC__ATTACHED_WIDE    /* too much to be a network that one is attached to: under /8, of IPv6 under /32 */
};

int pic__attached_judge(const pic__prefix *p);
/* Adds a network if it counts; its host bits are cleared. 0, or -1 when out of memory. */
int pic__attached_add(pic__attached *a, pic__prefix p);
/* The widest that has the address, or NULL. */
const pic__prefix *pic__attached_find(const pic__attached *a, const pic__addr *addr);
int pic__attached_same(const pic__attached *a, const pic__attached *b);

/* One a line. Other lines are PIC_CORRUPT. */
void pic__attached_print(const pic__attached *a, pic__buf *out);
int pic__attached_parse(pic__attached *a, const char *text, pic_error **err);

static inline void pic__attached_free(pic__attached *a)
{
        pic__vec_free(a);
}
#define pic__auto_attached PIC__AUTO(pic__attached_free)

#endif
