/* Where a verdict comes from: the change that made it so, and who made it. */
#ifndef PIC_API_ORIGIN_H
#define PIC_API_ORIGIN_H

#include "plan/why.h"
#include "store/store.h"

/* "origin": {"revision","time","actor","way","text"} of the change since which the verdict stands: a grant that was
 * given, a group that was joined; for a refusal the last change of what the device may. null for what every device may.
 * Reads the versions of at most the device and its groups. */
int pic__origin_put(pic__store *st, const pic__why *w, pic__json *j, pic_error **err);

#endif
