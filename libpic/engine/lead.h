/* The router leads the cell's UDP port to this machine, where the cell's field `router` says "map": asked for at the
 * start, each half of what it grants and after changes; taken back when the wish ends or the cell is taken down. The
 * end of the agent alone takes nothing back: devices' traffic goes on without it. */
#ifndef PIC_ENGINE_LEAD_H
#define PIC_ENGINE_LEAD_H

#include "engine/engine.h"
#include "engine/findings.h"

#define PIC__LEAD_LEASE 7200 /* seconds: what is asked for (RFC 6886 recommends it) */

int pic__engine_lead_fd(const pic__engine *e);       /* readable: turn() is due; -1: nobody waits */
pic_time pic__engine_lead_due(const pic__engine *e); /* monotonic; 0: never */
void pic__engine_lead_turn(pic__engine *e);          /* never waits */
void pic__engine_lead_drop(pic__engine *e);
void pic__engine_lead_end(pic__engine *e); /* takes it back, and waits for that: 4 s at most */

/* null, or {"state","way","gateway","address","port","until","why","hint"}: see pic_status(). */
void pic__engine_lead_json(const pic__engine *e, pic__json *out);
int pic__engine_lead_is(const pic__engine *e);                      /* 1: the port is led here */
int pic__engine_lead_fails(const pic__engine *e);                   /* 1: it is not, or leads to another router */
void pic__engine_lead_address(const pic__engine *e, char text[48]); /* the router's, as it says; "" nobody does */
void pic__engine_lead_look(const pic__engine *e, pic__findings *f); /* for doctor */

#endif
