/* What the files of derive share: one look at the cell, field numbers, and where items go. Private to plan. */
#ifndef PIC_PLAN_DERIVE_IN_H
#define PIC_PLAN_DERIVE_IN_H

#include "base/vec.h"
#include "plan/boxes.h"
#include "plan/derive.h"

typedef PIC__VEC(pic__range) pic__rangevec;

enum { PIC__V4, PIC__V6, PIC__FAMILIES }; /* index of a family */

typedef struct pic__derive {
        const pic__snap *snap;
        const pic__secrets *secrets; /* may be NULL */
        pic__items *out;
        unsigned parts; /* whose items are wanted */
        int fronted;    /* those of the front are, and there is one */
        int sieve;      /* a filter stands before name servers */
        int views;      /* because names are told by rights; else for block lists alone */
        const pic_obj *cell;
        const char *device;
        pic__prefix net[PIC__FAMILIES];
        pic__addr self[PIC__FAMILIES]; /* the cell's own addresses: the first host of each network */
        pic__buf zone;                 /* "home.internal." */
        pic__buf key, value, name;     /* scratch */
        /* what all active peers' walks need, looked up once */
        struct {
                int addr[PIC__FAMILIES], public_key, preshared, preshared_key, subnets;
        } field;
        pic__boxes hidden[PIC__FAMILIES]; /* addresses that are, were or will be services': no other right means them */
        int whole_prefixes;               /* but an assertion that names a prefix means all of it */
        int subnets_known;
        pic__rangevec
                subnets[PIC__FAMILIES]; /* all peers' routed subnets, sorted and joined; see pic__derive_subnets */
} pic__derive;

/* What grants add up to. */
typedef struct pic__rights {
        pic__boxes boxes[PIC__FAMILIES];    /* prefixes, the cell's networks, networks behind targets; may overlap */
        PIC__VEC(const pic_obj *) targets;  /* active peers that are reached by name; one may be there twice */
        PIC__VEC(const pic_obj *) services; /* that are served; the same */
        int internet, lan;
} pic__rights;

#define PIC__RIGHTS_INIT                                                             \
        {                                                                            \
                { PIC__VEC_INIT, PIC__VEC_INIT }, PIC__VEC_INIT, PIC__VEC_INIT, 0, 0 \
        }

/* What every active device may use of the cell itself. Port 0: no port. */
typedef struct pic__always {
        const char *rule;
        uint8_t proto;
        uint16_t port;
} pic__always;

enum { PIC__ALWAYS = 6 };
extern const pic__always pic__always_table[PIC__ALWAYS];

/* PIC_BADSTATE when the snapshot has no cell, PIC_CORRUPT when the cell is not complete. */
int pic__derive_open(pic__derive *d, const pic__snap *s, const pic__secrets *secrets, pic__items *out, pic_error **err);
void pic__derive_close(pic__derive *d);

int pic__derive_cell(pic__derive *d, pic_error **err);
/* What follows from connections; nothing when there are none. */
int pic__derive_connections(pic__derive *d, pic_error **err);
/* Adds the ranges of private space and of the machine's own networks of one family. -1: out of memory. */
int pic__derive_lan(const pic__derive *d, int family, pic__rangevec *to);
/* What the internet is on this machine, the same way. */
int pic__derive_internet(const pic__derive *d, int family, pic__rangevec *to);
/* All that one of the owner's own names means. */
int pic__derive_record(pic__derive *d, const pic_obj *record, pic_error **err);
/* " public" of the name server and of exits: "home.example.org/10.1.0.1+fd..::1/wild,…". */
void pic__derive_public(const pic__derive *d, pic__buf *out);
/* " own" of both: model/own.h. */
int pic__derive_own(pic__derive *d, pic__buf *out, pic_error **err);
/* All that one peer means; nothing when it is not active. */
int pic__derive_peer(pic__derive *d, const pic_obj *peer, pic_error **err);
/* Of that only what depends on the peer's class: who it is for the firewall. Opens no secret. */
int pic__derive_marks(pic__derive *d, const pic_obj *peer, pic_error **err);
/* All that a service means but the rights to it. */
int pic__derive_service(pic__derive *d, const pic_obj *service, pic_error **err);
/* Addresses of a service that there is at another time: no other right means them now. NULL: none. -1: out of memory */
int pic__derive_hide(pic__derive *d, const pic_obj *service);
/* What of a service devices may have: ports of its address in one family. 0: it has none. -1: out of memory. */
int pic__derive_doors(const pic_obj *service, int family, pic__boxes *to);
/* All that a class means. */
int pic__derive_class(pic__derive *d, const pic__class *class, pic_error **err);
/* One class's reach to the addresses of one peer; nothing when the peer is not active. */
int pic__derive_reach(pic__derive *d, const pic__class *class, const pic_obj *target, pic_error **err);

