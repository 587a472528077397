/* Certificates of public CAs (issuer acme): what is due is asked for, one try at a time, in the background of the
 * agent's loop, with all the patience of acme_pace.h. What is good stays until something better was verified. Rows of
 * the journal: cert-issue, cert-renew; cert-ask of who wanted it now; cert-fail when a try failed for another reason
 * than the last one; cert-late, cert-ended once for each certificate. */
#ifndef PIC_ENGINE_ACME_H
#define PIC_ENGINE_ACME_H

#include "engine/engine.h"
#include "engine/findings.h"

/* For the agent's loop: a descriptor (-1: none), the wall time at which something is due (0: nothing is), and what is
 * then to be done. Never waits for anybody. */
int pic__engine_acme_fd(const pic__engine *e);
pic_time pic__engine_acme_due(const pic__engine *e);
void pic__engine_acme_turn(pic__engine *e);

/* Begins a renewal that somebody asks for. What it comes to is told by the certificate. PIC_BUSY: the table of limits
 * holds it back, the hint says until when; PIC_BADSTATE: one is under way, or this is no agent; others as the wish. */
int pic__engine_acme_renew(pic__engine *e, const pic_obj *cert, const char *actor, const char *way, pic_error **err);
/* [{"name","state","subjects":[…],"domain","directory","proof","failures","next","tried","where","why"}]: of all, or
 * the one of that name; also those that were removed, as long as a CA is to be told. */
int pic__engine_acme_state(pic__engine *e, const char *name, pic__json *out, pic_error **err);
/* [{"directory","known","email","wished","failures","next","why"}] */
void pic__engine_acme_accounts(pic__engine *e, pic__json *out);
/* For doctor. */
void pic__acme_look(pic__engine *e, pic__findings *f);
void pic__engine_acme_drop(pic__engine *e); /* ends what is under way; it counts as failed */

/* Of tests: other programs, and a world that is not real. */
typedef struct pic__acme_opts {
        const char *program;   /* instead of uacme */
        const char *hook;      /* instead of pic-acme-hook */
        const char *rehearsal; /* the first CA's directory for trying out */
} pic__acme_opts;
int pic__engine_acme_allow(pic__engine *e, const pic__acme_opts *opts, pic_error **err);

#endif
