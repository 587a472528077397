/* <pic/traffic.h>: how much passed, by hour and day, of each device and each way out. The agent counts each five
 * minutes and keeps hours for eight days, days for 400; by UTC, as all times of a cell are. */
#ifndef PIC_TRAFFIC_H
#define PIC_TRAFFIC_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

typedef struct pic_traffic_opts {
        size_t size;
        const char *peer;       /* of this device; NULL: of all */
        const char *connection; /* of this way out: not beside peer */
        uint32_t hours;         /* the last so many hours, by hour: 192 at most */
        uint32_t days;          /* the last so many days, by day: 400 at most; not beside hours. Both 0: 30 days */
        pic_time since, until;  /* instead of those: between them, by hour where that is kept and is no more than two
                                 * days, else by day; until 0: now; 400 days at most */
} pic_traffic_opts;
#define PIC_TRAFFIC_OPTS_INIT                                    \
        {                                                        \
                sizeof(pic_traffic_opts), NULL, NULL, 0, 0, 0, 0 \
        }

/* {"span":"hour"|"day","since","until","rx","tx","buckets":[{"from","rx","tx"},…],
 * "peers":[{"name","id","rx","tx"},…],"connections":[{"name","id","rx","tx"},…]}. rx: bytes that came from the device,
 * or by the way out; tx: that went to it. buckets: each hour or day from since to until, also those in which nothing
 * passed: of the device or the way out that was asked for, else of all devices together. peers, connections: by whom
 * and by what it was, most first (of one that was asked for, it alone); name null: it was removed since. A device's
 * bytes are those of its tunnel, as `wg show` has them; a way out's are what devices sent and got by it, without what
 * carries that. Counters that begin anew,
 * with a device that is made again or a machine that was restarted, cost nothing; what passed while no agent ran is in
 * the hour in which it came back. Without an agent this reads what was written. The report is good. PIC_NOTFOUND: no
 * such device or connection, no cell; PIC_VALUE: more hours or days than are kept, or two of what excludes each other;
 * PIC_TIMEOUT, PIC_DENIED, PIC_BACKEND; PIC_UNSUPPORTED: a store of a newer version; PIC_CORRUPT, PIC_BUSY, PIC_IO,
 * PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_traffic_get(pic_ctx *ctx, const pic_traffic_opts *opts, pic_report **ret_report,
                                         pic_error **err);

PIC_END_DECLS

#endif
