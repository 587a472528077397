/* Owns: what is true now: asked of the agent; from the store, as far as that goes, when there is none. */
#include <string.h>
#include <time.h>

#include "api/api.h"
#include "base/time.h"
#include "codec/json_in.h"
#include "plan/leave.h"

#define STEP_MS 20 /* between two questions while waiting */

/* The agent's answer as a report; `ready` of it is whether all is well. */
static int report_status(pic__buf *answer, pic_report **ret, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        int good, r = pic__api_answer(pic__buf_str(answer), answer->len, &doc, err);

        if (r < 0)
                return r;
        if (pic__node_list(pic__doc_root(doc), "peers") == NULL || pic__node_get(pic__doc_root(doc), "ready") == NULL)
                return pic__fail(err, PIC_BACKEND, "the agent answered without a status");
        good = pic__node_bool(pic__doc_root(doc), "ready", 0);
        return pic__report_new(answer, good, ret, err);
}

static void put_text(pic__json *j, const pic_obj *o, const char *field)
{
        const char *text = pic__obj_text(o, field);

        pic__json_kstr(j, field, text[0] != '\0' ? text : NULL);
}

static void put_peer(pic__json *j, const pic__snap *s, const pic_obj *peer)
{
        pic__leave l;

        pic__json_open(j, '{');
        pic__json_kstr(j, "name", pic__obj_name(peer));
        pic__json_kint(j, "id", peer->id);
        put_text(j, peer, "address4");
        put_text(j, peer, "address6");
        pic__json_kbool(j, "enabled", pic__obj_int(peer, "enabled") != 0);
        pic__json_kbool(j, "active", pic__snap_active(s, peer));
        pic__json_kstr(j, "handshake", NULL);
        pic__json_kstr(j, "endpoint", NULL);
        pic__json_kint(j, "rx", 0);
        pic__json_kint(j, "tx", 0);
        pic__leave_of(s, peer, &l);
        pic__json_key(j, "leaves");
        pic__leave_json(&l, NULL, j);
        pic__json_close(j, '}');
}

static void put_cell(pic__json *j, const pic_obj *cell)
{
        pic__json_kstr(j, "cell", pic__obj_name(cell));
        pic__json_kstr(j, "name", pic__obj_name(cell));
        put_text(j, cell, "device");
        pic__json_kstr(j, "wg", NULL);
        put_text(j, cell, "public_key");
        pic__json_kint(j, "listen_port", pic__obj_int(cell, "listen_port"));
        put_text(j, cell, "endpoint");
        put_text(j, cell, "net4");
        put_text(j, cell, "net6");
        pic__json_kbool(j, "query_log", pic__obj_int(cell, "query_log") != 0);
        pic__json_kstr(j, "names_shown", pic__obj_text(cell, "names_shown"));
}

/* The wishes of connections: how they are nobody tells. */
static void put_connections(pic__json *j, const pic__snap *s)
{
        const pic_obj *c;
        size_t at = 0;

        pic__json_key(j, "connections");
        pic__json_open(j, '[');
        while ((c = pic__snap_next(s, PIC__CONNECTION, &at)) != NULL) {
                pic__json_open(j, '{');
                pic__json_kstr(j, "name", pic__obj_name(c));
                pic__json_kint(j, "id", c->id);
                put_text(j, c, "type");
                pic__json_kint(j, "slot", pic__obj_int(c, "slot"));
                pic__json_kbool(j, "enabled", pic__obj_int(c, "enabled") != 0);
                pic__json_kstr(j, "state", pic__obj_int(c, "enabled") != 0 ? NULL : "off");
                pic__json_close(j, '}');
        }
        pic__json_close(j, ']');
}

/* The wishes of public names: where they lead nobody tells. */
static void put_domains(pic__json *j, const pic__snap *s)
{
        const pic_obj *o, *cert;
        char text[PIC__TIME_TEXT];
        size_t at = 0;

        pic__json_key(j, "domains");
        pic__json_open(j, '[');
        while ((o = pic__snap_next(s, PIC__DOMAIN, &at)) != NULL) {
                cert = pic__snap_named(s, PIC__CERTIFICATE, pic__obj_name(o));
                pic__json_open(j, '{');
                pic__json_kstr(j, "name", pic__obj_name(o));
                pic__json_kstr(j, "state", NULL);
                pic__json_kint(j, "changes", 0);
                pic__json_kstr(j, "published", NULL);
                pic__json_kstr(j, "next", NULL);
                pic__json_kstr(j, "certificate",
                               cert != NULL && pic__obj_has(cert, "not_after")
                                       ? pic__time_print(pic__obj_int(cert, "not_after"), text)
                                       : NULL);
                pic__json_close(j, '}');
        }
        pic__json_close(j, ']');
}

/* The wishes of backups: how they went nobody tells. */
static void put_targets(pic__json *j, const pic__snap *s)
{
        const pic_obj *o;
        size_t at = 0;

        pic__json_key(j, "backups");
        pic__json_open(j, '[');
        while ((o = pic__snap_next(s, PIC__TARGET, &at)) != NULL) {
                pic__json_open(j, '{');
                pic__json_kstr(j, "name", pic__obj_name(o));
                pic__json_kstr(j, "state", NULL);
                pic__json_kstr(j, "last", NULL);
                pic__json_kstr(j, "next", NULL);
                pic__json_kint(j, "size", 0);
                pic__json_kint(j, "milliseconds", 0);
                pic__json_kint(j, "failures", 0);
                pic__json_kstr(j, "drilled", NULL);
                pic__json_kstr(j, "restorable", NULL);
                pic__json_kint(j, "drill_milliseconds", 0);
                pic__json_kint(j, "drill_failures", 0);
                pic__json_close(j, '}');
        }
        pic__json_close(j, ']');
}