/* What follows for the front (derive_front.c); nothing of it when there is none. */
int pic__derive_fronted(const pic__derive *d);
int pic__derive_front(pic__derive *d, pic_error **err);
int pic__derive_fronted_peer(pic__derive *d, const char *address, const char *name, const char *why, pic_error **err);
int pic__derive_certificate(pic__derive *d, const pic_obj *certificate, pic_error **err);
/* Which root, and what leads from it to a former one: another one makes another certificate. */
uint64_t pic__derive_root(const pic__derive *d);

/* derive_block.c: block lists, and whom they hold for. */
int pic__derive_lists(pic__derive *d, pic_error **err);
int pic__derive_barred(pic__derive *d, const pic_obj *peer, const char *why, pic_error **err);

/* derive_view.c: who is told which of the cell's own names; nothing where everybody is told all. */
int pic__derive_viewer(pic__derive *d, const pic_obj *peer, const char *why, pic_error **err);
int pic__derive_told(pic__derive *d, const pic__class *class, const pic__rights *rights, const char *why,
                     pic_error **err);
int pic__derive_told_at(pic__derive *d, const pic__class *class, const char *address, const char *why, pic_error **err);

/* Adds what one grant means. */
int pic__derive_grant(const pic__derive *d, const pic__grant *grant, pic__rights *rights, pic_error **err);
void pic__rights_free(pic__rights *rights);
/* Internet and lan without the cell's network and without what is behind peers: those have grants of their own. `ret`
 * must be empty. */
int pic__derive_wide(pic__derive *d, const pic__rights *rights, int family, pic__rangevec *ret, pic_error **err);
/* The number of a protocol in a family: there are two ICMPs. */
uint8_t pic__derive_proto(uint8_t proto, int family);

/* Fills d->subnets, once. Also of peers that are not active: their networks are nobody else's meanwhile. */
int pic__derive_subnets(pic__derive *d, pic_error **err);
/* The present text of a field by number, "" when absent and there is no default that matters. */
const char *pic__derive_text(const pic_obj *o, int field);
/* Opens a secret field (or its stand-in) into 32 bytes. 1: there; 0: absent. */
int pic__derive_secret(pic__derive *d, const pic_obj *o, const char *field, uint8_t out[32], pic_error **err);
int pic__derive_wants(const pic__derive *d, enum pic__backend_id id);
/* Adds an item, when it is wanted, from d->key and d->value and clears both. */
int pic__derive_put(pic__derive *d, enum pic__item_kind kind, const uint8_t *secret, const char *why, pic_error **err);
/* "0x00230000" */
#define PIC__MARK_TEXT 11
const char *pic__derive_mark(const pic__class *class, char text[PIC__MARK_TEXT]);
const char *pic__derive_hex(uint32_t mark, char text[PIC__MARK_TEXT]);
/* "peer anna" in the bag's arena, or NULL when out of memory. */
const char *pic__derive_why(pic__derive *d, const char *what, const char *name);

#endif
