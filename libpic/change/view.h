/* A snapshot of the store that is kept up from look to look, rather than read each time. Whoever may use the store
 * handle may use its view. */
#ifndef PIC_CHANGE_VIEW_H
#define PIC_CHANGE_VIEW_H

#include "change/changes.h"

typedef struct pic__view {
        pic__snap *snap; /* NULL: not read yet */
        pic_revision revision;
        /* Tells a snapshot where it is: what "lan" and "internet" mean there. NULL: it is nowhere (no networks). */
        int (*place)(pic__snap *s, const void *data, pic_error **err);
        const void *place_data;
} pic__view;

/* As the store is at its newest revision (with an open transaction: before its first put), judged as of `now` and by
 * where the machine is now. */
int pic__view_refresh(pic__view *v, pic__store *st, pic_time now, pic_error **err);
/* Tells the view what the open transaction changed; *ret gets it. Give it to pic__view_back() before anything else. */
int pic__view_ahead(pic__view *v, pic__store *st, pic__changes *ret, pic_error **err);
/* Takes that back, or forgets the view where it cannot. */
void pic__view_back(pic__view *v, const pic__changes *ahead);
void pic__view_drop(pic__view *v);

#endif
