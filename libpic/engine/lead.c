/* Owns: asking the router to lead the cell's UDP port here, again before that ends, and taking it back. */
#include "engine/lead.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/domains_find.h"
#include "engine/engine_i.h"
#include "engine/router.h"

#define SOONEST (60 * PIC__SECOND)
#define LATEST (3600 * PIC__SECOND)
#define AGAIN (300 * PIC__SECOND) /* after the first failure; doubled each time up to LATEST */
#define END_MS 4000

enum state { WAITING, LED, UNNEEDED, REFUSED, SILENT };

struct pic__lead {
        int epoll;
        pic__router router;
        int asking; /* for `port`; with no lifetime: to lead it no more */
        unsigned port;
        unsigned led;     /* what it leads here as far as we know; 0: nothing */
        int undo;         /* which is not what was asked for */
        pic_time until;   /* wall; 0: for good, or nothing is led */
        pic_time look_at; /* monotonic */
        unsigned failures;
        enum state state;
        char address[48]; /* the router's, as it says */
        char why[200];
        const char *hint;
};

static pic_time wall(const pic__engine *e)
{
        return e->clock->now(e->clock->data);
}

static pic_time mono(const pic__engine *e)
{
        return e->clock->mono(e->clock->data);
}

void pic__engine_lead_drop(pic__engine *e)
{
        if (e->lead == NULL)
                return;
        pic__router_free(&e->lead->router);
        close(e->lead->epoll);
        pic__free(e->lead);
        e->lead = NULL;
}

static int watch(pic__engine *e)
{
        struct pic__lead *l = e->lead != NULL ? e->lead : pic__alloc(sizeof(*l));

        if (l == NULL || e->lead != NULL)
                return l != NULL ? 0 : -1;
        l->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (l->epoll < 0) {
                pic__free(l);
                return -1;
        }
        e->lead = l;
        return 0;
}

/* The port that is to be led; 0: none. */
static unsigned wanted(const pic__engine *e)
{
        const pic_obj *cell = e->snap != NULL && !e->fake && !e->stopping ? pic__snap_cell(e->snap) : NULL;

        return cell != NULL && strcmp(pic__obj_text(cell, "router"), "map") == 0
                       ? (unsigned)pic__obj_int(cell, "listen_port")
                       : 0;
}

/* --- answers -------------------------------------------------------------------------------------------------- */

/* A new state is told once. */
static void became(pic__engine *e, enum state state, const char *hint, const char *why)
{
        struct pic__lead *l = e->lead;
        int news = l->state != state || strcmp(l->why, why) != 0;

        l->state = state;
        l->hint = hint;
        (void)snprintf(l->why, sizeof(l->why), "%s", why);
        if (!news)
                return;
        if (state == LED)
                pic__log_put(e->log, PIC_LOG_INFO, "router", "the router %s leads UDP port %u here (%s)",
                             l->router.gateway, l->port, pic__router_way_name(l->router.way));
        else if (state != UNNEEDED)
                pic__log_put(e->log, PIC_LOG_WARNING, "router", "UDP port %u is not led here: %s", l->port, why);
}

static void failed(pic__engine *e, enum state state, const char *hint, const char *why)
{
        struct pic__lead *l = e->lead;
        pic_time wait = AGAIN;
        unsigned i;

        for (i = 0; i < l->failures && wait < LATEST; i++)
                wait *= 2;
        l->failures += l->failures < 100;
        l->look_at = mono(e) + (wait < LATEST ? wait : LATEST);
        became(e, state, hint, why);
}

static void heed_led(pic__engine *e)
{
        struct pic__lead *l = e->lead;
        const pic__router_said *said = &l->router.said;
        pic_time half = (pic_time)said->lifetime * PIC__SECOND / 2;

        l->led = l->port;
        l->failures = 0;
        l->until = said->lifetime > 0 ? wall(e) + (pic_time)said->lifetime * PIC__SECOND : 0;
        l->look_at = mono(e) + (half == 0 || half > LATEST ? LATEST : half < SOONEST ? SOONEST : half);
        became(e, LED, NULL, "");
}

