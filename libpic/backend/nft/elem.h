/* One element of one set or map of table `inet pic`, in its four forms: item text, plain numbers, kernel bytes, nft
 * language. */
#ifndef PIC_BACKEND_NFT_ELEM_H
#define PIC_BACKEND_NFT_ELEM_H

#include "base/buf.h"
#include "base/vec.h"
#include "model/net.h"
#include "plan/item.h"

#define PIC__NFT_KEY_MAX 28    /* mark, IPv6 address, protocol, port; each padded to four bytes */
#define PIC__NFT_DATA_MAX 20   /* IPv6 address, port */
#define PIC__NFT_ITEM_TEXT 160 /* room for any key or value text */
#define PIC__NFT_CLASS_MASK 0xffff0000u

enum pic__nft_form {
        PIC__NFT_PEER,   /* map: address -> mark */
        PIC__NFT_SUBNET, /* map: family . addresses -> mark */
        /* what classes may */
        PIC__NFT_REACH,  /* set: class . address */
        PIC__NFT_GRANT,  /* set: class . addresses . protocols . ports */
        PIC__NFT_WIDE,   /* set: class . addresses */
        PIC__NFT_SERVED, /* set: class . address of a service */
        /* exits */
        PIC__NFT_LOCAL,    /* set: family . addresses */
        PIC__NFT_WAY,      /* set: exit's mark . device */
        PIC__NFT_OPEN,     /* set: mark */
        PIC__NFT_RESOLVER, /* map: exit's mark -> address . port */
        PIC__NFT_SPACE,    /* map: device -> carrier's mark */
        PIC__NFT_CARRIER,  /* set: carrier's mark . addresses . protocols . ports */
        PIC__NFT_DOOR,     /* map: address of a service -> port */
        PIC__NFT_FORMS
};

#define PIC__NFT_FORM(form) (1u << (form))
#define PIC__NFT_ALL_FORMS (PIC__NFT_FORM(PIC__NFT_FORMS) - 1)
#define PIC__NFT_RIGHTS                                                                                 \
        (PIC__NFT_FORM(PIC__NFT_REACH) | PIC__NFT_FORM(PIC__NFT_GRANT) | PIC__NFT_FORM(PIC__NFT_WIDE) | \
         PIC__NFT_FORM(PIC__NFT_SERVED))

/* What a key or the data of a map is made of, in this order. */
enum {
        PIC__NFT_HAS_MARK = 1,
        PIC__NFT_HAS_FAMILY = 2,
        PIC__NFT_HAS_ADDR = 4,
        PIC__NFT_HAS_PROTO = 8,
        PIC__NFT_HAS_PORT = 16,
        PIC__NFT_HAS_DEV = 32
};

typedef struct pic__nft_set {
        enum pic__item_kind kind;
        enum pic__nft_form form;
        uint8_t family; /* 4, 6; 0 where there is no address */
        uint8_t key_len;
        uint8_t data_len; /* 0: no map */
        uint8_t keys, data;
        uint8_t ranged;
        const char *name;
        const char *type; /* as the nft language writes it, flags included */
        const char *word; /* the item's value, of a set */
} pic__nft_set;

#define PIC__NFT_SETS 22
extern const pic__nft_set pic__nft_sets[PIC__NFT_SETS];

/* NULL for SHAPE and for kinds of other backends. */
const pic__nft_set *pic__nft_set_of(enum pic__item_kind kind);

#define PIC__NFT_DEV 16 /* a device's name, filled up with zeros */

typedef struct pic__nft_elem {
        const pic__nft_set *set;
        uint32_t mark; /* of the key, or a map's value */
        pic__range to;
        uint8_t proto_lo, proto_hi;
        uint16_t port_lo, port_hi;
        char dev[PIC__NFT_DEV];
} pic__nft_elem;

typedef PIC__VEC(pic__nft_elem) pic__nft_elems;

/* PIC_INVALID for a text that is not canonical: items come from plan, not from people. */
int pic__nft_elem_parse(const pic__item *item, pic__nft_elem *ret, pic_error **err);
/* Texts of the item. */
void pic__nft_elem_item(const pic__nft_elem *e, char key[PIC__NFT_ITEM_TEXT], char value[PIC__NFT_ITEM_TEXT]);
/* A name that the nft language and our items can hold. `len` without the zeros behind it. */
int pic__nft_dev_ok(const char *name, size_t len);

#endif
