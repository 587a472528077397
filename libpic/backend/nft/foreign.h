/* Other people's chains: what they do with packets that may be ours. */
#ifndef PIC_BACKEND_NFT_FOREIGN_H
#define PIC_BACKEND_NFT_FOREIGN_H

#include "backend/nft/sock.h"
#include "base/vec.h"
#include "model/net.h"

/* What a rule does with packets that come or go by our device, as far as its conditions on devices tell. */
enum {
        PIC__NFT_ACCEPTS = 1 << 0,
        PIC__NFT_MARKS = 1 << 1,      /* sets the packet's mark */
        PIC__NFT_CT_MARKS = 1 << 2,   /* sets the flow's */
        PIC__NFT_UNTRACKS = 1 << 3,   /* keeps it from connection tracking */
        PIC__NFT_DNATS = 1 << 4,      /* sends it elsewhere than it was meant to go, */
        PIC__NFT_DNATS_OURS = 1 << 5, /* having named our device, */
        PIC__NFT_DNATS_IN = 1 << 6,   /* or sends others' to our networks */
        PIC__NFT_OFFLOADS = 1 << 7,   /* hands flows to a flowtable */
        PIC__NFT_FORWARDS = 1 << 8    /* sends it out by another device before anybody is asked */
};

typedef struct pic__nft_chain {
        uint8_t family;   /* NFPROTO_* */
        uint8_t hook;     /* NF_INET_*; NF_INET_NUMHOOKS: none of these */
        int base;         /* packets meet it without another chain's doing: at `hook`, at another one, */
        int ingress;      /* or as they come in by our device */
        int32_t priority; /* of a base chain */
        int drops;        /* what nothing accepts is dropped: by policy, */
        int last_drops;   /* or by its last rule */
        unsigned let_in;  /* rules of its table that accept what comes in by our device, */
        unsigned let_out; /* goes out by it */
        int left_in;      /* a rule lets all that comes by our device leave this chain: */
        int left_out;     /* those after it do not meet it */
        unsigned does;    /* PIC__NFT_*: its rules */
        char flowtable[64];
        char table[64];
        char name[64];
} pic__nft_chain;

typedef PIC__VEC(pic__nft_chain) pic__nft_chains;

/* Whose packets are meant. */
typedef struct pic__nft_ours {
        const char *dev;
        unsigned index;   /* of the device; 0: there is none */
        pic__prefix net4; /* family 0: not known */
        pic__prefix net6;
        size_t enough; /* so many letters of the name mean it, too; 0: only all of them */
} pic__nft_ours;

/* All chains of tables other than ours, with what their rules say about `ours`. The caller frees `ret` with
 * pic__vec_free, on failure too. */
int pic__nft_foreign_read(pic__nft_sock *s, const pic__nft_ours *ours, pic__nft_chains *ret, pic_error **err);
/* The same of one message (a chain or a rule) as the kernel gives it. */
int pic__nft_foreign_chain(const struct nlmsghdr *msg, const pic__nft_ours *ours, pic__nft_chains *ret,
                           pic_error **err);
void pic__nft_foreign_rule(const struct nlmsghdr *msg, const pic__nft_ours *ours, pic__nft_chains *chains);
/* "ip", "ip6", "inet" */
const char *pic__nft_family_name(uint8_t family);

#endif
