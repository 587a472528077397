/* What the world is made of, for us: items. An item is one object of one backend: a WireGuard peer, an element of an
 * nft map, an address, a DNS record. Its key says which, its value all of its state, both as canonical text, so that
 * items can be compared, printed, stored and faked without knowing the subsystem. A secret part is kept apart and never
 * printed.
 *
 * Wishes are derived into items (plan/derive.h), the world is observed as items (plan/backend.h); plan/diff.h compares.
 */
#ifndef PIC_PLAN_ITEM_H
#define PIC_PLAN_ITEM_H

#include "base/arena.h"
#include "base/err.h"

enum pic__backend_id {
        PIC__B_NFT,
        PIC__B_WG,
        PIC__B_ROUTE,
        PIC__B_DNS,
        PIC__B_EXIT,
        PIC__B_NTP,
        PIC__B_FRONT,
        PIC__BACKENDS
};

/* Several of them, a bit each. */
#define PIC__PART(backend) (1u << (backend))
#define PIC__ALL_PARTS (PIC__PART(PIC__BACKENDS) - 1)

/* One kind of item. Keys and values, exactly:
 *
 *  nft   SHAPE    "table"  "dev=pic0 net4=10.1.0.0/16 net6=fd..::/48 port=51820"
 *        PEER4    "10.1.0.2"  "0x00231011"      source address -> class << 16 | exit's mark | fail-open bit
 *                 (model/exit.h)
 *        PEER6    "fd..::2"  "0x00230000"
 *        SUBNET4  "192.168.9.0/24"  "0x00230000"      routed subnet behind a peer -> the same
 *        SUBNET6  …
 *        REACH4   "0x00230000 10.1.0.7"  "accept"      class may reach this one address, everything
 *        REACH6   …
 *        GRANT4   "0x00230000 192.168.1.0-192.168.1.255 6 445-445"  "accept"
 *                 class, destinations, protocol (0-255 for any), ports; of one class no two overlap
 *        GRANT6   …
 *        WIDE4    "0x00230000 1.0.0.0-9.255.255.255"  "accept"
 *                 class may go there when forwarded (internet, lan); never the host itself
 *        WIDE6    …
 *        SERVED4  "0x00230000 10.1.0.9"  "accept"      class may have the service of this address: its 80 and 443
 *        SERVED6  …
 *        LOCAL4   "10.1.0.0-10.1.255.255"  "local"      never by an exit: the cell's networks, those behind devices,
 *                 private space and what the machine is attached to. Such packets of a device with an exit lose the
 *                 exit's mark and get bit 0x2: they may follow any route but a default one. No two overlap
 *        LOCAL6   …
 *        WAY      "0x00001010 picx1"  "accept"      packets with this exit's mark leave there and nowhere else
 *        OPEN     "0x00001011"  "open"      the exit is down: packets with its mark and the fail-open bit lose the mark
 *        RESOLVER4 "0x00001010"  "169.254.96.6 53"      where the names that such packets ask for are asked
 *        RESOLVER6 …
 *        SPACE    "picx1"  "0x00002010"      what comes in there is that exit's carrier's, and gets this mark
 *        CARRIER4 "0x00002010 203.0.113.7-203.0.113.7 17 51820-51820"  "accept"      where it may go; as GRANT
 *        CARRIER6 …
 *        DOOR6    "fd..::9"  "5501"      the port of the cell's own address where a service's 443 leads
 *  wg    DEVICE   "pic0"  "port=51820 key=<public>"      secret: private key (32 bytes)
 *        PEER     "<public key base64>"  "allowed=10.1.0.2/32,fd..::2/128 keepalive=0"
 *                 secret: preshared key (32 bytes) or none; allowed in order of family, address, length
 *  route LINK     "pic0"  "up mtu=1420"
 *        ADDR     "pic0 10.1.0.1/16"  ""
 *        ROUTE    "192.168.9.0/24"  "dev=pic0"
 *        SYSCTL   "net.ipv4.ip_forward"  "1"
 *        FLOOR    "1001 4"  "unreachable"      the last route of an exit's table: table, family
 *        RULE     "4001 4"  "mark=0x1010/0x1ff0 table=1001"      priority, family
 *                 and once, when there are connections:
 *                 "3997 4"  "mark=0x0/0x1002 goto=4300"
 *                 "3998 4"  "mark=0x2/0x2 table=254 suppress=7"      main, without its default routes
 *                 "3999 4"  "mark=0x2/0x2 unreachable"
 *                 "4000 4"  "mark=0x1000/0xf000 to=10.1.0.0/16 table=254"
 *                 "4299 4"  "iif=pic0 mark=0x1000/0xf000 unreachable"
 *                 "4300 4"  "iif=pic0 mark=0x0/0xffff0000 unreachable"
 *        DEFAULT  "1001 4"  "dev=picx1 via=169.254.96.6"      the table's first route
 *  dns   SERVER   "main"
 *                 "listen=10.1.0.1,fd..::1 zone=home.internal reverse=… upstream=… allow=10.1.0.0/16,fd..::/48"
 *                 and " forward=corp.example/192.168.1.1+192.168.1.2@5353/insecure,…" when there are zones of others,
 *                 and " public=home.example.org/10.1.0.1+fd..::1/wild,…" when the cell has public names (wild: and
 *                 whatever is below)
 *                 and " log=yes" when questions are written down
 *                 and " sieve=yes" when there are block lists: a filter stands before it
 *        RECORD   "anna.home.internal. A"  "10.1.0.2"
 *                 also AAAA and PTR ("2.0.1.10.in-addr.arpa. PTR" "anna.home.internal."), CNAME, MX, SRV, TXT, and
 *                 wildcards. Several data: "10.1.0.2,10.1.0.3", in order; another lifetime than 60 s: " ttl=300" at
 *                 the end
 *        LIST     "3"  "ads all allow=cdn.example"      a block list, by its number: its name, whether it holds for
 *                 every device, what it lets pass
 *                 or where names are told by rights: then also " views=yes"
 *        BARRED   "10.1.0.2"  "3,4"      for this address or network these lists hold too
 *        VIEW     "10.1.0.2"  "0x00230000 10.1.0.2,fd..::2"      who asks from there: class, the device's addresses
 *                 "0x00230000 10.1.0.2-10.1.255.255"  "told"      names of what the class reaches are told to it; of a
 *                 single device or service: "0x00230000 10.1.0.9"
 *  exit  SPACE    "1"  words of model/words.h: name type dev link4 link6 … (plan/derive_exit.c)
 *                 secret: lines "name=value" of the same words; none where nothing is secret
 *  ntp   SERVER   "main"  "listen=10.1.0.1,fd..::1 allow=10.1.0.0/16,fd..::/48 servers=… clock=yes"
 *                 servers and clock only where they are wished
 *  front SERVER   "main"  "listen=10.1.0.1,fd..::1"      and " outside=yes" when there are services for everybody
 *        CERT     "front"  "own names=home.internal,… root=<hex>"      the page's own, issued when it is asked for
 *                 "blog"  "serial=<hex>"      secret: the chain (as the store has it), a newline, the key (PKCS #8)
 *        HOST     "home.internal"  "page"      a name that is asked for (addresses too, of IPv6 in brackets), and who
 *                 serves it; "public": the page too, by a public name
 *        PEER     "10.1.0.2"  "anna"      whose address that is; nobody else gets an answer
 *        SERVICE  "nas"  "http/192.168.1.10/8080"      what is served as nas; also "https/192.168.1.10/8443",
 *                 "https/192.168.1.10/8443/cloud.lan" (by that name), "verified/…" (with a certificate for it),
 *                 and "nowhere", when nobody is called so
 *        PLACE    "10.1.0.9"  "nas"      whose address that is, of IPv4
 *        DOOR     "5501"  "nas"      and of IPv6, whose port
 *        NAME     "nas.home.internal"  "nas"      a name that is asked for, of a service
 *        CERT     "_nas"  "own names=nas.home.internal root=<hex>"      a service's, as the page's own
 *        SHOWN    "nas.home.example.org"  "blog"      which other certificate is shown for a service's name
 *                 "outside/nas.home.example.org"      the same for everybody on the internet
 *        OUTNAME  "nas.home.example.org"  "nas"      a name that everybody may ask for, of a service */
