/* Traffic by hour and day, counted by the agent and kept in stats.db: seldom, and off the way of changes. */
#ifndef PIC_ENGINE_TRAFFIC_H
#define PIC_ENGINE_TRAFFIC_H

#include "base/json.h"
#include "engine/engine.h"
#include "store/stats.h"

/* Of the agent, each tick: counts when that is due (each five minutes, and at the first tick of its life). Where
 * nothing has passed since, that is one look at two numbers; nothing is written and no file is made. */
void pic__engine_traffic_tick(pic__engine *e);
/* What came since the last count is not lost with the agent. */
void pic__engine_traffic_end(pic__engine *e);

typedef struct pic__traffic_query {
        const char *peer, *connection; /* one of them, or neither: the sum of all devices */
        enum pic__span span;
        int64_t from_to[2]; /* seconds; PIC__TRAFFIC_SPANS hours or days at most */
} pic__traffic_query;

#define PIC__TRAFFIC_SPANS 400
#define PIC__TRAFFIC_END INT64_C(253402300799) /* the last second of the year 9999 */

/* The answer of the verb "traffic", see <pic/traffic.h>. st NULL: nothing was counted yet. PIC_NOTFOUND: no such peer,
 * connection. */
int pic__traffic_json(pic__stats *st, const pic__snap *s, const pic__traffic_query *q, pic__json *out, pic_error **err);
/* The same from the file in a directory, which may not be there. */
int pic__traffic_read(const char *dir, const pic__snap *s, const pic__traffic_query *q, pic__json *out,
                      pic_error **err);
/* Of the agent: counts before, unless it did within three seconds. Another engine reads the file. */
int pic__engine_traffic(pic__engine *e, const pic__traffic_query *q, pic__json *out, pic_error **err);

#endif
