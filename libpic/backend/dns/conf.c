/* Owns: the text of unbound.conf. It is made anew at each start and never read back; tests/golden/dns holds samples of
 * it. */
#include "backend/dns/conf.h"

#include <stdio.h>
#include <string.h>

#include "model/domain.h"
#include "model/exit.h"
#include "model/own.h"
#include "sieve/counts.h"

#define NETS_MAX (PIC__DNS_LIST_MAX + 1) /* those allowed, and the exits' */
#define RANGES_MAX (NETS_MAX + 1)

#define TEXT_OF_(n) #n
#define TEXT_OF(n) TEXT_OF_(n)
#define PATIENCE TEXT_OF(PIC__DNS_PATIENCE)

/* What is the same for every cell. Small: a household asks a few questions a second. */
static const char fixed[] = "        username: \"\"\n"
                            "        chroot: \"\"\n"
                            "        pidfile: \"\"\n"
                            "        do-daemonize: no\n"
                            "        use-syslog: no\n"
                            "        logfile: \"\"\n"
                            "        verbosity: 0\n"
                            "        num-threads: 1\n"
                            "        so-reuseport: no\n"
                            "        ip-freebind: yes\n"
                            "        msg-cache-size: 2m\n"
                            "        msg-cache-slabs: 1\n"
                            "        rrset-cache-size: 4m\n"
                            "        rrset-cache-slabs: 1\n"
                            "        key-cache-size: 512k\n"
                            "        key-cache-slabs: 1\n"
                            "        neg-cache-size: 128k\n"
                            "        infra-cache-numhosts: 1000\n"
                            "        infra-cache-slabs: 1\n"
                            "        infra-host-ttl: 0\n" /* README, on silent servers */
                            "        outgoing-range: 256\n"
                            "        num-queries-per-thread: 256\n"
                            "        incoming-num-tcp: 128\n"
                            "        outgoing-num-tcp: 32\n"
                            "        stream-wait-size: 1m\n"
                            "        infra-cache-max-rtt: 4000\n"
                            "        outbound-msg-retry: 1\n"
                            "        unknown-server-time-limit: 190\n"
                            "        wait-limit: 100\n" /* names that one device waits for */
                            "        tcp-auth-query-timeout: " PATIENCE "\n"
                            "        extended-statistics: yes\n"
                            "        hide-identity: yes\n"
                            "        hide-version: yes\n"
                            "        deny-any: yes\n"
                            "        qname-minimisation: yes\n"
                            "        aggressive-nsec: yes\n"
                            "        harden-glue: yes\n"
                            "        harden-below-nxdomain: yes\n"
                            "        harden-dnssec-stripped: yes\n"
                            "        harden-referral-path: no\n"
                            "        harden-large-queries: yes\n"
                            "        harden-short-bufsize: yes\n"
                            "        unwanted-reply-threshold: 10000\n";

static int loopback(const pic__addr *a)
{
        static const uint8_t one[16] = { [15] = 1 };

        return a->family == 4 ? a->bytes[0] == 127 : memcmp(a->bytes, one, sizeof(one)) == 0;
}

/* What the third port answers with: refuse_non_local, or where there are zones of others a view that refuses all but
 * what is held here and these. */
#define VIEW "inside"

static void put_place(pic__buf *out, const char *at, int port, const char *action)
{
        char text[PIC__ADDR_TEXT + 8];

        if (port == 0)
                snprintf(text, sizeof(text), "%s", at);
        else
                snprintf(text, sizeof(text), "%s@%d", at, port);
        /* Not access-control: that would win over all views which are chosen by interface. */
        pic__buf_putf(out, "        interface: %s\n        interface-action: %s %s\n", text, text,
                      action != NULL ? action : "allow");
        if (action == NULL)
                pic__buf_putf(out, "        interface-view: %s \"" VIEW "\"\n", text);
}

