/* Secrets that a person gives: from clear text to sealed text, before anything keeps it. */
#ifndef PIC_CHANGE_SECRET_H
#define PIC_CHANGE_SECRET_H

#include "change/wish.h"

/* Whether a person gives this field, and it is a secret. */
int pic__secret_is_given(enum pic__kind kind, int field);
/* Judges clear text by the field's own rule and wishes it sealed, with what is public of it: the public key of a
 * private one. A connection's private key may be "new": one is made here, for where there is none. op: a SET whose text
 * is in clear; it is not kept. PIC_VALUE, which never shows the text; what the wishes' seal_key answers. */
int pic__secret_push(pic__wishes *w, const pic__op *op, pic_error **err);
/* The same for a profile that its reader has made: it is not judged again. */
int pic__secret_push_profile(pic__wishes *w, const pic__op *op, pic_error **err);
/* The same for bytes that were judged: of any secret field, also one that the cell sets. public_key: see pic__op; may
 * be NULL. */
int pic__secret_push_bytes(pic__wishes *w, const pic__op *op, const void *plain, size_t len, const char *public_key,
                           pic_error **err);
/* The sealed text of a clear one that is right. */
int pic__secret_box(const uint8_t seal_key[32], enum pic__kind kind, const char *field, const char *text, char **ret,
                    pic_error **err);

#endif
