/* Owns: "may A reach B?". Walks the grants of A's class in the way the kernel's maps would decide; a test holds the
 * verdict against the items that derive makes. */
#include "plan/why.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "model/exit.h"
#include "model/service.h"
#include "model/text.h"
#include "plan/derive_in.h"
#include "plan/leave.h"
#include "plan/why_in.h"

/* One destination, one family. */
typedef struct question {
        const pic__snap *snap;
        const pic_obj *from;
        const pic__class *class;
        pic__addr addr;
        uint8_t proto;
        uint16_t port;
        const pic_obj *service; /* whose address that is; NULL: of none */
        pic__prefix net;        /* the cell's, of this family */
        pic__addr self;
} question;

enum { NO, SOME, YES }; /* a rule covers nothing, some protocols or ports, or all of what was asked */

static int covers_service(const question *q, uint8_t proto, uint16_t lo, uint16_t hi)
{
        if (proto == PIC__PROTO_ANY)
                return YES;
        if (q->proto == PIC__PROTO_ANY)
                return SOME;
        if (q->proto != proto)
                return NO;
        if (lo == 0 || proto == PIC__PROTO_ICMP)
                return YES;
        if (q->port == 0)
                return lo == 1 && hi == 65535 ? YES : SOME;
        return q->port >= lo && q->port <= hi ? YES : NO;
}

static int in_ranges(const pic__addr *a, const pic__range *ranges, size_t count)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (pic__addr_cmp(a, &ranges[i].first) >= 0 && pic__addr_cmp(a, &ranges[i].last) <= 0)
                        return 1;
        return 0;
}

static int in_subnets(const pic_obj *peer, const pic__addr *a)
{
        const char *list = pic__obj_text(peer, "subnets");
        char one[PIC__PREFIX_TEXT];
        pic__prefix p;

        while (pic__list_next(&list, one, sizeof(one)))
                if (pic__prefix_parse(one, &p) == 0 && pic__prefix_has(&p, a))
                        return 1;
        return 0;
}

/* Whose address it is: of the peer itself, or in a network behind it. */
static const pic_obj *owner(const question *q)
{
        const pic_obj *peer = pic__snap_by_addr(q->snap, &q->addr);
        size_t at = 0;

        if (peer != NULL)
                return peer;
        while ((peer = pic__snap_next_routed(q->snap, &at)) != NULL)
                if (in_subnets(peer, &q->addr))
                        return peer;
        return NULL;
}

/* The network of this machine that the address is in, where that makes a difference; else NULL. */
static const pic__prefix *attached(const question *q)
{
        return pic__attached_find(pic__snap_attached(q->snap), &q->addr);
}

static int by_address(const question *q, int lan)
{
        const pic__range *ranges;
        size_t count;

        if (attached(q) != NULL)
                return lan;
        ranges = lan ? pic__ranges_lan(q->addr.family, &count) : pic__ranges_internet(q->addr.family, &count);
        return in_ranges(&q->addr, ranges, count);
}

/* Internet and lan mean neither the cell's network nor what is behind peers; and of the machine's own networks lan
 * means all, internet none. */
static int in_wide(const question *q, int lan)
{
        size_t at = 0;
        const pic_obj *peer;

        if (!by_address(q, lan) || pic__prefix_has(&q->net, &q->addr))
                return NO;
        while ((peer = pic__snap_next_routed(q->snap, &at)) != NULL)
                if (in_subnets(peer, &q->addr))
                        return NO;
        return YES;
}

static int reaches(const question *q, const pic__grant *g)
{
        const pic_obj *peer = owner(q);

        if (peer == NULL || !pic__snap_active(q->snap, peer) || pic__addr_cmp(&q->addr, &q->self) == 0)
                return NO;
        if (g->to == PIC__TO_PEER)
                return pic__snap_named(q->snap, PIC__PEER, g->name) == peer ? YES : NO;
        return pic__list_has(pic__obj_text(peer, "groups"), g->name) ? YES : NO;
}

/* A service's 80 and 443. */
static int serves(const question *q, const pic__grant *g)
{
        if (!pic__same_name(pic__obj_name(q->service), g->name) || !pic__service_on(q->snap, q->service))
                return NO;
        if (q->proto == PIC__PROTO_ANY || (q->proto == PIC__PROTO_TCP && q->port == 0))
                return SOME;
        return q->proto == PIC__PROTO_TCP && (q->port == 80 || q->port == 443) ? YES : NO;
}

