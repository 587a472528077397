/* The text protocol of wireguard-go (https://www.wireguard.com/xplatform/) over /var/run/wireguard/<device>.sock. The
 * connection stays open: one request costs one write and one read. */
#ifndef PIC_BACKEND_WG_UAPI_H
#define PIC_BACKEND_WG_UAPI_H

#include <sys/types.h>

#include "backend/wg/transport.h"

#define PIC__UAPI_DIR "/var/run/wireguard"
#define PIC__UAPI_ROOM 65536

typedef struct pic__uapi {
        char path[108];
        int fd;      /* -1: not connected */
        char *room;  /* PIC__UAPI_ROOM bytes, for what goes out and what comes in; wiped after each request */
        size_t len;  /* used of it */
        int setting; /* a "set" operation is being filled */
        size_t sent; /* bytes of it that went out already */
} pic__uapi;

int pic__uapi_new(pic__uapi *u, pic_error **err);
void pic__uapi_free(pic__uapi *u);
/* Which device. Drops a connection to another one. */
int pic__uapi_name(pic__uapi *u, const char *device, pic_error **err);
void pic__uapi_close(pic__uapi *u);
/* 1 connected; 0 nobody serves it (no socket, or a stale one). *ret_owner (may be NULL): the process that does. */
int pic__uapi_connect(pic__uapi *u, pid_t *ret_owner, pic_error **err);

int pic__uapi_set_device(pic__uapi *u, const pic__wg_device *device, pic_error **err);
/* These wait in one operation, up to a few hundred peers; flush ends it and takes the answer. */
int pic__uapi_set_peer(pic__uapi *u, const pic__wg_peer *peer, int replace, pic_error **err);
int pic__uapi_remove_peer(pic__uapi *u, const uint8_t key[32], pic_error **err);
int pic__uapi_flush(pic__uapi *u, pic_error **err);
int pic__uapi_read(pic__uapi *u, const pic__wg_reader *reader, pic_error **err);

#endif
