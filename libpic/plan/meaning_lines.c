/* Owns: differences as lines: what of a grant is told in which words, and which peers share a line. */
#include <string.h>

#include "plan/meaning_in.h"

#define EXACT 4   /* pieces of one difference that are told one by one; of more: "the rest of" */
#define LOOK 1000 /* peers that are looked at for an example */

/* What a line says, while it is put together. */
struct words {
        const char *to;
        const char *words;
        const char *proto;
        const char *ports;
        unsigned families;
        int part;
        const pic__rest *example; /* where one is looked for */
        pic_id self;              /* all of it is this peer: nobody sends to itself through the cell */
};

static const char *textf(pic__meaning *m, const char *fmt, ...) PIC_PRINTF(2, 3);
static const char *textf(pic__meaning *m, const char *fmt, ...)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        va_list ap;

        va_start(ap, fmt);
        pic__buf_vputf(&b, fmt, ap);
        va_end(ap);
        return b.failed ? NULL : pic__meaning_keep(m, pic__buf_str(&b));
}

static const char *proto_name(uint8_t proto)
{
        switch (proto) {
        case PIC__PROTO_TCP: return "tcp";
        case PIC__PROTO_UDP: return "udp";
        case PIC__PROTO_ICMP:
        case 58: return "icmp";
        default: return NULL;
        }
}

/* --- the words of what is reached ------------------------------------------------------------------------------ */

static const char *address_text(pic__meaning *m, int family, pic__u128 lo, pic__u128 hi)
{
        char first[PIC__ADDR_TEXT], last[PIC__ADDR_TEXT];
        unsigned bits = family == PIC__V4 ? 32 : 128, len = bits;
        pic__addr a, b;

        pic__addr_from_number(lo, family == PIC__V4 ? 4 : 6, &a);
        pic__addr_from_number(hi, family == PIC__V4 ? 4 : 6, &b);
        pic__addr_print(&a, first);
        pic__addr_print(&b, last);
        if (lo == hi)
                return textf(m, "%s", first);
        while (len > 0 && (hi - lo) >> (bits - len) != 0)
                len--;
        if ((lo & (hi - lo)) == 0 && ((hi - lo) & (hi - lo + 1)) == 0)
                return textf(m, "%s/%u", first, len);
        return textf(m, "%s-%s", first, last);
}

static const char *ports_text(pic__meaning *m, unsigned lo, unsigned hi)
{
        if (lo == 0)
                lo = hi > 0 ? 1 : 0; /* there is no port 0 */
        return lo == hi ? textf(m, "%u", lo) : textf(m, "%u-%u", lo, hi);
}

static int all_ports(const pic__box *b)
{
        return b->port_lo == 0 && b->port_hi == 65535;
}

/* Protocol and ports of a box; -1 when out of memory. */
static int service_words(pic__meaning *m, const pic__box *b, struct words *w)
{
        if (b->proto_lo == 0 && b->proto_hi == 255)
                w->proto = NULL;
        else if (b->proto_lo != b->proto_hi)
                w->proto = textf(m, "protocols %u-%u", b->proto_lo, b->proto_hi);
        else
                w->proto = proto_name(b->proto_lo) != NULL ? proto_name(b->proto_lo)
                                                           : textf(m, "protocol %u", b->proto_lo);
        w->ports = all_ports(b) ? NULL : ports_text(m, b->port_lo, b->port_hi);
        return (w->proto == NULL && !(b->proto_lo == 0 && b->proto_hi == 255)) || (w->ports == NULL && !all_ports(b))
                       ? -1
                       : 0;
}

static int prefix_words(pic__meaning *m, const pic__grant *g, struct words *w)
{
        char text[PIC__PREFIX_TEXT];

        pic__prefix_print(&g->prefix, text);
        if (g->prefix.len == (g->prefix.addr.family == 4 ? 32 : 128))
                *strchr(text, '/') = '\0';
        w->to = w->words = textf(m, "%s", text);
        w->proto = g->proto != PIC__PROTO_ANY ? proto_name(g->proto) : NULL;
        w->ports = g->port_lo != 0 ? ports_text(m, g->port_lo, g->port_hi) : NULL;
        return w->to == NULL || (g->port_lo != 0 && w->ports == NULL) ? -1 : 0;
}