enum pic__item_kind {
        PIC__I_NFT_SHAPE,
        PIC__I_NFT_PEER4,
        PIC__I_NFT_PEER6,
        PIC__I_NFT_SUBNET4,
        PIC__I_NFT_SUBNET6,
        PIC__I_NFT_REACH4,
        PIC__I_NFT_REACH6,
        PIC__I_NFT_GRANT4,
        PIC__I_NFT_GRANT6,
        PIC__I_NFT_WIDE4,
        PIC__I_NFT_WIDE6,
        PIC__I_NFT_SERVED4,
        PIC__I_NFT_SERVED6,
        PIC__I_NFT_LOCAL4,
        PIC__I_NFT_LOCAL6,
        PIC__I_NFT_WAY,
        PIC__I_NFT_OPEN,
        PIC__I_NFT_RESOLVER4,
        PIC__I_NFT_RESOLVER6,
        PIC__I_NFT_SPACE,
        PIC__I_NFT_CARRIER4,
        PIC__I_NFT_CARRIER6,
        PIC__I_NFT_DOOR6,
        PIC__I_WG_DEVICE,
        PIC__I_WG_PEER,
        PIC__I_ROUTE_LINK,
        PIC__I_ROUTE_ADDR,
        PIC__I_ROUTE_ROUTE,
        PIC__I_ROUTE_SYSCTL,
        PIC__I_ROUTE_FLOOR,
        PIC__I_ROUTE_RULE,
        PIC__I_ROUTE_DEFAULT,
        PIC__I_DNS_SERVER,
        PIC__I_DNS_RECORD,
        PIC__I_DNS_LIST,
        PIC__I_DNS_BARRED,
        PIC__I_DNS_VIEW,
        PIC__I_EXIT_SPACE,
        PIC__I_NTP_SERVER,
        PIC__I_FRONT_SERVER,
        PIC__I_FRONT_CERT,
        PIC__I_FRONT_HOST,
        PIC__I_FRONT_PEER,
        PIC__I_FRONT_SERVICE,
        PIC__I_FRONT_PLACE,
        PIC__I_FRONT_DOOR,
        PIC__I_FRONT_NAME,
        PIC__I_FRONT_SHOWN,
        PIC__I_FRONT_OUTNAME,
        PIC__ITEM_KINDS
};

