/* The numbers of exits, and what is true of them beside the wishes. Everything about one exit is numbered by its slot
 * (a field of the connection, 1..255), so that a restarted agent, a person with `ip rule` and a test find the same. */
#ifndef PIC_MODEL_EXIT_H
#define PIC_MODEL_EXIT_H

#include "base/buf.h"
#include "model/net.h"
#include "model/snap.h"

#define PIC__EXIT_SLOTS 255
#define PIC__EXIT_MASK 0x1ff0u  /* of a packet's mark: whose exit it takes */
#define PIC__EXIT_KINDS 0xf000u /* of it: 0x1000 takes an exit */
#define PIC__EXIT_OPEN 0x1u     /* of a packet's mark: may go directly while its exit is down */
#define PIC__EXIT_NEAR 0x2u     /* of a packet's mark: for private space and the like, by any route but a default one */
/* The rules that see to that; and the one by which what comes from a device and was not marked goes nowhere: every
 * device has a class, in the high half of its packets' mark, so the firewall's table must be gone then. */
enum {
        PIC__EXIT_PAST_PRIORITY = 3997, /* what has no exit and is not near goes past all these rules but the last */
        PIC__EXIT_NEAR_PRIORITY = 3998,
        PIC__EXIT_NEAR_END = 3999,
        PIC__EXIT_BACK_PRIORITY = 4000, /* the kernel's check of a source's way back, before the exits */
        PIC__EXIT_END = 4299,           /* behind those of all exits */
        PIC__EXIT_UNMARKED_PRIORITY = 4300
};
#define PIC__CLASS_MASK 0xffff0000u
/* Of the cell's addresses. Port 53 there has its own names and no others as well: the firewall leads questions of
 * devices that go directly to the first of these, so that without it nobody asks the internet. */
#define PIC__FULL_PORT 5300   /* all names */
#define PIC__EXIT_PORT 5301   /* the cell's own names */
#define PIC__SIEVED_PORT 5303 /* of an exit: its resolver, behind a filter of names, which sees devices as they are */
/* In the directory of logs: who asked for what, when that is written down; older ones with .1 to .5 behind it. */
#define PIC__DNS_QUERIES "queries.log"
#define PIC__DNS_QUERIES_KEPT 5
#define PIC__DNS_BLOCKED "queries-blocked.log" /* those that the filter before the name server answered */
#define PIC__EXIT_FLOOR_METRIC 4278198272u

static inline uint32_t pic__exit_mark(unsigned slot)
{
        return 0x1000u + 0x10u * slot;
}

/* Of packets that the exit's own programs send. */
static inline uint32_t pic__exit_carrier_mark(unsigned slot)
{
        return 0x2000u + 0x10u * slot;
}

static inline unsigned pic__exit_table(unsigned slot)
{
        return 1000 + slot;
}

static inline unsigned pic__exit_priority(unsigned slot)
{
        return 4000 + slot;
}

/* "picx1" */
#define PIC__EXIT_DEV 8
const char *pic__exit_dev(unsigned slot, char text[PIC__EXIT_DEV]);
/* The two ends of the cable to the exit's namespace: 169.254.96.5 (the cell's) and .6, /30;
 * fd70:6963:78::1:1 and ::1:2, /112. */
enum { PIC__EXIT_LINK4_LEN = 30, PIC__EXIT_LINK6_LEN = 112 };
void pic__exit_link(unsigned slot, int family /* 4, 6 */, pic__addr *ret_cell, pic__addr *ret_exit);
/* All of those addresses: 169.254.96.0/22, fd70:6963:78::/48. */
void pic__exit_links(int family, pic__prefix *ret);

/* What the agent knows of one exit that nobody wished. All zero: not known, and then it counts as up. */
typedef struct pic__exit_fact {
        unsigned down : 1;
        unsigned judged : 1; /* group: `active` counts; else its first enabled member is in use */
        uint8_t active;      /* group: slot of the member in use; 0: none */
        char *remote;        /* "ADDR:PORT,…" of the far end now, or NULL; owned */
} pic__exit_fact;

/* By slot; [0] is not used. */
struct pic__exit_facts {
        pic__exit_fact at[PIC__EXIT_SLOTS + 1];
};

void pic__exit_facts_clear(pic__exit_facts *f);                             /* frees what it holds, all zero then */
int pic__exit_facts_copy(const pic__exit_facts *from, pic__exit_facts *to); /* -1: out of memory, `to` is cleared */
int pic__exit_facts_same(const pic__exit_facts *a, const pic__exit_facts *b);

/* Whose word decides by which connection a device leaves: the peer itself, the first of its groups that says one, the
 * cell. NULL: nobody said anything. */
const pic_obj *pic__exit_said_by(const pic__snap *s, const pic_obj *peer);
/* The connection by which a device leaves: its own exit, else its groups', else the cell's. NULL: directly. */
const pic_obj *pic__exit_of(const pic__snap *s, const pic_obj *peer);
/* The low half of that device's mark; 0: directly. */
uint32_t pic__exit_peer_mark(const pic__snap *s, const pic_obj *peer);
/* Who carries a connection's packets now: itself, or for a group the member in use. NULL: nobody. */
const pic_obj *pic__exit_carried_by(const pic__snap *s, const pic_obj *connection);
/* Whether packets of a family can go there at all, as far as wishes say: a tunnel without an address of that family
 * cannot carry it. */
int pic__exit_carries(const pic_obj *connection, int family);
unsigned pic__exit_slot(const pic_obj *connection); /* 0: none yet */
int pic__exit_is(const pic_obj *connection, const char *type);

#endif
