/* Door to libsodium, third part: Argon2id, which makes guessing a password dear. It is as dear to us, in memory, so one
 * runs at a time in a process and few may wait. */
#ifndef PIC_SYS_ARGON_H
#define PIC_SYS_ARGON_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PIC__ARGON_SALT 16
#define PIC__ARGON_WAIT 8 /* so many may wait */

typedef struct pic__argon {
        uint32_t kib;    /* of memory: 8 to 65,536 */
        uint32_t passes; /* 1 to 16 */
        uint8_t salt[PIC__ARGON_SALT];
} pic__argon;

/* 32 bytes, always the same for a password and its salt. PIC_BUSY: too many wait; PIC_VALUE: numbers out of range;
 * PIC_NOMEM. */
int pic__argon2id(const pic__argon *how, const char *password, size_t len, uint8_t out[32], pic_error **err);

#endif