/* A whole grant. */
static int grant_words(pic__meaning *m, const pic__differ *d, struct words *w)
{
        static const struct {
                const char *to, *words;
        } plain[] = {
                [PIC__TO_INTERNET] = { "internet", "the internet" },
                [PIC__TO_LAN] = { "lan", "the lan" },
                [PIC__TO_PEERS] = { "peers", "all devices" },
        };
        static const struct {
                const char *to, *words;
        } named[] = {
                [PIC__TO_PEER] = { "", "" },
                [PIC__TO_GROUP] = { "group:", "group " },
                [PIC__TO_SERVICE] = { "service:", "service " },
        };
        const pic__grant *g = d->grant;

        if (g == NULL) {
                w->to = "cell";
                w->words = "names, time and portal of the cell";
                return 0;
        }
        if (g->to == PIC__TO_PREFIX)
                return prefix_words(m, g, w);
        if (g->to <= PIC__TO_PEERS) {
                w->to = plain[g->to].to;
                w->words = plain[g->to].words;
                return 0;
        }
        w->to = textf(m, "%s%s", named[g->to].to, g->name);
        w->words = textf(m, "%s%s", named[g->to].words, g->name);
        return w->to != NULL && w->words != NULL ? 0 : -1;
}

static unsigned families_of(const pic__rest *r)
{
        unsigned families = 0;
        size_t i;
        int f;

        for (f = 0; f < PIC__FAMILIES; f++)
                if (r->out[f].count + r->in[f].count > 0)
                        families |= 1u << f;
        for (i = 0; i < r->named.count; i++)
                families |= 1u << r->named.at[i].family;
        return families;
}

/* --- an example ------------------------------------------------------------------------------------------------ */

static void print_place(const pic__meaning *m, int time, int family, int inside, pic__u128 at,
                        char text[PIC__ADDR_TEXT])
{
        pic__addr a;

        if (inside)
                at += pic__addr_number(&m->then[time].net[family].addr);
        pic__addr_from_number(at, family == PIC__V4 ? 4 : 6, &a);
        pic__addr_print(&a, text);
}

/* Somewhere inside there may be a device: that says more than a free number. */
static void prefer_device(const pic__meaning *m, int time, const pic__rest *rest, pic_id from, pic__place *p)
{
        const pic_obj *peer;
        size_t at = 0, looked = 0;

        if (!p->inside || p->peer != 0)
                return;
        while (looked++ < LOOK && (peer = pic__snap_next(m->snap, PIC__PEER, &at)) != NULL) {
                pic__place there = *p;
                pic__sender s;

                if (peer->id == from || !pic__snap_active(m->snap, peer) ||
                    pic__meaning_sender(m, time, peer->id, &s) < 0 || !s.has[p->family])
                        continue;
                there.at = s.at[p->family];
                if (pic__rest_has(rest, &there)) {
                        *p = there;
                        return;
                }
        }
}

static int put_example(pic__meaning *m, const pic__differ *d, const struct words *w, pic__line *line)
{
        int time = d->gains ? PIC__AFTER : PIC__BEFORE;
        pic_id from = d->pair->peers.at[d->pair->peers.at[0] == w->self ? 1 : 0];
        const pic__rest *in = w->example;
        char source[PIC__ADDR_TEXT], destination[PIC__ADDR_TEXT];
        pic__sender s;
        pic__place p;

        if (pic__meaning_sender(m, time, from, &s) < 0 || !pic__rest_some(in, &s, &p))
                return 0; /* it has no address of that family */
        prefer_device(m, time, in, from, &p);
        print_place(m, time, p.family, 1, s.at[p.family], source);
        print_place(m, time, p.family, p.inside, p.at, destination);
        line->example.peer = pic__meaning_keep(m, pic__meaning_name(m, time, from));
        line->example.source = pic__meaning_keep(m, source);
        line->example.destination = pic__meaning_keep(m, destination);
        line->example.proto = proto_name(p.proto) != NULL ? proto_name(p.proto) : textf(m, "%u", p.proto);
        line->example.port = p.port;
        return line->example.peer != NULL && line->example.source != NULL && line->example.destination != NULL &&
                               line->example.proto != NULL
                       ? 0
                       : -1;
}

