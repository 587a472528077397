/* Owns: the front, asked of the agent. */
#include <pic/front.h>

#include "api/api.h"
#include "codec/json_in.h"

int pic_front_get(pic_ctx *ctx, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        const pic__node *root;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_front_get", "ctx or ret_report is not valid");
        r = pic__ctx_call(ctx, "front", NULL, 0, &answer, err);
        if (r == 0)
                r = pic__api_answer(pic__buf_str(&answer), answer.len, &doc, err);
        if (r < 0)
                return r;
        root = pic__doc_root(doc);
        if (pic__node_get(root, "serving") == NULL)
                return pic__fail(err, PIC_BACKEND, "the agent answered without the front");
        return pic__report_new(&answer, pic__node_bool(root, "serving", 0) == pic__node_bool(root, "ready", 0),
                               ret_report, err);
}
