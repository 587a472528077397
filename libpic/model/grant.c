/* Owns: the text of one grant. Letter case does not count on the way in; canonical text is lower case. */
#include "model/grant.h"

#include <string.h>

#include "model/text.h"

#define GRANT_TEXT 192 /* longer than any grant */

static const struct {
        const char *word;
        enum pic__grant_to to;
} words[] = {
        { "internet", PIC__TO_INTERNET }, { "lan", PIC__TO_LAN },      { "peers", PIC__TO_PEERS },
        { "peer:", PIC__TO_PEER },        { "group:", PIC__TO_GROUP }, { "service:", PIC__TO_SERVICE },
};

static const struct {
        const char *name;
        enum pic__proto proto;
} protos[] = {
        { "tcp", PIC__PROTO_TCP },
        { "udp", PIC__PROTO_UDP },
        { "icmp", PIC__PROTO_ICMP },
};

#define BAD_FORM "must be internet, lan, peers, peer:NAME, group:NAME, service:ID, PREFIX or PREFIX:PROTO/PORT[-PORT]"

/* 1 when the text is one of the words, 0 when it is not, -1 when the name behind it is bad. */
static int parse_word(const char *text, pic__grant *g, const char **rule)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(words); i++) {
                size_t len = strlen(words[i].word);

                if (strncmp(text, words[i].word, len) != 0)
                        continue;
                if (words[i].word[len - 1] != ':') {
                        if (text[len] != '\0')
                                continue;
                        g->to = words[i].to;
                        return 1;
                }
                g->to = words[i].to;
                *rule = pic__name_rule(text + len);
                if (*rule != NULL)
                        return -1;
                strncpy(g->name, text + len, sizeof(g->name) - 1);
                return 1;
        }
        return 0;
}

static int parse_ports(char *text, pic__grant *g, const char **rule)
{
        char *dash = strchr(text, '-');
        long lo, hi;

        if (dash != NULL)
                *dash = '\0';
        *rule = "has a bad port: must be 1 to 65535";
        if (pic__decimal(text, 1, 65535, &lo) < 0)
                return -1;
        hi = lo;
        if (dash != NULL && pic__decimal(dash + 1, 1, 65535, &hi) < 0)
                return -1;
        *rule = "has a port range that ends before it begins";
        if (hi < lo)
                return -1;
        g->port_lo = (uint16_t)lo;
        g->port_hi = (uint16_t)hi;
        return 0;
}

/* "tcp/445", "udp/1000-2000", "icmp", "tcp" */
static int parse_service(char *text, pic__grant *g, const char **rule)
{
        char *slash = strchr(text, '/');
        size_t i;

        if (slash != NULL)
                *slash = '\0';
        for (i = 0; i < PIC__COUNT(protos) && strcmp(protos[i].name, text) != 0; i++)
                ;
        *rule = "has an unknown protocol: must be tcp, udp or icmp, such as tcp/443";
        if (i == PIC__COUNT(protos))
                return -1;
        g->proto = (uint8_t)protos[i].proto;
        *rule = "has a port, but icmp has none";
        if (slash == NULL)
                return 0;
        return g->proto == PIC__PROTO_ICMP ? -1 : parse_ports(slash + 1, g, rule);
}

/* An address with or without a length. */
static int parse_prefix(const char *addr, const char *len, pic__grant *g, const char **rule)
{
        char text[GRANT_TEXT + 8];
        size_t n = strlen(addr);
        int r;

        *rule = BAD_FORM;
        if (n >= PIC__ADDR_TEXT || strchr(addr, '/') != NULL)
                return -1;
        memcpy(text, addr, n + 1);
        if (len == NULL) {
                r = pic__addr_parse(addr, &g->prefix.addr);
                g->prefix.len = g->prefix.addr.family == 4 ? 32 : 128;
                return r;
        }
        text[n] = '/';
        strncpy(text + n + 1, len, sizeof(text) - n - 2);
        text[sizeof(text) - 1] = '\0';
        r = pic__prefix_parse(text, &g->prefix);
        if (r != -2)
                return r;
        *rule = "has host bits set";
        pic__prefix_mask(&g->prefix);
        return -2;
}

