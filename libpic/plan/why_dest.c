/* Owns: reading what a person asks about: "nas", "nas:445", "192.168.1.10:tcp/445", "[fd00::5]:udp/53", "cell:53". */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "model/near.h"
#include "model/text.h"
#include "plan/why_in.h"

#define NAME_BYTES 340 /* longer than any DNS name */

static int bad(pic_error **err, const char *to, const char *rule)
{
        return pic__fail_value(err, "question", "to", to, rule);
}

/* ".home.internal", as pic__dns_name() makes it but for letter case, and without memory: a question should not fail for
 * want of it. */
static size_t zone_of(const pic__snap *s, char zone[NAME_BYTES])
{
        const pic_obj *cell = pic__snap_cell(s);
        int n = snprintf(zone, NAME_BYTES, ".%s.%s", pic__obj_name(cell), pic__obj_text(cell, "domain"));

        return n > 0 && n < NAME_BYTES ? (size_t)n : 0;
}

const pic_obj *pic__why_peer(const pic__snap *s, const char *name)
{
        const pic_obj *peer = pic__snap_named(s, PIC__PEER, name);
        size_t len = strlen(name), tail;
        char host[NAME_BYTES], zone[NAME_BYTES];

        if (peer != NULL || len >= sizeof(host))
                return peer;
        tail = zone_of(s, zone);
        if (len <= tail || !pic__same_name(name + len - tail, zone))
                return NULL;
        memcpy(host, name, len - tail);
        host[len - tail] = '\0';
        return pic__snap_named(s, PIC__PEER, host);
}

int pic__why_unknown(const pic__snap *s, const char *name, pic_error **err)
{
        pic__near near = PIC__NEAR(name);
        const pic_obj *peer;
        size_t at = 0;

        while ((peer = pic__snap_next(s, PIC__PEER, &at)) != NULL)
                pic__near_try(&near, pic__obj_name(peer));
        pic__fail(err, PIC_NOTFOUND, "there is no peer '%s'", name);
        pic__near_hint(&near, "pic peer list", err);
        return PIC_NOTFOUND;
}

/* "tcp/445", "icmp", "udp", "445" */
static int parse_service(const char *to, const char *text, pic__why_dest *d, pic_error **err)
{
        static const struct {
                const char *name;
                enum pic__proto proto;
        } protos[] = { { "tcp", PIC__PROTO_TCP }, { "udp", PIC__PROTO_UDP }, { "icmp", PIC__PROTO_ICMP } };
        size_t len = strcspn(text, "/"), i;
        const char *digits = text[len] == '/' ? text + len + 1 : NULL;
        long port;

        for (i = 0; i < PIC__COUNT(protos); i++) {
                if (strlen(protos[i].name) != len || strncmp(text, protos[i].name, len) != 0)
                        continue;
                d->proto = (uint8_t)protos[i].proto;
                if (digits == NULL)
                        return 0;
                if (d->proto == PIC__PROTO_ICMP)
                        return bad(err, to, "has a port, but icmp has none");
                break;
        }
        if (i == PIC__COUNT(protos)) {
                if (digits != NULL)
                        return bad(err, to,
                                   "must be NAME, ADDRESS, NAME:PORT or NAME:PROTO/PORT with PROTO tcp, udp or icmp");
                d->proto = PIC__PROTO_TCP;
                digits = text;
        }
        if (pic__decimal(digits, 1, 65535, &port) < 0)
                return bad(err, to, "must have a port from 1 to 65535");
        d->port = (uint16_t)port;
        return 0;
}

/* Where the service begins: behind "]:", or behind the only colon. An address of IPv6 without brackets has none. */
static int split(const char *to, char host[NAME_BYTES], const char **ret_service, pic_error **err)
{
        const char *start = to[0] == '[' ? to + 1 : to, *end, *colon;

        *ret_service = NULL;
        if (to[0] == '[') {
                end = strchr(to, ']');
                if (end == NULL || (end[1] != '\0' && end[1] != ':'))
                        return bad(err, to, "must be [IPV6]:PROTO/PORT");
                colon = end[1] == ':' ? end + 1 : NULL;
        } else {
                colon = strchr(to, ':');
                if (colon != NULL && strchr(colon + 1, ':') != NULL)
                        colon = NULL;
                end = colon != NULL ? colon : to + strlen(to);
        }
        if (end == start || (size_t)(end - start) >= NAME_BYTES)
                return bad(err, to, "must name a peer or an address");
        memcpy(host, start, (size_t)(end - start));
        host[end - start] = '\0';
        if (colon != NULL)
                *ret_service = colon + 1;
        return 0;
}

