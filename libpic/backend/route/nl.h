/* One rtnetlink socket for requests: dumps and acknowledged changes, with the kernel's own words in errors. */
#ifndef PIC_BACKEND_ROUTE_NL_H
#define PIC_BACKEND_ROUTE_NL_H

#include <netlink/msg.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

typedef struct pic__route_nl {
        struct nl_sock *sock; /* NULL: not open */
        uint32_t port;        /* our own requests carry it, and so do most notifications they cause */
} pic__route_nl;

/* PIC_BACKEND, PIC_NOMEM. */
int pic__route_nl_open(pic__route_nl *nl, pic_error **err);
void pic__route_nl_close(pic__route_nl *nl);

/* A request with its family header, ready for attributes; NULL when out of memory. Free with nlmsg_free(). */
struct nl_msg *pic__route_nl_msg(int type, int flags, const void *header, size_t len);

/* What becomes of one request, while its answer is read. */
typedef struct pic__route_answer {
        pic__buf *out;                         /* gets the messages; NULL: not wanted */
        int (*want)(const struct nlmsghdr *h); /* which of them; NULL: all */
        uint32_t seq;
        int errnum;      /* positive, 0: none */
        int done;        /* the last message was there */
        int interrupted; /* what was dumped changed meanwhile */
        char extack[256];
} pic__route_answer;
/* Takes those messages of one datagram that answer a->seq. */
void pic__route_nl_take(pic__route_answer *a, void *datagram, size_t len);

/* Sends a dump request and collects all answers, one after the other, each aligned to 4 bytes; asked again when the
 * kernel's tables changed meanwhile. */
int pic__route_nl_dump(pic__route_nl *nl, struct nl_msg *request, pic__buf *out, pic_error **err);
/* Only those that `want` says 1 of: a full table of routes need not fit in memory. */
int pic__route_nl_dump_some(pic__route_nl *nl, struct nl_msg *request, int (*want)(const struct nlmsghdr *h),
                            pic__buf *out, pic_error **err);
/* Walks the collected answers: NULL in, the first; NULL out, no more. */
const struct nlmsghdr *pic__route_nl_next(const pic__buf *dump, const struct nlmsghdr *at);

/* Sends a change and waits for the kernel's word. 0, or a negative code: PIC_DENIED, PIC_CONFLICT (EEXIST),
 * PIC_NOTFOUND (no such device, route, address), PIC_UNSUPPORTED, PIC_NOMEM, PIC_BACKEND; detail "errno" and, where it
 * says something, "extack". `what` begins the message. */
int pic__route_nl_change(pic__route_nl *nl, struct nl_msg *request, const char *what, pic_error **err);

#endif
