/* What making and reading backups share. */
#ifndef PIC_API_BACKUP_H
#define PIC_API_BACKUP_H

#include "api/fdio.h"
#include "backup/manifest.h"
#include "sys/newfile.h"

/* The options of a call, checked; `writes`: out_fd or opts->output is needed. Begins the file when there is one. */
int pic__backup_opts(const char *call, const pic_backup_opts *given, int writes, pic_backup_opts *ret, pic__fdio *x,
                     pic__newfile *file, pic_error **err);
int pic__backup_report(const pic__manifest *m, pic_report **ret, pic_error **err);
/* A row of ours about the cell; that it cannot be written is no reason to say something else. */
void pic__backup_note(pic_ctx *ctx, const pic__manifest *m, int encrypted);

#endif