static void cell_addrs(const pic__snap *s, pic__why_dest *d)
{
        static const char *const nets[] = { "net4", "net6" };
        pic__prefix p;
        size_t i;

        for (i = 0; i < PIC__COUNT(nets); i++)
                if (pic__prefix_parse(pic__obj_text(pic__snap_cell(s), nets[i]), &p) == 0)
                        (void)pic__addr_add(&p.addr, 1, &d->addr[i]);
}

/* "cell", "home.internal", "cell.home.internal" */
static int is_cell(const pic__snap *s, const char *name)
{
        char zone[NAME_BYTES];

        if (pic__same_name(name, "cell"))
                return 1;
        if (zone_of(s, zone) == 0)
                return 0;
        return pic__same_name(name, zone + 1) || (strncasecmp(name, "cell", 4) == 0 && pic__same_name(name + 4, zone));
}

/* "nas", "nas.home.internal". No device has the name of a service. */
static int find_service(const pic__snap *s, const char *host, pic__why_dest *d)
{
        char zone[NAME_BYTES], name[NAME_BYTES];
        size_t tail = zone_of(s, zone), len = strlen(host);

        snprintf(name, sizeof(name), "%s", host);
        if (tail > 0 && len > tail && pic__same_name(host + len - tail, zone))
                name[len - tail] = '\0';
        d->service = pic__snap_named(s, PIC__SERVICE, name);
        if (d->service == NULL)
                return 0;
        (void)pic__addr_parse(pic__obj_text(d->service, "address4"), &d->addr[0]);
        (void)pic__addr_parse(pic__obj_text(d->service, "address6"), &d->addr[1]);
        return 1;
}

static int find_host(const pic__snap *s, const char *to, const char *host, pic__why_dest *d, pic_error **err)
{
        pic__addr a;

        if (pic__same_name(host, "internet")) {
                d->internet = 1;
                return 0;
        }
        if (pic__addr_parse(host, &a) == 0) {
                d->addr[a.family == 4 ? 0 : 1] = a;
                return 0;
        }
        if (to[0] == '[')
                return bad(err, to, "must have an IPv6 address in brackets");
        if (is_cell(s, host)) {
                cell_addrs(s, d);
                return 0;
        }
        if (find_service(s, host, d))
                return 0;
        d->peer = pic__why_peer(s, host);
        if (d->peer == NULL)
                return pic__why_unknown(s, host, err);
        (void)pic__addr_parse(pic__obj_text(d->peer, "address4"), &d->addr[0]);
        (void)pic__addr_parse(pic__obj_text(d->peer, "address6"), &d->addr[1]);
        return 0;
}

int pic__why_parse(const pic__snap *s, const char *to, int family, pic__why_dest *ret, pic_error **err)
{
        char host[NAME_BYTES];
        const char *service;
        pic__why_dest d;
        int r;

        memset(&d, 0, sizeof(d));
        if (strncasecmp(to, "service:", 8) == 0)
                to += 8;
        r = split(to, host, &service, err);
        if (r == 0)
                r = find_host(s, to, host, &d, err);
        if (r == 0 && d.service != NULL) { /* unless something else is said */
                d.proto = PIC__PROTO_TCP;
                d.port = 443;
        }
        if (r == 0 && service != NULL)
                r = parse_service(to, service, &d, err);
        if (r < 0)
                return r;
        if (family == 4)
                d.addr[1].family = 0;
        if (family == 6)
                d.addr[0].family = 0;
        if (!d.internet && d.addr[0].family == 0 && d.addr[1].family == 0)
                return bad(err, to, family == 4 ? "has no IPv4 address" : "has no IPv6 address");
        *ret = d;
        return 0;
}
