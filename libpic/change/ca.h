/* The root of the cell's own CA, as fields of the cell; and the list of what was revoked, as text. */
#ifndef PIC_CHANGE_CA_H
#define PIC_CHANGE_CA_H

#include <pic/types.h>

#include "model/obj.h"

/* No clock that is right says less: this was written later. */
#define PIC__CA_EPOCH ((pic_time)1767225600 * 1000000) /* 2026-01-01 */

/* Makes a root for what the cell may vouch for and sets ca_certificate, ca_scope, ca_secret. The cell must have its id.
 */
int pic__ca_make(pic_obj *cell, const uint8_t seal_key[32], pic_time now, pic_error **err);
/* What a root has to be made for, as ca_scope says it. */
void pic__ca_scope(const pic_obj *cell, pic__buf *out);

/* "SERIAL:UNTIL SERIAL:UNTIL": serial numbers, and when (in seconds) nobody asks for them any more. */
typedef struct pic__serial {
        char hex[65];
        pic_time until;
} pic__serial;
/* One after the other: start with *at = the text; 0 at the end. What is damaged is passed over. */
int pic__serial_next(const char **at, pic__serial *ret);
void pic__serial_put(const pic__serial *s, pic__buf *out); /* appends, with a blank between */

/* "ID:ISSUER:UNTIL:NAME:CERTIFICATE …": certificates that were removed, and that the public CA which issued them is
 * still to withdraw; whole, since a CA is not told by a number. */
typedef struct pic__owed {
        pic_id id;       /* of the certificate that is gone */
        char issuer[65]; /* as its field issuer_key */
        pic_time until;  /* when it ends by itself */
        char name[256];
        const char *text; /* DER in base64, borrowed */
        size_t len;
} pic__owed;
/* As above. */
int pic__owed_next(const char **at, pic__owed *ret);
void pic__owed_put(const pic__owed *o, pic__buf *out);
/* What a certificate of a public CA would be in that list. 0: nothing, it is another's, was not issued, or has ended.
 */
int pic__owed_of(const pic_obj *cert, pic_time now, pic__owed *ret);

#endif
