/* What the files of this backend share. */
#ifndef PIC_BACKEND_ROUTE_INSIDE_H
#define PIC_BACKEND_ROUTE_INSIDE_H

#include "backend/route/nl.h"
#include "backend/route/route.h"
#include "backend/route/view.h"
#include "base/vec.h"
#include "model/attached.h"

#define PIC__ROUTE_RECORD "sysctl" /* file in the run directory: former values of sysctls */
/* Value of an address whose network has no route: somebody took away what the kernel made with it. */
#define PIC__ROUTE_LONELY "no route"
#define PIC__ROUTE_ALIAS "pic" /* the mark on a device of ours; `ip link` shows it */

/* A sysctl that we hold, as it was when last looked at or set. */
typedef struct pic__route_held {
        char key[96];
        char value[32];
} pic__route_held;

typedef struct pic__route {
        pic__backend base;
        char *record_path; /* former values of sysctls */
        char *run_dir;
        pic__route_nl nl;
        struct nl_sock *events;
        char *event_buf;
        /* Ours as last observed or made: what a notification is held against. No wishes. */
        pic__route_links links;
        PIC__VEC(pic__route_held) held;
        int followed; /* `sum` is that of our items: as observed last, with the steps taken since */
        int known;    /* the same, and they were observed */
        uint64_t sum;
        int closing;        /* there were floors or rules of exits when last looked */
        pic__attached nets; /* that the machine was attached to when somebody asked last */
} pic__route;

/* device.c: one step each. `links` is all there are at the beginning of the run. */
int pic__route_link_step(pic__route *b, pic__route_links *links, const pic__step *step, pic_error **err);
int pic__route_addr_step(pic__route *b, pic__route_links *links, const pic__step *step, pic_error **err);
int pic__route_link_down(pic__route *b, const pic__route_link *link, pic_error **err);
/* Makes a device ours: puts the alias on it. PIC_NOTFOUND, PIC_CONFLICT when it carries somebody else's. */
int pic__route_claim(pic__route *b, pic__route_links *links, const char *name, pic__route_link **ret, pic_error **err);
int pic__route_release(pic__route *b, const pic__route_link *link, pic_error **err);
int pic__route_addr_put(pic__route *b, int type, int flags, const pic__route_link *link, const pic__prefix *p,
                        pic_error **err);

/* entry.c */
int pic__route_route_step(pic__route *b, pic__route_links *links, const pic__step *step, pic_error **err);
int pic__route_route_drop(pic__route *b, const pic__route_route *route, pic_error **err);
/* RTM_NEWROUTE, RTM_DELROUTE: with our protocol number. */
int pic__route_route_put(pic__route *b, int type, int flags, const pic__route_route *route, pic_error **err);
/* "dev=pic0 via=10.1.0.9 table=1001" into text; all but dev where they say something. */
void pic__route_entry_print(const pic__route_route *route, const char *dev, char *text, size_t size);

/* exit_route.c: floors and ways of exits' tables */
int pic__route_exit_table(uint32_t table);
int pic__route_is_exit(const pic__route_route *route); /* one of them, and no entry */
int pic__route_is_floor(const pic__route_route *route);
int pic__route_at_floor(const pic__route_route *route); /* where one is, whosever it may be */
int pic__route_exit_observe(const pic__route_routes *routes, const pic__route_links *links, pic__items *out,
                            pic_error **err);
int pic__route_floor_step(pic__route *b, pic__route_links *links, const pic__step *step, pic_error **err);
int pic__route_default_step(pic__route *b, pic__route_links *links, const pic__step *step, pic_error **err);

/* exit_rule.c */
int pic__route_rule_step(pic__route *b, const pic__step *step, pic_error **err);
int pic__route_rule_drop(pic__route *b, int family, uint32_t priority, pic_error **err); /* the first of ours there */
int pic__route_rule_observe(pic__route *b, pic__items *out, pic_error **err);

/* sysctl.c */
int pic__route_sysctl_observe(pic__route *b, pic__items *out, pic_error **err);
int pic__route_sysctl_step(pic__route *b, const pic__step *step, pic_error **err);
int pic__route_sysctl_give_back(pic__route *b, pic_error **err); /* all of them */
int pic__route_sysctl_drifted(pic__route *b);                    /* 1: one that we hold is not as it was last seen */

/* events.c */
int pic__route_events_open(pic__route *b, pic_error **err);
void pic__route_events_close(pic__route *b);
int pic__route_drain(pic__backend *backend);
/* 1: nothing of ours is otherwise than it was last seen or made. */
int pic__route_same(pic__route *b);
enum {
        PIC__ROUTE_LOOK = 1 << 0,
        PIC__ROUTE_SETTING = 1 << 1,
        PIC__ROUTE_SURE = 1 << 2,
        PIC__ROUTE_NETS = 1 << 3, /* the networks that the machine is attached to may be others */
        PIC__ROUTE_OPEN = 1 << 4  /* what keeps packets of exits in is gone: needs no look */
};
/* What one datagram of notifications gives reason for: a look at links and addresses, at settings; SURE: needs no look.
 */
int pic__route_hear(const pic__route *b, const void *datagram, size_t len);
/* Replaces what is known of our links by what `links` has of them. */
int pic__route_seen(pic__route *b, const pic__route_links *links, pic_error **err);
int pic__route_seen_link(pic__route *b, const pic__route_link *link, pic_error **err);

/* attached.c */
int pic__route_attached(pic__backend *backend, pic__attached *out, pic_error **err);
/* Whether what a notification tells of may make a difference to them. */
int pic__route_addr_attaches(const pic__route_addr *addr);
int pic__route_route_attaches(const pic__route_route *route);
int pic__route_was_attached(const pic__route *b, const pic__prefix *net);
/* Calls back with each network that is directly there, but too wide to be taken for one that the machine is attached
 * to. */
int pic__route_too_wide(pic__route *b, void (*fn)(const pic__prefix *net, const char *device, void *data), void *data,
                        pic_error **err);

/* doctor.c */
void pic__route_doctor(pic__backend *backend, pic__finding_fn fn, void *data);

/* strangers.c */
void pic__route_strangers(pic__backend *backend, pic__finding_fn fn, void *data);

/* procsys.c: "net.ipv4.ip_forward"; as with sysctl(8) a dot inside a name is written '/':
 * "net.ipv6.conf.eth0/100.accept_ra". */
int pic__procsys_read(const char *key, char *value, size_t size, pic_error **err);
int pic__procsys_write(const char *key, const char *value, pic_error **err);
/* Calls back with the key of each device's setting (also "all" and "default"), "net.ipv6.conf.<device>.<leaf>"; stops
 * at a negative answer. */
int pic__procsys_each(int family, const char *leaf, int (*fn)(const char *key, const char *device, void *data),
                      void *data, pic_error **err);

#endif