static int covers(const question *q, const pic__grant *g)
{
        if (q->service != NULL) /* no other right means its address */
                return g->to == PIC__TO_SERVICE ? serves(q, g) : NO;
        switch (g->to) {
        case PIC__TO_INTERNET: return in_wide(q, 0);
        case PIC__TO_LAN: return in_wide(q, 1);
        case PIC__TO_PEERS:
                return pic__prefix_has(&q->net, &q->addr) && pic__addr_cmp(&q->addr, &q->self) > 0 ? YES : NO;
        case PIC__TO_PEER:
        case PIC__TO_GROUP: return reaches(q, g);
        case PIC__TO_PREFIX:
                return pic__prefix_has(&g->prefix, &q->addr) ? covers_service(q, g->proto, g->port_lo, g->port_hi) : NO;
        case PIC__TO_SERVICE: return NO;
        }
        return NO;
}

static void set_holder(const pic_obj *o, const char *kind, pic__why *ret)
{
        (void)snprintf(ret->through, sizeof(ret->through), "%s %s", kind, pic__obj_name(o));
        ret->holder = o->kind;
        ret->holder_id = o->id;
}

static int has_grant(const pic_obj *o, const char *rule)
{
        return o != NULL && pic__list_has(pic__obj_text(o, "access"), rule);
}

/* The peer itself, or the first of its groups that has the grant. */
static void find_holder(const question *q, pic__why *ret)
{
        const char *groups = pic__obj_text(q->from, "groups");
        char name[80];

        if (has_grant(q->from, ret->rule)) {
                set_holder(q->from, "peer", ret);
                return;
        }
        while (pic__list_next(&groups, name, sizeof(name))) {
                const pic_obj *group = pic__snap_named(q->snap, PIC__GROUP, name);

                if (!has_grant(group, ret->rule))
                        continue;
                set_holder(group, "group", ret);
                return;
        }
}

static int set_rule(const pic__grant *g, pic__why *ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__grant_print(g, &text);
        if (text.failed)
                return pic__nomem(err);
        (void)snprintf(ret->rule, sizeof(ret->rule), "%s", pic__buf_str(&text));
        return 0;
}

static void say(pic__why *ret, int allowed, const char *fmt, ...) PIC_PRINTF(3, 4);
static void say(pic__why *ret, int allowed, const char *fmt, ...)
{
        va_list ap;

        ret->allowed = allowed;
        va_start(ap, fmt);
        (void)vsnprintf(ret->reason, sizeof(ret->reason), fmt, ap);
        va_end(ap);
}

static void set_default(pic__why *ret)
{
        (void)snprintf(ret->rule, sizeof(ret->rule), "default: drop");
        ret->through[0] = '\0';
        ret->holder_id = 0;
}

/* Allowed by lan because of where it is, whatever its address says. */
static int by_place(const question *q, const pic__why *ret, char net[PIC__PREFIX_TEXT])
{
        const pic__prefix *p = attached(q);

        if (p == NULL || strcmp(ret->rule, "lan") != 0)
                return 0;
        pic__prefix_print(p, net);
        return 1;
}

/* A rule lets it pass; but nobody may be there to receive it. */
static void say_allowed(const question *q, pic__why *ret)
{
        const char *name = pic__obj_name(q->from);
        const pic_obj *there = pic__prefix_has(&q->net, &q->addr) ? pic__snap_by_addr(q->snap, &q->addr) : NULL;
        char net[PIC__PREFIX_TEXT];

        if (q->service != NULL)
                say(ret, 1, "%s may, by %s of %s: the cell's front has service %s there", name, ret->rule, ret->through,
                    pic__obj_name(q->service));
        else if (there != NULL && !pic__snap_active(q->snap, there))
                say(ret, 1, "%s may, by %s of %s; but %s is not active and cannot answer", name, ret->rule,
                    ret->through, pic__obj_name(there));
        else if (there == NULL && pic__prefix_has(&q->net, &q->addr) && pic__addr_cmp(&q->addr, &q->self) != 0)
                say(ret, 1, "%s may, by %s of %s; but no device has that address", name, ret->rule, ret->through);
        else if (by_place(q, ret, net))
                say(ret, 1, "%s may, by %s of %s; %s is a network of this machine: it belongs to lan", name, ret->rule,
                    ret->through, net);
        else
                say(ret, 1, "%s may, by %s of %s", name, ret->rule, ret->through);
}

/* Private space and what is near goes by no exit. */
static int is_near(const question *q)
{
        const pic__range *ranges;
        size_t count;

        if (pic__prefix_has(&q->net, &q->addr) || owner(q) != NULL || attached(q) != NULL)
                return 1;
        ranges = pic__ranges_lan(q->addr.family, &count);
        return in_ranges(&q->addr, ranges, count);
}

