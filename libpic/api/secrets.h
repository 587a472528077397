/* What becomes of connections' secrets in a plan: a document holds none, and a key that was made anew is known to
 * nobody at the far end. */
#ifndef PIC_API_SECRETS_H
#define PIC_API_SECRETS_H

#include "base/json.h"
#include "change/changes.h"
#include "change/wish.h"

/* [{"name","field","state","text"}]: of the connections that documents name or that change. state: "kept" (of a
 * connection that a document names), "given", "new", "missing". `before`: what the changes are measured by. */
void pic__secrets_tell(const pic__wishes *w, const pic__changes *c, const pic__snap *before, pic__json *j);

#endif