/* Where address, length and service begin. `text` is cut into pieces. IPv6 without brackets has no service. */
static int split(char *text, char **addr, char **len, char **service)
{
        char *end;

        *len = *service = NULL;
        *addr = text;
        if (text[0] == '[') {
                *addr = text + 1;
                end = strchr(text, ']');
                if (end == NULL)
                        return -1;
                *end++ = '\0';
                if (*end != '/' && *end != ':' && *end != '\0')
                        return -1;
        } else {
                end = text + strcspn(text, "/:.");
                end = *end == '.' ? text + strcspn(text, "/:") : text + strcspn(text, "/");
        }
        if (*end == '/') {
                *end++ = '\0';
                *len = end;
                end += strcspn(end, ":");
        }
        if (*end == ':') {
                *end++ = '\0';
                *service = end;
        }
        return 0;
}

static int parse_dest(char *text, pic__grant *g, const char **rule)
{
        int bracket = text[0] == '[', r;
        char *addr, *len, *service;
        const char *why;

        g->to = PIC__TO_PREFIX;
        g->port_hi = 65535;
        *rule = BAD_FORM;
        if (split(text, &addr, &len, &service) < 0)
                return -1;
        r = parse_prefix(addr, len, g, rule);
        if (r == 0 && bracket != (g->prefix.addr.family == 6) && (bracket || service != NULL)) {
                *rule = "needs brackets around IPv6, and only there: [fd00::5]:tcp/80";
                r = -1;
        }
        if (r != -1 && service != NULL && parse_service(service, g, &why) < 0) {
                *rule = why;
                r = -1;
        }
        if (r == -1) /* a caller tells "host bits" from the rest by this */
                g->prefix.addr.family = 0;
        return r;
}

int pic__grant_parse(const char *text, pic__grant *ret, const char **ret_rule)
{
        char folded[GRANT_TEXT];
        int r;

        memset(ret, 0, sizeof(*ret));
        if (pic__fold(text, folded, sizeof(folded)) < 0) {
                *ret_rule = "is too long";
                return -1;
        }
        r = parse_word(folded, ret, ret_rule);
        if (r == 0)
                return parse_dest(folded, ret, ret_rule) == 0 ? 0 : -1;
        return r > 0 ? 0 : -1;
}

static const char *proto_name(uint8_t proto)
{
        size_t i;

        for (i = 0; i + 1 < PIC__COUNT(protos) && protos[i].proto != proto; i++)
                ;
        return protos[i].name;
}

static void print_dest(const pic__grant *g, pic__buf *out)
{
        int v6 = g->prefix.addr.family == 6;
        char text[PIC__ADDR_TEXT];

        pic__buf_putf(out, v6 ? "[%s]" : "%s", pic__addr_print(&g->prefix.addr, text));
        if (g->prefix.len != (v6 ? 128 : 32))
                pic__buf_putf(out, "/%u", g->prefix.len);
        if (g->proto != PIC__PROTO_ANY)
                pic__buf_putf(out, ":%s", proto_name(g->proto));
        if (g->port_lo != 0)
                pic__buf_putf(out, "/%u", g->port_lo);
        if (g->port_lo != 0 && g->port_hi != g->port_lo)
                pic__buf_putf(out, "-%u", g->port_hi);
}

void pic__grant_print(const pic__grant *g, pic__buf *out)
{
        if (g->to == PIC__TO_PREFIX) {
                print_dest(g, out);
                return;
        }
        pic__buf_puts(out, words[g->to].word);
        pic__buf_puts(out, g->name);
}

static int cmp(unsigned a, unsigned b)
{
        return (a > b) - (a < b);
}

int pic__grant_cmp(const pic__grant *a, const pic__grant *b)
{
        int c = cmp(a->to, b->to);

        if (c == 0)
                c = strcmp(a->name, b->name);
        if (c == 0 && a->to == PIC__TO_PREFIX)
                c = pic__addr_cmp(&a->prefix.addr, &b->prefix.addr);
        if (c == 0)
                c = cmp(a->prefix.len, b->prefix.len);
        if (c == 0)
                c = cmp(a->proto, b->proto);
        if (c == 0)
                c = cmp(a->port_lo, b->port_lo);
        return c != 0 ? c : cmp(a->port_hi, b->port_hi);
}
