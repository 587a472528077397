/* Owns: the text of the rules inside an exit's namespace, made from the table of policy.c. There are two links: cell0
 * to the cell, tun0 to the far end; all chains drop what they do not name. The cell side keeps its own guard
 * (backend/nft), so both have to fail before a packet is where it should not be. */
#include <stdio.h>

#include "model/exit.h"
#include "plan/policy.h"

#define TUNNEL "\"tun0\""
#define CELL "\"cell0\""

static int tunnel(const pic__policy_inside *p, enum pic__policy_kind kind)
{
        return pic__policy(p->cap, PIC__EXIT_UP, kind) == PIC__BY_TUNNEL;
}

static const char *text_of(const pic__addr *a)
{
        static _Thread_local char text[PIC__ADDR_TEXT];

        return pic__addr_print(a, text);
}

static void put_remotes(pic__buf *out, const pic__policy_inside *p, int family)
{
        size_t i, n = 0;

        pic__buf_putf(out, "\tset remote%d {\n\t\ttype ipv%d_addr . inet_proto . inet_service\n", family, family);
        for (i = 0; i < p->remotes; i++) {
                const pic__policy_place *r = &p->remote[i];

                if (r->addr.family != family)
                        continue;
                pic__buf_putf(out, "%s%s . %u . %u", n++ == 0 ? "\t\telements = { " : ", ", text_of(&r->addr), r->proto,
                              r->port);
        }
        pic__buf_puts(out, n > 0 ? " }\n\t}\n" : "\t}\n");
}

/* --- what devices send ------------------------------------------------------------------------------------------ */

static void put_forward_family(pic__buf *out, const pic__policy_inside *p, int family)
{
        static const struct {
                const char *match;
                enum pic__policy_kind kind[2];
        } rows[] = {
                { "meta l4proto tcp", { PIC__PACKET_TCP4, PIC__PACKET_TCP6 } },
                { "meta l4proto udp", { PIC__PACKET_UDP4, PIC__PACKET_UDP6 } },
                { "meta l4proto { icmp, ipv6-icmp }", { PIC__PACKET_ICMP4, PIC__PACKET_ICMP6 } },
                { "meta l4proto != { tcp, udp, icmp, ipv6-icmp }", { PIC__PACKET_OTHER4, PIC__PACKET_OTHER6 } },
        };
        size_t count = sizeof(rows) / sizeof(rows[0]), n = 0, i;

        for (i = 0; i < count; i++)
                n += (size_t)tunnel(p, rows[i].kind[family == 6]);
        if (n == count)
                pic__buf_putf(out, "\t\tiifname " CELL " oifname " TUNNEL " meta nfproto ipv%d accept\n", family);
        for (i = 0; i < count && n < count; i++)
                if (tunnel(p, rows[i].kind[family == 6]))
                        pic__buf_putf(out, "\t\tiifname " CELL " oifname " TUNNEL " meta nfproto ipv%d %s accept\n",
                                      family, rows[i].match);
}

/* Types with a redirector have no device to forward to: there is no rule that lets anything pass. */
static void put_forward(pic__buf *out, const pic__policy_inside *p)
{
        pic__buf_puts(out, "\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n");
        if (p->tcp_port == 0 && p->cap != PIC__CAP_BLOCK) {
                /* what belongs to no flow is not masqueraded: its inner address is nobody's business */
                pic__buf_puts(out, "\t\tct state invalid drop\n"
                                   "\t\ttcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu\n"
                                   "\t\tiifname " TUNNEL " oifname " CELL " ct state established,related accept\n");
                put_forward_family(out, p, 4);
                put_forward_family(out, p, 6);
        }
        pic__buf_puts(out, "\t\tiifname " CELL " meta l4proto tcp reject with tcp reset\n"
                           "\t\tiifname " CELL " reject with icmpx admin-prohibited\n\t}\n");
}

