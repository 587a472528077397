/* A thread of its own that bytes pass through: the owner puts some in, the work makes others of them, the owner gets
 * those. The work only computes; whoever waits for a disk, a network or a caller is the owner, so callbacks run on the
 * caller's thread and a mill can be stopped at any moment. Bounded both ways. */
#ifndef PIC_SYS_MILL_H
#define PIC_SYS_MILL_H

#include <stddef.h>

#include "base/err.h"

typedef struct pic__mill pic__mill;

/* Where what comes out goes, and where what goes in comes from: 1 with some, 0 at its end, negative an error. */
typedef int (*pic__mill_sink)(const void *data, size_t len, void *arg, pic_error **err);
typedef int (*pic__mill_source)(void *arg, const void **ret_data, size_t *ret_len, pic_error **err);

/* Runs on the mill's thread until pic__mill_take() answers 0; what it answers is the mill's end. */
typedef int (*pic__mill_work)(pic__mill *m, void *arg, pic_error **err);

/* --- of the work --- */
/* 1 with bytes that are valid until the next call; 0: no more come; PIC_CANCELED: nobody wants it any more. */
int pic__mill_take(pic__mill *m, const void **ret_data, size_t *ret_len, pic_error **err);
int pic__mill_give(pic__mill *m, const void *data, size_t len, pic_error **err); /* PIC_CANCELED */
/* The same without a copy: room for some bytes, at least one; and how many of them are there now. PIC_CANCELED */
int pic__mill_room(pic__mill *m, void **ret_room, size_t *ret_len, pic_error **err);
void pic__mill_made(pic__mill *m, size_t len);

/* --- of the owner: either the first pair, or the last one --- */
int pic__mill_new(pic__mill_work work, void *arg, pic__mill **ret, pic_error **err); /* PIC_NOMEM */
/* Pushes: what has come out meanwhile goes to the sink. What the work or the sink failed with; PIC_BADSTATE after that.
 */
int pic__mill_put(pic__mill *m, const void *data, size_t len, pic__mill_sink sink, void *arg, pic_error **err);
int pic__mill_end(pic__mill *m, pic__mill_sink sink, void *arg, pic_error **err);
/* Pulls: 1 with bytes that are valid until the next call, 0 when the work has ended well. */
int pic__mill_next(pic__mill *m, pic__mill_source source, void *arg, const void **ret_data, size_t *ret_len,
                   pic_error **err);
void pic__mill_free(pic__mill *m); /* stops it, wipes what is in it. Takes NULL */

#endif
