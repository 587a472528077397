/* Everything the store holds, in memory, with indexes: the cell, all peers, all groups, and the classes of rights.
 * Peers with equal rights share a class. A class is named by its rights: its number is a 16-bit hash of the canonical
 * text, moved on by linear probing when taken, never 0. So a restarted agent finds the same numbers (in the rare case
 * of a collision it may not, and the difference is then applied like any other).
 * Only the owner changes a snapshot; objects in it are immutable. */
#ifndef PIC_MODEL_SNAP_H
#define PIC_MODEL_SNAP_H

#include "model/attached.h"
#include "model/grant.h"
#include "model/obj.h"

typedef struct pic__snap pic__snap;

typedef struct pic__class {
        uint16_t number;          /* 1..65535 */
        unsigned members;         /* active peers that have it; the class exists while this is not 0 */
        const char *rights;       /* canonical text: sorted union of own grants and groups' grants; borrowed */
        const pic__grant *grants; /* the same, parsed */
        size_t count;
} pic__class;

int pic__snap_new(pic__snap **ret, pic_error **err);
pic__snap *pic__snap_unref(pic__snap *s);
PIC__CLEANUP(pic__snap, pic__snap_unref)

/* Puts the object in (takes a reference), replacing the one with its kind and id. All indexes and classes follow.
 * A group's change re-classes its members. Cost: the object and, for a group, its members. */
int pic__snap_put(pic__snap *s, const pic_obj *o, pic_error **err);
void pic__snap_drop(pic__snap *s, enum pic__kind kind, pic_id id);
/* The moment that "expired" is judged by. Peers whose state this changes are re-classed; their ids are appended to
 * *ret_ids (caller frees with pic__free), count in *ret_count. */
int pic__snap_now(pic__snap *s, pic_time now, pic_id **ret_ids, size_t *ret_count, pic_error **err);
pic_time pic__snap_next_expiry(const pic__snap *s); /* 0: none */
pic_time pic__snap_time(const pic__snap *s);        /* the moment that was last given to pic__snap_now() */

/* The networks that the machine is attached to, beside the wishes as the clock is: what lan and internet mean depends
 * on them. Takes them over and leaves `nets` empty. None until told. */
void pic__snap_attach(pic__snap *s, pic__attached *nets);
const pic__attached *pic__snap_attached(const pic__snap *s);

/* What is true of exits beside the wishes: the same. Takes them over and leaves `facts` empty. */
typedef struct pic__exit_facts pic__exit_facts;
int pic__snap_tell_exits(pic__snap *s, pic__exit_facts *facts, pic_error **err);
const pic__exit_facts *pic__snap_exits(const pic__snap *s); /* never NULL */

const pic_obj *pic__snap_cell(const pic__snap *s); /* NULL before init */
const pic_obj *pic__snap_get(const pic__snap *s, enum pic__kind kind, pic_id id);
const pic_obj *pic__snap_named(const pic__snap *s, enum pic__kind kind, const char *name); /* case-insensitive */
const pic_obj *pic__snap_by_addr(const pic__snap *s, const pic__addr *a); /* the peer with that address */
size_t pic__snap_count(const pic__snap *s, enum pic__kind kind);
/* In order of id: start with *at = 0; NULL at the end. */
const pic_obj *pic__snap_next(const pic__snap *s, enum pic__kind kind, size_t *at);

/* Peers with routed subnets, in order of id. Same walking. Costs those peers, not all. */
const pic_obj *pic__snap_next_routed(const pic__snap *s, size_t *at);

/* Enabled and not expired. */
int pic__snap_active(const pic__snap *s, const pic_obj *peer);
/* The class of an active peer; NULL for one that is not active. */
const pic__class *pic__snap_class(const pic__snap *s, const pic_obj *peer);
/* All classes with members, in order of number: start with *at = 0; NULL at the end. */
const pic__class *pic__snap_next_class(const pic__snap *s, size_t *at);
/* Members of a group, in order of id; group by name. */
const pic_obj *pic__snap_next_member(const pic__snap *s, const char *group, size_t *at);
/* Classes that grant `peer:NAME` for this peer or `group:G` for a group it is in (the reach of others to it). Same
 * walking. */
const pic__class *pic__snap_next_reaching(const pic__snap *s, const pic_obj *peer, size_t *at);

/* Records that have an address ("10.1.0.2"), or whose alias is written so (">nas", ">nas.home.internal."), in order of
 * id. Same walking. */
const pic_obj *pic__snap_next_pointing(const pic__snap *s, const char *key, size_t *at);

/* Checks that span objects: overlapping networks, addresses inside the cell's networks and not the cell's own, unknown
 * references, routed subnets that overlap anything, equal keys. All findings as followers. For one object (put before
 * commit) or, with o NULL, for everything. */
int pic__snap_check(const pic__snap *s, const pic_obj *o, pic_error **err);

#endif