/* --- lines ----------------------------------------------------------------------------------------------------- */

static pic__line *new_line(pic__meaning *m, const pic__differ *d, const struct words *w, const pic__buf *key)
{
        pic__line *line = pic__arena_alloc(&m->arena, sizeof(*line));
        char *own = pic__arena_dup(&m->arena, key->data, key->len);

        if (line == NULL || own == NULL || pic__vec_push(&m->lines, line) < 0 ||
            pic__map_set(&m->line_of, own, key->len, line) < 0)
                return NULL;
        line->gains = d->gains;
        line->part = w->part;
        line->families = w->families;
        line->to = w->to;
        line->words = w->words;
        line->proto = w->proto;
        line->ports = w->ports;
        line->rule = d->rule;
        return put_example(m, d, w, line) == 0 ? line : NULL;
}

static int add_who(pic__meaning *m, const pic__differ *d, pic_id self, pic__line *line)
{
        size_t i;

        if (line->last == d->pair)
                return 0;
        line->last = d->pair;
        for (i = 0; i < d->pair->peers.count; i++) {
                pic_id id = d->pair->peers.at[i];
                const char *name = pic__meaning_name(m, d->gains ? PIC__AFTER : PIC__BEFORE, id);
                pic__one one = { id, id != self ? pic__meaning_keep(m, name) : "" };

                if (id == self)
                        continue;
                if (one.name == NULL || pic__vec_push(&line->who, one) < 0)
                        return -1;
        }
        return 0;
}

static int tell(pic__meaning *m, const pic__differ *d, const struct words *w)
{
        pic__auto_buf pic__buf key = PIC__BUF_INIT;
        pic__line *line;

        if (d->pair->peers.count == 1 && d->pair->peers.at[0] == w->self)
                return 0;
        pic__buf_putf(&key, "%d %d %u %s\n%s\n%s", d->gains, w->part, w->families, w->to,
                      w->proto != NULL ? w->proto : "", w->ports != NULL ? w->ports : "");
        if (key.failed)
                return -1;
        line = pic__map_get(&m->line_of, key.data, key.len);
        if (line == NULL)
                line = new_line(m, d, w, &key);
        return line != NULL ? add_who(m, d, w->self, line) : -1;
}

/* Two boxes that are everything but one protocol. */
static int is_all_but(const pic__box *a, const pic__box *b, uint8_t *ret)
{
        const pic__box *low = a->proto_lo < b->proto_lo ? a : b, *high = low == a ? b : a;

        if (a->addr_lo != b->addr_lo || a->addr_hi != b->addr_hi || !all_ports(a) || !all_ports(b) ||
            low->proto_lo != 0 || high->proto_hi != 255 || high->proto_lo - low->proto_hi != 2)
                return 0;
        *ret = (uint8_t)(low->proto_hi + 1);
        return 1;
}

/* Boxes of one place that are told in one line: *ret_took of them, one or two. */
static int boxes_words(pic__meaning *m, const pic__box *boxes, size_t count, struct words *w, size_t *ret_took)
{
        uint8_t proto;

        *ret_took = 1;
        if (count < 2 || !is_all_but(&boxes[0], &boxes[1], &proto))
                return service_words(m, &boxes[0], w);
        *ret_took = 2;
        w->ports = NULL;
        w->proto = proto_name(proto) != NULL ? textf(m, "all but %s", proto_name(proto))
                                             : textf(m, "all but protocol %u", proto);
        return w->proto != NULL ? 0 : -1;
}

