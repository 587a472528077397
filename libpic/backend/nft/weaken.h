/* What rules of others do to packets before ours judge them, or so that ours are not asked. */
#ifndef PIC_BACKEND_NFT_WEAKEN_H
#define PIC_BACKEND_NFT_WEAKEN_H

#include "backend/nft/foreign.h"
#include "plan/backend.h"

/* One finding a chain and thing that it does; at most PIC__NFT_TOLD in all. Pure. */
#define PIC__NFT_TOLD 64
void pic__nft_weaken_tell(const pic__nft_chains *chains, const char *dev, pic__finding_fn fn, void *data);
/* The same of one table of the old iptables, from what `iptables-legacy -t TABLE -S` says. Pure. */
void pic__nft_weaken_legacy(const char *tool, const char *table, const char *rules, const char *dev, pic__finding_fn fn,
                            void *data);

#endif
