/* Owns: public names, asked of the agent. */
#include <pic/domain.h>

#include <string.h>

#include "api/api.h"
#include "codec/json_in.h"

#define PUBLISH_MS 150000 /* addresses are looked for, and several providers asked */

/* Good: nothing failed. */
static int report(pic__buf *answer, pic_report **ret_report, pic_error **err)
{
        static const char *const bad[] = { "failed", "refused", "unregistered" };
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const pic__node *list, *n;
        int good = 1, r = pic__api_answer(pic__buf_str(answer), answer->len, &doc, err);
        size_t i;

        if (r < 0)
                return r;
        list = pic__node_list(pic__doc_root(doc), "domains");
        if (list == NULL)
                return pic__fail(err, PIC_BACKEND, "the agent answered without public names");
        for (n = list->first; n != NULL; n = n->next)
                for (i = 0; i < PIC__COUNT(bad); i++)
                        good = good && strcmp(pic__node_str(n, "state", ""), bad[i]) != 0;
        return pic__report_new(answer, good, ret_report, err);
}

int pic_domain_status(pic_ctx *ctx, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_domain_status", "ctx or ret_report is not valid");
        r = pic__ctx_call(ctx, "domains", NULL, 0, &answer, err);
        return r < 0 ? r : report(&answer, ret_report, err);
}

int pic_domain_publish(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf args = PIC__BUF_INIT, answer = PIC__BUF_INIT;
        pic__json j = { .out = &args };
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_domain_publish", "ctx or ret_report is not valid");
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "name", name);
        pic__json_close(&j, '}');
        if (args.failed)
                return pic__nomem(err);
        r = pic__ctx_call(ctx, "domain-publish", pic__buf_str(&args), PUBLISH_MS, &answer, err);
        return r < 0 ? r : report(&answer, ret_report, err);
}
