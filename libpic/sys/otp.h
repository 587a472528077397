/* Door to liboath: one-time codes (RFC 4226 and 6238: SHA-1, six digits, 30 seconds) and the base32 that people copy
 * their secret in. */
#ifndef PIC_SYS_OTP_H
#define PIC_SYS_OTP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PIC__OTP_SECRET 20 /* bytes of a new secret */
#define PIC__OTP_MAX 64    /* of one that is taken */
#define PIC__OTP_STEP 30   /* seconds */
#define PIC__OTP_CODE 7    /* six digits and a NUL */

/* The code of a step: the seconds since 1970 / PIC__OTP_STEP. */
int pic__otp_code(const uint8_t *secret, size_t len, int64_t step, char code[PIC__OTP_CODE], pic_error **err);
/* Of which step a code is: that of `now` (in seconds), the one before or the one after; -1: of none of them. In
 * constant time. */
int pic__otp_find(const uint8_t *secret, size_t len, int64_t now, const char *code, int64_t *ret_step, pic_error **err);
/* Base32 (RFC 4648) without padding. */
int pic__base32(const uint8_t *data, size_t len, char **ret, pic_error **err);
/* PIC_VALUE: it is none, or of less than 10 or more than `max` bytes. Blanks and letter case do not count. */
int pic__unbase32(const char *text, uint8_t *out, size_t max, size_t *ret_len, pic_error **err);

#endif
