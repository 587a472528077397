/* What the library itself needs of <pic/cancel.h>. */
#ifndef PIC_BASE_CANCEL_H
#define PIC_BASE_CANCEL_H

#include <pic/cancel.h>

int pic__cancel_fd(const pic_cancel *cancel); /* readable once raised; -1 for NULL */

#endif