/* At port 53 only what is held here is answered, and all else refused at once. The firewall leads whoever may ask
 * everything to the next port: where it is gone, or was flushed, nobody is told anything of the internet, whose exit
 * ever he should leave by; where names are told by rights, nobody is told anything there. The third is for devices
 * whose exit is closed, and for the exits' own resolvers, which ask there for the cell's names. A place with a port is
 * as it says. */
static void put_places(pic__buf *out, const pic__dns_server *s, const char *at, const pic__dns_upstream *place)
{
        char addr[PIC__ADDR_TEXT];

        pic__addr_print(&place->addr, addr);
        put_place(out, at, 0, place->port != 0 ? "allow" : s->views.count > 0 ? "refuse" : "refuse_non_local");
        if (place->port == 0 && s->sieve.count == 0) /* else the filter's */
                put_place(out, addr, PIC__FULL_PORT, "allow");
        if (place->port != PIC__EXIT_PORT && s->views.count == 0)
                put_place(out, addr, PIC__EXIT_PORT, s->forward.count > 0 ? NULL : "refuse_non_local");
}

void pic__dns_conf_behind(const pic__dns_server *s, unsigned port, char *out, size_t size)
{
        unsigned b[3] = { 0, 0, 1 };
        size_t i, k;

        for (i = s->listen.count; i-- > 0;) { /* the first of IPv4 */
                pic__dns_upstream at = { .tls = "" };

                (void)pic__dns_upstream_parse(s->listen.at[i], &at);
                for (k = 0; k < 3 && at.addr.family == 4; k++)
                        b[k] = at.addr.bytes[k + 1];
        }
        snprintf(out, size, "127.%u.%u.%u@%u", b[0], b[1], b[2], port);
}

/* Who asks is told by the filter (PROXY protocol), so that all rules by source hold for devices as they are. */
static void put_filtered(pic__buf *out, const pic__dns_server *s)
{
        char at[32];

        if (s->sieve.count == 0)
                return;
        pic__dns_conf_behind(s, PIC__SIEVE_PORT, at, sizeof(at));
        put_place(out, at, 0, "allow");
        pic__buf_putf(out, "        proxy-protocol-port: %u\n", PIC__SIEVE_PORT);
        if (s->views.count == 0)
                return;
        pic__dns_conf_behind(s, PIC__SIEVE_INSIDE_PORT, at, sizeof(at));
        put_place(out, at, 0, s->forward.count > 0 ? NULL : "refuse_non_local");
        pic__buf_putf(out, "        proxy-protocol-port: %u\n", PIC__SIEVE_INSIDE_PORT);
}

static void put_listen(pic__buf *out, const pic__dns_server *s)
{
        size_t i;

        for (i = 0; i < s->listen.count; i++) {
                pic__dns_upstream at = { .tls = "" };

                (void)pic__dns_upstream_parse(s->listen.at[i], &at); /* was read before */
                put_places(out, s, s->listen.at[i], &at);
        }
}

/* This machine itself asks with the address that it asks: nobody else can have that as a source. */
static void put_self(pic__buf *out, const pic__dns_server *s)
{
        char text[PIC__ADDR_TEXT];
        size_t i;

        for (i = 0; i < s->listen.count; i++) {
                pic__dns_upstream at = { .tls = "" };

                (void)pic__dns_upstream_parse(s->listen.at[i], &at);
                pic__buf_putf(out, "        access-control: %s/%d allow\n", pic__addr_print(&at.addr, text),
                              at.addr.family == 4 ? 32 : 128);
        }
}

/* Wherever an exit asks: this wins over what the interface allows. */
static void put_exits(pic__buf *out, const pic__dns_server *s)
{
        char text[PIC__PREFIX_TEXT];
        pic__prefix links;
        int family;

        for (family = 4; family <= 6; family += 2) {
                pic__exit_links(family, &links);
                pic__prefix_print(&links, text);
                pic__buf_putf(out, "        access-control: %s %s\n", text,
                              s->forward.count > 0 ? "allow" : "refuse_non_local");
                if (s->forward.count > 0)
                        pic__buf_putf(out, "        access-control-view: %s \"" VIEW "\"\n", text);
        }
}

