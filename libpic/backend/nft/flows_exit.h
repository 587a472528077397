/* Which flows end because of exits: by what their mark says, and by the way they really take. */
#ifndef PIC_BACKEND_NFT_FLOWS_EXIT_H
#define PIC_BACKEND_NFT_FLOWS_EXIT_H

#include "backend/nft/flow.h"
#include "plan/diff.h"

typedef struct pic__nft_exits {
        pic__nft_elems cut; /* ways, resolvers, namespaces that are gone or others; exits that opened or closed */
        pic__nft_elems gone, come; /* of LOCAL and CARRIER */
        pic__nft_elems local;      /* what is near now, as far as the caller put it there */
        pic__range links[2];       /* the cables to all exits */
} pic__nft_exits;

void pic__nft_exits_start(pic__nft_exits *x);
void pic__nft_exits_free(pic__nft_exits *x);
/* Notes what a step about LOCAL and what follows takes away. */
int pic__nft_exits_step(pic__nft_exits *x, const pic__step *step, pic_error **err);
int pic__nft_exits_any(const pic__nft_exits *x);
/* Whether the noted steps end this flow. */
int pic__nft_exits_end(const pic__nft_exits *x, const pic__nft_flow *f);

/* Whether a device's flow goes the way that its mark, as it is now, says. */
int pic__nft_exits_fit(const pic__nft_exits *x, uint32_t mark, const pic__nft_flow *f);
/* The mark that such a flow has from now on. */
uint32_t pic__nft_exits_mark(const pic__nft_exits *x, uint32_t mark, const pic__nft_flow *f);
/* After the table was away: an exit's own flow that is not as the table would have made it. */
int pic__nft_exits_stray(const pic__nft_exits *x, const pic__nft_flow *f);

#endif
