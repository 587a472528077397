/* Names of a copy, asked for. */
#ifndef PIC_DRILL_NAMES_H
#define PIC_DRILL_NAMES_H

#include "base/err.h"

/* Asks the copy's name server for what its wishes say that it tells: at most some hundreds, at both of its addresses.
 * *ret_asked: questions. */
int pic__drill_names(const char *dir, size_t *ret_asked, pic_error **err);

#endif
