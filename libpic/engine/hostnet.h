/* What networks this host uses: api asks here when it picks or checks a cell's own (backends are below engine). */
#ifndef PIC_ENGINE_HOSTNET_H
#define PIC_ENGINE_HOSTNET_H

#include "base/err.h"
#include "model/snap.h"

/* Each prefix of the host's addresses and routes, ours left out, with the interface's name ("" when it has none). fn
 * ends the walk with a value other than 0, which is then the result. */
int pic__engine_host_prefixes(int (*fn)(const char *prefix, const char *ifname, void *data), void *data,
                              pic_error **err);

/* Which slots of connections others on this host use, in pic__run_opts' form (change/run.h). */
int pic__engine_host_slots(uint8_t *taken, pic_error **err);

/* Tells a snapshot what networks the machine is attached to: those that the agent made its rules with; where none has
 * run yet, those that this process sees (of the fake world: none). And what the agent knows of exits. */
int pic__hostnet_attach(const char *run_dir, int fake, pic__snap *s, pic_error **err);

#endif
