/* Services: web servers of the owner that devices reach by the cell's front, at an address of the cell's network that
 * is nobody else's. */
#ifndef PIC_MODEL_SERVICE_H
#define PIC_MODEL_SERVICE_H

#include "model/snap.h"

#define PIC__SERVICES_MAX 100

/* Where the front takes what comes for services, and is led there from 80 and 443 of their addresses. They are ports of
 * the cell's own addresses: nothing is in the way of who has 443 of this machine's other ones. */
#define PIC__SERVICE_PORT 5480
#define PIC__SERVICE_TLS_PORT 5443
#define PIC__SERVICE_DOORS 5500 /* the first of those that each service has for itself, over IPv6 */

/* Where the front finds who answers public CAs (engine/acme_answer.c), on loopback. Below 1024: what is told there gets
 * certificates for the cell's names, and no user's program can be in that place. */
#define PIC__PROOF_PORT 880

/* What a target's text says. */
typedef struct pic__target {
        int tls;
        char host[256]; /* an address (of IPv6 without brackets), or a name in lower case */
        uint16_t port;
} pic__target;

/* 0, or -1 with *ret_rule the rule that it breaks (static text). */
int pic__target_parse(const char *text, pic__target *ret, const char **ret_rule);
/* Adds all that is wrong with a service by itself to *list. */
void pic__service_check(const pic_obj *o, pic_error **list);

/* The address that a target has now, as the cell knows it: its own, that of a device or of one of the cell's names.
 * 1, or 0: nobody that the cell knows is called so. */
int pic__target_find(const pic__snap *s, const pic__target *t, pic__addr *ret);

/* The service that has an address; NULL. They are few. */
const pic_obj *pic__service_at(const pic__snap *s, const pic__addr *a);
/* Whether devices can have it at all: it is enabled, and there is a front with a root (plan/derive_front.c). */
int pic__service_on(const pic__snap *s, const pic_obj *service);
/* Which port is its own, of PIC__SERVICE_DOORS; 0: none. */
int pic__service_door(const pic_obj *service);
/* The cell has a front, and its CA a root that somebody could trust. */
int pic__front_on(const pic_obj *cell);

#endif
