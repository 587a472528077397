/* Certificates as wishes: which names one is for, in full, and what the cell's own CA may vouch for. */
#ifndef PIC_MODEL_CERT_H
#define PIC_MODEL_CERT_H

#include "model/obj.h"

#define PIC__CERT_NAME 256 /* bytes of a name in full */

/* The zones of the cell's CA, its own first, and its networks, each joined by ','. */
void pic__cert_zones(const pic_obj *cell, pic__buf *out);
void pic__cert_nets(const pic_obj *cell, pic__buf *out);
/* A name in full: with a dot at the end, or inside a zone, it is as it stands ("nas.home.internal"); a single word is
 * of the cell's zone ("nas"), others are of its domain ("nas.home"). NULL; or the rule that it breaks (static text): it
 * is outside of what the CA may vouch for. */
const char *pic__cert_full(const pic_obj *cell, const char *name, char out[PIC__CERT_NAME]);
/* All names of a certificate of the cell's own CA, in full, each once, joined by ','; of another's as they stand. The
 * certificate's name stands for names that it has not. PIC_VALUE tells each that is outside. */
int pic__cert_subjects(const pic_obj *cell, const pic_obj *cert, pic__buf *out, pic_error **err);
/* What makes a certificate one of the cell's own CA that is to be issued and renewed. */
int pic__cert_is_own(const pic_obj *cert);

#endif
