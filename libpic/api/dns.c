/* Owns: names, asked of the agent and of the name server itself. Whoever calls waits for the name server, never the
 * agent. */
#include <pic/dns.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "api/api.h"
#include "codec/json_in.h"
#include "model/blocklist.h"
#include "plan/answerer.h"
#include "sys/dnsmsg.h"
#include "sys/dnssign.h"

#define WAIT_MS 5000

/* --- by the agent ----------------------------------------------------------------------------------------------- */

static int ask_agent(pic_ctx *ctx, const char *verb, const char *args, const char *key, pic__buf *answer,
                     pic__doc **ret, pic_error **err)
{
        int r = pic__ctx_call(ctx, verb, args, 0, answer, err);

        if (r == 0)
                r = pic__api_answer(pic__buf_str(answer), answer->len, ret, err);
        if (r == 0 && pic__node_get(pic__doc_root(*ret), key) == NULL)
                r = pic__fail(err, PIC_BACKEND, "the agent answered without '%s'", key);
        return r;
}

int pic_dns_stats(pic_ctx *ctx, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_dns_stats", "ctx or ret_report is not valid");
        r = ask_agent(ctx, "dns-stats", NULL, "answers", &answer, &doc, err);
        if (r < 0)
                return r;
        return pic__report_new(&answer, pic__node_bool(pic__doc_root(doc), "answers", 0), ret_report, err);
}

int pic_dns_flush(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT, args = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&args);
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_dns_flush", "ctx or ret_report is not valid");
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "name", name);
        pic__json_close(&j, '}');
        if (args.failed)
                return pic__nomem(err);
        r = ask_agent(ctx, "dns-flush", pic__buf_str(&args), "forgotten", &answer, &doc, err);
        return r < 0 ? r : pic__report_new(&answer, 1, ret_report, err);
}

/* --- by the name server ------------------------------------------------------------------------------------------ */

struct heard {
        pic__json *out;
        pic__dnsmsg message;
        const char *sign; /* NULL: cannot be told */
        int64_t ms;
        int answered;
};

static int64_t now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void put_answer(const char *name, const char *type, uint32_t ttl, const char *rdata, void *data)
{
        pic__json *out = data;

        pic__json_open(out, '{');
        pic__json_kstr(out, "name", name);
        pic__json_kstr(out, "type", type);
        pic__json_kint(out, "ttl", ttl);
        pic__json_kstr(out, "data", rdata);
        pic__json_close(out, '}');
}

/* One question, its records as members of an open list (out NULL: not wanted). */
static int ask(const char *at, unsigned port, const char *name, unsigned type, unsigned flags, pic__json *out,
               pic__dnsmsg *ret, pic_error **err)
{
        uint8_t answer[PIC__DNSMSG_MAX];
        uint16_t id = 0;
        int n = pic__dnsmsg_ask(at, port, name, type, flags, WAIT_MS, answer, &id, err);

        if (n < 0)
                return n;
        if (pic__dnsmsg_read(answer, (size_t)n, id, ret, out != NULL ? put_answer : NULL, out) < 0)
                return pic__fail(err, PIC_BACKEND, "the name server's answer makes no sense");
        return 0;
}

/* A failure that is none without a look at signatures is one of signatures; what is wrong with them, the answer shows
 * that is given without that look. */
static void hear_unchecked(const char *at, unsigned port, const char *name, unsigned type, struct heard *h)
{
        uint8_t answer[PIC__DNSMSG_MAX];
        pic__dnsmsg again;
        uint16_t id = 0;
        int n = pic__dnsmsg_ask(at, port, name, type, PIC__DNSMSG_UNCHECKED, WAIT_MS, answer, &id, NULL);

        if (n < 0 || pic__dnsmsg_read(answer, (size_t)n, id, &again, NULL, NULL) < 0 || again.code == 2)
                return;
        h->sign = "bogus";
        if (h->message.why < 0)
                h->message.why = pic__dnssign_judge(answer, (size_t)n, (int64_t)time(NULL));
}

static void hear(const char *at, unsigned port, const char *name, unsigned type, struct heard *h, pic_error **why)
{
        int64_t begin = now_ms();

        h->answered = ask(at, port, name, type, 0, h->out, &h->message, why) == 0;
        h->ms = now_ms() - begin;
        if (!h->answered)
                return;
        if (h->message.code == 0 || h->message.code == 3)
                h->sign = h->message.validated ? "validated" : "no";
        else if (h->message.code == 2)
                hear_unchecked(at, port, name, type, h);
}

struct query {
        const pic__snap *s;
        const pic_obj *peer;
        const char *name; /* whole */
        unsigned type;
        int off; /* the device may not connect */
        int fake;
        pic__answerer by;
        pic__buf blocked; /* the list that keeps it from the device; "" none */
        int hidden;       /* the device may not reach what it leads to, and is not told it */
};

/* The filter would answer: by which list, or that there is no such name. Without an agent nobody knows, and then it is
 * asked. */
static void see_blocked(pic_ctx *ctx, struct query *q)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT, args = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&args);
        const pic__node *list;

        if (q->off || (pic__snap_count(q->s, PIC__BLOCKLIST) == 0 && !pic__names_by_rights(q->s)))
                return;
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "name", q->name);
        pic__json_kstr(&j, "peer", q->peer != NULL ? pic__obj_name(q->peer) : NULL);
        pic__json_close(&j, '}');
        if (args.failed || ask_agent(ctx, "block-test", pic__buf_str(&args), "lists", &answer, &doc, NULL) < 0)
                return;
        q->hidden = pic__node_bool(pic__doc_root(doc), "hidden", 0);
        list = pic__node_get(pic__doc_root(doc), "lists")->first;
        for (; list != NULL && q->blocked.len == 0; list = list->next)
                if (pic__node_bool(list, "blocks", 0))
                        pic__buf_puts(&q->blocked, pic__node_get(list, "name")->text);
}

