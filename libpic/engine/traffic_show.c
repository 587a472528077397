/* Owns: traffic of some hours or days as JSON: each of them, also those in which nothing passed, and by whom it was. */
#include <string.h>

#include "engine/traffic.h"
#include "plan/backend.h"

struct sums {
        int64_t begin, unit;
        size_t count;
        struct {
                int64_t rx, tx;
        } at[PIC__TRAFFIC_SPANS];
        int64_t rx, tx;
};

static int add(const pic__traffic_row *row, void *data)
{
        struct sums *s = data;
        int64_t i = (row->at - s->begin) / s->unit;

        if (row->at < s->begin || i >= (int64_t)s->count)
                return 0;
        s->at[i].rx += row->rx;
        s->at[i].tx += row->tx;
        s->rx += row->rx;
        s->tx += row->tx;
        return 0;
}

static void put_time(pic__json *j, const char *key, int64_t seconds)
{
        char text[PIC__TIME_TEXT];

        pic__json_kstr(j, key, pic__time_print(seconds * PIC__SECOND, text));
}

static void put_bytes(pic__json *j, int64_t rx, int64_t tx)
{
        pic__json_kint(j, "rx", rx);
        pic__json_kint(j, "tx", tx);
}

static void put_buckets(pic__json *j, const struct sums *s)
{
        size_t i;

        pic__json_key(j, "buckets");
        pic__json_open(j, '[');
        for (i = 0; i < s->count; i++) {
                pic__json_open(j, '{');
                put_time(j, "from", s->begin + (int64_t)i * s->unit);
                put_bytes(j, s->at[i].rx, s->at[i].tx);
                pic__json_close(j, '}');
        }
        pic__json_close(j, ']');
}

struct whose {
        const pic__snap *s;
        enum pic__kind kind;
        pic_id only; /* 0: all */
        pic__json *out;
};

static int put_one(const pic__traffic_row *row, void *data)
{
        const struct whose *w = data;
        const pic_obj *o = pic__snap_get(w->s, w->kind, row->at);

        if (w->only != 0 && w->only != row->at)
                return 0;
        pic__json_open(w->out, '{');
        pic__json_kstr(w->out, "name", o != NULL ? pic__obj_name(o) : NULL);
        pic__json_kint(w->out, "id", row->at);
        put_bytes(w->out, row->rx, row->tx);
        pic__json_close(w->out, '}');
        return 0;
}

/* only: of the one that was asked for; -1: none of this kind. */
static int put_whose(pic__stats *st, const pic__traffic_query *q, struct whose *w, const char *key, pic_error **err)
{
        enum pic__counted kind = w->kind == PIC__PEER ? PIC__COUNTED_PEER : PIC__COUNTED_EXIT;
        int r = 0;

        pic__json_key(w->out, key);
        pic__json_open(w->out, '[');
        if (st != NULL && w->only >= 0)
                r = pic__stats_totals(st, q->span, kind, q->from_to, put_one, w, err);
        pic__json_close(w->out, ']');
        return r;
}

static int find(const pic__snap *s, enum pic__kind kind, const char *name, pic_id *ret, pic_error **err)
{
        const pic_obj *o;

        *ret = 0;
        if (name == NULL)
                return 0;
        o = pic__snap_named(s, kind, name);
        if (o == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no %s '%.64s'", pic__kinds[kind].name, name);
        *ret = o->id;
        return 0;
}

int pic__traffic_json(pic__stats *st, const pic__snap *s, const pic__traffic_query *q, pic__json *out, pic_error **err)
{
        struct sums sums = { .unit = pic__span_seconds(q->span) };
        struct whose peers = { .s = s, .kind = PIC__PEER, .out = out }, exits = { s, PIC__CONNECTION, 0, out };
        int64_t end = (q->from_to[1] + sums.unit - 1) / sums.unit;
        int r = find(s, PIC__PEER, q->peer, &peers.only, err);

        if (r == 0)
                r = find(s, PIC__CONNECTION, q->connection, &exits.only, err);
        if (r < 0)
                return r;
        sums.begin = q->from_to[0] / sums.unit * sums.unit;
        if (end - sums.begin / sums.unit > 0)
                sums.count = (size_t)(end - sums.begin / sums.unit);
        if (sums.count > PIC__TRAFFIC_SPANS)
                return pic__fail(err, PIC_VALUE, "at most %d hours or days can be asked for", PIC__TRAFFIC_SPANS);
        if (st != NULL)
                r = pic__stats_traffic(st, q->span, q->connection != NULL ? PIC__COUNTED_EXIT : PIC__COUNTED_PEER,
                                       q->connection != NULL ? exits.only : peers.only, q->from_to, add, &sums, err);
        if (r < 0)
                return r;
        pic__json_open(out, '{');
        pic__json_kstr(out, "span", q->span == PIC__SPAN_HOUR ? "hour" : "day");
        put_time(out, "since", sums.begin);
        put_time(out, "until", end * sums.unit);
        put_bytes(out, sums.rx, sums.tx);
        put_buckets(out, &sums);
        if (q->peer != NULL)
                exits.only = -1;
        else if (q->connection != NULL)
                peers.only = -1;
        r = put_whose(st, q, &peers, "peers", err);
        if (r == 0)
                r = put_whose(st, q, &exits, "connections", err);
        pic__json_close(out, '}');
        return r;
}

int pic__traffic_read(const char *dir, const pic__snap *s, const pic__traffic_query *q, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__stats_unref_p) pic__stats *st = NULL;
        pic__auto_err pic_error *bad = NULL;
        int r = pic__stats_open(dir, 0, &st, NULL, &bad);

        if (r < 0 && r != PIC_NOTFOUND) {
                pic__err_append(err, pic__take(bad));
                return r;
        }
        return pic__traffic_json(st, s, q, out, err);
}