static void put_redirect_family(pic__buf *out, const pic__policy_inside *p, const char *match, int family)
{
        const pic__addr *cell = family == 4 ? &p->cell4 : &p->cell6, *exit = family == 4 ? &p->exit4 : &p->exit6;
        const char *word = family == 4 ? "ip" : "ip6";

        if (!tunnel(p, family == 4 ? PIC__PACKET_TCP4 : PIC__PACKET_TCP6))
                return;
        pic__buf_putf(out, "\t\t%s %s daddr != { %s", match, word, text_of(cell));
        pic__buf_putf(out, ", %s", text_of(exit));
        pic__buf_putf(out, ", %s } meta l4proto tcp redirect to :%u\n", family == 4 ? "127.0.0.0/8" : "::1",
                      p->tcp_port);
}

/* Connections of devices and of the resolver go to the redirector; what answers a device's name is not redirected. */
static void put_redirect(pic__buf *out, const pic__policy_inside *p)
{
        char by_resolver[48];

        if (p->tcp_port == 0)
                return;
        pic__buf_puts(out, "\tchain to_redirector {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n");
        put_redirect_family(out, p, "iifname " CELL, 4);
        put_redirect_family(out, p, "iifname " CELL, 6);
        pic__buf_puts(out,
                      "\t}\n\tchain own_to_redirector {\n\t\ttype nat hook output priority -100; policy accept;\n");
        snprintf(by_resolver, sizeof(by_resolver), "meta skuid %u", p->resolver);
        put_redirect_family(out, p, by_resolver, 4);
        put_redirect_family(out, p, by_resolver, 6);
        pic__buf_puts(out, "\t}\n");
}

/* --- what comes to the exit itself ------------------------------------------------------------------------------ */

static void put_input(pic__buf *out, const pic__policy_inside *p)
{
        int port = p->sieve != 0 ? PIC__SIEVED_PORT : 53;

        pic__buf_puts(out, "\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n"
                           "\t\tct state established,related accept\n" /* first: nearly all */
                           "\t\tiifname \"lo\" accept\n"
                           "\t\tiifname " CELL " icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n");
        if (pic__policy(p->cap, PIC__EXIT_UP, PIC__PACKET_DNS) == PIC__BY_RESOLVER) {
                pic__buf_putf(out, "\t\tiifname " CELL " ip daddr %s meta l4proto { tcp, udp } th dport %d accept\n",
                              text_of(&p->exit4), port);
                pic__buf_putf(out, "\t\tiifname " CELL " ip6 daddr %s meta l4proto { tcp, udp } th dport %d accept\n",
                              text_of(&p->exit6), port);
        }
        if (p->tcp_port != 0)
                pic__buf_putf(out, "\t\tiifname " CELL " ct status dnat tcp dport %u accept\n", p->tcp_port);
        pic__buf_puts(out, "\t}\n");
}

/* --- what the exit itself sends --------------------------------------------------------------------------------- */

/* Public addresses, roughly: what no carrier needs is left out. */
static void put_anywhere(pic__buf *out)
{
        pic__buf_puts(out, "\t\tip daddr != { 0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, "
                           "172.16.0.0/12, 192.168.0.0/16, 224.0.0.0/3 } meta l4proto tcp accept\n"
                           "\t\tip6 daddr 2000::/3 meta l4proto tcp accept\n");
}

static void put_remote_rules(pic__buf *out, const char *match)
{
        pic__buf_putf(out, "\t\t%sip daddr . meta l4proto . th dport @remote4 accept\n", match);
        pic__buf_putf(out, "\t\t%sip6 daddr . meta l4proto . th dport @remote6 accept\n", match);
}

static void put_carrier(pic__buf *out, const pic__policy_inside *p)
{
        pic__buf_puts(out, "\tchain carrier {\n");
        if (pic__policy(p->cap, PIC__EXIT_UP, PIC__PACKET_CARRIER) == PIC__BY_OUTSIDE) {
                if (p->anywhere)
                        put_anywhere(out);
                put_remote_rules(out, "");
        }
        pic__buf_puts(out, "\t\tct direction reply ct state established accept\n\t\tdrop\n\t}\n");
}

