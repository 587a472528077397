/* Owns: what others did: asked of the agent; without one an engine in this process looks, which never acts. */
#include <string.h>

#include "api/api.h"
#include "codec/json_in.h"

static int look_here(pic_ctx *ctx, pic__buf *out, pic_error **err)
{
        PIC__AUTO(pic__engine_unref_p) pic__engine *e = NULL;
        pic__json j = PIC__JSON(out);
        pic__engine_opts opts;
        int r;

        pic__ctx_engine_opts(ctx, &opts);
        r = pic__engine_open(&opts, &e, err);
        if (r == 0)
                r = pic__engine_drift(e, 0, NULL, &j, err);
        return r == 0 && out->failed ? pic__nomem(err) : r;
}

static int ask(pic_ctx *ctx, int repair, pic__buf *out, pic_error **err)
{
        pic__auto_err pic_error *why = NULL;
        int r = pic__ctx_call(ctx, "drift", repair ? "{\"repair\":true}" : NULL, 0, out, &why);

        if (r == PIC_NOAGENT && !repair) {
                pic__buf_clear(out);
                return look_here(ctx, out, err);
        }
        if (r < 0)
                pic__err_append(err, pic__take(why));
        return r;
}

static int weakens(const pic__node *list)
{
        const pic__node *n;

        for (n = list->first; n != NULL; n = n->next)
                if (strcmp(pic__node_str(n, "level", "error"), "info") != 0)
                        return 1;
        return 0;
}

static int report(pic__buf *text, pic_report **ret, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const pic__node *steps, *foreign;
        int good, r = pic__api_answer(pic__buf_str(text), text->len, &doc, err);

        if (r < 0)
                return r;
        steps = pic__node_list(pic__doc_root(doc), "steps");
        foreign = pic__node_list(pic__doc_root(doc), "foreign");
        if (steps == NULL || foreign == NULL)
                return pic__fail(err, PIC_BACKEND, "the agent answered without steps or without what is foreign");
        good = (steps->count == 0 || pic__node_int_or(pic__doc_root(doc), "repaired", 0) > 0) && !weakens(foreign);
        return pic__report_new(text, good, ret, err);
}

int pic_drift_get(pic_ctx *ctx, uint32_t flags, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL || (flags & ~(uint32_t)PIC_DRIFT_REPAIR) != 0)
                return pic__api_bad(err, "pic_drift_get", "ctx, ret_report or flags is not valid");
        r = ask(ctx, (flags & PIC_DRIFT_REPAIR) != 0, &text, err);
        return r < 0 ? r : report(&text, ret_report, err);
}
