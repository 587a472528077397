/* What the items of this room mean: DEVICE and PEER as plain values, and their one text (plan/item.h). Pure. */
#ifndef PIC_BACKEND_WG_VALUE_H
#define PIC_BACKEND_WG_VALUE_H

#include <string.h>

#include "base/buf.h"
#include "base/vec.h"
#include "model/net.h"
#include "plan/item.h"

#define PIC__WG_DEVICE_TEXT 80 /* room for the value of any DEVICE item */

typedef struct pic__wg_device {
        uint8_t private_key[32]; /* all zero: none */
        uint16_t port;
} pic__wg_device;

typedef struct pic__wg_peer {
        uint8_t key[32];
        uint8_t psk[32]; /* all zero: none; so WireGuard itself says it */
        uint16_t keepalive;
        PIC__VEC(pic__prefix) allowed;
        /* Only when read: */
        pic_time handshake;
        uint64_t rx;
        uint64_t tx;
        char endpoint[64]; /* said too, when it is there */
} pic__wg_peer;

/* PIC_INVALID for an item that is no such text: a mistake of the caller, never of the world. */
int pic__wg_device_parse(const pic__item *item, pic__wg_device *ret, pic_error **err);
int pic__wg_peer_parse(const pic__item *item, pic__wg_peer *ret,
                       pic_error **err); /* ret: zeroed or used before; its memory is used again */
/* Adds an item; a peer's prefixes are put in order (by family, address, length) first. */
int pic__wg_device_item(const char *name, const pic__wg_device *device, pic__items *out, pic_error **err);
int pic__wg_peer_item(pic__wg_peer *peer, pic__buf *scratch, pic__items *out, pic_error **err);

/* One number of all that the item says, secrets too. A peer's prefixes are put in order first. */
uint64_t pic__wg_device_sum(const char *name, const pic__wg_device *device);
uint64_t pic__wg_peer_sum(pic__wg_peer *peer);

void pic__wg_peer_clear(pic__wg_peer *peer); /* all zero, no prefixes; keeps the memory for them */
void pic__wg_peer_free(pic__wg_peer *peer);  /* wiped */
static inline void pic__wg_device_wipe(pic__wg_device *d)
{
        explicit_bzero(d, sizeof(*d));
}
#define pic__auto_wg_peer PIC__AUTO(pic__wg_peer_free)
#define pic__auto_wg_device PIC__AUTO(pic__wg_device_wipe)

#endif
