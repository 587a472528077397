/* Owns: alerts, as the agent knows them. */
#include <pic/alert.h>
#include <string.h>

#include "api/api.h"
#include "codec/json_in.h"

#define TEST_MS 40000

static int ask(pic_ctx *ctx, const char *verb, const char *args, unsigned ms, const char *key, pic__buf *answer,
               pic__doc **ret, pic_error **err)
{
        int r = pic__ctx_call(ctx, verb, args, ms, answer, err);

        if (r == 0)
                r = pic__api_answer(pic__buf_str(answer), answer->len, ret, err);
        if (r == 0 && pic__node_get(pic__doc_root(*ret), key) == NULL)
                r = pic__fail(err, PIC_BACKEND, "the agent answered without '%s'", key);
        return r;
}

static int all_well(const pic__node *root)
{
        const pic__node *one = pic__node_get(root, "alerts")->first;

        for (; one != NULL; one = one->next)
                if (strcmp(pic__node_str(one, "state", ""), "failing") == 0)
                        return 0;
        return 1;
}

int pic_alert_status(pic_ctx *ctx, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_alert_status", "ctx or ret_report is not valid");
        r = ask(ctx, "alerts", NULL, 0, "alerts", &answer, &doc, err);
        return r < 0 ? r : pic__report_new(&answer, all_well(pic__doc_root(doc)), ret_report, err);
}

int pic_alert_test(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT, args = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&args);
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || name == NULL || ret_report == NULL)
                return pic__api_bad(err, "pic_alert_test", "ctx, name or ret_report is not valid");
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "name", name);
        pic__json_close(&j, '}');
        if (args.failed)
                return pic__nomem(err);
        r = ask(ctx, "alert-test", pic__buf_str(&args), TEST_MS, "arrived", &answer, &doc, err);
        return r < 0 ? r : pic__report_new(&answer, pic__node_bool(pic__doc_root(doc), "arrived", 0), ret_report, err);
}
