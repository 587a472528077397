/* May A reach B? The verdict as the kernel's rules give it, and the rule that gives it. Pure. */
#ifndef PIC_PLAN_WHY_H
#define PIC_PLAN_WHY_H

#include "model/snap.h"

typedef struct pic__why {
        int allowed;
        char rule[160];        /* the deciding grant in canonical text, "always: dns", or "default: drop" */
        char through[80];      /* who holds that grant: "peer anna", "group kids"; "" for the default */
        pic_id peer;           /* that asks */
        enum pic__kind holder; /* PEER or GROUP: who holds the grant; */
        pic_id holder_id;      /* 0: nobody */
        uint16_t class_number; /* 0: the source is not active */
        char source[PIC__ADDR_TEXT];
        char destination[PIC__ADDR_TEXT];
        uint8_t proto;
        uint16_t port;
        char reason[400]; /* one sentence */
        char way[80];     /* the connection by which it leaves; "": directly, or it does not leave */
        int closed;       /* and nothing carries that now: it passes by the rules and goes nowhere */
} pic__why;

/* from: name of a peer. to: NAME[:PROTO/PORT], ADDR, ADDR:PROTO/PORT, [V6]:PROTO/PORT, NAME:PORT (tcp), "internet",
 * "cell". PIC_NOTFOUND, PIC_VALUE. */
int pic__plan_why(const pic__snap *s, const char *from, const char *to, int family /* 4 or 6, 0: either */,
                  pic__why *ret, pic_error **err);

#endif
