/* Other people's base chains at the hooks that our traffic passes. */
#ifndef PIC_BACKEND_NFT_FOREIGN_H
#define PIC_BACKEND_NFT_FOREIGN_H

#include "backend/nft/sock.h"
#include "base/vec.h"

typedef struct pic__nft_chain {
        uint8_t family;   /* NFPROTO_* */
        uint8_t hook;     /* NF_INET_LOCAL_IN, NF_INET_FORWARD; NF_INET_NUMHOOKS: not a base chain of these */
        int drops;        /* what nothing accepts is dropped: by policy, */
        int last_drops;   /* or by its last rule */
        unsigned let_in;  /* rules of its table that accept what comes in by our device, */
        unsigned let_out; /* goes out by it */
        char table[64];
        char name[64];
} pic__nft_chain;

typedef PIC__VEC(pic__nft_chain) pic__nft_chains;

/* All chains of tables other than ours, with what their rules say about `dev`. The caller frees `ret` with
 * pic__vec_free, on failure too. */
int pic__nft_foreign_read(pic__nft_sock *s, const char *dev, pic__nft_chains *ret, pic_error **err);
/* "ip", "ip6", "inet" */
const char *pic__nft_family_name(uint8_t family);

#endif
