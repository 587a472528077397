/* A netlink socket to the kernel's netfilter subsystems: one question, one answer, at a time. */
#ifndef PIC_BACKEND_NFT_SOCK_H
#define PIC_BACKEND_NFT_SOCK_H

#include <linux/netlink.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

typedef struct pic__nft_sock pic__nft_sock;

/* The way to the kernel and back: the real one is a netlink socket; tests have others. */
typedef struct pic__nft_door {
        int (*send)(pic__nft_sock *s, const pic__buf *messages, pic_error **err);
        /* One datagram into s->rx (PIC__NFT_RX bytes): its length, or a code; 0 when none is there and it may not wait.
         */
        ssize_t (*receive)(pic__nft_sock *s, int wait, pic_error **err);
} pic__nft_door;

#define PIC__NFT_RX ((size_t)64 << 10)

struct pic__nft_sock {
        const pic__nft_door *door; /* NULL: not open */
        int fd;
        uint32_t port; /* our address, as other listeners see it */
        uint32_t seq;  /* the last one used */
        char *rx;
};

#define PIC__NFT_SOCK_INIT           \
        {                            \
                NULL, -1, 0, 0, NULL \
        }

/* What the kernel refused. */
typedef struct pic__nft_refusal {
        int error;       /* errno; 0: nothing was refused */
        uint32_t seq;    /* the message, */
        uint32_t offset; /* and the place in it; 0 when unknown */
        char text[128];  /* its extended ack, "" when it gave none */
} pic__nft_refusal;

typedef int (*pic__nft_msg_fn)(const struct nlmsghdr *msg, void *data, pic_error **err);

int pic__nft_sock_open(pic__nft_sock *s, pic_error **err);
void pic__nft_sock_close(pic__nft_sock *s);

/* Asks for a dump: `request` is one message with the sequence number s->seq. fn gets each answer. PIC_STALE: the
 * kernel's state changed meanwhile, ask again. A refusal of the kernel is told in *ret_refusal and by PIC_BACKEND
 * without an error object: see pic__nft_refused. */
int pic__nft_sock_dump(pic__nft_sock *s, const pic__buf *request, pic__nft_msg_fn fn, void *data,
                       pic__nft_refusal *ret_refusal, pic_error **err);
/* Sends messages of which at least the last (sequence number s->seq) asks to be answered. A refusal as above; the first
 * one counts. */
int pic__nft_sock_send(pic__nft_sock *s, const pic__buf *messages, pic__nft_refusal *ret_refusal, pic_error **err);
/* Makes the error object of a refusal: code, words, hint. `what` is what was to be done. */
int pic__nft_refused(const pic__nft_refusal *refusal, const char *what, pic_error **err);

#endif
