/* The agent's key and what it opened: a peer's preshared key is asked for at each full look, and opening a seal costs
 * as much as all the rest of deriving that peer. What is remembered is in wireguard's hands anyway; it is wiped with
 * the engine. */
#ifndef PIC_ENGINE_SEALS_H
#define PIC_ENGINE_SEALS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "model/obj.h"

typedef struct pic__seals {
        uint8_t key[32];
        uint8_t public_key[32];
        pic__arena arena;
        pic__map opened; /* digest of place and sealed text -> the secret */
} pic__seals;

/* Opens the secret field of an object: 32 bytes, else PIC_CORRUPT. Remembers nothing. */
int pic__seals_open(const pic__seals *s, const pic_obj *o, const char *field, uint8_t out[32], pic_error **err);
/* Opens one of any length and appends it; the caller wipes it. */
int pic__seals_open_text(const pic__seals *s, const pic_obj *o, const char *field, pic__buf *out, pic_error **err);
/* The first, remembered. */
int pic__seals_recall(pic__seals *s, const pic_obj *o, const char *field, uint8_t out[32], pic_error **err);
/* Forgets all when more than `max` are remembered: rekeyed and removed peers leave some behind. */
void pic__seals_bound(pic__seals *s, size_t max);
void pic__seals_wipe(pic__seals *s); /* the key too */

#endif
