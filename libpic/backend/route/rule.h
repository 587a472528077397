/* The kernel's rules that choose a routing table. */
#ifndef PIC_BACKEND_ROUTE_RULE_H
#define PIC_BACKEND_ROUTE_RULE_H

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "backend/route/nl.h"
#include "base/vec.h"
#include "model/net.h"
#include "plan/item.h"

typedef struct pic__route_rule {
        int family;     /* 4, 6 */
        uint8_t action; /* FR_ACT_* */
        uint32_t priority;
        uint32_t table;
        uint32_t target; /* of a goto */
        uint32_t mark;   /* with mask; mark 0 and a whole mask: no condition */
        uint32_t mask;
        pic__prefix from; /* family 0: any */
        pic__prefix to;
        char in[IFNAMSIZ]; /* "": any */
        char out[IFNAMSIZ];
        int inverted;
        int32_t suppress; /* takes no answer with a prefix of that length or less; -1: any */
        uint8_t protocol; /* who made it; 0: did not say */
        int vrf;          /* the table of the packet's VRF */
        int narrow;       /* has conditions beside these */
} pic__route_rule;

typedef PIC__VEC(pic__route_rule) pic__route_rules;

/* Of one that comes or goes. 0, or -1 when it is of another kind, another family or malformed. */
int pic__route_read_rule(const struct nlmsghdr *h, pic__route_rule *ret);
/* All there are, in the order in which they are asked, IPv4 first. */
int pic__route_get_rules(pic__route_nl *nl, pic__route_rules *ret, pic_error **err);

/* "mark=0x1010/0x1ff0 table=1001": the value of its item. */
void pic__route_rule_print(const pic__route_rule *rule, pic__buf *out);
/* The item's rule; without its value (`whole` 0) where it stands only. PIC_INVALID, PIC_NOMEM. */
int pic__route_rule_parse(const pic__item *item, int whole, pic__route_rule *ret, pic_error **err);

static inline void pic__route_rules_free(pic__route_rules *v)
{
        pic__vec_free(v);
}

#endif
