/* Owns: reading SERVER and RECORD items. Whatever passes here can be written into unbound's configuration and onto its
 * control socket: only addresses, prefixes and host names do. */
#include "backend/dns/value.h"

#include <stdlib.h>
#include <string.h>

const char *const pic__dns_types[PIC__DNS_TYPES] = { "A", "AAAA", "PTR" };

/* A host name, or a name with labels that begin with '_' or are digits only. */
static int name_ok(const char *text)
{
        return pic__hostname_ok(text);
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

static const struct part {
        const char *name;
        size_t at;
        size_t max;
        int (*ok)(const char *text);
        int zone; /* a dot at its end is dropped */
} parts[] = {
        { "listen", offsetof(pic__dns_server, listen), PIC__DNS_LIST_MAX, listen_ok, 0 },
        { "zone", offsetof(pic__dns_server, zone), 1, name_ok, 1 },
        { "reverse", offsetof(pic__dns_server, reverse), PIC__DNS_LIST_MAX, name_ok, 1 },
        { "upstream", offsetof(pic__dns_server, upstream), PIC__DNS_LIST_MAX, upstream_ok, 0 },
        { "allow", offsetof(pic__dns_server, allow), PIC__DNS_LIST_MAX, prefix_ok, 0 },
        { "dnssec", offsetof(pic__dns_server, dnssec), 1, no_ok, 0 },
};

static pic__dns_list *list_of(pic__dns_server *s, const struct part *p)
{
        return (pic__dns_list *)(void *)((char *)s + p->at);
}

static int parse_list(pic__dns_server *s, const struct part *p, char *text)
{
        pic__dns_list *list = list_of(s, p);
        char *save = NULL, *word;

        for (word = strtok_r(text, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save)) {
                size_t len = strlen(word);

                if (p->zone && len > 0 && word[len - 1] == '.')
                        word[len - 1] = '\0';
                if (list->count == p->max || !p->ok(word))
                        return -1;
                list->at[list->count++] = word;
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
        return same_list(&a->listen, &b->listen);
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

/* `name` ends in a dot, `zone` does not. */
static int within(const char *name, size_t len, const char *zone)
{
        size_t zone_len = strlen(zone);

        if (len < zone_len + 1 || strncasecmp(name + len - 1 - zone_len, zone, zone_len) != 0)
                return 0;
        return len == zone_len + 1 || name[len - zone_len - 2] == '.';
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

int pic__dns_type_of(const char *text, size_t len)
{
        int i;

        for (i = 0; i < PIC__DNS_TYPES; i++)
                if (strlen(pic__dns_types[i]) == len && memcmp(pic__dns_types[i], text, len) == 0)
                        return i;
        return -1;
}

/* A host name with a dot at its end. */
static int dotted_ok(const char *text, size_t len)
{
        char name[256];

        if (len < 2 || len >= sizeof(name) || text[len - 1] != '.')
                return 0;
        memcpy(name, text, len - 1);
        name[len - 1] = '\0';
        return name_ok(name);
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

static int value_ok(enum pic__dns_type type, const char *value)
{
        pic__addr a;

        if (type == PIC__DNS_PTR)
                return dotted_ok(value, strlen(value));
        return pic__addr_parse(value, &a) == 0 && a.family == (type == PIC__DNS_A ? 4 : 6);
}

int pic__dns_record_parse(const char *key, const char *value, size_t *ret_len, enum pic__dns_type *ret_type,
                          pic_error **err)
{
        const char *space = strchr(key, ' ');
        int type = space != NULL ? pic__dns_type_of(space + 1, strlen(space + 1)) : -1;

        if (type >= 0 && !(value != NULL ? dotted_ok : pic__dns_name_plain)(key, (size_t)(space - key)))
                type = -1;
        if (type < 0)
                return pic__fail(err, PIC_INVALID, "'%s' is no name and type of a record", key);
        if (value != NULL && !value_ok((enum pic__dns_type)type, value))
                return pic__fail(err, PIC_INVALID, "record %s: '%s' is no value of it", key, value);
        *ret_len = (size_t)(space - key);
        *ret_type = (enum pic__dns_type)type;
        return 0;
}
