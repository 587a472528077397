/* Owns: the text of the table. Every decision about a packet is a line of rules[] below; design section 5 says why.
 *
 * The class of a source and its exit are one mark, set once in prerouting; what a class may is looked up by it in sets,
 * so the cost of a packet does not grow with peers or grants. Sets, not verdict maps: the only verdict is accept, and
 * the kernel need not validate chains when an element comes. `accept` here ends only this table's say: other tables'
 * chains at the same hook still run. */
#include "backend/nft/shape.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Stands for a rule for each closed device: forwarding was turned on for the cell, which makes a router of a host that
 * was none. What the host's own connections, other programs' translations (Docker's published ports) and new devices
 * (its bridges) need still passes, and so does what stays on one link (a bridge whose frames come by here). */
#define CLOSED "$closed"

/* $dev, $net4, $net6, $cell4, $cell6 stand for the shape's values. A line that ends in '{' opens a chain, "}" closes
 * it. */
static const char *const rules[] = {
        "chain prerouting {",
        "type filter hook prerouting priority mangle; policy accept;",
        "iifname \"$dev\" goto classify",
        /* nobody outside may pretend to be a device of ours */
        "iifname != \"lo\" ip saddr $net4 drop",
        "iifname != \"lo\" ip6 saddr $net6 drop",
        /* or knows their addresses: answers come to the host's, and are translated after this */
        "iifname != \"lo\" ip daddr $net4 drop",
        "iifname != \"lo\" ip6 daddr $net6 drop",
        "}",

        "chain classify {",
        "meta mark set 0",
        "meta mark set ip saddr map @peers4",
        "meta mark set ip6 saddr map @peers6",
        "meta mark 0 meta mark set meta nfproto . ip saddr map @subnets4",
        "meta mark 0 meta mark set meta nfproto . ip6 saddr map @subnets6",
        "meta mark 0 drop",
        /* kept in the flow, so that a class's flows can be found when it loses a right */
        "ct state new ct mark set meta mark",
        "}",

        "chain forward {",
        "type filter hook forward priority filter; policy accept;",
        /* While the device is away the routes to it are too: what is for devices must not follow the default route. */
        "oifname != \"$dev\" ip daddr $net4 drop",
        "oifname != \"$dev\" ip6 daddr $net6 drop",
        "oifname != \"$dev\" ct direction reply meta mark set meta nfproto . ct original ip saddr map @subnets4 drop",
        "oifname != \"$dev\" ct direction reply meta mark set meta nfproto . ct original ip6 saddr map @subnets6 drop",
        "iifname \"$dev\" tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu",
        "oifname \"$dev\" tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu",
        /* only answers, and only towards the device: a right taken back ends the flow in the device's direction at once
         */
        "oifname \"$dev\" ct state established ct direction reply accept",
        "oifname \"$dev\" ct state related ct direction reply jump errors",
        "iifname \"$dev\" goto from_peer",
        "oifname \"$dev\" drop",
        CLOSED,
        "}",

        "chain from_peer {",
        "ct state invalid drop", /* would leave with its inner address: NAT does not see it */
        "meta mark & 0xffff0000 . ip daddr @reach4 accept",
        "meta mark & 0xffff0000 . ip daddr . meta l4proto . th dport @grants4 accept",
        "oifname != \"$dev\" meta mark & 0xffff0000 . ip daddr @wide4 accept",
        "meta mark & 0xffff0000 . ip6 daddr @reach6 accept",
        "meta mark & 0xffff0000 . ip6 daddr . meta l4proto . th dport @grants6 accept",
        "oifname != \"$dev\" meta mark & 0xffff0000 . ip6 daddr @wide6 accept",
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

        "chain input {",
        "type filter hook input priority filter; policy accept;",
        "iifname \"$dev\" goto to_host",
        /* the host answers for all its addresses on all its links: the tunnel's are not for the others, nor by another
         * table's translation */
        "iifname != \"lo\" ip daddr $net4 drop",
        "iifname != \"lo\" ip6 daddr $net6 drop",
        "}",

        "chain to_host {",
        "ct state invalid drop",
        "ct state established,related ct direction reply accept",
        "icmp type { destination-unreachable, time-exceeded, parameter-problem } ct state related accept",
        ("icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } ct state related "
         "accept"),
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

        /* what every device may: names, time, the portal */
        "chain portal {",
        "meta l4proto . th dport { udp . 53, tcp . 53, udp . 123, tcp . 80, tcp . 443 } accept",
        "icmp type echo-request accept",
        "icmpv6 type echo-request accept",
        "}",

        "chain output {",
        "type filter hook output priority filter; policy accept;",
        "oifname != { \"$dev\", \"lo\" } ip daddr $net4 drop",
        "oifname != { \"$dev\", \"lo\" } ip6 daddr $net6 drop",
        "}",

        "chain postrouting {",
        "type nat hook postrouting priority srcnat; policy accept;",
        "oifname { \"$dev\", \"lo\" } return",
        "iifname \"$dev\" masquerade", /* devices and the subnets behind them */
        "ip saddr $net4 masquerade",
        "ip6 saddr $net6 masquerade",
        "}",
};

static const char *const block_rules[] = {
        "chain prerouting {",
        "type filter hook prerouting priority mangle; policy accept;",
        "iifname \"$dev\" drop",
        "iifname != \"lo\" ip saddr $net4 drop",
        "iifname != \"lo\" ip daddr $net4 drop",
        "iifname != \"lo\" ip6 saddr $net6 drop",
        "iifname != \"lo\" ip6 daddr $net6 drop",
        "}",
        "chain output {",
        "type filter hook output priority filter; policy accept;",
        "oifname \"lo\" accept",
        "oifname \"$dev\" drop",
        "ip saddr $net4 drop",
        "ip daddr $net4 drop",
        "ip6 saddr $net6 drop",
        "ip6 daddr $net6 drop",
        "}",
        "chain forward {",
        "type filter hook forward priority filter; policy accept;",
        "oifname \"$dev\" drop",
        "}",
};

static int dev_ok(const char *name, size_t len)
{
        size_t i;

        if (len == 0 || len > 15 || name[0] == '.' || name[0] == '-')
                return 0;
        for (i = 0; i < len; i++)
                if (!isalnum((unsigned char)name[i]) && strchr("._-", name[i]) == NULL)
                        return 0;
        return 1;
}

static int parse_net(const char *text, uint8_t family, pic__prefix *ret)
{
        return pic__prefix_parse(text, ret) == 0 && ret->addr.family == family ? 0 : -1;
}

static int take_word(const char **at, const char *name, char *to, size_t room)
{
        size_t name_len = strlen(name), len;

        if (strncmp(*at, name, name_len) != 0)
                return -1;
        *at += name_len;
        len = strcspn(*at, " ");
        if (len >= room)
                return -1;
        memcpy(to, *at, len);
        to[len] = '\0';
        *at += len;
        return 0;
}

static int parse_port(const char *text, uint16_t *ret)
{
        unsigned n = 0;

        if (*text < '1' || *text > '9')
                return -1;
        for (; *text >= '0' && *text <= '9'; text++) {
                n = n * 10 + (unsigned)(*text - '0');
                if (n > 65535)
                        return -1;
        }
        *ret = (uint16_t)n;
        return *text == '\0' ? 0 : -1;
}

int pic__nft_shape_parse(const char *value, pic__nft_shape *ret, pic_error **err)
{
        char net4[PIC__PREFIX_TEXT], net6[PIC__PREFIX_TEXT], port[8];
        pic__nft_shape s = { .port = 0 };
        const char *at = value;

        if (take_word(&at, "dev=", s.dev, sizeof(s.dev)) < 0 || take_word(&at, " net4=", net4, sizeof(net4)) < 0 ||
            take_word(&at, " net6=", net6, sizeof(net6)) < 0 || take_word(&at, " port=", port, sizeof(port)) < 0 ||
            *at != '\0')
                return pic__fail(err, PIC_INVALID, "nft: '%s' is no shape", value);
        if (!dev_ok(s.dev, strlen(s.dev)) || parse_net(net4, 4, &s.net4) < 0 || parse_net(net6, 6, &s.net6) < 0 ||
            parse_port(port, &s.port) < 0)
                return pic__fail(err, PIC_INVALID, "nft: '%s' is no shape", value);
        *ret = s;
        return 0;
}

int pic__nft_shape_close(pic__nft_shape *shape, int family, const char *dev)
{
        pic__nft_closed *c = &shape->closed[shape->closed_count];

        if (strcmp(dev, shape->dev) == 0)
                return 0;
        if (!dev_ok(dev, strlen(dev)) || shape->closed_count == PIC__NFT_CLOSED)
                return -1;
        c->family = family;
        snprintf(c->dev, sizeof(c->dev), "%s", dev);
        shape->closed_count++;
        return 0;
}

/* --- writing ------------------------------------------------------------------------------------------------ */

static void put_cell(const pic__prefix *net, pic__buf *out)
{
        char text[PIC__ADDR_TEXT];
        pic__addr cell;

        if (pic__addr_add(&net->addr, 1, &cell) < 0)
                cell = net->addr;
        pic__buf_puts(out, pic__addr_print(&cell, text));
}

static void put_net(const pic__prefix *net, pic__buf *out)
{
        char text[PIC__PREFIX_TEXT];

        pic__buf_puts(out, pic__prefix_print(net, text));
}

/* Writes what stands for the name at `name`; returns the name's length. */
static size_t put_value(const pic__nft_shape *s, const char *name, pic__buf *out)
{
        if (strncmp(name, "dev", 3) == 0) {
                pic__buf_puts(out, s->dev);
                return 3;
        }
        if (strncmp(name, "net", 3) == 0)
                put_net(name[3] == '4' ? &s->net4 : &s->net6, out);
        else
                put_cell(name[4] == '4' ? &s->net4 : &s->net6, out);
        return name[0] == 'n' ? 4 : 5;
}

static void put_line(const pic__nft_shape *s, const char *line, pic__buf *out)
{
        const char *dollar;

        while ((dollar = strchr(line, '$')) != NULL) {
                pic__buf_put(out, line, (size_t)(dollar - line));
                line = dollar + 1;
                line += put_value(s, line, out);
        }
        pic__buf_puts(out, line);
        pic__buf_putc(out, '\n');
}

static size_t put_closed(const pic__nft_shape *s, pic__buf *out)
{
        size_t i;

        for (i = 0; i < s->closed_count; i++) {
                const pic__nft_closed *c = &s->closed[i];

                pic__buf_putf(out,
                              "\t\tmeta nfproto ipv%d iifname \"%s\" oifname != { \"%s\", \"%s\" } "
                              "ct state { new, invalid, untracked } ct status & dnat == 0 drop\n",
                              c->family, c->dev, s->dev, c->dev);
        }
        return s->closed_count;
}

static void put_lines(const pic__nft_shape *s, const char *const *lines, size_t count, pic__buf *out,
                      pic__nft_sizes *sizes)
{
        size_t i;

        for (i = 0; i < count; i++) {
                int opens = strncmp(lines[i], "chain ", 6) == 0, closes = lines[i][0] == '}';

                if (strcmp(lines[i], CLOSED) == 0) {
                        sizes->rules += put_closed(s, out);
                        continue;
                }
                pic__buf_puts(out, opens || closes ? "\t" : "\t\t");
                put_line(s, lines[i], out);
                sizes->chains += opens ? 1 : 0;
                sizes->rules += !opens && !closes && strncmp(lines[i], "type ", 5) != 0 ? 1 : 0;
        }
}

static void put_sets(const pic__nft_elem *elements, size_t count, pic__buf *out)
{
        size_t s, i;

        for (s = 0; s < PIC__NFT_SETS; s++) {
                const pic__nft_set *set = &pic__nft_sets[s];
                const char *between = "; elements = {\n\t\t";
                int is_map = strstr(set->type, " : ") != NULL;

                pic__buf_putf(out, "\t%s %s {\n\t\ttype %s", is_map ? "map" : "set", set->name, set->type);
                for (i = 0; i < count; i++) {
                        if (elements[i].set != set)
                                continue;
                        pic__buf_puts(out, between);
                        pic__nft_elem_text(&elements[i], out);
                        between = ",\n\t\t";
                }
                pic__buf_puts(out, between[0] == ',' ? " }\n\t}\n" : "\n\t}\n");
        }
}

/* First `add`, so that `delete` also works when there is none: all of it is one transaction. */
static void put_open(const pic__nft_shape *s, const char *what, pic__buf *out)
{
        pic__buf_puts(out, "add table inet " PIC__NFT_TABLE "\ndelete table inet " PIC__NFT_TABLE
                           "\ntable inet " PIC__NFT_TABLE " {\n");
        pic__buf_putf(out, "\tcomment \"%s dev=%s port=%u\"\n", what, s->dev, s->port);
}

void pic__nft_shape_text(const pic__nft_shape *shape, const pic__nft_elem *elements, size_t count, pic__buf *out,
                         pic__nft_sizes *ret_sizes)
{
        pic__nft_sizes sizes = { 0, 0, PIC__NFT_SETS };

        put_open(shape, "Personal Internet Cell:", out);
        put_sets(elements, count, out);
        put_lines(shape, rules, PIC__COUNT(rules), out, &sizes);
        pic__buf_puts(out, "}\n");
        if (ret_sizes != NULL)
                *ret_sizes = sizes;
}

void pic__nft_block_text(const pic__nft_shape *shape, pic__buf *out)
{
        pic__nft_sizes sizes = { 0, 0, 0 };

        pic__buf_puts(
                out,
                "# Made by libpic, loaded at boot before any interface is up: nothing passes until the agent runs.\n");
        put_open(shape, "Personal Internet Cell, blocked:", out);
        put_lines(shape, block_rules, PIC__COUNT(block_rules), out, &sizes);
        pic__buf_puts(out, "}\n");
}
