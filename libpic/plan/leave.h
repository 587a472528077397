/* Which way does a device leave, who says so, and what becomes of its packets now? One answer for why, status, lists
 * and assertions. Pure. */
#ifndef PIC_PLAN_LEAVE_H
#define PIC_PLAN_LEAVE_H

#include "base/json.h"
#include "model/snap.h"

typedef struct pic__leave {
        const pic_obj *exit;    /* NULL: directly */
        const pic_obj *said_by; /* the peer, group or cell whose word that is; NULL: nobody said anything */
        const pic_obj *carrier; /* what carries its packets now; of a group the member in use; NULL: nothing does */
        int may;                /* its rights let something of it leave */
        int open;               /* fail-open was chosen: it leaves directly while the exit is down */
        int may_open;           /* and that can come true: the exit is not turned off, and no `block` */
        int down;               /* the exit is down, as the agent knows it */
} pic__leave;

void pic__leave_of(const pic__snap *s, const pic_obj *peer, pic__leave *ret);
/* Its rights let something of it leave: the internet, or a prefix. */
int pic__leave_may(const pic__snap *s, const pic_obj *peer);
/* What leaves now does so directly. */
int pic__leave_direct(const pic__leave *l);
/* Nothing carries what would leave now: it goes nowhere. */
int pic__leave_closed(const pic__leave *l);
/* " (group kids)", " (cell)", " (own)"; "": nobody said anything. An exit of its own is told without. */
#define PIC__LEAVE_WHOSE 112
const char *pic__leave_whose(const pic__leave *l, char text[PIC__LEAVE_WHOSE]);

/* "direct", "vpn (group kids), up", "best: far (cell), up", "vpn, down: closed", "vpn, down, open: leaves directly!".
 * state: of the exit, as pic_status_get() has it; NULL: nobody watches, and what is known of it is not told. */
void pic__leave_text(const pic__leave *l, const char *state, pic__buf *out);
/* {"exit","by","group","carrier","state","open","closed","direct","may","text"}: see <pic/status.h>. */
void pic__leave_json(const pic__leave *l, const char *state, pic__json *j);

#endif
