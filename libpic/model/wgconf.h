/* The text a device gets: wg-quick(8) format. Pure: secrets come in as text. */
#ifndef PIC_MODEL_WGCONF_H
#define PIC_MODEL_WGCONF_H

#include "base/buf.h"
#include "model/key.h"
#include "model/snap.h"

/* private_key NULL: the device has its own; a comment line says where to put it. preshared_key NULL: none.
 * PIC_BADSTATE when the cell has no endpoint (hint: pic cell set --endpoint). */
int pic__wgconf_client(const pic__snap *s, const pic_obj *peer, const char *private_key, const char *preshared_key,
                       pic__buf *out, pic_error **err);

/* DNS name of a peer, "anna.home.internal" (lower case, no dot at the end); of the cell with peer NULL,
 * "home.internal". */
void pic__dns_name(const pic_obj *cell, const pic_obj *peer, pic__buf *out);

#endif
