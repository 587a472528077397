/* What happens behind our back: a link that goes or changes its name (rtnetlink), a process that dies (pidfd). One
 * epoll descriptor for all. */
#ifndef PIC_BACKEND_WG_EVENTS_H
#define PIC_BACKEND_WG_EVENTS_H

#include "backend/wg/link.h"
#include "sys/child.h"

typedef struct pic__wg_events {
        int epoll;
        int kick; /* eventfd: we ourselves want to be looked at again */
        struct nl_sock *links;
        pid_t watched;
} pic__wg_events;

int pic__wg_events_open(pic__wg_events *ev, pic_error **err);
void pic__wg_events_close(pic__wg_events *ev);
/* Watches the process too, if one runs. */
void pic__wg_events_watch(pic__wg_events *ev, const pic__child *child);
void pic__wg_events_kick(pic__wg_events *ev);
/* Takes all that waits. LINK: the link (index 0: none) may be gone or another one now: messages said that it is
 * gone, down, renamed or not marked, or messages were lost. KICK: it was kicked. */
enum { PIC__WG_HEARD_LINK = 1 << 0, PIC__WG_HEARD_KICK = 1 << 1 };
unsigned pic__wg_events_drain(pic__wg_events *ev, const pic__wg_link *link);
/* LINK or 0, by what one datagram says. */
unsigned pic__wg_events_hear(const void *datagram, size_t len, const pic__wg_link *link);

#endif
