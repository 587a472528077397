/* A Merkle tree that only grows (RFC 6962, section 2): one hash stands for all that was ever appended, in its order.
 *
 * What is kept is the right edge: one hash for each full subtree, at most 63 of them. That is enough to append and to
 * tell the root; proofs need the hashes of the leaves. */
#ifndef PIC_AUDIT_TREE_H
#define PIC_AUDIT_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "sys/hash.h"

#define PIC__TREE_LEVELS 63
#define PIC__TREE_BYTES (8 + PIC__TREE_LEVELS * PIC__SHA256) /* most that pic__tree_pack() writes */

typedef struct pic__tree {
        uint64_t size;                               /* number of leaves */
        uint8_t edge[PIC__TREE_LEVELS][PIC__SHA256]; /* edge[i] counts when bit i of size is set */
} pic__tree;

void pic__leaf_hash(const void *data, size_t len, uint8_t out[PIC__SHA256]);
void pic__node_hash(const uint8_t left[PIC__SHA256], const uint8_t right[PIC__SHA256], uint8_t out[PIC__SHA256]);

void pic__tree_append(pic__tree *t, const uint8_t leaf[PIC__SHA256]);
/* Of the empty tree: the hash of nothing, as the RFC says. */
void pic__tree_root(const pic__tree *t, uint8_t out[PIC__SHA256]);

/* As bytes for a column: the size (8 bytes, big endian), then the hashes that count, from the largest subtree. Returns
 * their number. */
size_t pic__tree_pack(const pic__tree *t, uint8_t out[PIC__TREE_BYTES]);
int pic__tree_unpack(const void *data, size_t len, pic__tree *ret); /* -1: these bytes are no tree */

/* Leaves by number, from wherever they are kept. -1: not to be had. */
typedef int (*pic__leaf_fn)(uint64_t index, uint8_t out[PIC__SHA256], void *data);

/* RFC 6962, 2.1.1: that leaf `index` is in the tree of `size` leaves. Hashes go to `path` (PIC__TREE_LEVELS of them
 * have room). Number of hashes, or -1. Reads every leaf once. */
int pic__tree_inclusion(uint64_t index, uint64_t size, pic__leaf_fn fn, void *data, uint8_t path[][PIC__SHA256]);
/* 2.1.2: that the tree of `size` leaves begins with the tree of `old` leaves. */
int pic__tree_consistency(uint64_t old, uint64_t size, pic__leaf_fn fn, void *data, uint8_t path[][PIC__SHA256]);
/* RFC 9162, 2.1.3.2 and 2.1.4.2: whether a proof holds. 1 or 0. */
int pic__tree_included(const uint8_t leaf[PIC__SHA256], uint64_t index, uint64_t size,
                       const uint8_t path[][PIC__SHA256], size_t count, const uint8_t root[PIC__SHA256]);
int pic__tree_consistent(uint64_t old, const uint8_t old_root[PIC__SHA256], uint64_t size,
                         const uint8_t root[PIC__SHA256], const uint8_t path[][PIC__SHA256], size_t count);

#endif
