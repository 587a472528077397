/* Signing the audit tree's heads. A log may never sign two heads of which one does not continue the other (C2SP
 * tlog-checkpoint), so what was signed last is remembered, as the tree's edge, and the journal must grow out of it. */
#ifndef PIC_ENGINE_HEADS_H
#define PIC_ENGINE_HEADS_H

#include "base/json.h"
#include "engine/engine.h"

/* Signs the head of the journal as it is. 1: a new head is in the store; 0: there is no row that is not signed. A cell
 * without an identity gets one, which is a row too. PIC_CORRUPT: the journal does not continue what was signed, or the
 * identity is not the agent's; nothing is signed then, and status and doctor say so until it is well again. PIC_BUSY,
 * PIC_IO, PIC_NOMEM. */
int pic__engine_sign(pic__engine *e, pic_error **err);
/* Signs, and tells: {"size","rows","note","key"}: the newest head, how many rows there are, the verifier's key. */
int pic__engine_head(pic__engine *e, pic__json *out, pic_error **err);
/* Number of rows of the journal; 0 when it cannot be read. Cheap. */
uint64_t pic__engine_rows(pic__engine *e);
/* Why nothing can be signed; NULL: nothing is wrong. */
const pic_error *pic__engine_unsigned(const pic__engine *e);

#endif