static void put_resolver(pic__buf *out, const pic__policy_inside *p)
{
        pic__buf_puts(out, "\tchain resolver {\n");
        if (pic__policy(p->cap, PIC__EXIT_UP, PIC__PACKET_ZONE) == PIC__BY_CELL) {
                pic__buf_putf(out, "\t\tip daddr %s meta l4proto { tcp, udp } th dport 53 accept\n",
                              text_of(&p->cell4));
                pic__buf_putf(out, "\t\tip6 daddr %s meta l4proto { tcp, udp } th dport 53 accept\n",
                              text_of(&p->cell6));
        }
        pic__buf_puts(out, "\t\tct direction reply ct state established accept\n\t\tdrop\n\t}\n");
}

static void put_output_own(pic__buf *out, const pic__policy_inside *p)
{
        pic__buf_putf(out, "\t\toifname \"lo\" meta skuid %u accept\n", p->carrier);
        if (p->tcp_port != 0)
                pic__buf_putf(out, "\t\toifname \"lo\" meta skuid %u tcp dport %u accept\n", p->resolver, p->tcp_port);
        if (p->dns_port != 0)
                pic__buf_putf(out, "\t\toifname \"lo\" meta skuid %u udp dport %u accept\n", p->resolver, p->dns_port);
        if (p->sieve != 0) /* it asks the resolver and answers devices: no more */
                pic__buf_putf(out,
                              "\t\toifname \"lo\" meta skuid %u ip daddr 127.0.0.1 meta l4proto { tcp, udp } "
                              "th dport %u accept\n",
                              p->sieve, p->sieve_port);
        pic__buf_puts(out, "\t\toifname \"lo\" ct state established,related accept\n");
}

static void put_output(pic__buf *out, const pic__policy_inside *p)
{
        char match[48];

        pic__buf_puts(out, "\tchain output {\n\t\ttype filter hook output priority filter; policy drop;\n");
        pic__buf_putf(out, "\t\toifname " CELL " meta skuid %u goto carrier\n", p->carrier); /* first: nearly all */
        put_output_own(out, p);
        pic__buf_putf(out, "\t\toifname " CELL " meta skuid %u goto resolver\n", p->resolver);
        if (p->mark != 0) {
                snprintf(match, sizeof(match), "oifname " CELL " meta mark 0x%x ", p->mark);
                put_remote_rules(out, match);
                pic__buf_putf(out, "\t\t%sdrop\n",
                              match); /* flows to where the far end was: nobody owns such a socket */
        }
        pic__buf_puts(out, "\t\toifname " CELL " icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n"
                           "\t\toifname " CELL " ct state established,related accept\n");
        if (p->tcp_port == 0 && pic__policy(p->cap, PIC__EXIT_UP, PIC__PACKET_QUERY) == PIC__BY_TUNNEL)
                pic__buf_putf(out, "\t\toifname " TUNNEL " meta skuid %u meta l4proto { tcp, udp } accept\n",
                              p->resolver);
        pic__buf_puts(out, "\t\toifname " TUNNEL " ct state established,related accept\n\t}\n");
}

void pic__policy_put_inside(pic__buf *out, const pic__policy_inside *p)
{
        pic__buf_puts(out, "table inet exit\ndelete table inet exit\ntable inet exit {\n");
        put_remotes(out, p, 4);
        put_remotes(out, p, 6);
        put_redirect(out, p);
        put_forward(out, p);
        put_input(out, p);
        put_carrier(out, p);
        put_resolver(out, p);
        put_output(out, p);
        if (p->tcp_port == 0)
                pic__buf_puts(out,
                              "\tchain by_tunnel {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n"
                              "\t\toifname " TUNNEL " masquerade\n\t}\n");
        pic__buf_puts(out, "}\n");
}
