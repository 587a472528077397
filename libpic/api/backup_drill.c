/* Owns: trying out whether a backup comes back: here, or by the agent. */
#include <string.h>
#include <unistd.h>

#include "api/age.h"
#include "api/backup.h"
#include "base/time.h"
#include "codec/json_in.h"
#include "engine/drill.h"

#define TRY_MS 660000 /* the agent gives up before */

/* Of which one it was tells who reads the journal later; that it did not come back too. failed NULL: it did. */
static void note(pic_ctx *ctx, int good, const char *made, const char *failed, const char *why)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__buf_putf(&text, "the backup of %s is %s", made, good ? "restorable" : "not restorable");
        if (failed != NULL) {
                pic__buf_putf(&text, ": %s: ", failed);
                pic__buf_put_shown(&text, why != NULL ? why : "", 300);
        }
        pic__backup_remark(ctx, good ? "drill" : "drill-failed", pic__buf_str(&text));
}

/* --- here -------------------------------------------------------------------------------------------------------- */

static void note_book(pic_ctx *ctx, const pic__drill_book *b, const pic__manifest *m)
{
        enum pic__drill_check failed = pic__book_failed(b);
        char made[PIC__TIME_TEXT] = "?";

        if (m != NULL)
                (void)pic__time_print(m->created, made);
        if (failed < PIC__DRILL_CHECKS)
                note(ctx, 0, made, pic__drill_checks[failed], b->at[failed].text);
        else
                note(ctx, pic__book_good(b), made, NULL, NULL);
}

static int tell(const pic__drill_book *b, const pic__manifest *m, pic_report **ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);

        pic__drill_put(b, m, &j);
        return text.failed ? pic__nomem(err) : pic__report_new(&text, pic__book_good(b), ret, err);
}

static int drill_here(pic_ctx *ctx, const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts, pic_report **ret,
                      pic_error **err)
{
        PIC__AUTO(pic__reading_free) pic__reading g = pic__reading_of(in_fd, -1);
        PIC__AUTO(pic__book_clear) pic__drill_book book;
        pic__auto_err pic_error *bad = NULL;
        const pic__manifest *m;
        int r;

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
                note_book(ctx, &book, m);
                r = tell(&book, m, ret, &bad);
        }
        if (r < 0)
                pic__err_append(err, pic__take(bad));
        return r;
}

/* --- by the agent ------------------------------------------------------------------------------------------------ */

static void put_keys(const pic__age_keys *k, pic__json *j)
{
        size_t i;

        if (k->passphrase != NULL)
                pic__json_kstr(j, "passphrase", k->passphrase);
        pic__json_key(j, "identities");
        pic__json_open(j, '[');
        for (i = 0; i < k->identity_count; i++) {
                pic__auto_wipe pic__buf text = PIC__BUF_SECRET;

                pic__age_identity_text(k->identities[i].secret, &text);
                pic__json_str(j, pic__buf_str(&text));
        }
        pic__json_close(j, ']');
}

static void note_said(pic_ctx *ctx, const pic__node *drill)
{
        const pic__node *backup = pic__node_map(drill, "backup"), *list = pic__node_list(drill, "checks"), *one;
        const char *failed = pic__node_str(drill, "failed", NULL), *why = NULL;

        for (one = list != NULL ? list->first : NULL; one != NULL; one = one->next)
                if (strcmp(pic__node_str(one, "state", ""), "failed") == 0)
                        why = pic__node_str(one, "text", NULL);
        note(ctx, pic__node_bool(drill, "restorable", 0), backup != NULL ? pic__node_str(backup, "created", "?") : "?",
             failed, why);
}

static int have_drilled(pic_ctx *ctx, const pic__age_keys *keys, int in_fd, const pic_backup_opts *o, pic_report **ret,
                        pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_wipe pic__buf args = PIC__BUF_SECRET;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&args);
        int r;

        pic__json_open(&j, '{');
        if (o->work_factor != 0)
                pic__json_kint(&j, "work_factor", o->work_factor);
        if (keys != NULL)
                put_keys(keys, &j);
        pic__json_close(&j, '}');
        r = args.failed ? pic__nomem(err)
                        : pic__ctx_call_along(ctx, "backup-try", pic__buf_str(&args), in_fd, TRY_MS, &answer, err);
        if (r == 0)
                r = pic__api_answer(pic__buf_str(&answer), answer.len, &doc, err);
        if (r < 0)
                return r;
        note_said(ctx, pic__doc_root(doc));
        return pic__report_new(&answer, pic__node_bool(pic__doc_root(doc), "restorable", 0), ret, err);
}

int pic_backup_drill(pic_ctx *ctx, const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts,
                     pic_report **ret_report, pic_error **err)
{
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic__auto_err pic_error *bad = NULL;
        off_t at = lseek(in_fd, 0, SEEK_CUR);
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_backup_drill", "ctx or ret_report is not valid");
        r = opts == NULL ? 0 : pic__api_opts(opts, &o, sizeof(o), "pic_backup_drill", err);
        if (r < 0)
                return r;
        if ((o.flags & PIC_BACKUP_AGENT) == 0)
                return drill_here(ctx, keys, in_fd, &o, ret_report, err);
        if (keys != NULL && pic__age_keys_of(keys) == NULL)
                return pic__api_bad(err, "pic_backup_drill", "keys is not valid");
        o.flags &= ~(uint32_t)PIC_BACKUP_AGENT;
        r = have_drilled(ctx, pic__age_keys_of(keys), in_fd, &o, ret_report, &bad);
        if (r == PIC_NOAGENT && at >= 0 && lseek(in_fd, at, SEEK_SET) == at)
                return drill_here(ctx, keys, in_fd, &o, ret_report, err);
        if (r < 0)
                pic__err_append(err, pic__take(bad));
        return r;
}
