/* How often may be tried: a bucket of attempts for each key, which fills up again with time. Pure but for its lock:
 * time comes in. Of a fixed size, so that nobody can fill the memory with names and addresses. */
#ifndef PIC_API_GATES_H
#define PIC_API_GATES_H

#include "base/err.h"

typedef struct pic__gates pic__gates;

enum pic__gate {
        PIC__GATE_ADDRESS, /* of who tries: an address, of IPv6 its /64 */
        PIC__GATE_ACCOUNT, /* a user, tried by strangers */
        PIC__GATE_DEVICE,  /* a browser that logged in as this user before: strangers cannot empty it */
        PIC__GATE_CODE,    /* second factor of a user, tried by strangers */
        PIC__GATE_DEVICE_CODE,
        PIC__GATE_SETUP, /* the setup code, by address */
        PIC__GATE_LINK,  /* one-time links, by address */
        PIC__GATES
};

int pic__gates_new(pic__gates **ret, pic_error **err);
void pic__gates_free(pic__gates *g);
/* Takes an attempt: 0; or there is none left, and one will be in so many microseconds. now: of a clock that does not
 * jump. */
pic_time pic__gate_take(pic__gates *g, enum pic__gate gate, const char *key, pic_time now);
/* It was no bad one: gives it back. */
void pic__gate_give(pic__gates *g, enum pic__gate gate, const char *key, pic_time now);

#endif
