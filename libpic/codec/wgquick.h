/* A provider's file for wg-quick (see wg-quick(8), wg(8)) becomes the fields of a connection of type wireguard:
 *   type, private_key (secret), addresses, dns, mtu, peer_key, preshared_key (secret), endpoint, allowed, keepalive
 * A field that the file does not speak of is not answered. Lists are comma texts. */
#ifndef PIC_CODEC_WGQUICK_H
#define PIC_CODEC_WGQUICK_H

#include "codec/import.h"

#define PIC__WGQUICK_TEXT ((size_t)64 << 10)
#define PIC__WGQUICK_LINE ((size_t)4 << 10)

/* PIC_SYNTAX for what is no such file, PIC_UNSUPPORTED for what no connection can carry (commands, a table, a second
 * peer), PIC_VALUE for a value that breaks its rule, and what the callback answers. `told` may be NULL; its warnings
 * are set in any case. */
int pic__wgquick_read(const pic__import *in, pic__imported *told, pic_error **err);

#endif
