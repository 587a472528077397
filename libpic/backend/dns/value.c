/* Owns: reading SERVER and RECORD items. Whatever passes here can be written into unbound's configuration and onto its
 * control socket: only addresses, prefixes and host names do. */
#include "backend/dns/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/domain.h"
#include "model/own.h"
#include "model/text.h"

const char *const pic__dns_types[PIC__DNS_TYPES] = { "CNAME", "A", "AAAA", "PTR", "MX", "SRV", "TXT" };

/* A host name, or one with '_' in it or with words of digits only. */
static int name_ok(const char *text)
{
        size_t len = strlen(text), label = 0, i;

        if (len == 0 || len > 253)
                return 0;
        for (i = 0; i < len; i++) {
                if (text[i] == '.' ? label == 0 : !pic__is_alnum(text[i]) && text[i] != '-' && text[i] != '_')
                        return 0;
                label = text[i] == '.' ? 0 : label + 1;
                if (label > 63)
                        return 0;
        }
        return label > 0;
}

static int listen_ok(const char *text)
{
        pic__dns_upstream u;

        return pic__dns_upstream_parse(text, &u) == 0 && u.tls[0] == '\0';
}

static int upstream_ok(const char *text)
{
        pic__dns_upstream u;

        return pic__dns_upstream_parse(text, &u) == 0;
}

static int prefix_ok(const char *text)
{
        pic__prefix p;

        return pic__prefix_parse(text, &p) == 0;
}

static int no_ok(const char *text)
{
        return strcmp(text, "no") == 0;
}

static int yes_ok(const char *text)
{
        return strcmp(text, "yes") == 0;
}

static int forward_ok(const char *text)
{
        pic__dns_forward f;

        return pic__dns_forward_parse(text, &f) == 0;
}

static int public_ok(const char *text)
{
        pic__public p;

        return pic__public_parse(text, &p) == 0;
}

static int own_ok(const char *text)
{
        pic__own o;

        return pic__own_parse(text, &o) == 0;
}

/* Where a list is, and its length; how many it holds. */
#define LIST(member)                                                                   \
        offsetof(pic__dns_server, member.at), offsetof(pic__dns_server, member.count), \
                PIC__COUNT(((pic__dns_server *)0)->member.at)
#define ONE(member) offsetof(pic__dns_server, member.at), offsetof(pic__dns_server, member.count), 1

static const struct part {
        const char *name;
        size_t at, count;
        size_t max;
        int (*ok)(const char *text);
        int zone; /* a dot at its end is dropped */
} parts[] = {
        { "listen", LIST(listen), listen_ok, 0 },
        { "zone", ONE(zone), name_ok, 1 },
        { "reverse", LIST(reverse), name_ok, 1 },
        { "upstream", LIST(upstream), upstream_ok, 0 },
        { "allow", LIST(allow), prefix_ok, 0 },
        { "dnssec", ONE(dnssec), no_ok, 0 },
        { "log", ONE(log), yes_ok, 0 },
        { "sieve", ONE(sieve), yes_ok, 0 },
        { "views", ONE(views), yes_ok, 0 },
        { "forward", LIST(forward), forward_ok, 0 },
        { "public", LIST(outside), public_ok, 0 },
        { "own", LIST(own), own_ok, 0 },
};

static int parse_list(pic__dns_server *s, const struct part *p, char *text)
{
        const char **at = (const char **)(void *)((char *)s + p->at);
        size_t *count = (size_t *)(void *)((char *)s + p->count);
        char *save = NULL, *word;

        for (word = strtok_r(text, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save)) {
                size_t len = strlen(word);

                if (p->zone && len > 0 && word[len - 1] == '.')
                        word[len - 1] = '\0';
                if (*count == p->max || !p->ok(word))
                        return -1;
                at[(*count)++] = word;
        }
        return 0;
}

static int parse_part(pic__dns_server *s, char *word)
{
        char *equals = strchr(word, '=');
        size_t i;

        if (equals == NULL)
                return -1;
        *equals = '\0';
        for (i = 0; i < PIC__COUNT(parts); i++)
                if (strcmp(parts[i].name, word) == 0)
                        return parse_list(s, &parts[i], equals + 1);
        return -1;
}

