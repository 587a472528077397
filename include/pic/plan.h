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
/* {"revision","changes":[{"kind","name","verb","fields":[{"field","before","after"}]}],"steps":[{"verb","backend","kind","key","before","after","risk","reversible",
 * "object"}]}; borrowed. revision: of the store that was looked at. verb: "add", "change", "remove". changes: of an
 * edit, with "(secret)" for secrets; else empty. */
PIC_API const char *pic_plan_json(const pic_plan *plan);
PIC_API pic_plan *pic_plan_unref(pic_plan *plan);

PIC_END_DECLS

#endif
