/* What the keeper is told: one JSON object, secrets among it, on its standard input. */
#ifndef PIC_KEEPER_ORDER_H
#define PIC_KEEPER_ORDER_H

#include "age/keys.h"
#include "backup/named.h"
#include "backup/retain.h"
#include "codec/doc.h"
#include "keeper/far.h"

#define PIC__ORDER_MAX ((size_t)256 << 10)

enum pic__order_op {
        PIC__ORDER_RUN,
        PIC__ORDER_LIST,
        PIC__ORDER_VERIFY,
        PIC__ORDER_FETCH,
        PIC__ORDER_FETCH_SEALED,
        PIC__ORDERS
};

typedef struct pic__order {
        enum pic__order_op op;
        const char *dir; /* of the cell; texts are the document's */
        char id[PIC__BACKUP_ID];
        pic__far_spec spec;
        pic__age_keys keys; /* for whom; empty when it is plain */
        int plain;
        int bare; /* a tar as it is: the place compresses and encrypts */
        unsigned work_factor;
        pic__retention keep;
        const pic__node *known; /* [{"name","sha256","state"}], or NULL */
        const char *name;       /* verify, fetch */
        pic__doc *doc;
} pic__order;

/* PIC_INVALID: it is none; PIC_VALUE: the address, or a recipient. */
int pic__order_read(const char *text, size_t len, pic__order *ret, pic_error **err);
void pic__order_clear(pic__order *o);
/* What is known of a file: 1 well, -1 damaged, 0 nothing; *ret_sha256: the hash of what was sent, or NULL. */
int pic__order_known(const pic__order *o, const char *name, const char **ret_sha256);

#endif
