/* The agent's care for backup targets: when which one gets a backup, by the hands of a child (pic-keep), one at a time;
 * what they hold; what went wrong. A run that was missed is caught up, one that fails is tried again with patience.
 * Rows of the journal with the verbs backup, backup-failed, backup-damaged, drill, drill-failed. */
#ifndef PIC_ENGINE_KEEP_H
#define PIC_ENGINE_KEEP_H

#include "codec/doc.h"
#include "engine/engine.h"
#include "engine/findings.h"
#include "engine/seals.h"
#include "model/snap.h"

int pic__engine_keep_fd(const pic__engine *e); /* readable: turn() is due; -1: nobody works */
void pic__engine_keep_turn(pic__engine *e);    /* never waits */
void pic__engine_drop_keep(pic__engine *e);    /* ends what is under way */

/* {"targets":[…]}: see pic_target_status(). */
int pic__engine_keep(pic__engine *e, pic__json *out, pic_error **err);
/* Has it done as soon as nothing else is under way, and tells as above: what is "run", "list", "verify" or "drill";
 * target NULL: all that are on; name: of a backup, NULL: the newest. Where no agent is at work it is done before the
 * answer comes. PIC_NOTFOUND; PIC_BADSTATE: there is no target that is on; PIC_INVALID. */
int pic__engine_keep_do(pic__engine *e, const char *what, const char *target, const char *name, pic__json *out,
                        pic_error **err);
/* Ends what is under way, and forgets what waits: of one target, or of all (NULL). */
int pic__engine_keep_cancel(pic__engine *e, const char *target, pic__json *out, pic_error **err);
/* [{"name","state","last","next"},…]: see pic_status_get(). */
void pic__engine_keep_brief(pic__engine *e, const pic__snap *s, pic__json *out);
/* For doctor. */
void pic__keep_look(pic__engine *e, pic__findings *f);

/* What pic-keep is told: an order, secrets among it. known: what is known of backups, as JSON; may be NULL. */
int pic__keep_order(const char *dir, const pic__seals *seals, const pic_obj *cell, const pic_obj *target,
                    const char *what, const char *name, const char *known, pic__buf *out, pic_error **err);
/* Its verbs. */
struct pic__verb_call;
int pic__verb_backups(struct pic__verb_call *c, pic_error **err);
int pic__verb_backup(struct pic__verb_call *c, pic_error **err);
int pic__verb_backup_cancel(struct pic__verb_call *c, pic_error **err);
#define PIC__KEEP_PROGRAM "pic-keep"
/* What it said at its end: 0 with its answer, or its error. */
int pic__keep_said(const char *text, pic__doc **ret, pic_error **err);

#endif
