/* Would a change cut off the one who makes it? Pure. Somebody who is connected through the cell, from a device's
 * address to this machine, is cut when the device goes, loses its address or key, or may not reach this machine there
 * any more. */
#ifndef PIC_PLAN_SESSION_H
#define PIC_PLAN_SESSION_H

#include "model/snap.h"

typedef struct pic__session {
        pic__addr source;
        pic__addr destination; /* family 0: the cell's own address */
        uint16_t port;         /* TCP */
} pic__session;

typedef struct pic__verdict {
        int inside; /* the source is a device's, or behind one */
        int cut;
        char peer[72];    /* "" when not inside */
        char reason[200]; /* one sentence, when cut */
        /* what was before */
        pic_obj *device, *cell; /* references */
        int allowed;
} pic__verdict;

#define PIC__VERDICT_INIT                   \
        {                                   \
                0, 0, "", "", NULL, NULL, 0 \
        }

/* The snapshot is as before the change. */
int pic__session_before(const pic__session *session, const pic__snap *s, pic__verdict *v, pic_error **err);
/* The snapshot was told of it. */
int pic__session_after(const pic__session *session, const pic__snap *s, pic__verdict *v, pic_error **err);
void pic__verdict_free(pic__verdict *v);

#endif
