/* The agent's X25519 secret: <dir>/key, mode 0600, 64 lower-case hex digits and a newline. Whoever can read it can open
 * every seal. */
#ifndef PIC_ENGINE_KEYFILE_H
#define PIC_ENGINE_KEYFILE_H

#include <stdint.h>

#include "base/err.h"

#define PIC__KEYFILE "key"

/* Makes a new one in an existing directory, durable and whole or not at all; never replaces one. Gives the public half,
 * which the store keeps. PIC_EXISTS, PIC_DENIED, PIC_IO. */
int pic__keyfile_create(const char *dir, uint8_t public_key[32], pic_error **err);
/* PIC_DENIED when it is not there or may not be read (hint), PIC_CORRUPT when it is no key. The caller wipes. */
int pic__keyfile_read(const char *dir, uint8_t secret[32], pic_error **err);

#endif