int pic__dns_server_parse(const char *value, pic__dns_server *ret, pic_error **err)
{
        pic__dns_server s = { .text = pic__strdup(value) };
        char *save = NULL, *word;

        if (s.text == NULL)
                return pic__nomem(err);
        for (word = strtok_r(s.text, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
                if (parse_part(&s, word) < 0)
                        break;
        if (word != NULL || s.listen.count == 0 || s.zone.count == 0) {
                pic__free(s.text);
                return pic__fail(err, PIC_INVALID, "'%s' is no name server", value);
        }
        *ret = s;
        return 0;
}

void pic__dns_server_free(pic__dns_server *s)
{
        pic__free(s->text);
        memset(s, 0, sizeof(*s));
}

static int same_list(const pic__dns_list *a, const pic__dns_list *b)
{
        size_t i;

        if (a->count != b->count)
                return 0;
        for (i = 0; i < a->count; i++)
                if (strcmp(a->at[i], b->at[i]) != 0)
                        return 0;
        return 1;
}

int pic__dns_server_same_listen(const pic__dns_server *a, const pic__dns_server *b)
{
        return same_list(&a->listen, &b->listen) && same_list(&a->sieve, &b->sieve) && same_list(&a->views, &b->views);
}

int pic__dns_server_same_upstreams(const pic__dns_server *a, const pic__dns_server *b)
{
        return same_list(&a->upstream, &b->upstream);
}

int pic__dns_server_same_zones(const pic__dns_server *a, const pic__dns_server *b)
{
        return same_list(&a->zone, &b->zone) && same_list(&a->reverse, &b->reverse);
}

/* Digits only, 1..65535; 0: not one. */
static unsigned parse_port(const char *text)
{
        unsigned n = 0;

        if (*text == '\0' || *text == '0')
                return 0;
        for (; *text >= '0' && *text <= '9' && n <= 65535; text++)
                n = n * 10 + (unsigned)(*text - '0');
        return *text == '\0' && n <= 65535 ? n : 0;
}

int pic__dns_upstream_parse(const char *text, pic__dns_upstream *ret)
{
        size_t len = strcspn(text, "@#"), port_len;
        char addr[PIC__ADDR_TEXT], port[8];
        pic__dns_upstream u = { .tls = "" };

        if (len >= sizeof(addr))
                return -1;
        memcpy(addr, text, len);
        addr[len] = '\0';
        if (pic__addr_parse(addr, &u.addr) < 0)
                return -1;
        text += len;
        if (*text == '@') {
                port_len = strcspn(++text, "#");
                if (port_len >= sizeof(port))
                        return -1;
                memcpy(port, text, port_len);
                port[port_len] = '\0';
                u.port = parse_port(port);
                if (u.port == 0)
                        return -1;
                text += port_len;
        }
        if (*text == '#') {
                u.tls = text + 1;
                if (!pic__hostname_ok(u.tls))
                        return -1;
        }
        *ret = u;
        return 0;
}

int pic__dns_forward_next(const char **at, char *server, size_t size)
{
        size_t len = strcspn(*at, "+/");

        if (len == 0 || len >= size)
                return 0;
        memcpy(server, *at, len);
        server[len] = '\0';
        *at += len;
        *at += **at == '+' && strchr("+/", (*at)[1]) == NULL; /* else it is one too many */
        return 1;
}

int pic__dns_forward_parse(const char *text, pic__dns_forward *ret)
{
        pic__dns_forward f = { .zone = "" };
        size_t len = strcspn(text, "/"), count = 0;
        const char *at;
        char server[320];

        if (len == 0 || len >= sizeof(f.zone) || text[len] != '/')
                return -1;
        memcpy(f.zone, text, len);
        f.zone[len] = '\0';
        f.servers = at = text + len + 1;
        for (; pic__dns_forward_next(&at, server, sizeof(server)); count++) {
                pic__dns_upstream u;

                if (pic__dns_upstream_parse(server, &u) < 0)
                        return -1;
                f.tls |= u.tls[0] != '\0';
        }
        f.insecure = strcmp(at, "/insecure") == 0;
        if (count == 0 || !name_ok(f.zone) || (!f.insecure && *at != '\0'))
                return -1;
        *ret = f;
        return 0;
}

/* `name` ends in a dot, `zone` does not. */
static int within(const char *name, size_t len, const char *zone)
{
        size_t zone_len = strlen(zone);

        if (len < zone_len + 1 || strncasecmp(name + len - 1 - zone_len, zone, zone_len) != 0)
                return 0;
        return len == zone_len + 1 || name[len - zone_len - 2] == '.';
}

/* Private space backwards: zones that unbound has by itself, empty. */
static int in_private(const char *name, size_t len)
{
        static const char *const zones[] = { "10.in-addr.arpa",     "168.192.in-addr.arpa", "16.172.in-addr.arpa",
                                             "17.172.in-addr.arpa", "18.172.in-addr.arpa",  "19.172.in-addr.arpa",
                                             "20.172.in-addr.arpa", "21.172.in-addr.arpa",  "22.172.in-addr.arpa",
                                             "23.172.in-addr.arpa", "24.172.in-addr.arpa",  "25.172.in-addr.arpa",
                                             "26.172.in-addr.arpa", "27.172.in-addr.arpa",  "28.172.in-addr.arpa",
                                             "29.172.in-addr.arpa", "30.172.in-addr.arpa",  "31.172.in-addr.arpa",
                                             "d.f.ip6.arpa" };
        size_t i;

        for (i = 0; i < PIC__COUNT(zones); i++)
                if (within(name, len, zones[i]))
                        return 1;
        return 0;
}

int pic__dns_server_holds(const pic__dns_server *s, const char *name, size_t len)
{
        return pic__dns_server_zone_of(s, name, len) != NULL || in_private(name, len);
}

const char *pic__dns_server_zone_of(const pic__dns_server *s, const char *name, size_t len)
{
        const pic__dns_list *lists[] = { &s->zone, &s->reverse };
        const char *best = NULL;
        size_t i, k;

        for (i = 0; i < PIC__COUNT(lists); i++)
                for (k = 0; k < lists[i]->count; k++)
                        if (within(name, len, lists[i]->at[k]) &&
                            (best == NULL || strlen(best) < strlen(lists[i]->at[k])))
                                best = lists[i]->at[k];
        return best;
}

const char *pic__dns_server_zone_at(const pic__dns_server *s, size_t n)
{
        if (n < s->zone.count)
                return s->zone.at[n];
        n -= s->zone.count;
        return n < s->reverse.count ? s->reverse.at[n] : NULL;
}

/* A file would answer before the servers of a zone of others that lies in it. */
int pic__dns_server_backed(const pic__dns_server *s, size_t n)
{
        const char *zone = pic__dns_server_zone_at(s, n);
        size_t i;

        for (i = 0; zone != NULL && n > 0 && i < s->forward.count; i++) {
                char name[260];
                int len = snprintf(name, sizeof(name), "%.*s.", (int)strcspn(s->forward.at[i], "/"), s->forward.at[i]);

                if (within(name, (size_t)len, zone))
                        return 0;
        }
        return zone != NULL;
}

int pic__dns_type_of(const char *text, size_t len)
{
        int i;

        for (i = 0; i < PIC__DNS_TYPES; i++)
                if (strlen(pic__dns_types[i]) == len && memcmp(pic__dns_types[i], text, len) == 0)
                        return i;
        return -1;
}

/* A name with a dot at its end. */
static int dotted_ok(const char *text, size_t len)
{
        char name[256];

        if (len < 2 || len >= sizeof(name) || text[len - 1] != '.')
                return 0;
        memcpy(name, text, len - 1);
        name[len - 1] = '\0';
        return name_ok(name);
}

/* The same, perhaps a wildcard. */
static int owner_ok(const char *text, size_t len)
{
        size_t star = strncmp(text, "*.", 2) == 0 ? 2 : 0;

        return dotted_ok(text + star, len - star);
}

int pic__dns_name_plain(const char *name, size_t len)
{
        size_t i;

        if (len < 2 || len > 255 || name[len - 1] != '.')
                return 0;
        for (i = 0; i < len; i++)
                if (name[i] <= ' ' || name[i] > '~' || name[i] == '"')
                        return 0;
        return 1;
}

/* Numbers with a blank behind each, and a host. */
static int host_ok(const char *text, int numbers)
{
        for (; numbers > 0; numbers--) {
                size_t digits = strspn(text, "0123456789");

                if (digits == 0 || digits > 5 || text[digits] != ' ')
                        return 0;
                text += digits + 1;
        }
        return strcmp(text, ".") == 0 || dotted_ok(text, strlen(text));
}

/* "\"part\" \"part\"", with nothing in it that could end a line, a list or a word in single quotes. */
static int parts_ok(const char *text)
{
        int inside = 0;

        for (; *text != '\0'; text++) {
                if (*text < ' ' || *text > '~' || *text == ',' || *text == '\'')
                        return 0;
                if (*text == '"')
                        inside = !inside;
                else if (!inside && *text != ' ')
                        return 0;
                else if (*text == '\\' && *++text == '\0')
                        return 0;
        }
        return !inside;
}

static int rdata_ok(enum pic__dns_type type, const char *text)
{
        pic__addr a;

        switch (type) {
        case PIC__DNS_A: return pic__addr_parse(text, &a) == 0 && a.family == 4;
        case PIC__DNS_AAAA: return pic__addr_parse(text, &a) == 0 && a.family == 6;
        case PIC__DNS_MX: return host_ok(text, 1);
        case PIC__DNS_SRV: return host_ok(text, 3);
        case PIC__DNS_TXT: return text[0] == '"' && parts_ok(text);
        case PIC__DNS_PTR:
        case PIC__DNS_CNAME: return strcmp(text, ".") != 0 && host_ok(text, 0);
        case PIC__DNS_TYPES: break;
        }
        return 0;
}

/* Where " ttl=300" begins at the end of a value; NULL: nowhere. In quotes it would be a part of a text. */
static const char *ttl_of(const char *value)
{
        static const char word[] = " ttl=";
        const char *end = value + strlen(value), *at = end;

        while (at > value && at[-1] >= '0' && at[-1] <= '9')
                at--;
        at -= sizeof(word) - 1;
        return end > value && at >= value && end - at > (long)sizeof(word) - 1 &&
                               memcmp(at, word, sizeof(word) - 1) == 0
                       ? at
                       : NULL;
}

int pic__dns_value_next(const char **at, char *rdata, unsigned *ret_ttl)
{
        const char *tail = ttl_of(*at);
        size_t len = strcspn(*at, ",");

        if (**at == '\0' || tail == *at)
                return 0;
        *ret_ttl = tail != NULL ? (unsigned)atoi(tail + 5) : PIC__DNS_TTL;
        if (tail != NULL && len > (size_t)(tail - *at))
                len = (size_t)(tail - *at);
        if (len >= PIC__DNS_RDATA)
                return -1;
        memcpy(rdata, *at, len);
        rdata[len] = '\0';
        *at += len + ((*at)[len] == ',');
        return 1;
}

static int value_ok(enum pic__dns_type type, const char *value)
{
        char rdata[PIC__DNS_RDATA];
        unsigned ttl;
        int n = 0, r;

        for (; (r = pic__dns_value_next(&value, rdata, &ttl)) > 0; n++)
                if (!rdata_ok(type, rdata) || ttl == 0 || ttl > 86400)
                        return 0;
        return r == 0 && n > 0;
}

int pic__dns_record_parse(const char *key, const char *value, size_t *ret_len, enum pic__dns_type *ret_type,
                          pic_error **err)
{
        const char *space = strchr(key, ' ');
        int type = space != NULL ? pic__dns_type_of(space + 1, strlen(space + 1)) : -1;

        if (type >= 0 && !(value != NULL ? owner_ok : pic__dns_name_plain)(key, (size_t)(space - key)))
                type = -1;
        if (type < 0)
                return pic__fail(err, PIC_INVALID, "'%s' is no name and type of a record", key);
        if (value != NULL && !value_ok((enum pic__dns_type)type, value))
                return pic__fail(err, PIC_INVALID, "record %s: '%s' is no value of it", key, value);
        *ret_len = (size_t)(space - key);
        *ret_type = (enum pic__dns_type)type;
        return 0;
}