static int tell_out(pic__meaning *m, const pic__differ *d)
{
        size_t i, took;
        int f;

        for (f = 0; f < PIC__FAMILIES; f++) {
                const pic__boxes *out = &d->rest.out[f];

                for (i = 0; i < out->count; i += took) {
                        pic__rest piece = { .cut = 0 };
                        struct words w = { .families = 1u << f, .example = &piece };

                        piece.out[f].at = out->at + i;
                        if (boxes_words(m, out->at + i, out->count - i, &w, &took) < 0)
                                return -1;
                        piece.out[f].count = took;
                        w.to = w.words = address_text(m, f, out->at[i].addr_lo, out->at[i].addr_hi);
                        if (w.to == NULL || tell(m, d, &w) < 0)
                                return -1;
                }
        }
        return 0;
}

/* A peer's parts in one family, gathered; how many there are. */
static size_t parts_of(const pic__rest *r, pic_id id, int family, pic__left parts[EXACT])
{
        size_t i, n = 0;

        for (i = 0; i < r->named.count; i++) {
                if (r->named.at[i].id != id || r->named.at[i].family != family)
                        continue;
                if (n < EXACT)
                        parts[n] = r->named.at[i];
                n++;
        }
        return n;
}

static int same_services(const pic__left *a, size_t na, const pic__left *b, size_t nb)
{
        size_t i;

        for (i = 0; na == nb && i < na; i++)
                if (a[i].box.proto_lo != b[i].box.proto_lo || a[i].box.proto_hi != b[i].box.proto_hi ||
                    a[i].box.port_lo != b[i].box.port_lo || a[i].box.port_hi != b[i].box.port_hi)
                        return 0;
        return na == nb;
}

/* One peer in some families, with the same services in each. */
static int tell_services(pic__meaning *m, const pic__differ *d, const char *name, unsigned families, pic__left *parts,
                         size_t count)
{
        size_t i, k, took;

        if (count > EXACT / 2) {
                const pic__rest first = { .named = { parts, count < EXACT ? count : EXACT, 0 } };
                const struct words rest = { name, name, NULL, NULL, families, 1, &first, parts[0].id };

                return tell(m, d, &rest);
        }
        for (i = 0; i < count; i += took) {
                pic__rest piece = { .named = { parts + i, 1, 1 } };
                struct words w = { name, name, NULL, NULL, families, 0, &piece, parts[0].id };
                pic__box boxes[EXACT];

                for (k = i; k < count; k++)
                        boxes[k - i] = parts[k].box;
                if (boxes_words(m, boxes, count - i, &w, &took) < 0)
                        return -1;
                piece.named.count = took;
                if (tell(m, d, &w) < 0)
                        return -1;
        }
        return 0;
}

static int tell_peer(pic__meaning *m, const pic__differ *d, pic_id id)
{
        const char *name = pic__meaning_keep(m, pic__meaning_name(m, d->gains ? PIC__AFTER : PIC__BEFORE, id));
        pic__left parts[PIC__FAMILIES][EXACT];
        size_t n4 = parts_of(&d->rest, id, PIC__V4, parts[PIC__V4]);
        size_t n6 = parts_of(&d->rest, id, PIC__V6, parts[PIC__V6]);

        if (name == NULL)
                return -1;
        if (n4 > 0 && n6 > 0 && n4 <= EXACT && same_services(parts[PIC__V4], n4, parts[PIC__V6], n6))
                return tell_services(m, d, name, 3, parts[PIC__V4], n4);
        if (n4 > 0 && tell_services(m, d, name, 1, parts[PIC__V4], n4) < 0)
                return -1;
        return n6 > 0 ? tell_services(m, d, name, 2, parts[PIC__V6], n6) : 0;
}

/* Peers in it, each once; at most EXACT + 1 are counted. */
static size_t peers_of(const pic__rest *r, pic_id ids[EXACT + 1])
{
        size_t i, k, n = 0;

        for (i = 0; i < r->named.count && n <= EXACT; i++) {
                for (k = 0; k < n && ids[k] != r->named.at[i].id; k++)
                        ;
                if (k == n)
                        ids[n++] = r->named.at[i].id;
        }
        return n;
}

