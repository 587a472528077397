/* What the files of the judge share. Private to plan.
 *
 * Sets of packets are boxes as in reach.h: inside the cell's networks by host number, so that a cell which moves to
 * other networks breaks nothing by that; elsewhere by address. */
#ifndef PIC_PLAN_JUDGE_IN_H
#define PIC_PLAN_JUDGE_IN_H

#include "base/map.h"
#include "model/rule.h"
#include "plan/judge.h"
#include "plan/leave.h"
#include "plan/reach.h"

typedef struct pic__packets {
        pic__boxes out[PIC__FAMILIES];
        pic__boxes in[PIC__FAMILIES];
} pic__packets;

/* Packets that break a rule. */
typedef struct pic__piece {
        pic__box box;
        int family, inside;
        const char *grant; /* that lets them pass; NULL: nothing does */
} pic__piece;
typedef PIC__VEC(pic__piece) pic__pieces;

/* One state, while it is looked at. */
typedef struct pic__look {
        pic__derive d;
        pic__arena *arena; /* of the judge: texts of grants outlive the look */
        pic__map grants;   /* what a grant lets pass, by its text */
        PIC__VEC(pic__packets *) made;
} pic__look;

/* A rule in one state. */
typedef struct pic__ruling {
        pic__rule rule;
        pic_id from_id, to_id, via_id; /* what it names; 0: nothing */
        pic__packets to;               /* with a way: what may leave at all */
        pic__packets near;             /* with a way, always: the rest, which takes no exit */
        pic__map classes;              /* by rights: pic__pieces * */
        PIC__VEC(pic__pieces *) made;
} pic__ruling;

void pic__packets_free(pic__packets *p);
int pic__look_open(pic__look *l, const pic__snap *s, pic__arena *arena, pic_error **err);
void pic__look_close(pic__look *l);
int pic__ruling_open(pic__look *l, const char *rule, pic__ruling *ret, pic_error **err);
void pic__ruling_close(pic__ruling *r);
/* With a way: whether what leaves of this device leaves otherwise than the rule wants, as far as wishes say: an exit
 * that is down, or a member that is not in use now, may be so no more in a moment. */
int pic__ruling_strays(const pic__ruling *r, const pic__snap *s, const pic__leave *l);
/* All that the rule is about. */
int pic__ruling_all(const pic__ruling *r, pic__pieces *ret);
/* They mean the same, whatever what they name is called. */
int pic__ruling_same(const pic__ruling *a, const pic__ruling *b);
/* What devices of a class (NULL: that are not active) send that breaks the rule. It may be empty, and may hold packets
 * to the device itself, which nobody sends. */
int pic__ruling_pieces(pic__ruling *r, pic__look *l, const pic__class *class, const pic__pieces **ret, pic_error **err);
int pic__look_sender(const pic__look *l, const pic_obj *peer, pic__sender *ret);
/* `from` without `what`. -1: out of memory. */
int pic__pieces_minus(const pic__pieces *from, const pic__pieces *what, pic__pieces *ret);
/* Of a piece's protocols the one that people know best. */
uint8_t pic__piece_proto(const pic__piece *p);
/* A packet that this sender could send, of a protocol that people know where there is one: its piece, or NULL; *ret_at:
 * to where. */
const pic__piece *pic__pieces_some(const pic__pieces *p, const pic__sender *from, pic__u128 *ret_at);
/* Devices that a rule is about, in order of id. NULL at the end. */
const pic_obj *pic__rule_next(const pic__rule *r, const pic__snap *s, size_t *at);

#endif
