/* Owns: reading backups: what is in one, whether it is well, one member of it, and a cell out of it. */
#include <string.h>

#include "api/age.h"
#include "api/backup.h"
#include "backup/unpack.h"
#include "base/json.h"
#include "engine/restore.h"

struct reading {
        pic__fdio x;
        pic__newfile file;
        pic_backup_opts o;
        pic__unpack *backup;
};

static void reading_free(struct reading *g)
{
        pic__unpack_free(g->backup);
        pic__newfile_abort(&g->file);
        pic__fdio_free(&g->x);
}

static int begin(struct reading *g, const char *call, const pic_age_keys *keys, const pic_backup_opts *opts, int writes,
                 pic_error **err)
{
        int r;

        if ((keys != NULL && pic__age_keys_of(keys) == NULL) || !pic__fdio_is_open(g->x.in_fd))
                return pic__api_bad(err, call, "keys or in_fd is not valid");
        r = pic__backup_opts(call, opts, writes, &g->o, &g->x, &g->file, err);
        if (r < 0)
                return r;
        if (g->o.flags != 0)
                return pic__api_bad(err, call, "flags are for making a backup");
        return pic__unpack_new(pic__age_keys_of(keys), g->o.work_factor, 0, pic__fdio_next, &g->x, &g->backup, err);
}

static struct reading reading(int in_fd, int out_fd)
{
        return (struct reading){ .x = { .in_fd = in_fd, .out_fd = out_fd }, .file = PIC__NEWFILE_INIT };
}

int pic_backup_show(const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts, pic_report **ret_report,
                    pic_error **err)
{
        PIC__AUTO(reading_free) struct reading g = reading(in_fd, -1);
        int r;

        if (ret_report == NULL)
                return pic__api_bad(err, "pic_backup_show", "ret_report is NULL");
        r = begin(&g, "pic_backup_show", keys, opts, 0, err);
        return r == 0 ? pic__backup_report(pic__unpack_manifest(g.backup), ret_report, err) : r;
}

int pic_backup_verify(const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts, pic_report **ret_report,
                      pic_error **err)
{
        PIC__AUTO(reading_free) struct reading g = reading(in_fd, -1);
        const pic__member *m;
        int r;

        if (ret_report == NULL)
                return pic__api_bad(err, "pic_backup_verify", "ret_report is NULL");
        r = begin(&g, "pic_backup_verify", keys, opts, 0, err);
        while (r >= 0 && (r = pic__unpack_next(g.backup, &m, err)) > 0)
                continue;
        return r == 0 ? pic__backup_report(pic__unpack_manifest(g.backup), ret_report, err) : r;
}

static int write_member(struct reading *g, pic_error **err)
{
        const void *data;
        size_t len;
        int r;

        while ((r = pic__unpack_read(g->backup, &data, &len, err)) > 0) {
                r = pic__fdio_put(data, len, &g->x, err);
                if (r < 0)
                        return r;
        }
        return r;
}

static int extract(struct reading *g, const char *member, pic_error **err)
{
        const pic__member *m;
        int r;

        if (pic__manifest_find(pic__unpack_manifest(g->backup), member) == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no '%s' in the backup", member);
        while ((r = pic__unpack_next(g->backup, &m, err)) > 0) {
                r = strcmp(m->name, member) == 0 ? write_member(g, err) : 0;
                if (r < 0)
                        return r;
        }
        if (r == 0)
                r = pic__fdio_flush(&g->x, err);
        return r == 0 && g->o.output != NULL ? pic__newfile_commit(&g->file, err) : r;
}

int pic_backup_extract(const pic_age_keys *keys, int in_fd, const char *member, int out_fd, const pic_backup_opts *opts,
                       pic_error **err)
{
        PIC__AUTO(reading_free) struct reading g = reading(in_fd, out_fd);
        int r;

        if (member == NULL)
                return pic__api_bad(err, "pic_backup_extract", "member is NULL");
        r = begin(&g, "pic_backup_extract", keys, opts, 1, err);
        return r == 0 ? extract(&g, member, err) : r;
}

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

int pic_backup_restore(pic_ctx *ctx, const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts,
                       pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(reading_free) struct reading g = reading(in_fd, -1);
        pic__auto_free char *former = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_backup_restore", "ctx or ret_report is not valid");
        r = begin(&g, "pic_backup_restore", keys, opts, 0, err);
        if (r == 0) {
                const pic__restore_opts o = { .dir = ctx->dir,
                                              .run_dir = ctx->run_dir,
                                              .clock = ctx->clock,
                                              .actor = ctx->actor,
                                              .way = ctx->way };

                pic__ctx_let_go(
                        ctx); /* sqlite removes its log by name when it closes: by then that is another cell's */
                r = pic__restore(&o, g.backup, &former, err);
        }
        return r == 0 ? tell(ctx, former, pic__unpack_manifest(g.backup), ret_report, err) : r;
}
