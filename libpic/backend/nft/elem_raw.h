/* An element as the kernel has it, and as the nft language writes it. */
#ifndef PIC_BACKEND_NFT_ELEM_RAW_H
#define PIC_BACKEND_NFT_ELEM_RAW_H

#include "backend/nft/elem.h"

/* The kernel's key; for ranges also its end. key and end have room for PIC__NFT_KEY_MAX bytes. Answers 1 when there is
 * an end. */
int pic__nft_elem_bytes(const pic__nft_elem *e, uint8_t *key, uint8_t *end);
/* Of a map: what it says, set->data_len bytes. */
void pic__nft_elem_data(const pic__nft_elem *e, uint8_t data[PIC__NFT_DATA_MAX]);
/* Back. `end` has set->key_len bytes, or is NULL when the kernel gave none; `data` the map's, or NULL. -1 when these
 * bytes cannot be an element of that set. */
int pic__nft_elem_read(const pic__nft_set *set, const uint8_t *key, size_t len, const uint8_t *end, const uint8_t *data,
                       pic__nft_elem *ret);
/* As it stands between the braces of `elements = { … }`. */
void pic__nft_elem_text(const pic__nft_elem *e, pic__buf *out);

#endif
