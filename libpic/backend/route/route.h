/* Links' state, addresses, routes, forwarding sysctls: rtnetlink by libnl-route and /proc/sys. */
#ifndef PIC_BACKEND_ROUTE_ROUTE_H
#define PIC_BACKEND_ROUTE_ROUTE_H

#include "plan/backend.h"

#define PIC__ROUTE_PROTOCOL 112 /* our own route protocol number: only routes with it are ours */

typedef struct pic__route_opts {
        const char *run_dir; /* former values of sysctls, to be given back */
        const pic__log *log;
} pic__route_opts;

int pic__route_new(const pic__route_opts *opts, pic__backend **ret, pic_error **err);

/* Prefixes that the host uses now (addresses and routes of all interfaces but ours, both families): what a new cell's
 * networks must not overlap. fn gets each with the interface's name. */
int pic__route_host_prefixes(int (*fn)(const char *prefix, const char *ifname, void *data), void *data,
                             pic_error **err);

/* The networks that this host is attached to now, without a backend: for one who only wants to know. */
int pic__route_host_attached(pic__attached *out, pic_error **err);

enum {
        PIC__ROUTE_SLOT_DEVICE = 1 << 0,   /* there is a device picx<n> that is none of ours */
        PIC__ROUTE_SLOT_PRIORITY = 1 << 1, /* a rule of somebody else's stands at its priority */
        PIC__ROUTE_SLOT_TABLE = 1 << 2     /* somebody else has routes in its table, or leads packets there */
};
/* Which slots of exits (model/exit.h) others on this host use now, and by what; without a backend, for one who chooses
 * a slot. `taken` has PIC__EXIT_SLOTS + 1 bytes; 0: free. */
int pic__route_host_slots(uint8_t *taken, pic_error **err);

/* The devices from which this host passed nothing on, of one family (4, 6), before forwarding was turned on for the
 * cell; before that is done: from which it passes nothing on now. None where it was a router already. In order of
 * family and name; fn ends the walk with a value other than 0, which is then the result. Devices that came later are
 * not known: what made them may have looked at the switch. */
int pic__route_closed(const char *run_dir, int (*fn)(int family, const char *device, void *data), void *data,
                      pic_error **err);

#endif
