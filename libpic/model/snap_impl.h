/* The inside of a snapshot, for snap*.c only.
 *
 * Rule of the room: what can fail (memory) is done first, what changes the snapshot comes after and cannot fail. So a
 * call that fails leaves the snapshot as it was. "reserve" is the word for the first half. */
#ifndef PIC_MODEL_SNAP_IMPL_H
#define PIC_MODEL_SNAP_IMPL_H

#include "base/map.h"
#include "base/vec.h"
#include "model/order.h"
#include "model/snap.h"

/* A class with what keeps it. */
typedef struct pic__class_rec {
        pic__class pub;
        char *text;
        pic__grant *grants;
} pic__class_rec;

/* One object in the snapshot. Addresses are parsed once, here, and not kept as text a second time. */
typedef struct pic__node {
        pic_obj *o;
        pic__class_rec *class; /* active peers */
        pic_time expires;
        uint32_t heap_pos; /* in s->pending or s->past, when expires is not 0 */
        uint8_t past;      /* which of them */
        uint8_t has4;
        uint8_t has6;
        uint8_t addr4[4];
        uint8_t addr6[16];
} pic__node;

/* Everybody who says to be in a group of this name, and the group, if there is one. */
typedef struct pic__bucket {
        char name[65]; /* lower case */
        pic__node *group;
        pic__order members; /* pic__node by id */
} pic__bucket;

/* The classes that have one grant, "peer:anna" or "group:kids". */
typedef struct pic__reach {
        char target[80];
        pic__order classes; /* pic__class_rec by number */
} pic__reach;

enum pic__index_key { PIC__BY_NAME, PIC__BY_ADDR4, PIC__BY_ADDR6, PIC__BY_KEY, PIC__INDEX_KEYS };
#define PIC__INDEX_KEY_MAX 72

/* Hash of nodes by something they have. Several may have the same: that is found by checks, not refused here. */
typedef struct pic__index {
        pic__node **slots;
        size_t room;
        size_t used; /* with removed ones */
        size_t count;
} pic__index;

/* A heap by time of expiry: earliest first (sign 1) or latest first (sign -1). */
typedef struct pic__heap {
        PIC__VEC(pic__node *) v;
        int sign;
} pic__heap;

typedef PIC__VEC(pic__grant) pic__grants;

struct pic__snap {
        pic_obj *cell;
        pic__order nodes[PIC__KINDS]; /* pic__node by id; [PIC__CELL] is not used */
        pic__index names[PIC__KINDS]; /* of kinds that have no other index; [PIC__CELL], [PIC__PEER] are not used */
        pic__index peers[PIC__INDEX_KEYS];
        pic__order routed;  /* peers with subnets, by id */
        pic__map buckets;   /* by name */
        pic__map reaches;   /* by target */
        pic__map rights;    /* classes by text */
        pic__map pointed;   /* snap_record.c: what records lead to */
        pic__order classes; /* by number */
        pic__heap pending;  /* peers that will expire */
        pic__heap past;     /* peers that did */
        pic_time now;
        pic__attached attached;
        pic__exit_facts *exits; /* NULL: nothing was told */
};

/* snap_index.c */
size_t pic__index_key_of(const pic__node *n, enum pic__index_key which, uint8_t key[PIC__INDEX_KEY_MAX]);
int pic__index_reserve(pic__index *x, enum pic__index_key which);
void pic__index_add(pic__index *x, enum pic__index_key which, pic__node *n);
void pic__index_remove(pic__index *x, enum pic__index_key which, const pic__node *n);
/* The first with that key whose id is not `except`. */
pic__node *pic__index_find(const pic__index *x, enum pic__index_key which, const void *key, size_t len, pic_id except);

/* snap_expiry.c */
int pic__expiry_reserve(pic__snap *s);
void pic__expiry_add(pic__snap *s, pic__node *n);
void pic__expiry_remove(pic__snap *s, pic__node *n);

/* snap_class.c */
int pic__rights_collect(const pic__snap *s, const pic_obj *peer, pic__grants *out,
                        pic_error **err); /* sorted, each once */
int pic__class_join(pic__snap *s, const pic_obj *peer, pic__class_rec **ret, pic_error **err);
void pic__class_leave(pic__snap *s, pic__class_rec *c); /* takes NULL */
void pic__class_free(pic__class_rec *c);

/* snap_group.c */
pic__bucket *pic__bucket_find(const pic__snap *s, const char *name);
int pic__bucket_need(pic__snap *s, const char *name, pic__bucket **ret, pic_error **err);
void pic__bucket_tidy(pic__snap *s, pic__bucket *b); /* frees it when nobody needs it; takes NULL */
int pic__groups_reserve(pic__snap *s, const pic_obj *peer, pic_error **err);
void pic__groups_tidy(pic__snap *s, const pic_obj *peer);
void pic__groups_enter(pic__snap *s, pic__node *peer);
void pic__groups_leave(pic__snap *s, const pic__node *peer);
int pic__group_put(pic__snap *s, const pic_obj *o, pic_error **err);
void pic__group_drop(pic__snap *s, pic__node *n);

/* snap_exits.c */
void pic__snap_forget_exits(pic__snap *s);

/* snap_record.c */
int pic__pointed_reserve(pic__snap *s, const pic_obj *record); /* -1: out of memory */
void pic__pointed_enter(pic__snap *s, pic__node *record);
void pic__pointed_leave(pic__snap *s, pic__node *record);
void pic__pointed_free(pic__snap *s);

/* snap.c */
pic__node *pic__node_new(const pic_obj *o, pic_error **err);
void pic__node_free(pic__node *n);

#endif
