/* Owns: what was wrong, read from the agent's notes. */
#include <string.h>

#include "api/api.h"
#include "engine/healthlog.h"

#define USUAL 100
#define MOST 5000

int pic_health_history(pic_ctx *ctx, const pic_health_opts *opts, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        pic_health_opts o = PIC_HEALTH_OPTS_INIT;
        pic__json j = PIC__JSON(&answer);
        pic__store *st = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_health_history", "ctx or ret_report is not valid");
        r = pic__api_opts(opts, &o, sizeof(o), "pic_health_history", err);
        if (r == 0 && o.until != 0 && o.until < o.since)
                r = pic__fail_value(err, NULL, "until", NULL, "must be after since");
        if (r == 0)
                r = pic__ctx_lock(ctx, &st, err); /* is there a cell? */
        if (r < 0)
                return r;
        pic__ctx_unlock(ctx);
        r = pic__healthlog_read(ctx->dir, o.since, o.until, o.max == 0 ? USUAL : o.max > MOST ? MOST : o.max, &j, err);
        if (r == 0 && answer.failed)
                r = pic__nomem(err);
        return r < 0 ? r
                     : pic__report_new(&answer, strstr(pic__buf_str(&answer), "\"ended\":null}") == NULL, ret_report,
                                       err);
}
