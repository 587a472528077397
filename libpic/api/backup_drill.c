/* Owns: trying out whether a backup comes back. */
#include <inttypes.h>

#include "api/age.h"
#include "api/backup.h"
#include "base/time.h"
#include "engine/drill.h"

/* Of which one it was tells who reads the journal later; that it did not come back too. */
static void note(pic_ctx *ctx, const pic__drill_book *b, const pic__manifest *m)
{
        enum pic__drill_check failed = pic__book_failed(b);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char made[PIC__TIME_TEXT] = "?";

        if (m != NULL)
                (void)pic__time_print(m->created, made);
        pic__buf_putf(&text, "the backup of %s is %s", made, pic__book_good(b) ? "restorable" : "not restorable");
        if (failed < PIC__DRILL_CHECKS) {
                pic__buf_putf(&text, ": %s: ", pic__drill_checks[failed]);
                pic__buf_put_shown(&text, b->at[failed].text != NULL ? b->at[failed].text : "", 300);
        }
        pic__backup_remark(ctx, pic__book_good(b) ? "drill" : "drill-failed", pic__buf_str(&text));
}

static int tell(const pic__drill_book *b, const pic__manifest *m, pic_report **ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);

        pic__drill_put(b, m, &j);
        return text.failed ? pic__nomem(err) : pic__report_new(&text, pic__book_good(b), ret, err);
}

int pic_backup_drill(pic_ctx *ctx, const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts,
                     pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__reading_free) pic__reading g = pic__reading_of(in_fd, -1);
        PIC__AUTO(pic__book_clear) pic__drill_book book;
        pic__auto_err pic_error *bad = NULL;
        const pic__manifest *m;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_backup_drill", "ctx or ret_report is not valid");
        pic__book_begin(&book, ctx->clock);
        r = pic__reading_begin(&g, "pic_backup_drill", keys, opts, 0, &bad);
        m = g.backup != NULL ? pic__unpack_manifest(g.backup) : NULL;
        if (r == 0) {
                const pic__drill_opts o = { .clock = ctx->clock, .fake = ctx->fake, .cancel = g.o.cancel };

                r = pic__drill(&o, g.backup, &book, &bad);
        } else if (pic__drill_judge(&book, PIC__DRILL_OPENS, bad)) {
                r = 0;
        }
        if (r == 0) {
                note(ctx, &book, m);
                r = tell(&book, m, ret_report, &bad);
        }
        if (r < 0 && err != NULL)
                *err = pic__take(bad);
        return r;
}
