/* Whether devices get in from the internet: what can be known of that without asking a stranger. A device that came
 * from there proves it; what the router says, or that this machine's own address is public, does not (a firewall of the
 * provider's, say): then it is told as unknown, never as well. */
#ifndef PIC_ENGINE_REACH_H
#define PIC_ENGINE_REACH_H

#include "engine/engine.h"
#include "engine/findings.h"
#include "model/attached.h"

/* 1: who has this endpoint ("198.51.100.7:40000") came in from outside the house: from no private address, no network
 * that this machine is attached to, and not from `outer`, the router's own address ("" unknown): some routers give that
 * to who calls it from inside. */
int pic__reach_from_outside(const char *endpoint, const pic__attached *attached, const char *outer);
void pic__engine_reach_look(pic__engine *e, pic__findings *f); /* for doctor */

#endif