/* Few pieces are told one by one. */
static int tell_exact(pic__meaning *m, const pic__differ *d, const pic_id *ids, size_t peers)
{
        size_t i;

        if (tell_out(m, d) < 0)
                return -1;
        for (i = 0; i < peers; i++)
                if (tell_peer(m, d, ids[i]) < 0)
                        return -1;
        return 0;
}

static int tell_differ(pic__meaning *m, const pic__differ *d)
{
        const pic__rest *r = &d->rest;
        struct words w = { .families = families_of(r), .part = r->cut, .example = r };
        pic_id ids[EXACT + 1];
        size_t peers = peers_of(r, ids);

        if (d->pair->peers.count == 0)
                return 0;
        if (r->cut && r->in[PIC__V4].count + r->in[PIC__V6].count == 0 &&
            r->out[PIC__V4].count + r->out[PIC__V6].count + peers <= EXACT)
                return tell_exact(m, d, ids, peers);
        if (peers == 1 &&
            r->in[PIC__V4].count + r->in[PIC__V6].count + r->out[PIC__V4].count + r->out[PIC__V6].count == 0)
                w.self = ids[0];
        return grant_words(m, d, &w) < 0 ? -1 : tell(m, d, &w);
}

/* --- who ------------------------------------------------------------------------------------------------------- */

static const char *groups_of(const pic__meaning *m, int time, pic_id id)
{
        const pic__known *k = pic__meaning_known(m, id);
        const pic_obj *peer = k == NULL ? pic__snap_get(m->snap, PIC__PEER, id) : NULL;

        if (k != NULL)
                return k->then[time].groups != NULL ? k->then[time].groups : "";
        return peer != NULL ? pic__obj_text(peer, "groups") : "";
}

/* The first group that all of them are in. */
static int common_group(const pic__meaning *m, const pic__line *line, char group[80])
{
        int time = line->gains ? PIC__AFTER : PIC__BEFORE;
        const char *at = groups_of(m, time, line->who.at[0].id);
        size_t i;

        while (pic__list_next(&at, group, 80)) {
                for (i = 1; i < line->who.count && pic__list_has(groups_of(m, time, line->who.at[i].id), group); i++)
                        ;
                if (i == line->who.count)
                        return 1;
        }
        return 0;
}

static const char *who_words(pic__meaning *m, const pic__line *line)
{
        const pic__one *who = line->who.at;
        size_t n = line->who.count;
        char group[80];

        if (n == 1)
                return who[0].name;
        if (n > 2 && common_group(m, line, group))
                return textf(m, "%zu devices of group %s", n, group);
        if (n == 2)
                return textf(m, "%s and %s", who[0].name, who[1].name);
        if (n == 3)
                return textf(m, "%s, %s and %s", who[0].name, who[1].name, who[2].name);
        return textf(m, "%zu devices (%s, %s, \xe2\x80\xa6)", n, who[0].name, who[1].name);
}

/* Losses first; and what every device may comes after what it was granted. */
static int tell_all(pic__meaning *m)
{
        static const struct {
                int gains, granted;
        } turns[] = { { 0, 1 }, { 0, 0 }, { 1, 1 }, { 1, 0 } };
        size_t i, k;

        for (k = 0; k < PIC__COUNT(turns); k++) {
                for (i = 0; i < m->differs.count; i++) {
                        const pic__differ *d = m->differs.at[i];

                        if (d->gains == turns[k].gains && (d->grant != NULL) == turns[k].granted &&
                            tell_differ(m, d) < 0)
                                return -1;
                }
        }
        return 0;
}

int pic__meaning_lines(pic__meaning *m, pic_error **err)
{
        size_t i;

        if (pic__meaning_open_tell(m) < 0 || tell_all(m) < 0 || pic__meaning_ways_tell(m) < 0)
                return pic__nomem(err);
        for (i = 0; i < m->lines.count; i++) {
                if (m->lines.at[i]->who.count > 0)
                        m->lines.at[i]->who_words = who_words(m, m->lines.at[i]);
                if (m->lines.at[i]->who_words == NULL)
                        return pic__nomem(err);
        }
        return 0;
}
