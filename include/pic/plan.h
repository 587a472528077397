/* <pic/plan.h>: steps, before they are taken. */
#ifndef PIC_PLAN_H
#define PIC_PLAN_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

enum { PIC_PLAN_REPAIR = 1 << 0 /* after planning, do it */ };
/* What separates the world from the wishes in the store: observes everything. Real world: asks the agent (PIC_NOAGENT,
 * PIC_TIMEOUT, PIC_DENIED). PIC_NOTFOUND: no cell; PIC_BACKEND: the world cannot be read, or an answer makes no sense;
 * PIC_UNSUPPORTED: a store of a newer version; PIC_CORRUPT, PIC_IO, PIC_INVALID, PIC_NOMEM. With PIC_PLAN_REPAIR the
 * difference is also applied and the plan is what was done; a world that nobody can have touched since the last look is
 * not read again. Then also codes of the apply: PIC_BACKEND (some steps could not be taken; the others are),
 * PIC_ROLLEDBACK, PIC_BROKEN (a cell that moves to another network moves whole), PIC_CONFLICT. */
PIC_API PIC_MUST_USE int pic_plan_get(pic_ctx *ctx, uint32_t flags, pic_plan **ret_plan, pic_error **err);

/* Number of steps; 0: nothing to do. */
PIC_API size_t pic_plan_count(const pic_plan *plan);
/* One line for people, borrowed; NULL past the end. */
PIC_API const char *pic_plan_text(const pic_plan *plan, size_t index);
/* What the change means in packets: who gains or loses reach to what, one line each, losses first; borrowed. "anna
 * loses tcp/445 to 192.168.1.10 (10.1.0.2 -> 192.168.1.10 tcp/445)": the packet is an example. No lines: nobody's reach
 * changes (or the plan is of the world, not of an edit). */
PIC_API size_t pic_plan_meaning_count(const pic_plan *plan);
/* NULL past the end. */
PIC_API const char *pic_plan_meaning(const pic_plan *plan, size_t index);

enum {
        PIC_RISK_NONE = 0,
        PIC_RISK_TRAFFIC = 1, /* interrupts traffic */
        PIC_RISK_SESSION = 2  /* may cut the one who makes the change; when pic_edit_session() was told: does */
};
/* The worst that the steps do: PIC_RISK_*. */
PIC_API int pic_plan_risk(const pic_plan *plan);
/* {"revision","changes":[{"kind","name","verb","fields":[{"field","before","after"}]}],"steps":[{"verb","backend","kind",
 * "key","before","after","risk","reversible","object"}],"meaning":[{"who","count","peers":[],"verb","to","proto","ports",
 * "families":[],"part","rule","example":{"peer","source","destination","proto","port"}|null,"text"}],"risk",
 * "session":{"address","peer","cut","reason"}|null,"secrets":[{"name","field","state","text"}],"notes":[{"kind","name",
 * "note","until","text"}],"wishes"}; borrowed.
 * revision: of the store that was looked at. changes: of an edit, with "(secret)" for secrets; else empty; verb: "add",
 * "change", "remove". steps[].risk: what such a step may do; risk: of this plan: "none", "traffic", "session".
 * meaning[].verb: "gains", "loses", or "leaves": by the connection `to` ("direct": by none) instead of `rule`; to:
 * "internet", "lan", "peers", "cell", "group:NAME", a device's name, an address or network; proto, ports: null for any;
 * part: not all of it, but what was not there by another rule; peers: at most 1,000 names. secrets: what becomes
 * of the secrets of connections that the edit changes or a document names; state: "kept", "given", "new" (made here:
 * the far end must be told the public half), "missing" (a document has none, and the connection stays turned off).
 * notes: what it means outside of the cell, of certificates of public CAs: "stays": one goes and stays good for whoever
 * has its key; "withdrawn": its CA is told to withdraw it; "port80": of a domain that is proved at port 80
 * (http-01), which another program of this machine holds.
 * questions: only of pic_backup_diff(), which says what they are.
 * wishes: of an edit; pic_edit_load() takes the whole plan and wishes the same, for this revision. */
PIC_API const char *pic_plan_json(const pic_plan *plan);
PIC_API pic_plan *pic_plan_unref(pic_plan *plan);

PIC_END_DECLS

#endif
