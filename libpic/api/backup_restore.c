/* Owns: a cell out of a backup, in the place of what is there; and the one that is put aside. */
#include <stdio.h>

#include "api/age.h"
#include "api/backup.h"
#include "base/json.h"
#include "base/time.h"
#include "engine/former.h"
#include "engine/ordered.h"
#include "engine/restore.h"

static int tell(const pic_ctx *ctx, const char *former, const pic__manifest *m, const char *users, pic_report **ret,
                pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, manifest = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);

        pic__manifest_put(m, &manifest);
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "dir", ctx->dir);
        pic__json_kstr(&j, "former", former);
        pic__json_key(&j, "manifest");
        pic__json_raw(&j, pic__buf_str(&manifest));
        if (users[0] != '\0') {
                pic__json_kbool(&j, "ordered", 1);
                pic__json_key(&j, "users");
                pic__json_raw(&j, users);
        }
        pic__json_close(&j, '}');
        return text.failed || manifest.failed ? pic__nomem(err) : pic__report_new(&text, 1, ret, err);
}

/* Its own flags; what else is set is nobody's here. *ret: as all that read have them. */
static int take_flags(const pic_backup_opts *given, pic_backup_opts *ret, pic__restore_opts *how, pic_error **err)
{
        int r = pic__api_opts(given, ret, sizeof(*ret), "pic_backup_restore", err);

        if (r < 0)
                return r;
        how->copy = (ret->flags & PIC_BACKUP_COPY) != 0;
        how->later = (ret->flags & PIC_BACKUP_AGENT) != 0;
        ret->flags &= ~(uint32_t)(PIC_BACKUP_COPY | PIC_BACKUP_AGENT);
        ret->size = sizeof(*ret);
        return 0;
}

/* It ends, and before it starts again it does what lies there. */
static int end_agent(pic_ctx *ctx, int in_fd, const pic__manifest *m, pic_error **err)
{
        char time[PIC__TIME_TEXT], text[200];
        int r;

        (void)pic__time_print(m->created, time);
        snprintf(text, sizeof(text), "the backup of %s, revision %lld, is to take " PIC__FORMER_PLACE, time,
                 (long long)m->revision);
        pic__backup_remark(ctx, "restore", text);
        r = pic__backup_ask(ctx, "stop", in_fd, err);
        if (r < 0)
                pic__ordered_drop(ctx->dir);
        return r;
}

static int restore(pic_ctx *ctx, const pic__restore_opts *how, pic__reading *g, int in_fd, pic_report **ret,
                   pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *here = NULL;
        pic__auto_buf pic__buf users = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&users);
        pic__auto_free char *former = NULL;
        pic__restore_opts o = *how;
        int r;

        o.dir = ctx->dir;
        o.run_dir = ctx->run_dir;
        o.clock = ctx->clock;
        o.actor = ctx->actor;
        o.way = ctx->way;
        (void)pic__backup_here(ctx, &here, NULL);
        o.moved = (pic__moved_opts){ .fake = ctx->fake, .answers = g->o.answers, .here = here };
        o.users = o.later ? &j : NULL;
        /* sqlite removes its log by name when it closes: by then that is another cell's */
        if (!o.later)
                pic__ctx_let_go(ctx);
        r = o.later ? pic__backup_ask(ctx, "ping", in_fd, err) : 0;
        if (r == 0)
                r = pic__restore(&o, g->backup, &former, err);
        if (r == 0 && o.later)
                r = end_agent(ctx, in_fd, pic__unpack_manifest(g->backup), err);
        if (r == 0 && users.failed)
                return pic__nomem(err);
        return r == 0 ? tell(ctx, former, pic__unpack_manifest(g->backup), pic__buf_str(&users), ret, err) : r;
}

int pic_backup_restore(pic_ctx *ctx, const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts,
                       pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__reading_free) pic__reading g = pic__reading_of(in_fd, -1);
        pic__restore_opts how = { .copy = 0 };
        pic_backup_opts own;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_backup_restore", "ctx or ret_report is not valid");
        r = take_flags(opts, &own, &how, err);
        if (r == 0)
                r = pic__reading_begin(&g, "pic_backup_restore", keys, &own, 0, err);
        if (r == 0)
                r = pic__backup_answers(g.o.answers, "pic_backup_restore", err);
        return r == 0 ? restore(ctx, &how, &g, in_fd, ret_report, err) : r;
}
