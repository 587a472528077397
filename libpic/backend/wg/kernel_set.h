/* Peers on their way to the kernel: WG_CMD_SET_DEVICE messages, filled until they are large enough. */
#ifndef PIC_BACKEND_WG_KERNEL_SET_H
#define PIC_BACKEND_WG_KERNEL_SET_H

#include "backend/wg/transport.h"

#define PIC__WG_BATCH_ROOM 32768

typedef struct pic__wg_batch {
        pic__nl *nl;
        int family;
        int index; /* of the link */
        /* Sends a full message: pic__wg_batch_send, or what a test puts here. 0 or -errno. */
        int (*send)(struct pic__wg_batch *b);
        struct nl_msg *msg; /* NULL: nothing waits */
        struct nlattr *peers;
} pic__wg_batch;

/* 0 or -errno; after a failure the batch is empty. */
int pic__wg_batch_set(pic__wg_batch *b, const pic__wg_peer *peer, int replace);
int pic__wg_batch_remove(pic__wg_batch *b, const uint8_t key[32]);
int pic__wg_batch_flush(pic__wg_batch *b);
int pic__wg_batch_send(pic__wg_batch *b);
void pic__wg_batch_drop(pic__wg_batch *b);

/* An empty message to the device; NULL when out of memory. */
struct nl_msg *pic__wg_set_message(int family, int index);

#endif
