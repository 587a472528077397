/* The agent's care for block lists: they are fetched (by the cell itself, by no exit), or looked at where they are
 * files, read by a child that may do nothing, kept as a last good copy in the cell's directory, and made into the one
 * table that filters read. Rows of the journal with the verbs fetch, fetch-failed. */
#ifndef PIC_ENGINE_BLOCKS_H
#define PIC_ENGINE_BLOCKS_H

#include "engine/engine.h"
#include "engine/findings.h"

int pic__engine_blocks_fd(const pic__engine *e); /* readable: turn() is due; -1: nobody waits */
void pic__engine_blocks_turn(pic__engine *e);    /* never waits */
void pic__engine_drop_blocks(pic__engine *e);

/* {"filter","asked","blocked","lists":[…]}: see pic_block_status(). */
int pic__engine_blocks(pic__engine *e, pic__json *out, pic_error **err);
/* Fetches now, whatever waits: one, or all (NULL), and takes it also when it has become much smaller. 1: done, and told
 * as above; 0: not yet, ask again. PIC_NOTFOUND; PIC_BADSTATE: there is none that is on; PIC_UNSUPPORTED in the fake
 * world.
 */
int pic__engine_block_refresh(pic__engine *e, const char *name, pic__json *out, pic_error **err);
/* Which lists have a name, and which of them keep it from a device (NULL: from one in no group). */
int pic__engine_block_test(pic__engine *e, const char *name, const char *peer, pic__json *out, pic_error **err);
/* "lists":{NAME:N,…} into an open object: so many questions each has blocked; nothing where there is no list. */
void pic__blocks_put_counts(const pic__engine *e, const pic__snap *s, pic__json *out);
/* For doctor. */
void pic__blocks_look(pic__engine *e, pic__findings *f);

#endif
