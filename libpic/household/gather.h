/* From a path to a household: finds what product's it is, and gives its files to their readers. */
#ifndef PIC_HOUSEHOLD_GATHER_H
#define PIC_HOUSEHOLD_GATHER_H

#include "household/household.h"

/* Reads a directory, or one file with what stands beside it, and settles what was read. Links are not followed, special
 * files not opened, nothing there is changed or run. h was begun by pic__household_init(), and is freed by the caller
 * whatever comes. PIC_NOTFOUND, PIC_DENIED, PIC_IO; PIC_SYNTAX: no product that is known, or a broken file;
 * PIC_CONFLICT: several servers; PIC_UNSUPPORTED: an archive; PIC_VALUE: too large; PIC_NOMEM. */
int pic__household_gather(pic__household *h, const char *path, pic_error **err);

#endif
