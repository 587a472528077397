/* Owns: reading backups: what is in one, whether it is well, one member of it. */
#include <string.h>

#include "api/age.h"
#include "api/backup.h"

void pic__reading_free(pic__reading *g)
{
        pic__unpack_free(g->backup);
        pic__newfile_abort(&g->file);
        pic__fdio_free(&g->x);
}

int pic__reading_begin(pic__reading *g, const char *call, const pic_age_keys *keys, const pic_backup_opts *opts,
                       int writes, pic_error **err)
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

pic__reading pic__reading_of(int in_fd, int out_fd)
{
        return (pic__reading){ .x = { .in_fd = in_fd, .out_fd = out_fd }, .file = PIC__NEWFILE_INIT };
}

int pic_backup_show(const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts, pic_report **ret_report,
                    pic_error **err)
{
        PIC__AUTO(pic__reading_free) pic__reading g = pic__reading_of(in_fd, -1);
        int r;

        if (ret_report == NULL)
                return pic__api_bad(err, "pic_backup_show", "ret_report is NULL");
        r = pic__reading_begin(&g, "pic_backup_show", keys, opts, 0, err);
        return r == 0 ? pic__backup_report(pic__unpack_manifest(g.backup), ret_report, err) : r;
}

int pic_backup_verify(const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts, pic_report **ret_report,
                      pic_error **err)
{
        PIC__AUTO(pic__reading_free) pic__reading g = pic__reading_of(in_fd, -1);
        const pic__member *m;
        int r;

        if (ret_report == NULL)
                return pic__api_bad(err, "pic_backup_verify", "ret_report is NULL");
        r = pic__reading_begin(&g, "pic_backup_verify", keys, opts, 0, err);
        while (r >= 0 && (r = pic__unpack_next(g.backup, &m, err)) > 0)
                continue;
        return r == 0 ? pic__backup_report(pic__unpack_manifest(g.backup), ret_report, err) : r;
}

static int write_member(pic__reading *g, pic_error **err)
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

static int extract(pic__reading *g, const char *member, pic_error **err)
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
        PIC__AUTO(pic__reading_free) pic__reading g = pic__reading_of(in_fd, out_fd);
        int r;

        if (member == NULL)
                return pic__api_bad(err, "pic_backup_extract", "member is NULL");
        r = pic__reading_begin(&g, "pic_backup_extract", keys, opts, 1, err);
        return r == 0 ? extract(&g, member, err) : r;
}
