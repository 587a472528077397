/* What settings of the kernel were before we changed them: a file, one line each: "<key> <former value> <key of the
 * setting it was changed for>". */
#ifndef PIC_BACKEND_ROUTE_RECORD_H
#define PIC_BACKEND_ROUTE_RECORD_H

#include "backend/route/inside.h"

#define PIC__FORWARD4 "net.ipv4.ip_forward"
#define PIC__FORWARD6 "net.ipv6.conf.all.forwarding"

typedef struct pic__former {
        char key[96];
        char value[32];
        char owner[96]; /* the item's key; for the item itself its own */
} pic__former;

typedef PIC__VEC(pic__former) pic__formers;

void pic__formers_free(pic__formers *f);
/* Nothing without a file. */
int pic__formers_load(const char *path, pic__formers *ret, pic_error **err);
int pic__formers_save(const pic__route *b, const pic__formers *all, pic_error **err);
/* The setting that is an item itself; NULL when it is not held. */
const pic__former *pic__formers_find(const pic__formers *all, const char *key);
int pic__formers_put(pic__formers *all, const char *key, const char *value, const char *owner, pic_error **err);

#endif
