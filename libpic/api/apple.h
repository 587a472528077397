/* A configuration profile of Apple's (iOS, iPadOS, macOS) that installs a root certificate. */
#ifndef PIC_API_APPLE_H
#define PIC_API_APPLE_H

#include "base/buf.h"
#include "model/obj.h"

/* For the cell's root, DER. The same root makes the same profile, so that a second installation replaces the first. */
int pic__apple_profile(const pic_obj *cell, const pic__buf *der, pic__buf *out, pic_error **err);

#endif
