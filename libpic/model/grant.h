/* Grants: who may reach what (design section 5). Canonical text of one grant:
 *   internet | lan | peers | peer:NAME | group:NAME | service:ID | PREFIX | PREFIX:PROTO | PREFIX:PROTO/PORT[-PORT]
 * with PREFIX "10.0.0.0/8", "10.0.0.1" (a /32), "[fd00::]/64", "[fd00::5]" (a /128) in canonical form; PROTO tcp, udp,
 * icmp. Canonical IPv6 in a grant always has brackets; input without brackets is accepted where no port follows. */
#ifndef PIC_MODEL_GRANT_H
#define PIC_MODEL_GRANT_H

#include "base/buf.h"
#include "base/err.h"
#include "model/net.h"

enum pic__grant_to {
        PIC__TO_INTERNET,
        PIC__TO_LAN,
        PIC__TO_PEERS,
        PIC__TO_PEER,
        PIC__TO_GROUP,
        PIC__TO_SERVICE,
        PIC__TO_PREFIX
};
enum pic__proto { PIC__PROTO_ANY = 0, PIC__PROTO_ICMP = 1, PIC__PROTO_TCP = 6, PIC__PROTO_UDP = 17 };

typedef struct pic__grant {
        enum pic__grant_to to;
        char name[65];      /* PEER, GROUP, SERVICE */
        pic__prefix prefix; /* PREFIX */
        uint8_t proto;      /* enum pic__proto */
        uint16_t port_lo;   /* 0..65535 when no port was given */
        uint16_t port_hi;
} pic__grant;

/* 0, or -1 with *ret_rule the rule that it breaks (static text). */
int pic__grant_parse(const char *text, pic__grant *ret, const char **ret_rule);
void pic__grant_print(const pic__grant *g, pic__buf *out);
int pic__grant_cmp(const pic__grant *a, const pic__grant *b); /* a total order: canonical lists are sorted by it */

#endif
