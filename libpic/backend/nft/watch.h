/* Who else touches the firewall. */
#ifndef PIC_BACKEND_NFT_WATCH_H
#define PIC_BACKEND_NFT_WATCH_H

#include <stddef.h>

#include "base/err.h"

typedef struct pic__nft_watch {
        int fd; /* -1: no events (not permitted) */
        char *rx;
        int lost; /* something may have been missed: the next drain says so */
        uint32_t port;
} pic__nft_watch;

#define PIC__NFT_WATCH_INIT    \
        {                      \
                -1, NULL, 0, 0 \
        }

/* `port`: the address of the socket that our own changes are sent from. Without permission there is no descriptor,
 * which is no failure. */
int pic__nft_watch_open(pic__nft_watch *w, uint32_t port, pic_error **err);
void pic__nft_watch_close(pic__nft_watch *w);
/* No notifications for a while: libnftables sends for us from a port we do not know, and telling a listener of each of
 * twenty thousand elements costs the kernel eight times what adding them does. `lost`: somebody else was at work
 * meanwhile. */
void pic__nft_watch_pause(const pic__nft_watch *w);
void pic__nft_watch_resume(pic__nft_watch *w, int lost);
/* Empties the queue: 1 when somebody else changed table `inet pic` or it cannot be told, PIC__DRAIN_OPEN when that
 * may let packets pass (the table or a rule is gone, a rule or an element came), 0 when nothing. */
int pic__nft_watch_drain(pic__nft_watch *w);
/* The same for one datagram. */
int pic__nft_watch_hear(const pic__nft_watch *w, const void *datagram, size_t len);

#endif