static void heed(pic__engine *e)
{
        struct pic__lead *l = e->lead;
        const pic__router_said *said = &l->router.said;
        char why[200];

        (void)snprintf(l->address, sizeof(l->address), "%s", said->address);
        if (!l->router.answered) {
                failed(e, SILENT,
                       "Is NAT-PMP or UPnP turned on there? Else lead the port by hand on the router's own page",
                       l->router.gateway[0] == '\0' ? "this machine has no router (no default route over IPv4)"
                       : pic__router_can()          ? "the router answers neither NAT-PMP nor UPnP"
                                                    : "neither natpmpc nor upnpc is here to ask it");
                if (!pic__router_can())
                        l->hint = "apt-get install natpmpc miniupnpc";
        } else if (said->led && said->port == l->port) {
                heed_led(e);
        } else if (said->led) { /* devices would knock at a port that is somebody else's */
                (void)snprintf(why, sizeof(why), "the router leads it to somebody else, and offers port %u instead",
                               said->port);
                failed(e, REFUSED,
                       "Another port: pic cell set --listen-port PORT, and show devices their configuration again",
                       why);
                l->led = l->port;
                l->undo = 1;
                l->look_at = mono(e) + LATEST;
        } else {
                (void)snprintf(why, sizeof(why), "the router says: %s",
                               said->refusal[0] != '\0' ? said->refusal : "nothing of that port");
                failed(e, REFUSED, "Lead the port by hand on the router's own page, or ask who looks after it", why);
        }
}

/* --- turns ---------------------------------------------------------------------------------------------------- */

static void forget_led(struct pic__lead *l)
{
        l->led = 0;
        l->undo = 0;
}

static void ask(pic__engine *e, unsigned port, unsigned lifetime)
{
        struct pic__lead *l = e->lead;

        l->port = port;
        l->asking = 1;
        if (pic__router_begin(&l->router, port, lifetime) != 0) {
                l->asking = 0;
                if (lifetime > 0)
                        heed(e);
                else
                        forget_led(l);
        }
}

static void go_on(pic__engine *e)
{
        struct pic__lead *l = e->lead;

        if (!pic__router_go_on(&l->router))
                return;
        l->asking = 0;
        if (l->router.lifetime > 0)
                heed(e);
        else
                forget_led(l); /* whether it heard or not: its time ends it */
}

/* Nobody stands before a machine whose own address is public. */
static int is_needed(pic__engine *e)
{
        char own[48];

        pic__outside_own4(own);
        if (!pic__outside_is_public(own))
                return 1;
        e->lead->look_at = mono(e) + AGAIN;
        became(e, UNNEEDED, NULL, "");
        return 0;
}

static void decide(pic__engine *e, unsigned port)
{
        struct pic__lead *l = e->lead;

        if (l->led != 0 && (l->led != port || l->undo)) {
                if (l->led != port)
                        l->look_at = 0;
                ask(e, l->led, 0);
        } else if (port == 0) {
                pic__engine_lead_drop(e);
        } else if ((l->port != port || mono(e) >= l->look_at) && is_needed(e)) {
                ask(e, port, PIC__LEAD_LEASE);
        }
}

void pic__engine_lead_turn(pic__engine *e)
{
        unsigned port = wanted(e);
        struct epoll_event ev = { .events = EPOLLIN };

        if ((e->lead == NULL && port == 0) || watch(e) < 0)
                return;
        if (e->lead->asking)
                go_on(e);
        if (!e->lead->asking)
                decide(e, port);
        if (e->lead != NULL && e->lead->asking)
                (void)epoll_ctl(e->lead->epoll, EPOLL_CTL_ADD, pic__router_fd(&e->lead->router), &ev);
}

int pic__engine_lead_fd(const pic__engine *e)
{
        return e->lead != NULL ? e->lead->epoll : -1;
}

