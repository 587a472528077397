/* The allowed-packet table of ways out: for each kind of packet, by what an exit can carry and how it is doing, whether
 * it passes and by whom. Data: the rules inside an exit's namespace are made from it, the manual prints it, and the
 * capture tests expect it. */
#ifndef PIC_PLAN_POLICY_H
#define PIC_PLAN_POLICY_H

#include "base/buf.h"
#include "model/net.h"

/* What an exit can carry. */
enum pic__policy_cap {
        PIC__CAP_FULL,  /* both families, everything */
        PIC__CAP_V4,    /* everything of IPv4 */
        PIC__CAP_V6,    /* everything of IPv6 */
        PIC__CAP_TCP,   /* TCP of both families */
        PIC__CAP_TCP4,  /* TCP of IPv4 */
        PIC__CAP_BLOCK, /* nothing */
        PIC__CAPS
};

enum pic__policy_state {
        PIC__EXIT_ABSENT,    /* turned off, removed, or not made yet */
        PIC__EXIT_STARTING,  /* its namespace is there, its tunnel is not */
        PIC__EXIT_UP,        /* it carries */
        PIC__EXIT_FAILED,    /* it does not answer, and nothing was chosen for that: closed */
        PIC__EXIT_OPENED,    /* the same for a device with failopen: what a person chose */
        PIC__EXIT_SWITCHING, /* a group moves from one member to another */
        PIC__EXIT_STOPPING,  /* it is being taken away */
        PIC__EXIT_STATES
};

enum pic__policy_kind {
        PIC__PACKET_TCP4, /* of a device, to the internet */
        PIC__PACKET_UDP4,
        PIC__PACKET_ICMP4,
        PIC__PACKET_OTHER4,
        PIC__PACKET_TCP6,
        PIC__PACKET_UDP6,
        PIC__PACKET_ICMP6,
        PIC__PACKET_OTHER6,
        PIC__PACKET_DNS,   /* of a device, port 53, to whomever */
        PIC__PACKET_DOT,   /* of a device, port 853 */
        PIC__PACKET_NEAR,  /* of a device, to the cell's networks and to private ones it has a right to */
        PIC__PACKET_QUERY, /* of the exit's resolver */
        PIC__PACKET_ZONE,  /* of the exit's resolver, for the cell's own names */
        PIC__PACKET_CARRIER,
        PIC__PACKET_CARRIER_ELSEWHERE,
        PIC__PACKET_CARRIER_HOST,
        PIC__PACKET_CARRIER_DEVICE,
        PIC__PACKET_CARRIER_EXIT,
        PIC__PACKET_KINDS
};

enum pic__policy_verdict {
        PIC__BY_TUNNEL,   /* leaves inside the carrier's own packets, or not at all */
        PIC__BY_RESOLVER, /* answered by the exit's resolver */
        PIC__BY_CELL,     /* answered or carried by the cell itself; never by a default route */
        PIC__BY_OUTSIDE,  /* the machine's own way out: carriers to their far end, and failopen */
        PIC__REJECTED,    /* refused at once */
        PIC__DROPPED,
        PIC__VERDICTS
};

extern const char *const pic__policy_caps[PIC__CAPS];
extern const char *const pic__policy_states[PIC__EXIT_STATES];
extern const char *const pic__policy_kinds[PIC__PACKET_KINDS];
extern const char *const pic__policy_verdicts[PIC__VERDICTS];

enum pic__policy_verdict pic__policy(enum pic__policy_cap cap, enum pic__policy_state state,
                                     enum pic__policy_kind kind);
enum pic__policy_cap pic__policy_cap_of(int tcp_only, int v4, int v6);
/* All rows, in order of cap, state, kind. */
void pic__policy_each(void (*fn)(enum pic__policy_cap cap, enum pic__policy_state state, enum pic__policy_kind kind,
                                 enum pic__policy_verdict verdict, void *data),
                      void *data);

/* Where the exit's own packets may go. */
typedef struct pic__policy_place {
        pic__addr addr;
        unsigned port;
        unsigned proto; /* 6, 17 */
} pic__policy_place;

/* What the rules inside a namespace depend on. */
typedef struct pic__policy_inside {
        enum pic__policy_cap cap;
        unsigned carrier, resolver; /* user ids */
        pic__addr cell4, exit4, cell6, exit6;
        const pic__policy_place *remote;
        size_t remotes;
        int anywhere;        /* the carrier may go to any public address by TCP */
        unsigned mark;       /* of packets that a kernel device sends to remote; 0: none */
        unsigned tcp_port;   /* of the redirector; 0: none */
        unsigned dns_port;   /* of a name server of the carrier's own, for the resolver; 0: none */
        unsigned sieve;      /* user of a filter before the resolver; 0: none */
        unsigned sieve_port; /* where it asks the resolver */
} pic__policy_inside;

/* The text for `nft -f`: replaces table inet exit in one transaction. Failure is the buffer's. */
void pic__policy_put_inside(pic__buf *out, const pic__policy_inside *p);

#endif
