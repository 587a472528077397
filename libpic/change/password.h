/* Passwords of users: from what a person types to what is sealed (the proof), and how to come to that again. */
#ifndef PIC_CHANGE_PASSWORD_H
#define PIC_CHANGE_PASSWORD_H

#include "change/wish.h"
#include "sys/argon.h"

#define PIC__PROOF 32
#define PIC__SALT_TEXT 64 /* "argon2id$19456$2$1$<salt>" */

/* A password that a user may have: 10 to 512 bytes of printable text, none of the most common ones, not the own name.
 * PIC_VALUE. */
int pic__password_check(const char *password, const char *user, pic_error **err);
/* How a new password is hashed: with a salt of its own. */
void pic__salt_new(char text[PIC__SALT_TEXT]);
/* One for a user that there is not: always the same for a name, and nobody can tell it from another. */
void pic__salt_of_nobody(const uint8_t secret[32], const char *user, char text[PIC__SALT_TEXT]);
/* PIC_CORRUPT: it is no such text. */
int pic__salt_parse(const char *text, pic__argon *ret, pic_error **err);
/* The proof. PIC_BUSY, PIC_CORRUPT, PIC_NOMEM. */
int pic__proof_make(const char *salt, const char *password, uint8_t proof[PIC__PROOF], pic_error **err);

/* Judges a user's password, given in clear, and wishes its proof sealed, with the salt. */
int pic__password_push(pic__wishes *w, const pic__op *op, pic_error **err);

#endif
