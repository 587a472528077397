/* Passwords that whoever guesses tries first. */
#ifndef PIC_MODEL_COMMON_H
#define PIC_MODEL_COMMON_H

/* Why a password is a bad one, in words, or NULL. `user`: whose it is; NULL: nobody's. */
const char *pic__common_password(const char *password, const char *user);

#endif