static void put_refused(const char *prefix, void *data)
{
        pic__buf_putf(data, "        access-control: %s refuse\n", prefix);
}

static void put_modules(pic__buf *out, const pic__dns_server *s, const pic__dns_conf *c)
{
        int validate = c->root_key != NULL && s->dnssec.count == 0;

        pic__buf_putf(out, "        module-config: \"%siterator\"\n", validate ? "validator " : "");
        if (validate)
                pic__buf_putf(out, "        trust-anchor-file: \"%s\"\n", c->root_key);
}

void pic__dns_conf_put_top(pic__buf *out, const pic__dns_server *s, const char *zone, int n)
{
        if (n == 0)
                pic__buf_putf(out, "%s. %d SOA cell.%s. nobody.invalid. 1 3600 600 604800 %d", zone,
                              PIC__DNS_NEGATIVE_TTL, s->zone.at[0], PIC__DNS_NEGATIVE_TTL);
        else
                pic__buf_putf(out, "%s. %d NS cell.%s.", zone, PIC__DNS_NEGATIVE_TTL, s->zone.at[0]);
}

/* What is not there is told by the file behind the zone, which is asked for whatever has no record of its own; where
 * there is none, by unbound itself. */
static void put_zone(pic__buf *out, const pic__dns_server *s, size_t at)
{
        const char *zone = pic__dns_server_zone_at(s, at);
        int n;

        pic__buf_putf(out, "        local-zone: \"%s.\" %s\n", zone,
                      pic__dns_server_backed(s, at) ? "transparent" : "static");
        for (n = 0; n < 2; n++) {
                pic__buf_puts(out, "        local-data: \"");
                pic__dns_conf_put_top(out, s, zone, n);
                pic__buf_puts(out, "\"\n");
        }
}

/* A name out there may not lead into this network, nor to who asks (rebinding). */
static void put_zones(pic__buf *out, const pic__dns_server *s)
{
        const char *prefix;
        size_t i;

        for (i = 0; (prefix = pic__prefix_inside(i)) != NULL; i++)
                pic__buf_putf(out, "        private-address: %s\n", prefix);
        pic__buf_putf(out, "        private-domain: \"%s.\"\n", s->zone.at[0]);
        pic__buf_putf(out, "        domain-insecure: \"%s.\"\n", s->zone.at[0]);
        for (i = 0; pic__dns_server_zone_at(s, i) != NULL; i++)
                put_zone(out, s, i);
}

/* A name of these may lead into private networks, and theirs may be zones that unbound would answer for by itself. */
static void put_forward_zones(pic__buf *out, const pic__dns_server *s)
{
        size_t i;

        for (i = 0; i < s->forward.count; i++) {
                pic__dns_forward f;

                (void)pic__dns_forward_parse(s->forward.at[i], &f); /* was read before */
                pic__buf_putf(out, "        private-domain: \"%s.\"\n        local-zone: \"%s.\" transparent\n", f.zone,
                              f.zone);
                if (f.insecure)
                        pic__buf_putf(out, "        domain-insecure: \"%s.\"\n", f.zone);
        }
}

static void put_public(pic__buf *out, const pic__public *p, const char *type)
{
        char text[PIC__ADDR_TEXT];
        size_t i;

        pic__buf_putf(out, "        local-zone: \"%s.\" %s\n", p->name, p->wild ? "redirect" : type);
        for (i = 0; i < p->count; i++)
                pic__buf_putf(out, "        local-data: \"%s. %d %s %s\"\n", p->name, PIC__DNS_TTL,
                              p->at[i].family == 4 ? "A" : "AAAA", pic__addr_print(&p->at[i], text));
}

/* Of a name that is not all below it, what is beside its addresses is asked of the internet: "typetransparent". Who may
 * be told what is held here only gets that: "refuse". */