static void put_all(pic__json *j, const pic_ctx *ctx, const pic__snap *s, pic_revision revision)
{
        const pic_obj *peer;
        size_t at = 0;
        int64_t active = 0;

        pic__json_open(j, '{');
        put_cell(j, pic__snap_cell(s));
        pic__json_kint(j, "revision", revision);
        pic__json_kstr(j, "applied", NULL);
        pic__json_kbool(j, "ready", 0);
        pic__json_kstr(j, "world", ctx->fake ? "fake" : "real");
        pic__json_kstr(j, "agent", NULL);
        pic__json_kstr(j, "confirm", NULL);
        pic__json_kstr(j, "drift", NULL);
        pic__json_kstr(j, "audit", NULL);
        pic__json_kstr(j, "error", NULL);
        pic__json_kstr(j, "router", NULL);
        put_domains(j, s);
        put_targets(j, s);
        pic__json_key(j, "peers");
        pic__json_open(j, '[');
        while ((peer = pic__snap_next(s, PIC__PEER, &at)) != NULL) {
                put_peer(j, s, peer);
                active += pic__snap_active(s, peer);
        }
        pic__json_close(j, ']');
        put_connections(j, s);
        pic__json_key(j, "counts");
        pic__json_open(j, '{');
        pic__json_kint(j, "peers", (int64_t)pic__snap_count(s, PIC__PEER));
        pic__json_kint(j, "active", active);
        pic__json_kint(j, "online", 0);
        pic__json_close(j, '}');
        pic__json_close(j, '}');
}

static int from_store(pic_ctx *ctx, pic_report **ret, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic_revision revision = 0;
        int r = pic__ctx_load(ctx, &s, &revision, err);

        if (r == 0)
                r = pic__snap_exits_told(s, ctx, err);
        if (r < 0)
                return r;
        if (pic__snap_cell(s) == NULL)
                return pic__fail(err, PIC_NOTFOUND, "the store in %s holds no cell", ctx->dir);
        put_all(&j, ctx, s, revision);
        return pic__report_new(&text, 0, ret, err);
}

/* Whether there is a cell: the first thing to say when there is none. */
static int need_cell(pic_ctx *ctx, pic_error **err)
{
        pic__store *st = NULL;
        int r = pic__ctx_lock(ctx, &st, err);

        if (r == 0)
                pic__ctx_unlock(ctx);
        return r;
}

/* The fake world is brought up to the store by whoever looks at it: there is no agent that would have done it. */
static void wake_fake(pic_ctx *ctx)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;

        if (ctx->fake)
                (void)pic__ctx_call(ctx, "apply", NULL, 0, &answer, NULL);
}

static int ask(pic_ctx *ctx, pic_report **ret, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        int r;

        wake_fake(ctx);
        r = pic__ctx_call(ctx, "status", "{\"peers\":true}", 0, &answer, err);
        return r < 0 ? r : report_status(&answer, ret, err);
}

static int64_t mono_ms(const pic_ctx *ctx)
{
        return ctx->clock->mono(ctx->clock->data) / 1000;
}

static void pause_a_little(void)
{
        struct timespec t = { .tv_nsec = STEP_MS * 1000000L };

        (void)nanosleep(&t, NULL);
}

/* Asks until all is applied or the time is over; then says what was missing. */
static int await(pic_ctx *ctx, uint32_t wait_ms, pic_report **ret, pic_error **err)
{
        int64_t until = mono_ms(ctx) + wait_ms;

        for (;;) {
                pic_error *why = NULL;
                pic_report *report = NULL;
                int r = ask(ctx, &report, &why);

                if (r == 0 && pic_report_good(report)) {
                        *ret = report;
                        return 0;
                }
                pic_report_unref(report);
                if ((r != 0 && r != PIC_NOAGENT && r != PIC_TIMEOUT) || mono_ms(ctx) >= until) {
                        if (r == 0)
                                r = pic__fail(&why, PIC_TIMEOUT,
                                              "the agent has not applied the newest revision in %u ms",
                                              (unsigned)wait_ms);
                        pic__hint(&why, "%s",
                                  r == PIC_TIMEOUT ? "pic status tells what hinders it; pic doctor looks for causes."
                                                   : "Start it: picd, or pic up.");
                        if (err != NULL)
                                pic__err_append(err, why);
                        else
                                pic_error_free(why);
                        return r;
                }
                pic_error_free(why);
                pause_a_little();
        }
}

int pic_status_get(pic_ctx *ctx, uint32_t wait_ms, pic_report **ret_report, pic_error **err)
{
        pic__auto_err pic_error *why = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_status_get", "ctx or ret_report is not valid");
        r = need_cell(ctx, err);
        if (r < 0)
                return r;
        if (wait_ms > 0)
                return await(ctx, wait_ms, ret_report, err);
        r = ask(ctx, ret_report, &why);
        if (r == 0)
                return 0;
        if (r == PIC_NOAGENT)
                return from_store(ctx, ret_report, err);
        pic__err_append(err, pic__take(why));
        return r;
}
