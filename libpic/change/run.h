/* The run of wishes: each in its order, in one transaction, and everything that follows from them: addresses, keys,
 * references, rules between objects. */
#ifndef PIC_CHANGE_RUN_H
#define PIC_CHANGE_RUN_H

#include "change/view.h"
#include "change/wish.h"

typedef struct pic__run_opts {
        const pic__clock *clock;
        /* Whether networks of a cell, or those behind a peer, are in the way of the host's; NULL: there is no host
         * (fake world). */
        int (*check_host)(const pic_obj *o, pic_error **err);
        /* Which slots of connections (256 zeros on entry) the host uses what they stand for: a table, a rule's place, a
         * device. NULL: there is no host. */
        int (*host_slots)(uint8_t *taken, pic_error **err);
        pic_time confirm; /* > 0: goes back by itself unless it is confirmed in this time */
        int unconfirmed;  /* this is the going back */
        /* By which assertions are judged; NULL: they are not (what goes back goes back). It is read when there are
         * some, or may be, and is then as before the run. */
        pic__view *view;
        const char *override; /* why a change may break them; NULL: it may not */
} pic__run_opts;

/* Runs all wishes in a transaction that has begun, and checks the result. On success the transaction can be committed.
 * All that is wrong is reported, as followers. */
int pic__change_run(const pic__wishes *w, pic__store *st, pic__txn *t, const pic__run_opts *opts, pic_error **err);

/* PIC_BADSTATE: what waits is confirmed too late. */
int pic__confirm_in_time(const pic__confirm *c, const pic__clock *clock, pic_error **err);
/* The revision that an undo means which names none: the one that waits for its confirmation, else the newest.
 * PIC_BADSTATE: that one is the going back of a change that nobody confirmed. */
int pic__undo_last(pic__store *st, pic_revision *ret, pic_error **err);

#endif
