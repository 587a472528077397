/* What pic-drill is told. */
#ifndef PIC_DRILL_ORDER_H
#define PIC_DRILL_ORDER_H

#include "codec/doc.h"

enum { PIC__DRILL_ORDER_MAX = 1 << 20 };

typedef struct pic__drill_order {
        pic__doc *doc; /* the texts are its */
        int target;    /* get a backup from a target; */
        int file;      /* or it is in the file that is descriptor 1; neither: dir lies there already, bring it up */
        const char *dir;
        int fake;
        const char *of;              /* public key of the cell that it has to be */
        const char *passphrase;      /* NULL: it is not encrypted */
        const pic__node *identities; /* who opens it otherwise; NULL: nobody */
        unsigned work_factor;        /* the most that is taken; 0: as usual */
        const char *fetch;           /* what pic-keep is told: JSON, as a text */
} pic__drill_order;

/* PIC_INVALID, PIC_SYNTAX. */
int pic__drill_order_read(const char *text, size_t len, pic__drill_order *ret, pic_error **err);
void pic__drill_order_clear(pic__drill_order *o);

#endif
