/* A backup that lies at a target, or in a file. */
#ifndef PIC_DRILL_TARGET_H
#define PIC_DRILL_TARGET_H

#include "base/json.h"
#include "drill/order.h"

/* Gets it, and drills it: members of an open object, with "name" besides what pic__drill_put() puts. */
int pic__drill_target(const pic__drill_order *o, pic__json *j, pic_error **err);
/* Drills the one in the file that is descriptor 1: a member "drill". PIC_DENIED: none of the keys opens it. */
int pic__drill_file(const pic__drill_order *o, pic__json *j, pic_error **err);

#endif