static void put_publics(pic__buf *out, const pic__dns_server *s, const char *type)
{
        size_t i;

        for (i = 0; i < s->outside.count; i++) {
                pic__public p;

                (void)pic__public_parse(s->outside.at[i], &p); /* was read before */
                put_public(out, &p, type);
        }
}

/* The owner's records of a name in somebody's zone are all that there is of it. What is below it is asked of the
 * internet ("transparent"), but not for who may only be told what is held here ("static"). */
static void put_owns(pic__buf *out, const pic__dns_server *s, const char *type)
{
        size_t i;

        for (i = 0; i < s->own.count; i++) {
                pic__own o;

                (void)pic__own_parse(s->own.at[i], &o); /* was read before */
                pic__buf_putf(out, "        local-zone: \"%s.\" %s\n", o.name, type);
                pic__own_lines(out, &o);
        }
}

/* "noview" is "look among what all have, and if it is not there ask". */
static void put_view(pic__buf *out, const pic__dns_server *s)
{
        size_t i;

        if (s->forward.count == 0)
                return;
        pic__buf_puts(out, "view:\n        name: \"" VIEW "\"\n        view-first: yes\n"
                           "        local-zone: \".\" always_refuse\n");
        pic__buf_putf(out, "        local-zone: \"%s.\" noview\n", s->zone.at[0]);
        for (i = 0; i < s->reverse.count; i++)
                pic__buf_putf(out, "        local-zone: \"%s.\" noview\n", s->reverse.at[i]);
        for (i = 0; i < s->forward.count; i++) {
                pic__dns_forward f;

                (void)pic__dns_forward_parse(s->forward.at[i], &f);
                pic__buf_putf(out, "        local-zone: \"%s.\" noview\n", f.zone);
        }
        put_publics(out, s, "refuse");
        put_owns(out, s, "static");
}

static int any_tls(const pic__dns_server *s)
{
        pic__dns_group g;
        size_t i;

        for (i = 0; pic__dns_group_of(s, i, &g); i++)
                if (g.tls)
                        return 1;
        return 0;
}

static int is_local(const char *server)
{
        pic__dns_upstream u;

        return pic__dns_upstream_parse(server, &u) == 0 && loopback(&u.addr);
}

static void put_local_upstream(pic__buf *out, const pic__dns_server *s)
{
        pic__dns_group g;
        int some = 0;
        size_t i, k;

        for (i = 0; pic__dns_group_of(s, i, &g); i++)
                for (k = 0; k < g.count; k++)
                        some |= is_local(g.server[k]);
        if (some)
                pic__buf_puts(out, "        do-not-query-localhost: no\n");
}

static void put_behind(pic__buf *out, const pic__dns_server *s, const pic__dns_conf *c)
{
        const char *zone;
        size_t n;

        for (n = 0; (zone = pic__dns_server_zone_at(s, n)) != NULL; n++)
                if (pic__dns_server_backed(s, n))
                        pic__buf_putf(out,
                                      "auth-zone:\n        name: \"%s.\"\n        for-downstream: yes\n"
                                      "        for-upstream: no\n        fallback-enabled: no\n"
                                      "        zonefile: \"" PIC__DNS_BEHIND "\"\n",
                                      zone, c->dir, n);
}

void pic__dns_conf_put_place(pic__buf *out, const char *server, int tls)
{
        pic__dns_upstream u = { .tls = "" };
        char text[PIC__ADDR_TEXT];

        (void)pic__dns_upstream_parse(server, &u); /* was read before */
        pic__buf_putf(out, " %s@%u", pic__addr_print(&u.addr, text), u.port != 0 ? u.port : tls ? 853 : 53);
        if (tls)
                pic__buf_putf(out, "#%s", u.tls);
}

