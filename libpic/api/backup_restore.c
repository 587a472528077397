/* Owns: a cell out of a backup, in the place of what is there; and the one that is put aside. */
#include "api/age.h"
#include "api/backup.h"
#include "base/json.h"
#include "engine/restore.h"

static int tell(const pic_ctx *ctx, const char *former, const pic__manifest *m, pic_report **ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, manifest = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);

        pic__manifest_put(m, &manifest);
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "dir", ctx->dir);
        pic__json_kstr(&j, "former", former);
        pic__json_key(&j, "manifest");
        pic__json_raw(&j, pic__buf_str(&manifest));
        pic__json_close(&j, '}');
        return text.failed || manifest.failed ? pic__nomem(err) : pic__report_new(&text, 1, ret, err);
}

/* Its own flag; what else is set is nobody's here. *ret: as all that read have them. */
static int take_flag(const pic_backup_opts *given, pic_backup_opts *ret, int *ret_copy, pic_error **err)
{
        int r = pic__api_opts(given, ret, sizeof(*ret), "pic_backup_restore", err);

        if (r < 0)
                return r;
        *ret_copy = (ret->flags & PIC_BACKUP_COPY) != 0;
        ret->flags &= ~(uint32_t)PIC_BACKUP_COPY;
        ret->size = sizeof(*ret);
        return 0;
}

int pic_backup_restore(pic_ctx *ctx, const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts,
                       pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__reading_free) pic__reading g = pic__reading_of(in_fd, -1);
        PIC__AUTO(pic__obj_unref_p) pic_obj *here = NULL;
        pic__auto_free char *former = NULL;
        pic_backup_opts own;
        int r, copy = 0;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_backup_restore", "ctx or ret_report is not valid");
        r = take_flag(opts, &own, &copy, err);
        if (r == 0)
                r = pic__reading_begin(&g, "pic_backup_restore", keys, &own, 0, err);
        if (r == 0)
                r = pic__backup_answers(g.o.answers, "pic_backup_restore", err);
        if (r == 0) {
                pic__restore_opts o = { .dir = ctx->dir,
                                        .run_dir = ctx->run_dir,
                                        .clock = ctx->clock,
                                        .actor = ctx->actor,
                                        .way = ctx->way,
                                        .copy = copy,
                                        .moved = { .fake = ctx->fake, .answers = g.o.answers } };

                (void)pic__backup_here(ctx, &here, NULL);
                o.moved.here = here;
                /* sqlite removes its log by name when it closes: by then that is another cell's */
                pic__ctx_let_go(ctx);
                r = pic__restore(&o, g.backup, &former, err);
        }
        return r == 0 ? tell(ctx, former, pic__unpack_manifest(g.backup), ret_report, err) : r;
}
