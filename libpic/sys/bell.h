/* One descriptor that tells all that a backend with one program waits for: the program has died, its next start is due,
 * we rang ourselves. */
#ifndef PIC_SYS_BELL_H
#define PIC_SYS_BELL_H

#include "sys/child.h"

typedef struct pic__bell {
        int epoll; /* what is waited on: holds the three below */
        int wake, timer;
        int watched; /* the child's pidfd as it is in epoll, or -1 */
} pic__bell;

#define PIC__BELL_INIT         \
        {                      \
                -1, -1, -1, -1 \
        }

/* who: in the error's text. Closing one that was never opened is allowed. */
int pic__bell_open(pic__bell *b, const char *who, pic_error **err);
void pic__bell_close(pic__bell *b);
void pic__bell_child(pic__bell *b, const pic__child *child); /* after its pidfd changed */
void pic__bell_ring(pic__bell *b);
void pic__bell_ring_in(pic__bell *b, unsigned ms);
/* 1: it was rung, or its time has come; asked again, 0. */
int pic__bell_rung(pic__bell *b);

#endif