static void put_from(const struct query *q, pic__json *out)
{
        pic__auto_buf pic__buf why = PIC__BUF_INIT;
        char type[16];

        pic__json_kstr(out, "name", q->name);
        pic__json_kstr(out, "type", pic__dnsmsg_type_text(q->type, type));
        pic__json_kstr(out, "peer", q->peer != NULL ? pic__obj_name(q->peer) : NULL);
        pic__json_kstr(out, "from",
                       q->off               ? "off"
                       : q->blocked.len > 0 ? "blocked"
                       : q->hidden          ? "hidden"
                                            : pic__answerer_kinds[q->by.kind]);
        if (q->off)
                pic__buf_puts(&why, "nobody: the device may not connect");
        else if (q->blocked.len > 0)
                pic__buf_putf(&why, "the block list %s", pic__buf_str(&q->blocked));
        else if (q->hidden)
                pic__buf_puts(&why, "nobody: the device may not reach it, and names_shown is granted");
        else
                pic__answerer_text(q->s, &q->by, &why);
        pic__json_kstr(out, "why", pic__buf_str(&why));
        pic__json_kstr(out, "object",
                       !q->off && q->blocked.len > 0     ? pic__buf_str(&q->blocked)
                       : !q->off && q->by.object != NULL ? pic__obj_name(q->by.object)
                                                         : NULL);
}

static const char *status_text(const struct heard *h, int blocked, char code[16])
{
        if (h->answered)
                return pic__dnsmsg_code_text(h->message.code, code);
        return blocked ? "NXDOMAIN" : NULL;
}

/* The filter would answer, without asking anybody. */
static int filtered(const struct query *q)
{
        return !q->off && (q->blocked.len > 0 || q->hidden);
}

/* 1: there was an answer, or nobody to ask. */
static int put_query(const struct query *q, pic__json *out)
{
        int blocked = filtered(q), asks = !q->off && !q->fake && !blocked && q->by.at.family != 0;
        char at[PIC__ADDR_TEXT] = "", server[PIC__ADDR_TEXT + 8], code[16], reason[32];
        struct heard h = { .out = out };
        pic__auto_err pic_error *why = NULL;

        pic__json_open(out, '{');
        put_from(q, out);
        pic__json_kbool(out, "asked", asks);
        if (asks)
                snprintf(server, sizeof(server), "%s %u", pic__addr_print(&q->by.at, at), q->by.port);
        pic__json_kstr(out, "server", asks ? server : NULL);
        pic__json_key(out, "answers");
        pic__json_open(out, '[');
        if (asks)
                hear(at, q->by.port, q->name, q->type, &h, &why);
        pic__json_close(out, ']');
        pic__json_kstr(out, "status", status_text(&h, blocked, code));
        pic__json_kstr(out, "signed", h.sign);
        pic__json_kstr(out, "reason", h.answered ? pic__dnsmsg_why_text(h.message.why, reason) : NULL);
        pic__json_kint(out, "ms", h.ms);
        pic__json_kstr(out, "error", why != NULL ? pic_error_message(why) : NULL);
        pic__json_close(out, '}');
        return !asks || (h.answered && (h.message.code == 0 || h.message.code == 3));
}

static int fill(struct query *q, const pic_dns_query_opts *o, const char *name, pic__buf *whole, pic_error **err)
{
        pic__addr a;
        const char *type = o->type != NULL ? o->type : pic__addr_parse(name, &a) == 0 ? "PTR" : "A";
        int r;

        if (pic__snap_cell(q->s) == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no cell in this store");
        q->type = pic__dnsmsg_type(type);
        if (q->type == 0)
                return pic__fail(err, PIC_VALUE, "'%.32s' is no type of a record: A, AAAA, TXT, TYPE257", type);
        if (o->peer != NULL) {
                q->peer = pic__snap_named(q->s, PIC__PEER, o->peer);
                if (q->peer == NULL)
                        return pic__fail(err, PIC_NOTFOUND, "there is no device '%.64s'", o->peer);
                q->off = !pic__snap_active(q->s, q->peer);
        }
        r = pic__answerer_name(q->s, name, whole, err);
        if (r < 0)
                return r;
        q->name = pic__buf_str(whole);
        return pic__answerer_of(q->s, q->name, q->peer, &q->by, err);
}

int pic_dns_query(pic_ctx *ctx, const char *name, const pic_dns_query_opts *opts, pic_report **ret_report,
                  pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT, whole = PIC__BUF_INIT;
        pic_dns_query_opts o = PIC_DNS_QUERY_OPTS_INIT;
        pic__json out = PIC__JSON(&text);
        struct query q = { 0 };
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || name == NULL || ret_report == NULL)
                return pic__api_bad(err, "pic_dns_query", "ctx, name or ret_report is not valid");
        r = pic__api_opts(opts, &o, sizeof(o), "pic_dns_query", err);
        if (r == 0)
                r = pic__ctx_load(ctx, &s, NULL, err);
        if (r == 0)
                r = pic__snap_exits_told(s, ctx, err);
        if (r < 0)
                return r;
        q.s = s;
        q.fake = ctx->fake;
        r = fill(&q, &o, name, &whole, err);
        if (r < 0)
                return r;
        see_blocked(ctx, &q);
        r = put_query(&q, &out);
        pic__buf_free(&q.blocked);
        return pic__report_new(&text, r, ret_report, err);
}
