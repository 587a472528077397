/* Owns: what is asked when a connection is tried out, and what the answers mean.
 *
 * Who is asked: OpenDNS tells who asks (myip.opendns.com) by its own addresses; Akamai's name whoami.akamai.net is
 * answered with the address of the resolver that asked for it. Both are asked only when a person wants a trial. */
#include "engine/exits_trial.h"

#include <string.h>

#include "base/time.h"

#define TRIES 3
#define LIMIT (4 * PIC__SECOND)
#define LIMIT_SLOW (7 * PIC__SECOND) /* tor */

enum { ADDRESS4, ADDRESS6, OWN4, OWN6, RESOLVER, NAMES, UDP };

static const pic__question my4 = { "myip.opendns.com", PIC__QUERY_A, 1 };
static const pic__question my6 = { "myip.opendns.com", PIC__QUERY_AAAA, 1 };
static const pic__question resolver = { "whoami.akamai.net", PIC__QUERY_A, 1 };
static const pic__addr opendns4 = { 4, { 208, 67, 222, 222 } };
static const pic__addr opendns6 = { 6, { 0x26, 0x20, 0x01, 0x19, 0x00, 0x35, [15] = 0x35 } };

struct pic__trial {
        pic__probe probes[PIC__TRIAL_PROBES];
        pic__probe_target targets[PIC__TRIAL_PROBES];
        char device[PIC__EXIT_DEV];
        int epoll;
        uint32_t tag;
        int tcp; /* it carries nothing else */
        int carries4, carries6;
};

static int is_tcp(const pic_obj *carrier)
{
        return pic__exit_is(carrier, "tor") || pic__exit_is(carrier, "ssh") || pic__exit_is(carrier, "proxy");
}

static int send_all(pic__trial *t, const pic__probe_opts *opts, pic_time now, pic_error **err)
{
        unsigned i;

        for (i = 0; i < PIC__TRIAL_PROBES; i++) {
                int r = pic__probe_start(&t->probes[i], &opts[i], now, err);

                if (r < 0)
                        return r;
                pic__probe_watch(&t->probes[i], t->epoll, t->tag + i);
        }
        return 0;
}

static void set_targets(pic__trial *t, const pic_obj *carrier)
{
        pic__addr cell;
        unsigned i;

        for (i = 0; i < PIC__TRIAL_PROBES; i++)
                t->targets[i] = (pic__probe_target){ opendns4, 53 };
        t->targets[ADDRESS6].to = t->targets[OWN6].to = opendns6;
        if (!t->carries4) /* the only way there is the other one */
                t->targets[UDP].to = opendns6;
        pic__exit_link(pic__exit_slot(carrier), 4, &cell, &t->targets[RESOLVER].to);
        t->targets[NAMES].to = t->targets[RESOLVER].to;
}

static void fill(const pic__trial *t, const pic_obj *c, const pic_obj *carrier, pic__probe_opts *o)
{
        const pic__probe_opts through = { .count = 1,
                                          .mark = pic__exit_mark(pic__exit_slot(c)),
                                          .device = t->device,
                                          .tcp = t->tcp,
                                          .tries = t->tcp ? 1 : TRIES,
                                          .limit = pic__exit_is(carrier, "tor") ? LIMIT_SLOW : LIMIT,
                                          .hasty = 1 };
        const pic__probe_opts direct = { .count = 1, .tries = TRIES, .limit = LIMIT, .hasty = 1 };
        unsigned i;

        for (i = 0; i < PIC__TRIAL_PROBES; i++) {
                o[i] = i == OWN4 || i == OWN6 ? direct : through;
                o[i].targets = &t->targets[i];
                o[i].ask = t->targets[i].to.family == 6 ? &my6 : &my4;
                if (i != UDP && i != RESOLVER && i != NAMES)
                        continue;
                o[i].tcp = 0;
                o[i].tries = TRIES;
        }
        o[RESOLVER].ask = &resolver;
        o[NAMES].ask = NULL;
}

int pic__trial_start(const pic_obj *connection, const pic_obj *carrier, int epoll, uint32_t tag, pic_time now,
                     pic__trial **ret, pic_error **err)
{
        PIC__AUTO(pic__trial_unref_p) pic__trial *t = pic__alloc(sizeof(*t));
        pic__probe_opts opts[PIC__TRIAL_PROBES];
        unsigned i;
        int r;

        if (t == NULL)
                return pic__nomem(err);
        for (i = 0; i < PIC__TRIAL_PROBES; i++)
                t->probes[i] = (pic__probe)PIC__PROBE_INIT;
        t->epoll = epoll;
        t->tag = tag;
        t->tcp = is_tcp(carrier);
        t->carries4 = pic__exit_carries(carrier, 4);
        t->carries6 = pic__exit_carries(carrier, 6);
        (void)pic__exit_dev(pic__exit_slot(carrier), t->device);
        set_targets(t, carrier);
        fill(t, connection, carrier, opts);
        r = send_all(t, opts, now, err);
        if (r < 0)
                return r;
        *ret = pic__take(t);
        return 0;
}

