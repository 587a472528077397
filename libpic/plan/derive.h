/* From wishes to items: what the world should look like. Pure: no clock (the snapshot knows the time), no file, no key.
 * Secrets come from a callback, which in the agent opens seals; elsewhere it is NULL and the sealed text's hash stands
 * in, which is enough to see that a secret changed. */
#ifndef PIC_PLAN_DERIVE_H
#define PIC_PLAN_DERIVE_H

#include "base/buf.h"
#include "model/snap.h"
#include "plan/diff.h"

typedef struct pic__secrets {
        /* Opens the secret field of an object into 32 bytes. PIC_CORRUPT, PIC_DENIED. */
        int (*open)(const pic_obj *o, const char *field, uint8_t out[32], void *data, pic_error **err);
        /* The same of any length, appended; the caller wipes it. */
        int (*open_text)(const pic_obj *o, const char *field, pic__buf *out, void *data, pic_error **err);
        void *data;
} pic__secrets;

/* Everything. Without a cell: nothing. */
int pic__derive_all(const pic__snap *s, const pic__secrets *secrets, pic__items *out, pic_error **err);

/* Of that only what is of some backends (PIC__PART). Opens no secret that is of others. */
int pic__derive_parts(const pic__snap *s, unsigned parts, const pic__secrets *secrets, pic__items *out,
                      pic_error **err);

/* Of that only what classes of rights mean: all that depends on the networks that the machine is attached to. */
int pic__derive_classes(const pic__snap *s, pic__items *out, pic_error **err);

/* Of that only what follows from connections: all that depends on what is true of exits (model/exit.h). */
int pic__derive_exits(const pic__snap *s, const pic__secrets *secrets, pic__items *out, pic_error **err);

/* One change to one object, as the store's journal has it; either side NULL. Borrowed. */
typedef struct pic__change {
        enum pic__kind kind;
        pic_id id;
        const pic_obj *before;
        const pic_obj *after;
} pic__change;

/* What follows from some changes only: brings *s up to date and gives the items that these changes touch, as they were
 * and as they are to be. Diffing the two gives the same steps as diffing everything would (a test holds this against
 * pic__derive_all on random changes). Cost: the touched objects, not all. *ret_all = 1: the change touches everything
 * (the cell itself, routed subnets), `before` and `after` are then whole.
 *
 * `now` is the moment expiry is judged by; peers that expired since the last call are touched too.
 *
 * On failure the snapshot may be half changed: load it again. */
int pic__derive_delta(pic__snap *s, const pic__change *changes, size_t count, pic_time now, const pic__secrets *secrets,
                      pic__items *before, pic__items *after, int *ret_all, pic_error **err);

#endif
