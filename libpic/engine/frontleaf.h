/* The certificate of the cell's own page. */
#ifndef PIC_ENGINE_FRONTLEAF_H
#define PIC_ENGINE_FRONTLEAF_H

#include "engine/engine.h"

/* One for these names and addresses (joined by ','), by the cell's own CA, good for 30 days, with what leads from it to
 * a former root and its private key, in PEM. PIC_NOTFOUND: there is no root. */
int pic__engine_front_leaf(pic__engine *e, const char *names, pic__buf *out, pic_time *ret_until, pic_error **err);

#endif
