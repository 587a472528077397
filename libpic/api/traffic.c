/* Owns: how much passed: which hours or days are meant; asked of the agent, or read where there is none. */
#include <pic/traffic.h>

#include "api/api.h"
#include "base/time.h"
#include "codec/json_in.h"
#include "engine/traffic.h"

#define DAYS 30
#define FINE ((int64_t)2 * 86400) /* so long a time is told by hours */

static int over(const char *what, uint32_t n, int max, pic_error **err)
{
        return pic__fail(err, PIC_VALUE, "%s: %u are asked for, %d are kept", what, (unsigned)n, max);
}

/* The last n, the present one among them. */
static void last(pic__traffic_query *q, enum pic__span span, int64_t n, int64_t now)
{
        int64_t unit = pic__span_seconds(span);

        q->span = span;
        q->from_to[1] = (now / unit + 1) * unit;
        q->from_to[0] = q->from_to[1] - n * unit;
        if (q->from_to[0] < 0)
                q->from_to[0] = 0;
}

static int between(pic__traffic_query *q, pic_time since, pic_time until, int64_t now, pic_error **err)
{
        int64_t end = until != 0 ? until / PIC__SECOND : now + 1;

        if (since < 0 || end <= since / PIC__SECOND || end > PIC__TRAFFIC_END)
                return pic__fail_value(err, NULL, "until", NULL, "must be after since");
        q->from_to[0] = since / PIC__SECOND;
        q->from_to[1] = end;
        q->span = end - q->from_to[0] <= FINE && q->from_to[0] > now - PIC__STATS_HOURS * INT64_C(3600) ? PIC__SPAN_HOUR
                                                                                                        : PIC__SPAN_DAY;
        return (end - q->from_to[0]) / pic__span_seconds(q->span) < PIC__TRAFFIC_SPANS
                       ? 0
                       : pic__fail(err, PIC_VALUE, "since: at most %d days can be asked for", PIC__TRAFFIC_SPANS - 1);
}

static int read_opts(const pic_traffic_opts *o, int64_t now, pic__traffic_query *q, pic_error **err)
{
        int ranged = o->since != 0 || o->until != 0;

        if (o->peer != NULL && o->connection != NULL)
                return pic__fail(err, PIC_VALUE, "connection: a device's traffic is not kept by connection");
        if ((o->hours != 0) + (o->days != 0) + ranged > 1)
                return pic__fail(err, PIC_VALUE, "hours: not beside days, since or until");
        if (o->hours > PIC__STATS_HOURS)
                return over("hours", o->hours, PIC__STATS_HOURS, err);
        if (o->days > PIC__STATS_DAYS)
                return over("days", o->days, PIC__STATS_DAYS, err);
        q->peer = o->peer;
        q->connection = o->connection;
        if (ranged)
                return between(q, o->since, o->until, now, err);
        last(q, o->hours != 0 ? PIC__SPAN_HOUR : PIC__SPAN_DAY,
             o->hours != 0  ? o->hours
             : o->days != 0 ? o->days
                            : DAYS,
             now);
        return 0;
}

static int ask(pic_ctx *ctx, const pic__traffic_query *q, pic__buf *answer, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        pic__json j = { .out = &args };
        int r;

        pic__json_open(&j, '{');
        pic__json_kstr(&j, "peer", q->peer);
        pic__json_kstr(&j, "connection", q->connection);
        pic__json_kbool(&j, "hours", q->span == PIC__SPAN_HOUR);
        pic__json_kint(&j, "from", q->from_to[0]);
        pic__json_kint(&j, "to", q->from_to[1]);
        pic__json_close(&j, '}');
        r = args.failed ? pic__nomem(err) : pic__ctx_call(ctx, "traffic", pic__buf_str(&args), 0, answer, err);
        if (r == 0)
                r = pic__api_answer(pic__buf_str(answer), answer->len, &doc, err);
        if (r == 0 && pic__node_list(pic__doc_root(doc), "buckets") == NULL)
                return pic__fail(err, PIC_BACKEND, "the agent answered without traffic");
        return r;
}

static int read_file(pic_ctx *ctx, const pic__traffic_query *q, pic__buf *answer, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic__json j = { .out = answer };
        int r = pic__ctx_load(ctx, &s, NULL, err);

        if (r < 0)
                return r;
        if (pic__snap_cell(s) == NULL)
                return pic__fail(err, PIC_NOTFOUND, "the store in %s holds no cell", ctx->dir);
        pic__buf_clear(answer);
        r = pic__traffic_read(ctx->dir, s, q, &j, err);
        return r == 0 && answer->failed ? pic__nomem(err) : r;
}

int pic_traffic_get(pic_ctx *ctx, const pic_traffic_opts *opts, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        pic__auto_err pic_error *why = NULL;
        pic_traffic_opts o = PIC_TRAFFIC_OPTS_INIT;
        pic__traffic_query q = { .peer = NULL };
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_traffic_get", "ctx or ret_report is not valid");
        r = pic__api_opts(opts, &o, sizeof(o), "pic_traffic_get", err);
        if (r == 0)
                r = read_opts(&o, ctx->clock->now(ctx->clock->data) / PIC__SECOND, &q, err);
        if (r < 0)
                return r;
        r = ask(ctx, &q, &answer, &why);
        if (r == PIC_NOAGENT) {
                r = read_file(ctx, &q, &answer, err);
        } else if (r < 0) {
                pic__err_append(err, pic__take(why));
        }
        return r < 0 ? r : pic__report_new(&answer, 1, ret_report, err);
}