/* Who says by what it leaves, when it is not the device itself: " (as group kids says)". */
static void say_whose(const pic__leave *l, char *ret, size_t size)
{
        ret[0] = '\0';
        if (l->said_by != NULL && l->said_by->kind == PIC__GROUP)
                (void)snprintf(ret, size, " (as group %s says)", pic__obj_name(l->said_by));
        else if (l->said_by != NULL && l->said_by->kind == PIC__CELL)
                (void)snprintf(ret, size, " (as the cell says)");
}

/* By what an allowed packet leaves, and whether that carries it; into the answer's sentence too. */
static void add_way(const question *q, int family, pic__why *ret)
{
        size_t len = strlen(ret->reason);
        const char *but = "";
        char whose[112];
        pic__leave l;

        pic__leave_of(q->snap, q->from, &l);
        if (l.exit == NULL || !ret->allowed)
                return;
        if (pic__leave_direct(&l)) {
                but = ", which is down: it goes directly, as was chosen (failopen)";
        } else {
                (void)snprintf(ret->way, sizeof(ret->way), "%s", pic__obj_name(l.exit));
                if (l.carrier == NULL)
                        but = ", which carries nothing now: it goes nowhere";
                else if (!pic__exit_carries(l.carrier, family))
                        but = family == 4 ? ", which carries no IPv4: it goes nowhere"
                                          : ", which carries no IPv6: it goes nowhere";
                else if (l.down)
                        but = ", which is down: it goes nowhere";
        }
        ret->closed = but[0] != '\0' && ret->way[0] != '\0';
        if (but[0] == '\0' && l.may_open)
                but = ", and directly while that is down (failopen)";
        say_whose(&l, whose, sizeof(whose));
        (void)snprintf(ret->reason + len, sizeof(ret->reason) - len, "; it leaves by %s%s%s", pic__obj_name(l.exit),
                       whose, but);
}

/* The cell's own address: what every device may use. 1: decided. */
static int ask_always(const question *q, pic__why *ret)
{
        size_t i;

        if (pic__addr_cmp(&q->addr, &q->self) != 0)
                return 0;
        for (i = 0; i < PIC__ALWAYS; i++) {
                const pic__always *a = &pic__always_table[i];

                if (a->proto != q->proto || (a->port != 0 && a->port != q->port))
                        continue;
                (void)snprintf(ret->rule, sizeof(ret->rule), "%s", a->rule);
                say(ret, 1, "every active device may use this of the cell");
                return 1;
        }
        return 0;
}

/* Grants one after the other; *ret_part gets one that covers some of what was asked. */
static const pic__grant *deciding(const question *q, const pic__grant **ret_part)
{
        size_t i;

        *ret_part = NULL;
        for (i = 0; i < q->class->count; i++) {
                int c = covers(q, &q->class->grants[i]);

                if (c == YES)
                        return &q->class->grants[i];
                if (c == SOME && *ret_part == NULL)
                        *ret_part = &q->class->grants[i];
        }
        return NULL;
}

static int may_word(const question *q, int to)
{
        size_t i;

        for (i = 0; i < q->class->count; i++)
                if ((int)q->class->grants[i].to == to)
                        return 1;
        return 0;
}

/* A service that is nobody's now, or that takes a grant of its own. */
static void say_unserved(const question *q, pic__why *ret)
{
        const char *from = pic__obj_name(q->from), *name = pic__obj_name(q->service);
        const pic_obj *cell = pic__snap_cell(q->snap);

        if (pic__obj_int(q->service, "enabled") == 0)
                say(ret, 0, "service %s is turned off", name);
        else if (pic__obj_int(cell, "front") == 0)
                say(ret, 0, "service %s is behind the cell's front, which is turned off", name);
        else if (!pic__front_on(cell))
                say(ret, 0, "service %s waits for the cell's CA, which has no root yet", name);
        else
                say(ret, 0,
                    "%s needs service:%s, which reaches tcp/80 and tcp/443; no other right means a service's address",
                    from, name);
}

static int say_denied(const question *q, const pic__grant *part, pic__why *ret, pic_error **err)
{
        const char *name = pic__obj_name(q->from);
        int r;

        if (part != NULL) {
                r = set_rule(part, ret, err);
                if (r < 0)
                        return r;
                say(ret, 0, "%s may reach a part only: %s", name, ret->rule);
        } else if (q->service != NULL) {
                say_unserved(q, ret);
        } else if (pic__addr_cmp(&q->addr, &q->self) == 0) {
                say(ret, 0, "of the cell itself, %s may use DNS, time, portal and ping; nothing grants more", name);
        } else if (attached(q) != NULL && may_word(q, PIC__TO_INTERNET) && !may_word(q, PIC__TO_LAN)) {
                char net[PIC__PREFIX_TEXT];

                say(ret, 0, "%s is a network of this machine: it belongs to lan, not to internet; %s has no lan",
                    pic__prefix_print(attached(q), net), name);
        } else {
                say(ret, 0, "nothing that %s is granted covers this", name);
        }
        set_default(ret);
        return 0;
}

