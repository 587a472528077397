/* The two ways to a WireGuard device: the kernel's (kernel.c) and wireguard-go's (user.c). One of them carries the
 * cell's device. */
#ifndef PIC_BACKEND_WG_TRANSPORT_H
#define PIC_BACKEND_WG_TRANSPORT_H

#include "backend/wg/link.h"
#include "backend/wg/value.h"
#include "base/log.h"
#include "sys/child.h"

/* Gets what is read: the device first, then each peer. A negative answer ends the reading and is its result. */
typedef struct pic__wg_reader {
        int (*device)(const pic__wg_device *device, void *data, pic_error **err); /* may be NULL */
        int (*peer)(pic__wg_peer *peer, void *data, pic_error **err);
        void *data;
} pic__wg_reader;

typedef struct pic__wg_transport pic__wg_transport;

typedef struct pic__wg_transport_ops {
        /* A device of ours that is there already. 1 and its link, 0 none. */
        int (*find)(pic__wg_transport *t, pic__wg_link *ret, pic_error **err);
        /* Takes away what a kill may have left half made under that name. */
        void (*sweep)(pic__wg_transport *t, const char *name);
        /* The name is free (the caller looked). PIC_UNSUPPORTED when this way does not exist here. */
        int (*create)(pic__wg_transport *t, const char *name, pic__wg_link *ret, pic_error **err);
        int (*destroy)(pic__wg_transport *t, const pic__wg_link *link, pic_error **err);
        int (*set_device)(pic__wg_transport *t, const pic__wg_link *link, const pic__wg_device *device,
                          pic_error **err);
        /* These two may wait in a batch; flush sends it. After a failure the batch is gone, and what of it is in force
         * must be read. The whole state of the peer is set, whatever it was; `replace` 0 promises that it holds no
         * prefix but the given. */
        int (*set_peer)(pic__wg_transport *t, const pic__wg_link *link, const pic__wg_peer *peer, int replace,
                        pic_error **err);
        int (*remove_peer)(pic__wg_transport *t, const pic__wg_link *link, const uint8_t key[32], pic_error **err);
        int (*flush)(pic__wg_transport *t, pic_error **err);
        /* PIC_BUSY: it changed meanwhile, read again. */
        int (*read)(pic__wg_transport *t, const pic__wg_link *link, const pic__wg_reader *reader, pic_error **err);
        void (*free)(pic__wg_transport *t);
} pic__wg_transport_ops;

struct pic__wg_transport {
        const pic__wg_transport_ops *ops;
        const char *name; /* "kernel", "userspace" */
};

typedef struct pic__wg_user_opts {
        const char *run_dir;
        const char *log_dir;
        const pic__log *log;
        pic__nl *route; /* borrowed, as everything here */
} pic__wg_user_opts;

int pic__wg_user_new(const pic__wg_user_opts *opts, pic__wg_transport **ret, pic_error **err);
pic__child *pic__wg_user_child(pic__wg_transport *t); /* its process: never NULL, but may not run */

int pic__wg_kernel_new(pic__nl *route, pic__wg_transport **ret, pic_error **err);
/* 1 when the kernel can do it (loads the module), 0 when not. */
int pic__wg_kernel_there(void);

#endif
