/* Owns: the agent's calls, for picd and `pic up`. */
#include "engine/agent.h"

#include "api/api.h"

int pic_agent_run(pic_ctx *ctx, const pic_agent_opts *opts, pic_error **err)
{
        pic__agent_opts inner = { .engine = { .dir = NULL } };
        pic_agent_opts o;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX))
                return pic__api_bad(err, "pic_agent_run", "ctx is not valid");
        r = pic__api_opts(opts, &o, sizeof(o), "pic_agent_run", err);
        if (r == 0 && (o.flags & ~(uint32_t)PIC_AGENT_KEEP_PRIVILEGES) != 0)
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
        return pic__agent_run(&inner, err);
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
