/* One element of one set or map of table `inet pic`, in its four forms: item text, plain numbers, kernel bytes, nft
 * language. */
#ifndef PIC_BACKEND_NFT_ELEM_H
#define PIC_BACKEND_NFT_ELEM_H

#include "base/buf.h"
#include "model/net.h"
#include "plan/item.h"

#define PIC__NFT_KEY_MAX 28    /* mark, IPv6 address, protocol, port; each padded to four bytes */
#define PIC__NFT_ITEM_TEXT 160 /* room for any key or value text */
#define PIC__NFT_CLASS_MASK 0xffff0000u

enum pic__nft_form {
        PIC__NFT_PEER,   /* map: address -> mark */
        PIC__NFT_SUBNET, /* map: family . addresses -> mark */
        /* from here on: what classes may */
        PIC__NFT_REACH, /* set: class . address */
        PIC__NFT_GRANT, /* set: class . addresses . protocols . ports */
        PIC__NFT_WIDE   /* set: class . addresses */
};

typedef struct pic__nft_set {
        enum pic__item_kind kind;
        enum pic__nft_form form;
        uint8_t family; /* 4, 6 */
        uint8_t key_len;
        const char *name;
        const char *type; /* as the nft language writes it, flags included */
} pic__nft_set;

#define PIC__NFT_SETS 10
extern const pic__nft_set pic__nft_sets[PIC__NFT_SETS];

/* NULL for SHAPE and for kinds of other backends. */
const pic__nft_set *pic__nft_set_of(enum pic__item_kind kind);

typedef struct pic__nft_elem {
        const pic__nft_set *set;
        uint32_t mark; /* the map's value, or the class of the set's key */
        pic__range to;
        uint8_t proto_lo, proto_hi;
        uint16_t port_lo, port_hi;
} pic__nft_elem;

/* PIC_INVALID for a text that is not canonical: items come from plan, not from people. */
int pic__nft_elem_parse(const pic__item *item, pic__nft_elem *ret, pic_error **err);
/* The kernel's key; for ranges also its end. key and end have room for PIC__NFT_KEY_MAX bytes. Answers 1 when there is
 * an end. */
int pic__nft_elem_bytes(const pic__nft_elem *e, uint8_t *key, uint8_t *end);
/* Back; `end` NULL when the kernel gave none. -1 when these bytes cannot be an element of that set. */
int pic__nft_elem_read(const pic__nft_set *set, const uint8_t *key, size_t len, const uint8_t *end, uint32_t value,
                       pic__nft_elem *ret);
/* Texts of the item. */
void pic__nft_elem_item(const pic__nft_elem *e, char key[PIC__NFT_ITEM_TEXT], char value[PIC__NFT_ITEM_TEXT]);
/* As it stands between the braces of `elements = { … }`. */
void pic__nft_elem_text(const pic__nft_elem *e, pic__buf *out);

#endif
