/* Owns: the policy. Every decision about a packet is a line below; design sections 5 and 6 say why.
 *
 * The class of a source and its exit are one mark, set once in prerouting; what a class may is looked up by it in sets,
 * so the cost of a packet does not grow with peers or grants. Sets, not verdict maps: the only verdict is accept, and
 * the kernel need not validate chains when an element comes. `accept` here ends only this table's say: other tables'
 * chains at the same hook still run. */
#include "backend/nft/rules.h"

#include "base/mem.h"
#include "model/exit.h"

/* The low half of a mark, as in the rules below: 0x1000 takes an exit, 0x1ff0 which one; 0x1 may go directly while that
 * is down; 0x2 goes to what is near, by any route but a default one. A mark that lost its 0x1000 because the exit is
 * down keeps the rest, so that its flows are found when the exit is back. 0x2000: of an exit's own programs. */
_Static_assert(PIC__EXIT_MASK == 0x1ff0 && PIC__EXIT_OPEN == 0x1 && PIC__EXIT_NEAR == 0x2, "marks in rules[]");
#define REFUSE " reject with icmpx admin-prohibited"
#define CLAMP "tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu"
#define ND "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert }"

const char *const pic__nft_rules[] = {
        "chain prerouting {",
        "type filter hook prerouting priority mangle; policy accept;",
        "iifname \"$dev\" goto classify",
        "iifname \"picx*\" goto from_exit",
        "ct direction reply ct mark & 0xffff0000 != 0 jump answers",
        /* nobody outside may pretend to be a device of ours */
        "ip saddr $net4 iifname != \"lo\" drop",
        "ip6 saddr $net6 iifname != \"lo\" drop",
        /* or knows their addresses: answers come to the host's, and are translated after this */
        "ip daddr $net4 iifname != \"lo\" drop",
        "ip6 daddr $net6 iifname != \"lo\" drop",
        "}",

        "chain classify {",
        "meta mark set 0",
        "meta mark set ip saddr map @peers4",
        "meta mark & 0x1000 != 0 goto by_exit",
        "meta mark set ip6 saddr map @peers6",
        "meta mark 0 jump behind",
        "meta mark & 0x1000 != 0 goto by_exit",
        /* kept in the flow, so that a class's flows can be found when it loses a right */
        "ct state new ct mark set meta mark",
        "}",

        "chain behind {",
        "meta mark set meta nfproto . ip saddr map @subnets4",
        "meta mark set meta nfproto . ip6 saddr map @subnets6",
        "meta mark 0 drop",
        "}",

        /* Answers bear the class that asked: the kernel's check of their way back (rp_filter, IPv4 alone) asks with
         * their mark (src_valid_mark), and without a class nothing of a device has a way at all. Others mark flows too:
         * only those of devices. */
        "chain answers {",
        "ct original ip saddr $net4 meta mark set ct mark & 0xffff0000 return",
        "meta mark set meta nfproto . ct original ip saddr map @subnets4 meta mark set ct mark & 0xffff0000",
        "}",

        "chain by_exit {",
        "meta nfproto . ip daddr @local4 jump near",
        "meta nfproto . ip6 daddr @local6 jump near",
        "meta mark & 0x1001 == 0x1001 meta mark & 0x1ff1 @open meta mark set meta mark & 0xffffefff",
        "ct state new ct mark set meta mark",
        "}",

        /* A question for a name is never near, whoever is asked: what the cell, the home's router or another device
         * does not know they would ask of the internet. */
        "chain near {",
        "ct direction reply goto nearby",
        "meta l4proto { tcp, udp } th dport { 53, 853 } return",
        "goto nearby",
        "}",

        "chain nearby {",
        "meta mark set meta mark & 0xffff0000 | 0x2",
        "}",

        /* A namespace is not trusted: its programs talk to the whole internet. Answers are those of flows that leave by
         * it; what it begins itself it does with its own address, and gets a mark that says where it may go. */
        "chain from_exit {",
        "ct state invalid drop",
        "ct direction reply goto exit_answers",
        "ct state new goto exit_begins",
        "meta mark set iifname map @spaces accept",
        "drop",
        "}",

        "chain exit_answers {",
        "ct mark & 0x1ff0 . iifname @ways meta mark set ct mark & 0xffff0000 accept",
        "drop",
        "}",

        "chain exit_begins {",
        "fib saddr . iif oif missing drop",
        "meta mark set iifname map @spaces ct mark set meta mark accept",
        "drop",
        "}",

        /* Names are asked of the resolver that leaves by the same exit. Where there is none, of nobody. Port 53 of the
         * cell's own resolver knows the cell's names alone: who goes directly is led to where it answers everything,
         * and when this table is gone nobody is. */
        "chain steering {",
        "type nat hook prerouting priority dstnat; policy accept;",
        "iifname \"$dev\" meta mark & 0x1000 != 0 meta l4proto { tcp, udp } th dport 53 goto steer",
        "iifname \"$dev\" ip daddr $cell4 meta l4proto { tcp, udp } th dport 53 dnat ip to $cell4:$full",
        "iifname \"$dev\" ip6 daddr $cell6 meta l4proto { tcp, udp } th dport 53 dnat ip6 to [$cell6]:$full",
        /* An address of a service is nobody's but for this: who may have the service is led to where the front takes
         * it. All else that is sent there goes back into the tunnel, where no device has it. A local address would be
         * this machine itself, with all its ports, whatever right or table falls; and a front that listens at 443 of
         * all addresses takes that port from a web server at another one (Linux counts both as taken). */
        "iifname \"$dev\" tcp dport { 80, 443 } goto services",
        "iifname \"picx*\" ip daddr $link4 meta l4proto { tcp, udp } th dport 53 dnat ip to $cell4:$names",
        "iifname \"picx*\" ip6 daddr $link6 meta l4proto { tcp, udp } th dport 53 dnat ip6 to [$cell6]:$names",
        "}",

        /* What was dialled haproxy learns from the socket, but of IPv4 alone (2.6): of IPv6 each service has a door. */
        "chain services {",
        "tcp dport 443 meta mark & 0xffff0000 . ip daddr @served4 dnat ip to $cell4:$tls",
        "tcp dport 443 meta mark & 0xffff0000 . ip6 daddr @served6 dnat ip6 to [$cell6]:ip6 daddr map @doors6",
        "tcp dport 80 meta mark & 0xffff0000 . ip daddr @served4 dnat ip to $cell4:$plain",
        "tcp dport 80 meta mark & 0xffff0000 . ip6 daddr @served6 dnat ip6 to [$cell6]:$plain",
        "}",

        "chain steer {",
        "meta l4proto { tcp, udp } dnat ip to meta mark & 0x1ff0 map @resolvers4",
        "meta l4proto { tcp, udp } dnat ip6 to meta mark & 0x1ff0 map @resolvers6",
        "drop",
        "}",

        /* Nearly all packets of a device with an exit, of its answers and of carriers leave this chain by one of its
         * first four rules, which ask a mark before a link's name: that is half of what a name costs. What is at stake
         * stands in the chains that they lead to. */
        "chain forward {",
        "type filter hook forward priority filter; policy accept;",
        "meta mark & 0x1000 != 0 iifname \"$dev\" goto outward",
        "oifname \"$dev\" goto to_device",
        "meta mark & 0x2000 != 0 iifname \"picx*\" goto carrier",
        ("ct mark & 0x2000 != 0 oifname \"picx*\" ct direction reply ct state established iifname != \"picx*\" "
         "iifname != \"$dev\" accept"),
        "iifname \"$dev\" goto from_device",
        "jump astray",
        "iifname \"picx*\" goto carrier",
        "oifname \"picx*\" goto to_carrier",
        PIC__NFT_CLOSED_LINE,
        "}",

        /* While the device is away the routes to it are too: what is for devices must not follow the default route. And
         * so while an exit's cable is away: a far end's answers would be sent out again. Of what does not leave by the
         * device. */
        "chain astray {",
        "ip daddr $net4 drop",
        "ip6 daddr $net6 drop",
        "ct direction reply meta mark set meta nfproto . ct original ip saddr map @subnets4 drop",
        "ct direction reply meta mark set meta nfproto . ct original ip6 saddr map @subnets6 drop",
        "ip daddr $link4 oifname != \"picx*\" drop",
        "ip6 daddr $link6 oifname != \"picx*\" drop",
        "}",

        /* only answers, and only towards the device: a right taken back ends the flow in the device's direction at once
         */
        "chain to_device {",
        CLAMP,
        "ip daddr $link4 drop",
        "ip6 daddr $link6 drop",
        "ct mark & 0x1000 != 0 ct direction reply ct state established goto came",
        "ct direction reply ct state established accept",
        "ct direction reply ct state related jump errors",
        "iifname \"$dev\" goto from_peer",
        "drop",
        "}",

        /* What devices get by their exits, each exit's bytes. Its own programs' packets are none of that. */
        "chain came {",
        "update @received { ct mark & 0x1ff0 counter } accept",
        "}",

        "chain from_device {",
        CLAMP,
        "jump astray",
        "oifname \"picx*\" drop", /* has no exit */
        "goto from_peer",
        "}",

        "chain from_peer {",
        "ct state invalid drop",          /* would leave with its inner address: NAT does not see it */
        "@nh,0,8 0x46-0x4f jump options", /* IPv4, and something between header and payload */
        "meta mark & 0xffff != 0 jump held",
        "goto rights",
        "}",

        "chain rights {",
        "meta mark & 0xffff0000 . ip daddr @reach4 accept",
        "meta mark & 0xffff0000 . ip daddr . meta l4proto . th dport @grants4 accept",
        "oifname != \"$dev\" meta mark & 0xffff0000 . ip daddr @wide4 accept",
        "meta mark & 0xffff0000 . ip6 daddr @reach6 accept",
        "meta mark & 0xffff0000 . ip6 daddr . meta l4proto . th dport @grants6 accept",
        "oifname != \"$dev\" meta mark & 0xffff0000 . ip6 daddr @wide6 accept",
        "drop",
        "}",

        /* Where accept_source_route is on, such a packet's destination here is still this host's own address: rights
         * would be looked up for that, and it would leave for another. */
        "chain options {",
        "ip option lsrr exists drop",
        "ip option ssrr exists drop",
        "}",

        /* Had an exit for this packet: was it near, and is it still, whoever translated or re-routed it since? */
        "chain held {",
        "meta mark & 0x1000 != 0 drop",
        "meta mark & 0x2 == 0 return",
        "meta nfproto . ip daddr @local4 return",
        "meta nfproto . ip6 daddr @local6 return",
        "drop",
        "}",

        /* Has an exit. The guard: whatever the routes say by now, by this exit or not at all. What `wide` names is the
         * internet or the lan, never a device's or a routed address, so it is asked before all else that may be meant.
         */
        "chain outward {",
        CLAMP,
        "ct state invalid drop",
        "@nh,0,8 0x46-0x4f jump options",
        "meta mark & 0x1ff0 . oifname != @ways" REFUSE,
        "ip daddr $link4 goto to_resolver",
        "ip6 daddr $link6 goto to_resolver",
        "th dport { 53, 853 } meta l4proto { tcp, udp } goto names",
        "meta mark & 0xffff0000 . ip daddr @wide4 accept",
        "meta mark & 0xffff0000 . ip6 daddr @wide6 accept",
        "jump astray",
        "goto rights",
        "}",

        "chain to_resolver {",
        "ct status & dnat != 0 meta l4proto { tcp, udp } th dport { 53, $sieved } accept",
        "drop",
        "}",

        /* 53 comes here only when it was not steered: it began before, or nobody tracks it. Who asks by TLS is told at
         * once that there is none, and asks again without. */
        "chain names {",
        "tcp dport 853 reject with tcp reset",
        "th dport 853" REFUSE,
        "drop",
        "}",

        /* What path MTU discovery and the like need, about flows that there are. Connection tracking asks only whether
         * there is such a flow, not whether the sender has a part in it: a device without any right could write to
         * whomever another device talks to. So a device's has to come from whom the flow's class may reach; about
         * flows of its own it needs a right like any packet's. */
        "chain errors {",
        "icmp type { destination-unreachable, time-exceeded, parameter-problem } goto about_flow",
        "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } goto about_flow",
        "}",

        "chain about_flow {",
        "iifname != \"$dev\" accept",
        "ct mark & 0xffff0000 . ip saddr @reach4 accept",
        "ct mark & 0xffff0000 . ip saddr . meta l4proto . th dport @grants4 accept",
        "ct mark & 0xffff0000 . ip6 saddr @reach6 accept",
        "ct mark & 0xffff0000 . ip6 saddr . meta l4proto . th dport @grants6 accept",
        "}",

        /* What programs of an exit begin: to its far end. */
        "chain carrier {",
        "oifname \"picx*\" drop",
        "ip daddr $net4 drop",
        "ip daddr $link4 drop",
        "meta mark . ip daddr . meta l4proto . th dport @carriers4 accept",
        "ip6 daddr $net6 drop",
        "ip6 daddr $link6 drop",
        "meta mark . ip6 daddr . meta l4proto . th dport @carriers6 accept",
        "drop",
        "}",

        "chain to_carrier {",
        "ct direction reply ct state established ct mark & 0x2000 != 0 accept",
        "ct direction reply ct state related ct mark & 0x2000 != 0 jump errors",
        "drop",
        "}",

        "chain input {",
        "type filter hook input priority filter; policy accept;",
        "iifname \"$dev\" goto to_host",
        "iifname \"picx*\" goto exit_to_host",
        /* the host answers for all its addresses on all its links: the tunnel's are not for the others, nor by another
         * table's translation */
        "ip daddr $net4 iifname != \"lo\" drop",
        "ip6 daddr $net6 iifname != \"lo\" drop",
        "}",

        "chain to_host {",
        "ct state invalid drop",
        "ip daddr $cell4 tcp dport { $plain, $tls } goto served",
        "ip6 daddr $cell6 tcp dport { $plain, $doors } goto served",
        "ct state established,related ct direction reply accept",
        "icmp type { destination-unreachable, time-exceeded, parameter-problem } ct state related accept",
        ("icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } ct state related "
         "accept"),
        "meta mark & 0x1000 != 0 jump steered",
        "ip daddr $cell4 jump portal",
        "ip6 daddr $cell6 jump portal",
        /* broadcast and anycast addresses: no grant to `peers` means these */
        "ip daddr $net4 ip daddr != $cell4 drop",
        "ip6 daddr $net6 ip6 daddr != $cell6 drop",
        /* what was granted of this host by address; never by `internet` or `lan` */
        "meta mark & 0xffff0000 . ip daddr @reach4 accept",
        "meta mark & 0xffff0000 . ip daddr . meta l4proto . th dport @grants4 accept",
        "meta mark & 0xffff0000 . ip6 daddr @reach6 accept",
        "meta mark & 0xffff0000 . ip6 daddr . meta l4proto . th dport @grants6 accept",
        "drop",
        "}",

        /* Where the front takes what comes for services: led there, and asked again for each packet, so a right that is
         * taken ends what is open. Before the answers: what the front sends without a flow would begin one, and all
         * that comes back would be an answer. That it is unwanted may be said. */
        "chain served {",
        "ct direction reply tcp flags & rst == rst accept",
        "ct status & dnat == 0 drop",
        "meta mark & 0xffff0000 . ct original ip daddr @served4 accept",
        "meta mark & 0xffff0000 . ct original ip6 daddr @served6 accept",
        "drop",
        "}",

        /* of an exit that leads nowhere: the cell's own names, and no others */
        "chain steered {",
        "ct status & dnat != 0 meta l4proto { tcp, udp } th dport $names accept",
        "meta l4proto { tcp, udp } th dport { 53, 853 } goto names",
        "}",

        /* answers to the agent's questions through the exit, and the resolver's questions for the cell's names */
        "chain exit_to_host {",
        "ct direction reply accept",
        ND " accept",
        "ct status & dnat != 0 meta l4proto { tcp, udp } th dport $names accept",
        "drop",
        "}",

        /* what every device may: names, time, the portal */
        "chain portal {",
        "meta l4proto { tcp, udp } th dport $full goto all_names",
        "meta l4proto . th dport { udp . 53, tcp . 53, udp . 123, tcp . 80, tcp . 443 } accept",
        "icmp type echo-request accept",
        "icmpv6 type echo-request accept",
        "}",

        /* Led there, and by no exit: neither now, nor for what is near. No right reaches this port. */
        "chain all_names {",
        "ct status & dnat != 0 meta mark & 0x1002 == 0 accept",
        "drop",
        "}",

        "chain output {",
        "type filter hook output priority filter; policy accept;",
        "ip daddr $net4 oifname != { \"$dev\", \"lo\" } drop",
        "ip6 daddr $net6 oifname != { \"$dev\", \"lo\" } drop",
        "ip daddr $link4 oifname != \"lo\" oifname != \"picx*\" drop",
        "ip6 daddr $link6 oifname != \"lo\" oifname != \"picx*\" drop",
        /* refusals of what came by an exit and nobody wants any more, say a late answer to a probe */
        "ip saddr $link4 oifname != \"lo\" oifname != \"picx*\" drop",
        "ip6 saddr $link6 oifname != \"lo\" oifname != \"picx*\" drop",
        "meta mark & 0xfffff000 == 0x1000 goto probe",
        "}",

        /* the agent's own, with an exit's mark: where a device's packets would go, or nowhere */
        "chain probe {",
        "meta mark & 0x1ff0 . oifname != @ways drop",
        "ct state new ct mark set meta mark",
        "}",

        /* And what they send: after all that could refuse it. The agent's own questions have no class. */
        "chain went {",
        "type filter hook postrouting priority 300; policy accept;",
        "meta mark & 0x1000 != 0 meta mark > 0xffff update @sent { meta mark & 0x1ff0 counter }",
        "}",

        "chain postrouting {",
        "type nat hook postrouting priority srcnat; policy accept;",
        "oifname { \"$dev\", \"lo\" } return",
        "iifname \"$dev\" goto leaving",
        "iifname \"picx*\" masquerade",
        "oifname \"picx*\" masquerade",
        "ip saddr $net4 masquerade",
        "ip6 saddr $net6 masquerade",
        "}",

        /* Devices and the subnets behind them. Each flow passes here once, and belongs to the way that it takes now:
         * the kernel ends it when its device changes. So it is enough to ask here whether somebody took the mark away
         * since. */
        "chain leaving {",
        "oifname != \"picx*\" ct mark & 0x1000 != 0 drop",
        /* a filter of names has to know who asks */
        "ip saddr $net4 ip daddr $link4 ct status & dnat != 0 meta l4proto { tcp, udp } th dport $sieved return",
        "ip6 saddr $net6 ip6 daddr $link6 ct status & dnat != 0 meta l4proto { tcp, udp } th dport $sieved return",
        "masquerade",
        "}",
};
const size_t pic__nft_rules_count = PIC__COUNT(pic__nft_rules);

const char *const pic__nft_block_rules[] = {
        "chain prerouting {",
        "type filter hook prerouting priority mangle; policy accept;",
        "iifname \"$dev\" drop",
        "iifname \"picx*\" drop",
        "iifname != \"lo\" ip saddr $net4 drop",
        "iifname != \"lo\" ip daddr $net4 drop",
        "iifname != \"lo\" ip6 saddr $net6 drop",
        "iifname != \"lo\" ip6 daddr $net6 drop",
        "}",
        "chain output {",
        "type filter hook output priority filter; policy accept;",
        "oifname \"lo\" accept",
        "oifname \"$dev\" drop",
        "oifname \"picx*\" drop",
        "ip saddr $net4 drop",
        "ip daddr $net4 drop",
        "ip6 saddr $net6 drop",
        "ip6 daddr $net6 drop",
        "}",
        "chain forward {",
        "type filter hook forward priority filter; policy accept;",
        "oifname \"$dev\" drop",
        "oifname \"picx*\" drop",
        "}",
};
const size_t pic__nft_block_rules_count = PIC__COUNT(pic__nft_block_rules);
