/* Owns: the table of item kinds: whose they are, in which order they come and go, what a change of them can hurt.
 *
 * Coming: the block before anything that could carry a packet, then device, addresses, link, routes, and only then
 * forwarding; then what rights mean (class elements), who has them (peers, subnets); names; and last the key that lets
 * a device in. The name server's records follow it at once: a server that starts with ten thousand devices reads them
 * from its configuration in 0.4 s, over its control socket it takes 2 s.
 *
 * Going: who has rights, what they mean, then the key, names, routes, addresses, links, the device, forwarding; the
 * block stays while anything else is there. Each kind has a phase of its own, so that steps of one kind follow each
 * other. */
#include "plan/item.h"

const char *const pic__backend_names[PIC__BACKENDS] = { "nft", "wg", "route", "dns" };

enum { NONE = PIC__RISK_NONE, TRAFFIC = PIC__RISK_TRAFFIC, SESSION = PIC__RISK_SESSION };

#define ROW(id, owner, text, add, remove, change_risk, remove_risk) \
        [PIC__I_##id] = { PIC__B_##owner, text, add, remove, change_risk, remove_risk }

const pic__item_info pic__item_kinds[PIC__ITEM_KINDS] = {
        ROW(NFT_SHAPE, NFT, "nft.shape", 0, 18, SESSION, SESSION),
        ROW(NFT_PEER4, NFT, "nft.peer4", 12, 0, TRAFFIC, TRAFFIC),
        ROW(NFT_PEER6, NFT, "nft.peer6", 13, 1, TRAFFIC, TRAFFIC),
        ROW(NFT_SUBNET4, NFT, "nft.subnet4", 14, 2, TRAFFIC, TRAFFIC),
        ROW(NFT_SUBNET6, NFT, "nft.subnet6", 15, 3, TRAFFIC, TRAFFIC),
        ROW(NFT_REACH4, NFT, "nft.reach4", 8, 6, TRAFFIC, TRAFFIC),
        ROW(NFT_REACH6, NFT, "nft.reach6", 9, 7, TRAFFIC, TRAFFIC),
        ROW(NFT_GRANT4, NFT, "nft.grant4", 6, 4, TRAFFIC, TRAFFIC),
        ROW(NFT_GRANT6, NFT, "nft.grant6", 7, 5, TRAFFIC, TRAFFIC),
        ROW(NFT_WIDE4, NFT, "nft.wide4", 10, 8, TRAFFIC, TRAFFIC),
        ROW(NFT_WIDE6, NFT, "nft.wide6", 11, 9, TRAFFIC, TRAFFIC),
        ROW(WG_DEVICE, WG, "wg.device", 1, 16, SESSION, SESSION),
        ROW(WG_PEER, WG, "wg.peer", 18, 10, TRAFFIC, TRAFFIC),
        ROW(ROUTE_LINK, ROUTE, "route.link", 3, 15, TRAFFIC, SESSION),
        ROW(ROUTE_ADDR, ROUTE, "route.addr", 2, 14, SESSION, SESSION),
        ROW(ROUTE_ROUTE, ROUTE, "route.route", 4, 13, TRAFFIC, TRAFFIC),
        ROW(ROUTE_SYSCTL, ROUTE, "route.sysctl", 5, 17, TRAFFIC, TRAFFIC),
        ROW(DNS_SERVER, DNS, "dns.server", 16, 12, TRAFFIC, TRAFFIC),
        ROW(DNS_RECORD, DNS, "dns.record", 17, 11, NONE, NONE),
};
