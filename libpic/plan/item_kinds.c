/* Owns: the table of item kinds: whose they are, in which order they come and go, what a change of them can hurt.
 *
 * Coming: the block before anything that could carry a packet, then device, addresses, link, routes, and only then
 * forwarding; then exits, closed (the last route and the rule), where their programs may go, and only then the space
 * (else its first handshake is dropped, and the next one comes after 5 s) and the way (the first route); then what
 * rights mean (class elements) and where exits lead, who has them (peers, subnets); names, time, the front; and last
 * the key that lets a device in. The name server's records follow it at once: a server that starts with ten thousand
 * devices reads them from its configuration in 0.4 s, over its control socket it takes 2 s.
 *
 * Going: who has rights, what they mean, then the key, the front, time, names, routes, addresses, links, the device,
 * forwarding; the block stays while anything else is there. Each kind has a phase of its own, so that steps of one kind
 * follow each other. */
#include "plan/item.h"

const char *const pic__backend_names[PIC__BACKENDS] = { "nft", "wg", "route", "dns", "exit", "ntp", "front" };

enum { NONE = PIC__RISK_NONE, TRAFFIC = PIC__RISK_TRAFFIC, SESSION = PIC__RISK_SESSION };

#define ROW(id, owner, text, add, remove, change_risk, remove_risk) \
        [PIC__I_##id] = { PIC__B_##owner, text, add, remove, change_risk, remove_risk }

const pic__item_info pic__item_kinds[PIC__ITEM_KINDS] = {
        ROW(NFT_SHAPE, NFT, "nft.shape", 0, 48, SESSION, SESSION),
        ROW(NFT_PEER4, NFT, "nft.peer4", 28, 0, TRAFFIC, TRAFFIC),
        ROW(NFT_PEER6, NFT, "nft.peer6", 29, 1, TRAFFIC, TRAFFIC),
        ROW(NFT_SUBNET4, NFT, "nft.subnet4", 30, 2, TRAFFIC, TRAFFIC),
        ROW(NFT_SUBNET6, NFT, "nft.subnet6", 31, 3, TRAFFIC, TRAFFIC),
        ROW(NFT_REACH4, NFT, "nft.reach4", 17, 8, TRAFFIC, TRAFFIC),
        ROW(NFT_REACH6, NFT, "nft.reach6", 18, 9, TRAFFIC, TRAFFIC),
        ROW(NFT_GRANT4, NFT, "nft.grant4", 15, 6, TRAFFIC, TRAFFIC),
        ROW(NFT_GRANT6, NFT, "nft.grant6", 16, 7, TRAFFIC, TRAFFIC),
        ROW(NFT_WIDE4, NFT, "nft.wide4", 19, 10, TRAFFIC, TRAFFIC),
        ROW(NFT_WIDE6, NFT, "nft.wide6", 20, 11, TRAFFIC, TRAFFIC),
        ROW(NFT_SERVED4, NFT, "nft.served4", 22, 12, TRAFFIC, TRAFFIC),
        ROW(NFT_SERVED6, NFT, "nft.served6", 23, 13, TRAFFIC, TRAFFIC),
        ROW(NFT_LOCAL4, NFT, "nft.local4", 13, 20, TRAFFIC, TRAFFIC),
        ROW(NFT_LOCAL6, NFT, "nft.local6", 14, 21, TRAFFIC, TRAFFIC),
        ROW(NFT_WAY, NFT, "nft.way", 24, 5, TRAFFIC, TRAFFIC),
        ROW(NFT_OPEN, NFT, "nft.open", 27, 4, TRAFFIC, TRAFFIC),
        ROW(NFT_RESOLVER4, NFT, "nft.resolver4", 25, 15, TRAFFIC, TRAFFIC),
        ROW(NFT_RESOLVER6, NFT, "nft.resolver6", 26, 16, TRAFFIC, TRAFFIC),
        ROW(NFT_SPACE, NFT, "nft.space", 8, 19, TRAFFIC, TRAFFIC),
        ROW(NFT_CARRIER4, NFT, "nft.carrier4", 9, 17, TRAFFIC, TRAFFIC),
        ROW(NFT_CARRIER6, NFT, "nft.carrier6", 10, 18, TRAFFIC, TRAFFIC),
        ROW(NFT_DOOR6, NFT, "nft.door6", 21, 14, TRAFFIC, TRAFFIC),
        ROW(WG_DEVICE, WG, "wg.device", 1, 46, SESSION, SESSION),
        ROW(WG_PEER, WG, "wg.peer", 48, 22, TRAFFIC, TRAFFIC),
        ROW(ROUTE_LINK, ROUTE, "route.link", 3, 45, TRAFFIC, SESSION),
        ROW(ROUTE_ADDR, ROUTE, "route.addr", 2, 44, SESSION, SESSION),
        ROW(ROUTE_ROUTE, ROUTE, "route.route", 4, 43, TRAFFIC, TRAFFIC),
        ROW(ROUTE_SYSCTL, ROUTE, "route.sysctl", 5, 47, TRAFFIC, TRAFFIC),
        ROW(ROUTE_FLOOR, ROUTE, "route.floor", 6, 42, TRAFFIC, TRAFFIC),
        ROW(ROUTE_RULE, ROUTE, "route.rule", 7, 41, TRAFFIC, TRAFFIC),
        ROW(ROUTE_DEFAULT, ROUTE, "route.default", 12, 39, TRAFFIC, TRAFFIC),
        ROW(DNS_SERVER, DNS, "dns.server", 32, 38, TRAFFIC, TRAFFIC),
        ROW(DNS_RECORD, DNS, "dns.record", 33, 37, NONE, NONE),
        ROW(DNS_LIST, DNS, "dns.list", 34, 36, NONE, NONE),
        ROW(DNS_BARRED, DNS, "dns.barred", 35, 35, NONE, NONE),
        ROW(DNS_VIEW, DNS, "dns.view", 36, 34, NONE, NONE),
        ROW(NTP_SERVER, NTP, "ntp.server", 37, 33, NONE, NONE),
        ROW(FRONT_SERVER, FRONT, "front.server", 38, 32, NONE, NONE),
        ROW(FRONT_CERT, FRONT, "front.cert", 39, 31, NONE, NONE),
        ROW(FRONT_HOST, FRONT, "front.host", 41, 29, NONE, NONE),
        ROW(FRONT_PEER, FRONT, "front.peer", 47, 23, NONE, NONE),
        ROW(FRONT_SERVICE, FRONT, "front.service", 42, 28, TRAFFIC, TRAFFIC),
        ROW(FRONT_PLACE, FRONT, "front.place", 46, 26, NONE, NONE),
        ROW(FRONT_DOOR, FRONT, "front.door", 45, 25, NONE, NONE),
        ROW(FRONT_NAME, FRONT, "front.name", 43, 27, NONE, NONE),
        ROW(FRONT_SHOWN, FRONT, "front.shown", 40, 30, NONE, NONE),
        ROW(FRONT_OUTNAME, FRONT, "front.outname", 44, 24, NONE, NONE),
        ROW(EXIT_SPACE, EXIT, "exit.space", 11, 40, TRAFFIC, TRAFFIC),
};
