/* Owns: the arguments of verbs that tell what was. */
#include "engine/pastverbs.h"

#include "engine/traffic.h"

int pic__verb_traffic(struct pic__verb_call *c, pic_error **err)
{
        pic__traffic_query q = { .span = PIC__SPAN_DAY };
        int hours = 0, r = pic__arg_text(c, "peer", NULL, &q.peer, err);

        if (r == 0)
                r = pic__arg_text(c, "connection", NULL, &q.connection, err);
        if (r == 0)
                r = pic__arg_bool(c, "hours", 0, &hours, err);
        if (r == 0)
                r = pic__arg_int(c, "from", 0, PIC__TRAFFIC_END, &q.from_to[0], err);
        if (r == 0)
                r = pic__arg_int(c, "to", 0, PIC__TRAFFIC_END, &q.from_to[1], err);
        q.span = hours ? PIC__SPAN_HOUR : PIC__SPAN_DAY;
        return r < 0 ? r : pic__engine_traffic(c->e, &q, c->out, err);
}
