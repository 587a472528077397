/* A snapshot of the store that is kept up from look to look, rather than read each time. Whoever may use the store
 * handle may use its view. */
#ifndef PIC_CHANGE_VIEW_H
#define PIC_CHANGE_VIEW_H

#include "change/changes.h"

typedef struct pic__view {
        pic__snap *snap; /* NULL: not read yet */
        pic_revision revision;
} pic__view;

/* As the store is at its newest revision (with an open transaction: before its first put), judged as of `now`. */
int pic__view_refresh(pic__view *v, pic__store *st, pic_time now, pic_error **err);
/* Tells the view what the open transaction changed; *ret gets it. Give it to pic__view_back() before anything else. */
int pic__view_ahead(pic__view *v, pic__store *st, pic__changes *ret, pic_error **err);
/* Takes that back, or forgets the view where it cannot. */
void pic__view_back(pic__view *v, const pic__changes *ahead);
void pic__view_drop(pic__view *v);

#endif
