/* A netlink socket that we read ourselves: libnl builds and takes apart the messages, but its receiving keeps copies of
 * what came (there are private keys in it) and does not give the kernel's words (extended ack). */
#ifndef PIC_BACKEND_WG_NL_H
#define PIC_BACKEND_WG_NL_H

#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "base/err.h"

#define PIC__NL_ROOM 65536

typedef struct pic__nl {
        struct nl_sock *sock;
        unsigned char *room; /* PIC__NL_ROOM bytes: what was received last */
        char extack[200];    /* the kernel's words on the last failure, or "" */
} pic__nl;

/* protocol: NETLINK_ROUTE, NETLINK_GENERIC. */
int pic__nl_open(pic__nl *nl, int protocol, pic_error **err);
void pic__nl_close(pic__nl *nl);
/* Sends a request and takes all of its answer; fn gets each message of it and may be NULL. 0 or -errno; -EINTR: what
 * was dumped changed meanwhile. A negative answer of fn is the result, after the rest was taken. What was received is
 * wiped. */
int pic__nl_ask(pic__nl *nl, struct nl_msg *msg, int (*fn)(const struct nlmsghdr *h, void *data), void *data);
/* What becomes of a request, while its answer is read. */
typedef struct pic__nl_answer {
        unsigned seq;
        int (*fn)(const struct nlmsghdr *h, void *data); /* may be NULL */
        void *data;
        int result; /* 0, or the first -errno */
        int end;    /* the last message was there */
} pic__nl_answer;
/* Takes those messages of one datagram that answer a->seq; the words of a refusal go to nl->extack. */
void pic__nl_take(pic__nl *nl, void *datagram, size_t len, pic__nl_answer *a);
/* An error from pic__nl_ask: code by errno, the kernel's words as detail "extack" and in the text, a hint where there
 * is one. */
int pic__nl_fail(const pic__nl *nl, pic_error **err, int errnum, const char *fmt, ...) PIC_PRINTF(4, 5);
void pic__nl_msg_free(struct nl_msg *msg); /* wiped; takes NULL */
static inline void pic__nl_msg_free_p(struct nl_msg **msg)
{
        pic__nl_msg_free(*msg);
}
#define pic__auto_nl_msg PIC__AUTO(pic__nl_msg_free_p)

#endif