int pic__trial_turn(pic__trial *t, pic_time now)
{
        unsigned i, out = 0;

        for (i = 0; i < PIC__TRIAL_PROBES; i++) {
                out += pic__probe_turn(&t->probes[i], now) == PIC__PROBE_OUT ? 1 : 0;
                pic__probe_watch(&t->probes[i], t->epoll, t->tag + i);
        }
        return out == 0;
}

pic_time pic__trial_due(const pic__trial *t)
{
        pic_time at = 0;
        unsigned i;

        for (i = 0; i < PIC__TRIAL_PROBES; i++)
                if (t->probes[i].state == PIC__PROBE_OUT && (at == 0 || t->probes[i].next < at))
                        at = t->probes[i].next;
        return at;
}

pic__trial *pic__trial_unref(pic__trial *t)
{
        unsigned i;

        for (i = 0; t != NULL && i < PIC__TRIAL_PROBES; i++)
                pic__probe_end(&t->probes[i]);
        pic__free(t);
        return NULL;
}

/* --- what it means ---------------------------------------------------------------------------------------------- */

static const char *said(const pic__trial *t, unsigned i)
{
        return t->probes[i].state == PIC__PROBE_ANSWERED ? t->probes[i].text : "";
}

static int answered(const pic__trial *t, unsigned i)
{
        return t->probes[i].state == PIC__PROBE_ANSWERED;
}

const char *pic__trial_address(const pic__trial *t, int family)
{
        return said(t, family == 4 ? ADDRESS4 : ADDRESS6);
}

static void put(pic__json *j, const char *what, int good, const char *value, const char *message, const char *hint)
{
        pic__json_open(j, '{');
        pic__json_kstr(j, "what", what);
        pic__json_kbool(j, "good", good);
        pic__json_kstr(j, "value", value != NULL && value[0] != '\0' ? value : NULL);
        pic__json_kstr(j, "message", message);
        pic__json_kstr(j, "hint", good ? NULL : hint);
        pic__json_close(j, '}');
}

/* What is not carried is refused: no answer is as it should be. */
static void put_address(const pic__trial *t, unsigned i, int carries, const char *what, pic__json *j)
{
        const char *value = said(t, i);

        if (value[0] != '\0')
                put(j, what, carries, value, carries ? "as the world sees it" : "is carried, though it should not be",
                    NULL);
        else if (!carries)
                put(j, what, 1, NULL, "not carried: refused", NULL);
        else
                put(j, what, 0, NULL, answered(t, i) ? "the answer has no address" : "no answer",
                    "If it is up, the far end lets no packets out to the internet.");
}

static int is_own(const pic__trial *t, const char *address)
{
        return address[0] != '\0' && (strcmp(address, said(t, OWN4)) == 0 || strcmp(address, said(t, OWN6)) == 0);
}

static void put_dns(const pic__trial *t, pic__json *j)
{
        const char *value = said(t, RESOLVER);

        if (is_own(t, value))
                put(j, "dns", 0, value, "names are asked for directly, not through it",
                    "pic drift tells whether somebody changed this machine");
        else if (value[0] != '\0')
                put(j, "dns", 1, value, "the resolver that is used, as the world sees it", NULL);
        else if (answered(t, NAMES))
                put(j, "dns", 1, NULL, "names are answered; who asks for them is not known", NULL);
        else
                put(j, "dns", 0, NULL, "names are not answered",
                    "If it is up, choose other servers: pic connection set NAME --dns ADDRESS");
}

static void put_udp(const pic__trial *t, pic__json *j)
{
        int passes = answered(t, UDP);

        if (t->tcp)
                put(j, "udp", !passes, NULL, passes ? "is carried, though it should not be" : "not carried: refused",
                    NULL);
        else
                put(j, "udp", passes, NULL, passes ? "is carried" : "no answer",
                    "If it is up, look at the far end's firewall.");
}

/* The same address by both ways: the exit is no exit. */
static void put_leak(const pic__trial *t, pic__json *j)
{
        const char *own = said(t, OWN4)[0] != '\0' ? said(t, OWN4) : said(t, OWN6);
        int leaks = is_own(t, said(t, ADDRESS4)) || is_own(t, said(t, ADDRESS6)) || is_own(t, said(t, RESOLVER));

        if (leaks)
                put(j, "leak", 0, own, "the cell itself is seen by the same address",
                    "The far end may be behind the same address; if it is not: pic doctor, pic drift");
        else
                put(j, "leak", 1, own,
                    own[0] != '\0' ? "so the cell itself is seen: another address"
                                   : "not compared: the cell itself got no answer",
                    NULL);
}

void pic__trial_json(const pic__trial *t, pic__json *j)
{
        pic__json_open(j, '[');
        put_address(t, ADDRESS4, t->carries4, "address4", j);
        put_address(t, ADDRESS6, t->carries6, "address6", j);
        put_dns(t, j);
        put_udp(t, j);
        put_leak(t, j);
        pic__json_close(j, ']');
}
