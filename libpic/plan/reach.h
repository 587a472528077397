/* What a grant reaches, as a set of packets, and what of it is left when others are taken away. Private to plan.
 *
 * Packets are (place, protocol, port). A place inside the cell's networks is a host number, so that a cell which moves
 * to other networks leaves every place where it was; outside it is an address. Peers that a grant names are kept as
 * such.
 */
#ifndef PIC_PLAN_REACH_H
#define PIC_PLAN_REACH_H

#include "plan/derive_in.h"

typedef PIC__VEC(pic_id) pic__ids;
typedef PIC__VEC(pic__u128) pic__numbers;

typedef struct pic__reach {
        pic__boxes out[PIC__FAMILIES]; /* by address; no two overlap */
        pic__boxes in[PIC__FAMILIES];  /* by host number; no two overlap */
        pic__ids named;                /* all of these peers; in order, each once */
} pic__reach;

/* grant NULL: what every active device may use of the cell. */
int pic__reach_make(pic__derive *d, const pic__grant *grant, pic__reach *ret, pic_error **err);
void pic__reach_free(pic__reach *r);
int pic__ids_have(const pic__ids *ids, pic_id id);
/* The host number of an address; -1 when it is outside. */
int pic__host_number(const pic__prefix *net, const pic__addr *a, pic__u128 *ret);

/* Where peers are, on the side of the grant (x) and on that of those who are taken away (y): two times, or twice the
 * same. -1: it has no number there. */
typedef struct pic__frame {
        int (*number)(const struct pic__frame *f, int y, pic_id id, int family, pic__u128 *ret);
        const void *data;
        const pic__ids *moved[PIC__FAMILIES];     /* whose numbers must not be compared by number; NULL: none */
        const pic__numbers *spots[PIC__FAMILIES]; /* and those numbers, of both sides; sorted */
        pic__u128 last[PIC__FAMILIES];            /* the highest number that there is on the other side */
} pic__frame;

/* A part of what is left that is one peer. */
typedef struct pic__left {
        pic_id id;
        int family;
        pic__box box; /* its number; protocols, ports */
} pic__left;

typedef struct pic__rest {
        pic__boxes out[PIC__FAMILIES];
        pic__boxes in[PIC__FAMILIES];
        pic__numbers holes[PIC__FAMILIES]; /* which `in` does not mean; sorted */
        PIC__VEC(pic__left) named;
        int cut; /* something was taken away */
} pic__rest;

int pic__rest_make(const pic__reach *from, const pic__reach *const *others, size_t count, const pic__frame *frame,
                   pic__rest *ret, pic_error **err);
void pic__rest_free(pic__rest *r);
/* Takes another grant's reach away, of the same side. */
int pic__rest_minus(pic__rest *r, const pic__reach *told, const pic__frame *frame, pic_error **err);

/* One packet's far end. */
typedef struct pic__place {
        int family;
        int inside;
        pic__u128 at; /* number or address */
        pic_id peer;  /* known to be this one's; 0: not known */
        uint8_t proto;
        uint16_t port;
} pic__place;

int pic__rest_empty(const pic__rest *r);
/* Some packet of it that a sender could have: 1, or 0 when there is none. */
typedef struct pic__sender {
        int has[PIC__FAMILIES];      /* an address of this family */
        pic__u128 at[PIC__FAMILIES]; /* its number: nobody sends to itself */
} pic__sender;
int pic__rest_some(const pic__rest *r, const pic__sender *from, pic__place *ret);
int pic__rest_has(const pic__rest *r, const pic__place *p);

#endif
