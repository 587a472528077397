/* "Why can anna not reach ads.example.com?": names of the internet, which are asked for before they are reached. */
#ifndef PIC_API_WHY_NAME_H
#define PIC_API_WHY_NAME_H

#include "api/api.h"
#include "plan/why.h"

/* As pic__plan_why(), and of a name with dots that is none of the cell's own: whether the device is told what it leads
 * to at all; else as for the internet. Without an agent nobody knows what block lists have, and none counts. */
int pic__why_name(pic_ctx *ctx, const pic__snap *s, const char *from, const char *to, int family, pic__why *ret,
                  pic_error **err);

#endif
