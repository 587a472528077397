/* <pic/cancel.h>: stop a long call from another thread or a signal handler. */
#ifndef PIC_CANCEL_H
#define PIC_CANCEL_H

#include <pic/types.h>

PIC_BEGIN_DECLS

/* Makes a flag that is down. PIC_INVALID: ret_cancel is NULL; PIC_BACKEND: the kernel gives no eventfd; PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_cancel_new(pic_cancel **ret_cancel, pic_error **err);
/* Raises it, for good. May be called from any thread and from a signal handler. Takes NULL. */
PIC_API void pic_cancel_raise(pic_cancel *cancel);
/* 1 once it was raised, else 0. Takes NULL. */
PIC_API int pic_cancel_raised(const pic_cancel *cancel);
/* Gives the reference back; returns NULL. Takes NULL. */
PIC_API pic_cancel *pic_cancel_unref(pic_cancel *cancel);

PIC_END_DECLS

#endif
