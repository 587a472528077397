/* The agent's watch over the cell's public names: which addresses the world sees, and whether each name leads there.
 * It acts by itself: on change, at most each five minutes; what fails waits longer each time, over restarts too. Rows
 * of the journal with the verbs publish, publish-failed. */
#ifndef PIC_ENGINE_DOMAINS_H
#define PIC_ENGINE_DOMAINS_H

#include "engine/engine.h"
#include "engine/findings.h"

int pic__engine_domains_fd(const pic__engine *e);       /* readable: turn() is due; -1: nobody waits */
pic_time pic__engine_domains_due(const pic__engine *e); /* monotonic; 0: never */
void pic__engine_domains_turn(pic__engine *e);          /* never waits */
void pic__engine_drop_domains(pic__engine *e);

/* {"ipv4","ipv6","behind","asked","why","domains":[…]}: see pic_domain_status(). */
int pic__engine_domains(pic__engine *e, pic__json *out, pic_error **err);
/* [{"name","state","changes","published","next","certificate"},…] of a snapshot's names: see pic_status_get(). */
void pic__engine_domains_brief(const pic__engine *e, const pic__snap *s, pic__json *out);
/* Publishes now, whatever waits: one, or all (NULL). 1: done, and told as above; 0: not yet, ask again. PIC_NOTFOUND;
 * PIC_BADSTATE: it publishes nothing; PIC_UNSUPPORTED in the fake world. */
int pic__engine_domain_publish(pic__engine *e, const char *name, pic__json *out, pic_error **err);
/* For doctor. */
void pic__domains_look(pic__engine *e, pic__findings *f);

#endif
