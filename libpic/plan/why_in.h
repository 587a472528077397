/* The question of pic__plan_why(), taken apart. Private to plan. */
#ifndef PIC_PLAN_WHY_IN_H
#define PIC_PLAN_WHY_IN_H

#include "model/snap.h"

typedef struct pic__why_dest {
        int internet;           /* the word: no address */
        const pic_obj *peer;    /* by name; NULL for an address */
        const pic_obj *service; /* the same */
        pic__addr addr[2];      /* IPv4, IPv6; family 0: it has none of that family, or was not asked for */
        uint8_t proto;          /* enum pic__proto; ANY: not said, so all of them are meant */
        uint16_t port;          /* 0: not said, so all of them are meant */
} pic__why_dest;

/* "NAME[:PROTO[/PORT]]", "ADDR…", "[V6]…", "…:PORT" (tcp), "internet", "cell". family: 4, 6, 0 either. PIC_NOTFOUND,
 * PIC_VALUE. */
int pic__why_parse(const pic__snap *s, const char *to, int family, pic__why_dest *ret, pic_error **err);
/* A peer by its name, or by its full DNS name; NULL. */
const pic_obj *pic__why_peer(const pic__snap *s, const char *name);
int pic__why_unknown(const pic__snap *s, const char *name, pic_error **err);

#endif
