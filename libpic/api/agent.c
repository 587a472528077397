/* Owns: the agent's calls, for picd and `pic up`. */
#include "engine/agent.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "engine/ordered.h"

enum { PATIENCE_MS = 15000 }; /* others let go of the cell: pic-http ends the requests that it has */

/* What was ordered, if anything was. That it came to nothing is no reason to leave the cell without its agent. */
static int exchange(pic_ctx *ctx, const pic__agent_opts *a, pic_error **err)
{
        const pic__ordered_opts o = {
                .dir = ctx->dir, .run_dir = ctx->run_dir, .clock = ctx->clock, .patience_ms = PATIENCE_MS
        };
        pic__auto_err pic_error *bad = NULL;
        pic__auto_free char *former = NULL;
        int r;

        if (!pic__ordered_there(ctx->dir))
                return 0;
        pic__ctx_let_go(ctx); /* as for a restore */
        r = pic__ordered_do(&o, &former, &bad);
        if (r > 0)
                pic__log_put(a->engine.log, PIC_LOG_INFO, "agent",
                             "the cell in %s is another one now; the former is in %s", ctx->dir,
                             former != NULL ? former : "no place");
        if (r >= 0)
                return 0;
        if (pic__ordered_there(ctx->dir)) { /* another agent runs: its work */
                pic__err_append(err, pic__take(bad));
                return r;
        }
        pic__log_err(a->engine.log, PIC_LOG_ERROR, "agent", bad);
        return 0;
}

/* Where it is confined to the cell's directory, its unit does that before it starts. */
static int may_exchange(const pic_ctx *ctx, pic_error **err)
{
        char *real = realpath(ctx->dir, NULL), *slash = real != NULL ? strrchr(real, '/') : NULL;
        int may;

        if (slash != NULL)
                slash[slash == real] = '\0';
        may = slash != NULL && access(real, W_OK) == 0;
        free(real);
        return may ? 0 : pic__fail(err, PIC_BADSTATE, "a restore was ordered: it is done before picd starts again");
}

static int run(pic_ctx *ctx, const pic__agent_opts *a, int only, pic_error **err)
{
        int r = exchange(ctx, a, err);

        while (r == 0 && !only) {
                r = pic__agent_run(a, err);
                if (r < 0 || pic_cancel_raised(a->cancel) || !pic__ordered_there(ctx->dir))
                        return r;
                r = may_exchange(ctx, err);
                if (r == 0)
                        r = exchange(ctx, a, err);
        }
        return r;
}

int pic_agent_run(pic_ctx *ctx, const pic_agent_opts *opts, pic_error **err)
{
        pic__agent_opts inner = { .engine = { .dir = NULL } };
        pic_agent_opts o;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX))
                return pic__api_bad(err, "pic_agent_run", "ctx is not valid");
        r = pic__api_opts(opts, &o, sizeof(o), "pic_agent_run", err);
        if (r == 0 && (o.flags & ~(uint32_t)(PIC_AGENT_KEEP_PRIVILEGES | PIC_AGENT_EXCHANGE)) != 0)
                r = pic__api_bad(err, "pic_agent_run", "opts.flags has an unknown bit");
        if (r < 0)
                return r;
        pic__ctx_engine_opts(ctx, &inner.engine);
        inner.interval_ms = o.interval_ms;
        inner.cancel = o.cancel;
        inner.keep_privileges = (o.flags & PIC_AGENT_KEEP_PRIVILEGES) != 0;
        inner.ready = o.on_ready;
        inner.data = o.data;
        inner.line = o.on_line;
        return run(ctx, &inner, (o.flags & PIC_AGENT_EXCHANGE) != 0, err);
}

/* Nobody runs: taken down from here. */
static int down_here(pic_ctx *ctx, int keep_block, pic_error **err)
{
        PIC__AUTO(pic__engine_unref_p) pic__engine *e = NULL;
        pic__engine_opts opts;
        int r;

        pic__ctx_engine_opts(ctx, &opts);
        r = pic__engine_open(&opts, &e, err);
        return r < 0 ? r : pic__engine_teardown(e, keep_block, err);
}

int pic_agent_down(pic_ctx *ctx, uint32_t flags, pic_error **err)
{
        int keep = (flags & PIC_DOWN_KEEP_BLOCK) != 0, r;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        pic__auto_err pic_error *why = NULL;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || (flags & ~(uint32_t)PIC_DOWN_KEEP_BLOCK) != 0)
                return pic__api_bad(err, "pic_agent_down", "ctx or flags is not valid");
        r = pic__ctx_call(ctx, "stop", keep ? "{\"down\":true,\"keep_block\":true}" : "{\"down\":true}", 0, &answer,
                          &why);
        if (r == PIC_NOAGENT)
                return down_here(ctx, keep, err);
        if (r < 0)
                pic__err_append(err, pic__take(why));
        return r;
}
