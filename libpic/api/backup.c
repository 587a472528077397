/* Owns: making a backup. */
#include "api/backup.h"

#include <stdio.h>

#include "api/age.h"
#include "engine/content.h"
#include "sys/crypto.h"

#define STOP_MS 20000

int pic__backup_opts(const char *call, const pic_backup_opts *given, int writes, pic_backup_opts *ret, pic__fdio *x,
                     pic__newfile *file, pic_error **err)
{
        int r = pic__api_opts(given, ret, sizeof(*ret), call, err);

        if (r < 0)
                return r;
        if (ret->work_factor > 30)
                return pic__api_bad(err, call, "work_factor is over 30");
        if (writes ? (ret->output == NULL) != pic__fdio_is_open(x->out_fd) : ret->output != NULL)
                return pic__api_bad(err, call, "out_fd and output: one of them is needed, where something is written");
        x->cancel = ret->cancel;
        r = pic__crypto_start(err);
        if (r == 0)
                r = pic__fdio_start(x, err);
        if (r == 0 && ret->output != NULL) {
                r = pic__newfile_begin(file, ret->output, 0600, err);
                x->out_fd = file->fd;
        }
        return r;
}

int pic__backup_report(const pic__manifest *m, pic_report **ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__manifest_put(m, &text);
        return text.failed ? pic__nomem(err) : pic__report_new(&text, 1, ret, err);
}

static int note(pic_ctx *ctx, pic__store *st, const char *verb, const char *text)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r = pic__txn_begin(st, ctx->actor, ctx->way, &t, NULL);

        if (r == 0)
                r = pic__txn_get(t, PIC__CELL, NULL, &cell, NULL);
        if (r == 0)
                r = pic__txn_note_often(t, cell, verb, text, NULL);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, NULL);
}

void pic__backup_remark(pic_ctx *ctx, const char *verb, const char *text)
{
        pic__store *st = NULL;

        if (pic__ctx_lock(ctx, &st, NULL) < 0)
                return;
        (void)note(ctx, st, verb, text);
        pic__ctx_unlock(ctx);
}

int pic__backup_ask(pic_ctx *ctx, const char *verb, int file, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;

        return pic__ctx_call_along(ctx, verb, "{}", file, STOP_MS, &answer, err);
}

void pic__backup_note(pic_ctx *ctx, const pic__manifest *m, int encrypted)
{
        char text[160];

        snprintf(text, sizeof(text), "a backup of revision %lld was made, %s", (long long)m->revision,
                 encrypted ? "encrypted" : "not encrypted");
        pic__backup_remark(ctx, "backup", text);
}

static int pack(pic__content *c, const pic_age_keys *keys, const pic_backup_opts *o, pic__fdio *x, pic_error **err)
{
        const pic__pack_opts how = { .keys = pic__age_keys_of(keys),
                                     .log_n = o->work_factor,
                                     .armor = (o->flags & PIC_BACKUP_ARMOR) != 0 };
        int r = pic__content_pack(c, &how, pic__fdio_put, x, err);

        return r == 0 ? pic__fdio_flush(x, err) : r;
}

/* Encrypted, or not and wished so by name. */
static int check_keys(const pic_age_keys *keys, uint32_t flags, pic_error **err)
{
        int plain = (flags & PIC_BACKUP_PLAIN) != 0;

        if ((flags & ~(uint32_t)(PIC_BACKUP_ARMOR | PIC_BACKUP_PLAIN)) != 0 ||
            (plain && (flags & PIC_BACKUP_ARMOR) != 0))
                return pic__api_bad(err, "pic_backup_create", "flags is not valid");
        if (plain ? keys != NULL : pic__age_keys_of(keys) == NULL)
                return pic__api_bad(err, "pic_backup_create", "keys, or PIC_BACKUP_PLAIN: one of them is needed");
        return 0;
}

static int create(pic_ctx *ctx, const pic_age_keys *keys, const pic_backup_opts *o, pic__fdio *x, pic_report **ret,
                  pic_error **err)
{
        PIC__AUTO(pic__content_clear) pic__content c = { .parts = NULL };
        int r = pic__content_take(ctx->dir, ctx->clock, &c, err);

        if (r == 0)
                r = pack(&c, keys, o, x, err);
        if (r == 0)
                r = pic__backup_report(&c.manifest, ret, err);
        if (r == 0)
                pic__backup_note(ctx, &c.manifest, keys != NULL);
        return r;
}

int pic_backup_create(pic_ctx *ctx, const pic_age_keys *keys, int out_fd, const pic_backup_opts *opts,
                      pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__fdio_free) pic__fdio x = { .in_fd = -1, .out_fd = out_fd };
        pic__auto_newfile pic__newfile file = PIC__NEWFILE_INIT;
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_report *report = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_backup_create", "ctx or ret_report is not valid");
        r = pic__backup_opts("pic_backup_create", opts, 1, &o, &x, &file, err);
        if (r == 0)
                r = check_keys(keys, o.flags, err);
        if (r == 0)
                r = create(ctx, keys, &o, &x, &report, err);
        if (r == 0 && o.output != NULL)
                r = pic__newfile_commit(&file, err);
        if (r == 0)
                *ret_report = pic__take(report);
        pic_report_unref(report);
        return r;
}