pic_time pic__engine_lead_due(const pic__engine *e)
{
        if (e->lead == NULL || e->lead->asking) /* its descriptor wakes */
                return 0;
        return e->lead->look_at > 0 ? e->lead->look_at : 1;
}

void pic__engine_lead_end(pic__engine *e)
{
        struct pic__lead *l = e->lead;
        pic_time end = mono(e) + END_MS * (PIC__SECOND / 1000);

        if (l == NULL || (l->led == 0 && !l->asking))
                return;
        ask(e, l->led != 0 ? l->led : l->port, 0);
        while (l->asking && mono(e) < end) {
                struct pollfd p = { .fd = pic__router_fd(&l->router), .events = POLLIN };

                (void)poll(&p, 1, 100);
                go_on(e);
        }
        pic__engine_lead_drop(e);
}

/* --- what is known -------------------------------------------------------------------------------------------- */

int pic__engine_lead_is(const pic__engine *e)
{
        return e->lead != NULL && e->lead->state == LED;
}

int pic__engine_lead_fails(const pic__engine *e)
{
        const struct pic__lead *l = e->lead;

        if (l == NULL || wanted(e) == 0)
                return 0;
        return l->state == REFUSED || l->state == SILENT ||
               (l->state == LED && l->address[0] != '\0' && !pic__outside_is_public(l->address));
}

void pic__engine_lead_address(const pic__engine *e, char text[48])
{
        (void)snprintf(text, 48, "%s", e->lead != NULL ? e->lead->address : "");
}

static void put_text(pic__json *j, const char *key, const char *text)
{
        pic__json_kstr(j, key, text != NULL && text[0] != '\0' ? text : NULL);
}

void pic__engine_lead_json(const pic__engine *e, pic__json *out)
{
        static const char *const states[] = { "waiting", "led", "unneeded", "refused", "silent" };
        const struct pic__lead *l = e->lead;
        char text[PIC__TIME_TEXT];

        if (l == NULL || wanted(e) == 0) {
                pic__json_null(out);
                return;
        }
        pic__json_open(out, '{');
        pic__json_kstr(out, "state", states[l->state]);
        put_text(out, "way", l->state == LED ? pic__router_way_name(l->router.way) : NULL);
        put_text(out, "gateway", l->router.gateway);
        put_text(out, "address", l->address);
        pic__json_kint(out, "port", (int64_t)wanted(e));
        put_text(out, "until", l->state == LED ? pic__time_print(l->until, text) : NULL);
        put_text(out, "why", l->why);
        put_text(out, "hint", l->hint);
        pic__json_close(out, '}');
}

static void look_at_endpoint(const pic__engine *e, pic__findings *f)
{
        const char *endpoint = pic__obj_text(pic__snap_cell(e->snap), "endpoint"), *address = e->lead->address;
        char host[256];
        uint16_t port;
        pic__addr a;

        if (address[0] == '\0' || pic__endpoint_parse(endpoint, host, &port) < 0 || pic__addr_parse(host, &a) < 0 ||
            a.family != 4 || strcmp(host, address) == 0)
                return;
        pic__foundf(
                f, PIC_LOG_WARNING, "router",
                "pic cell set --endpoint with a name that the cell publishes (pic help domains) or the new address, "
                "and show devices their configuration again",
                "devices call %s, but the router's address is %s", host, address);
}

void pic__engine_lead_look(const pic__engine *e, pic__findings *f)
{
        const struct pic__lead *l = e->lead;

        if (l == NULL || wanted(e) == 0)
                return;
        if (l->state == REFUSED || l->state == SILENT)
                pic__foundf(f, PIC_LOG_WARNING, "router", l->hint, "UDP port %u is not led here: %s", l->port, l->why);
        else if (l->state == LED && l->address[0] != '\0' && !pic__outside_is_public(l->address))
                pic__foundf(f, PIC_LOG_WARNING, "router",
                            "Ask the provider for a public address, or let devices come over IPv6",
                            "the router leads UDP port %u here, but is itself behind another one: its address is %s",
                            l->port, l->address);
        else if (l->state == LED)
                look_at_endpoint(e, f);
}
