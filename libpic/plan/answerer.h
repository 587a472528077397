/* Who answers a device that asks for a name: the cell itself, from what it holds; servers of a zone of others; its
 * exit; the cell's upstreams. One answer for `pic dns query`; what the name server is told says the same
 * (derive_cell.c, derive_record.c, derive_exit.c), and tests/scenario/test_dns.py holds them together. Pure. */
#ifndef PIC_PLAN_ANSWERER_H
#define PIC_PLAN_ANSWERER_H

#include "base/buf.h"
#include "base/err.h"
#include "model/net.h"
#include "model/snap.h"

enum pic__answerer_kind {
        PIC__ANSWERER_CELL,     /* a name of the cell's own */
        PIC__ANSWERER_DEVICE,   /* `object` */
        PIC__ANSWERER_RECORD,   /* `object` */
        PIC__ANSWERER_SERVICE,  /* `object` */
        PIC__ANSWERER_NOTHING,  /* in the cell's zone, or an address of its networks, and nobody has it */
        PIC__ANSWERER_DOMAIN,   /* a public name of the cell, `object`: its addresses inside */
        PIC__ANSWERER_FORWARD,  /* `object` */
        PIC__ANSWERER_EXIT,     /* the resolver of `object`, a connection */
        PIC__ANSWERER_CLOSED,   /* nobody: nothing carries its exit now */
        PIC__ANSWERER_UPSTREAM, /* the cell's upstreams */
        PIC__ANSWERER_ROOT,     /* the cell itself, from the root on */
        PIC__ANSWERER_KINDS
};
extern const char *const pic__answerer_kinds[PIC__ANSWERER_KINDS]; /* "cell", "device", … */

typedef struct pic__answerer {
        enum pic__answerer_kind kind;
        const pic_obj *object; /* borrowed from the snapshot; NULL: none */
        pic__addr at;          /* who is to be asked for it, on this machine; family 0: nobody */
        unsigned port;
} pic__answerer;

/* The whole name with its dot that a person means: a name without a dot is one of the cell's zone, an address the name
 * that leads back from it. PIC_VALUE. */
int pic__answerer_name(const pic__snap *s, const char *text, pic__buf *out, pic_error **err);
/* `name`: as above, with its dot. peer NULL: the cell itself asks. There is a cell. */
int pic__answerer_of(const pic__snap *s, const char *name, const pic_obj *peer, pic__answerer *ret, pic_error **err);
/* "the owner's record nas", "upstream servers: 9.9.9.9" */
void pic__answerer_text(const pic__snap *s, const pic__answerer *a, pic__buf *out);

#endif
