/* A copy of a cell that lives for some seconds. */
#ifndef PIC_DRILL_LIVE_H
#define PIC_DRILL_LIVE_H

#include "engine/drill_book.h"

/* Starts it, asks it, ends it. 0: the book says how it went; else it could not be tried. */
int pic__drill_live(const char *dir, int fake, pic__drill_book *b, pic_error **err);

#endif