enum {
        PIC__RISK_NONE,
        PIC__RISK_TRAFFIC, /* interrupts traffic */
        PIC__RISK_SESSION  /* may cut the one who makes the change */
};

typedef struct pic__item_info {
        enum pic__backend_id backend;
        const char *name; /* "nft.peer4" */
        int add_phase;    /* order of adding and changing */
        int remove_phase; /* order of removing */
        int risk_change;
        int risk_remove;
} pic__item_info;

extern const pic__item_info pic__item_kinds[PIC__ITEM_KINDS];
extern const char *const pic__backend_names[PIC__BACKENDS]; /* "nft", "wg", "route", "dns", "exit", "ntp", "front" */

typedef struct pic__item {
        enum pic__item_kind kind;
        const char *key;
        const char *value;
        const uint8_t *secret; /* or NULL */
        size_t secret_len;     /* 32 for keys */
        const char *why;       /* the object it comes from, "peer anna", or NULL */
} pic__item;

/* A bag of items; texts live in its arena. */
typedef struct pic__items {
        pic__arena arena;
        pic__item *at;
        size_t count;
        size_t room;
} pic__items;

#define PIC__ITEMS_INIT                     \
        {                                   \
                PIC__ARENA_INIT, NULL, 0, 0 \
        }

/* Copies key, value and secret (32 bytes) into the arena; `why` is borrowed and must outlive the bag (use a literal, or
 * pic__arena_printf on the bag's arena). */
int pic__items_add(pic__items *items, enum pic__item_kind kind, const char *key, const char *value,
                   const uint8_t *secret, const char *why, pic_error **err);
/* The same with a secret of any length, at most PIC__ITEM_SECRET_MAX. */
#define PIC__ITEM_SECRET_MAX ((size_t)1 << 20)
int pic__items_add_long(pic__items *items, const pic__item *item, pic_error **err);
/* Sorts by kind and key; of equal ones keeps the first. */
void pic__items_sort(pic__items *items);
/* In a sorted bag; NULL if absent. */
const pic__item *pic__items_find(const pic__items *items, enum pic__item_kind kind, const char *key);
int pic__item_same(const pic__item *a, const pic__item *b); /* value and secret; secret compared in constant time */
/* For comparing worlds: sums of many do not depend on their order, and follow steps by adding and subtracting. Without
 * the secret. */
uint64_t pic__item_sum(const pic__item *item);
void pic__items_wipe(pic__items *items); /* zeroes secrets, frees all */
#define pic__auto_items PIC__AUTO(pic__items_wipe)

#endif
