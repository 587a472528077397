/* Table `inet pic` as the kernel has it, and making it anew with everything that is in it. */
#ifndef PIC_BACKEND_NFT_WORLD_H
#define PIC_BACKEND_NFT_WORLD_H

#include "backend/nft/read.h"
#include "plan/diff.h"

typedef struct pic__nft_world {
        int there;          /* there is such a table */
        uint8_t digest[32]; /* of its shape */
        pic__nft_sizes sizes;
        uint32_t generation; /* at which all of this was so */
} pic__nft_world;

/* One consistent look: tried again while others change the ruleset. Elements are added to `out`. */
int pic__nft_world_read(pic__nft_sock *s, pic__nft_world *ret, pic__items *out, pic_error **err);
/* Replaces the table by one of this shape, in one transaction: it has the elements that the present one (`now`, with
 * `elements`) has, after these steps. PIC_CONFLICT, PIC_BACKEND as for single elements. Then reads it back into *ret;
 * *ret_done is 1 once the kernel has it. */
int pic__nft_world_replace(pic__nft_sock *s, const pic__nft_shape *shape, const pic__items *elements,
                           const pic__step *steps, size_t count, pic__nft_world *ret, int *ret_done, pic_error **err);

#endif
