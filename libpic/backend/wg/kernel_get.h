/* What WG_CMD_GET_DEVICE answers, message by message. */
#ifndef PIC_BACKEND_WG_KERNEL_GET_H
#define PIC_BACKEND_WG_KERNEL_GET_H

#include <netlink/attr.h>

#include "backend/wg/transport.h"

typedef struct pic__wg_dump {
        const pic__wg_reader *reader;
        pic_error **err;
        pic__wg_peer peer; /* may go on in the next message */
        int open;          /* there is a peer */
        int failed;        /* the reader's own error: its code, with *err set */
} pic__wg_dump;

void pic__wg_endpoint_text(const struct nlattr *attr, char *text, size_t size); /* WGPEER_A_ENDPOINT */
/* A handler of pic__nl_ask; data is a pic__wg_dump. */
int pic__wg_dump_message(const struct nlmsghdr *h, void *data);
/* After the last message: hands over the last peer. */
int pic__wg_dump_end(pic__wg_dump *d);
void pic__wg_dump_free(pic__wg_dump *d);
#define pic__auto_wg_dump PIC__AUTO(pic__wg_dump_free)

#endif