void pic__dns_conf_put_asked(pic__buf *out, const pic__dns_group *g, const size_t *chosen, size_t count)
{
        size_t i;

        pic__buf_putf(out, "forward-zone:\n        name: \"%s.\"\n", g->zone);
        if (g->tls)
                pic__buf_puts(out, "        forward-tls-upstream: yes\n");
        for (i = 0; i < count; i++) {
                pic__buf_puts(out, "        forward-addr:");
                pic__dns_conf_put_place(out, g->server[chosen[i]], g->tls);
                pic__buf_putc(out, '\n');
        }
}

void pic__dns_conf_put_patience(pic__buf *out, unsigned ms)
{
        if (ms > PIC__DNS_PATIENCE)
                pic__buf_putf(out, "server:\n        tcp-auth-query-timeout: %u\n", ms);
}

/* Without upstreams unbound asks the root and finds its own way. Of several servers some are chosen, by whether they
 * answer. */
static void put_forwards(pic__buf *out, const pic__dns_server *s, const pic__dns_conf *c)
{
        static const size_t first = 0;
        pic__dns_group g;
        int some = s->upstream.count == 0; /* the root may not answer */
        size_t i;

        for (i = 0; pic__dns_group_of(s, i, &g); i++) {
                some |= g.count > 1;
                if (g.count == 1)
                        pic__dns_conf_put_asked(out, &g, &first, 1);
        }
        if (some)
                pic__buf_putf(out, "include: \"%s\"\n", c->asked);
}

void pic__dns_conf_put(pic__buf *out, const pic__dns_server *s, const pic__dns_conf *c)
{
        pic__buf_puts(out, "# Made by pic at each start; changes are lost.\nserver:\n");
        pic__buf_putf(out, "        directory: \"%s\"\n", c->dir);
        pic__buf_puts(out, fixed);
        if (s->log.count > 0)
                pic__buf_putf(out,
                              "        logfile: \"%s\"\n        log-replies: yes\n        log-tag-queryreply: yes\n",
                              c->queries);
        put_listen(out, s);
        put_filtered(out, s);
        put_self(out, s);
        put_exits(out, s);
        if (s->allow.count > 0) {
                (void)pic__dns_conf_others(&s->allow, 4, put_refused, out);
                (void)pic__dns_conf_others(&s->allow, 6, put_refused, out);
        }
        put_modules(out, s, c);
        if (c->ca_here || any_tls(s))
                pic__buf_putf(out, "        tls-cert-bundle: \"%s\"\n", c->ca);
        put_local_upstream(out, s);
        if (s->upstream.count == 0)
                pic__buf_puts(out, "        do-not-query-address: " PIC__DNS_NOBODY "\n");
        put_zones(out, s);
        put_forward_zones(out, s);
        put_publics(out, s, "typetransparent");
        put_owns(out, s, "transparent");
        pic__buf_putf(out, "include: \"%s\"\n", c->records);
        pic__buf_putf(out,
                      "remote-control:\n        control-enable: yes\n        control-interface: \"%s\"\n        "
                      "control-use-cert: no\n",
                      c->socket);
        put_view(out, s);
        put_behind(out, s, c);
        put_forwards(out, s, c);
}

struct put {
        pic__buf *out;
        const pic__dns_server *server;
        int aliases; /* only these, or all but these */
};

static int put_record(const char *name, size_t len, enum pic__dns_type type, const char *value, void *data)
{
        char quote = type == PIC__DNS_TXT ? '\'' : '"', rdata[PIC__DNS_RDATA];
        struct put *p = data;
        unsigned ttl;

        if (!pic__dns_server_holds(p->server, name, len) || (type == PIC__DNS_CNAME) != p->aliases)
                return 0;
        while (pic__dns_value_next(&value, rdata, &ttl) > 0) {
                pic__buf_putf(p->out, "local-data: %c", quote);
                pic__buf_put(p->out, name, len);
                pic__buf_putf(p->out, " %u %s %s%c\n", ttl, pic__dns_types[type], rdata, quote);
        }
        return p->out->failed ? -1 : 0;
}

