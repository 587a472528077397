/* The cell's own CA: what is due is issued and renewed, by the agent, which alone can open the root's key. Rows of the
 * journal with the verbs cert-issue, cert-renew, cert-root. */
#ifndef PIC_ENGINE_CERTS_H
#define PIC_ENGINE_CERTS_H

#include "engine/engine.h"
#include "engine/findings.h"

/* Issues and renews what is due, and makes another root where this one may not vouch for what the cell is called now.
 * 1: something was written; 0: nothing is due. Cheap when nothing is. What fails is tried again in a minute, and told
 * by doctor; a certificate that is still good stays until there is another one. */
int pic__engine_certs(pic__engine *e, pic_error **err);
/* When that is next to be called, by the wall clock; 0: not before the store changes. */
pic_time pic__engine_certs_due(const pic__engine *e);

/* Renews one now, or, with NULL, makes another root: the present one vouches for it until the last certificate of it
 * has ended (90 days at least). PIC_NOTFOUND; PIC_BADSTATE: revoked, another's, or a change waits for its confirmation.
 */
int pic__engine_cert_renew(pic__engine *e, const char *name, const char *actor, const char *way, pic_error **err);
/* The certificate with its private key, in PEM. A sealed key is gone from the store before its text is answered.
 * PIC_BADSTATE: it was shown already; PIC_NOTFOUND. */
int pic__engine_cert_key(pic__engine *e, const char *name, const char *actor, const char *way, pic__buf *out,
                         pic_error **err);
/* The list of what was revoked, as of now, signed by the root, and by the former one while there is one; in PEM. A cell
 * that has no root gets one. */
int pic__engine_cert_list(pic__engine *e, pic__buf *out, pic_error **err);
/* For doctor. */
void pic__certs_look(pic__engine *e, pic__findings *f);

/* What time it is, as far as this cell can know: not less than it was when the store was last written, unless somebody
 * keeps the clock right. A battery that is dead says 1970. What is issued begins then. */
pic_time pic__engine_moment(pic__engine *e);
/* By what time is judged whether something is due: the clock, unless it is dead. A clock that only differs from what
 * the journal has may be the one that is right: it makes nothing due that is good. */
pic_time pic__engine_due_by(pic__engine *e, pic_time moment);

#endif
