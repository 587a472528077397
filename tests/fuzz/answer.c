/* Any bytes as what the agent answers. The first byte says to what: status, plan, doctor, a configuration, an apply, a
 * stop; what the library makes of it is shown as `pic` shows it, for people or (second bit) as JSON. */
#include "cell.h"

#include "cli/cli.h"
#include "codec/doc.h"
#include "engine/link_i.h"

static struct {
        pic__link link;
        const uint8_t *data;
        size_t size;
} agent;

static int ask(pic__link *l, const pic__buf *request, unsigned timeout_ms, pic__buf *answer, pic_error **err)
{
        (void)l;
        (void)request;
        (void)timeout_ms;
        pic__buf_put(answer, agent.data, agent.size);
        return answer->failed ? pic__nomem(err) : 0;
}

static int ask_along(pic__link *l, const pic__buf *request, int file, unsigned timeout_ms, pic__buf *answer,
                     pic_error **err)
{
        (void)file;
        return ask(l, request, timeout_ms, answer, err);
}

static void nothing(pic__link *l)
{
        (void)l;
}

static pic_ctx *open_context(void)
{
        static const pic__link_ops ops = { ask, nothing, ask_along };
        pic_ctx *ctx;

        cell_make();
        ctx = cell_open();
        pic__link_unref(ctx->link);
        agent.link.ops = &ops;
        ctx->link = &agent.link;
        stdout = stderr = fopen("/dev/null", "w");
        must(stdout != NULL);
        return ctx;
}

static void is_json(const char *text)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;

        must(pic__doc_json(text, strlen(text), "text", &doc, NULL) == 0);
}

static void look_at_plan(pic_ctx *ctx)
{
        pic_plan *plan = NULL;
        size_t i;

        if (pic_plan_get(ctx, 0, &plan, NULL) < 0)
                return;
        is_json(pic_plan_json(plan));
        for (i = 0; i < pic_plan_count(plan); i++)
                must(pic_plan_text(plan, i) != NULL);
        pic_plan_unref(plan);
}

static void apply(pic_ctx *ctx)
{
        pic_outcome *outcome = NULL;
        pic_edit *edit = NULL;

        must(pic_edit_new(ctx, &edit, NULL) == 0); /* wishes nothing */
        must(pic_edit_commit(edit, 0, &outcome, NULL) == 0);
        is_json(pic_outcome_json(outcome));
        pic_outcome_unref(outcome);
        pic_edit_unref(edit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct command config = { "peer", "config", NULL, "NAME", 1, 1, NULL, NULL, cmd_peer_config, 0 };
        static pic_ctx *ctx;
        struct cli cli = { .command = &config, .words = { "anna" }, .word_count = 1 };
        unsigned mode = next_byte(&data, &size);

        if (ctx == NULL)
                ctx = open_context();
        agent.data = data;
        agent.size = size;
        cli.ctx = ctx;
        cli.json = mode >> 7 & 1;
        switch (mode % 7) {
        case 0: cmd_status(&cli); break;
        case 1: look_at_plan(ctx); break;
        case 2: cmd_doctor(&cli); break;
        case 3: cmd_peer_config(&cli); break;
        case 4: apply(ctx); break;
        case 5: cmd_plan(&cli); break;
        default: (void)!pic_agent_down(ctx, 0, NULL); break;
        }
        return 0;
}