void pic__dns_conf_put_records(pic__buf *out, const pic__dns_server *s, const pic__dns_names *names)
{
        struct put p = { out, s, 0 };

        pic__buf_puts(out, "server:\n");
        for (; p.aliases < 2; p.aliases++) /* at the end, because unbound takes its file from there: see value.h */
                (void)pic__dns_names_each(names, NULL, 0, put_record, &p);
}

/* An alias that is a wildcard is told by what it leads to, which stands beside it: a zone may not have both. */
static int put_wildcard(const char *name, size_t len, enum pic__dns_type type, const char *value, void *data)
{
        struct put *p = data;

        if (name[0] != '*' || type == PIC__DNS_CNAME || pic__dns_server_zone_of(p->server, name, len) == NULL)
                return 0;
        return pic__dns_put_lines(p->out, name, len, type, value);
}

int pic__dns_put_lines(pic__buf *out, const char *name, size_t len, enum pic__dns_type type, const char *value)
{
        char rdata[PIC__DNS_RDATA];
        unsigned ttl;

        while (pic__dns_value_next(&value, rdata, &ttl) > 0) {
                pic__buf_put(out, name, len);
                pic__buf_putf(out, " %u %s %s\n", ttl, pic__dns_types[type], rdata);
        }
        return out->failed ? -1 : 0;
}

void pic__dns_conf_put_behind(pic__buf *out, const pic__dns_server *s, size_t n, const pic__dns_names *names,
                              const pic__buf *lines)
{
        struct put p = { out, s, 0 };
        int i;

        for (i = 0; i < 2; i++) {
                pic__dns_conf_put_top(out, s, pic__dns_server_zone_at(s, n), i);
                pic__buf_putc(out, '\n');
        }
        if (n == 0 && names->wild > 0) /* a pass over all names */
                (void)pic__dns_names_each(names, NULL, 0, put_wildcard, &p);
        if (lines != NULL)
                pic__buf_put(out, pic__buf_str(lines), lines->len);
}

/* The widest prefix that begins at r->first and ends within it. */
static pic__prefix widest(const pic__range *r)
{
        pic__prefix p = { r->first, r->first.family == 4 ? 32 : 128 };

        while (p.len > 0) {
                pic__prefix wider = { p.addr, (uint8_t)(p.len - 1) };
                pic__range span;

                pic__prefix_mask(&wider);
                pic__prefix_range(&wider, &span);
                if (pic__addr_cmp(&span.first, &r->first) != 0 || pic__addr_cmp(&span.last, &r->last) > 0)
                        break;
                p = wider;
        }
        return p;
}

int pic__dns_conf_others(const pic__dns_list *allow, uint8_t family, void (*fn)(const char *prefix, void *data),
                         void *data)
{
        pic__range in[NETS_MAX], out[RANGES_MAX], all;
        pic__prefix whole = { { .family = family }, 0 }, p;
        char text[PIC__PREFIX_TEXT];
        int count, i;
        size_t n = 0, k;

        for (k = 0; k < allow->count; k++)
                if (pic__prefix_parse(allow->at[k], &p) == 0 && p.addr.family == family)
                        pic__prefix_range(&p, &in[n++]);
        pic__exit_links(family, &p);
        pic__prefix_range(&p, &in[n++]);
        pic__prefix_range(&whole, &all);
        count = pic__ranges_subtract(&all, 1, in, (size_t)pic__ranges_normalize(in, n), out, RANGES_MAX);
        for (i = 0; i < count; i++) {
                pic__range r = out[i], span;

                for (;;) {
                        p = widest(&r);
                        fn(pic__prefix_print(&p, text), data);
                        pic__prefix_range(&p, &span);
                        if (pic__addr_cmp(&span.last, &r.last) >= 0 || pic__addr_add(&span.last, 1, &r.first) < 0)
                                break;
                }
        }
        return count < 0 ? -1 : 0;
}
