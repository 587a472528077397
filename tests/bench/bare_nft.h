#ifndef BARE_NFT_H
#define BARE_NFT_H
#include <stdint.h>
/* Adds or removes one element in each of two maps of a table in one netlink transaction, and waits for the answer. 0 or
 * -1. */
int bare_nft_open(void);
int bare_nft_change(int add, const char *table, const uint8_t key4[4], const uint8_t key6[16], uint32_t mark);
#endif