static int ask(const question *q, pic__why *ret, pic_error **err)
{
        const pic__grant *grant, *part;
        int r;

        if (ask_always(q, ret))
                return 0;
        grant = deciding(q, &part);
        if (grant == NULL)
                return say_denied(q, part, ret, err);
        r = set_rule(grant, ret, err);
        if (r < 0)
                return r;
        find_holder(q, ret);
        say_allowed(q, ret);
        return 0;
}

/* The word: is the grant there? */
static void ask_internet(const question *q, pic__why *ret)
{
        (void)snprintf(ret->destination, sizeof(ret->destination), "internet");
        if (!may_word(q, PIC__TO_INTERNET)) {
                set_default(ret);
                say(ret, 0, "%s has no access to the internet", pic__obj_name(q->from));
                return;
        }
        (void)snprintf(ret->rule, sizeof(ret->rule), "internet");
        find_holder(q, ret);
        say(ret, 1, "%s may, by %s of %s", pic__obj_name(q->from), ret->rule, ret->through);
}

static void not_active(const pic_obj *from, pic__why *ret)
{
        set_default(ret);
        say(ret, 0, pic__obj_int(from, "enabled") == 0 ? "%s is disabled" : "%s has expired", pic__obj_name(from));
}

static int ask_family(question *q, int i, const pic__why_dest *dest, pic__why *ret, pic_error **err)
{
        static const char *const nets[] = { "net4", "net6" }, *const addrs[] = { "address4", "address6" };

        if (pic__prefix_parse(pic__obj_text(pic__snap_cell(q->snap), nets[i]), &q->net) < 0 ||
            pic__addr_add(&q->net.addr, 1, &q->self) < 0)
                return pic__fail(err, PIC_CORRUPT, "cell: %s is no network", nets[i]);
        q->addr = dest->addr[i];
        q->service = dest->internet ? NULL : pic__service_at(q->snap, &q->addr);
        memset(ret, 0, sizeof(*ret));
        ret->peer = q->from->id;
        ret->class_number = q->class != NULL ? q->class->number : 0;
        ret->proto = q->proto;
        ret->port = q->port;
        (void)snprintf(ret->source, sizeof(ret->source), "%s", pic__obj_text(q->from, addrs[i]));
        if (!dest->internet)
                pic__addr_print(&q->addr, ret->destination);
        if (q->class == NULL) {
                not_active(q->from, ret);
                return 0;
        }
        if (!dest->internet) {
                int r = ask(q, ret, err);

                if (r == 0 && !is_near(q))
                        add_way(q, q->addr.family, ret);
                return r;
        }
        ask_internet(q, ret);
        add_way(q, i == 0 ? 4 : 6, ret);
        return 0;
}

/* Of two families the first that may is the answer; else the first. */
static int ask_families(question *q, const pic__why_dest *dest, int family, pic__why *ret, pic_error **err)
{
        int i, r, asked = 0;

        for (i = 0; i < 2; i++) {
                int wanted = dest->internet ? family != (i == 0 ? 6 : 4) : dest->addr[i].family != 0;
                pic__why answer;

                if (!wanted || (asked && ret->allowed))
                        continue;
                r = ask_family(q, i, dest, &answer, err);
                if (r < 0)
                        return r;
                if (!asked || answer.allowed)
                        *ret = answer;
                asked = 1;
        }
        return 0;
}

int pic__plan_why(const pic__snap *s, const char *from, const char *to, int family, pic__why *ret, pic_error **err)
{
        pic__why_dest dest;
        pic__why answer;
        question q;
        int r;

        if (pic__snap_cell(s) == NULL)
                return pic__fail(err, PIC_BADSTATE, "there is no cell yet");
        memset(&q, 0, sizeof(q));
        memset(&answer, 0, sizeof(answer));
        q.snap = s;
        q.from = pic__why_peer(s, from);
        if (q.from == NULL)
                return pic__why_unknown(s, from, err);
        r = pic__why_parse(s, to, family, &dest, err);
        if (r < 0)
                return r;
        q.class = pic__snap_class(s, q.from);
        q.proto = dest.proto;
        q.port = dest.port;
        r = ask_families(&q, &dest, family, &answer, err);
        if (r == 0)
                *ret = answer;
        return r;
}
