/* What making and reading backups share. */
#ifndef PIC_API_BACKUP_H
#define PIC_API_BACKUP_H

#include "api/fdio.h"
#include "backup/unpack.h"
#include "sys/newfile.h"

typedef struct pic__reading {
        pic__fdio x;
        pic__newfile file;
        pic_backup_opts o;
        pic__unpack *backup;
} pic__reading;

pic__reading pic__reading_of(int in_fd, int out_fd);
/* Checks the arguments, and reads the manifest. */
int pic__reading_begin(pic__reading *g, const char *call, const pic_age_keys *keys, const pic_backup_opts *opts,
                       int writes, pic_error **err);
void pic__reading_free(pic__reading *g);

/* The options of a call, checked; `writes`: out_fd or opts->output is needed. Begins the file when there is one. */
int pic__backup_opts(const char *call, const pic_backup_opts *given, int writes, pic_backup_opts *ret, pic__fdio *x,
                     pic__newfile *file, pic_error **err);
/* Names of fields with a value each. */
int pic__backup_answers(const char *const *answers, const char *call, pic_error **err);
/* The cell that is here, or NULL: there is none that can be read. */
int pic__backup_here(pic_ctx *ctx, pic_obj **ret, pic_error **err);
int pic__backup_report(const pic__manifest *m, pic_report **ret, pic_error **err);
/* A row of ours about the cell; that it cannot be written is no reason to say something else. */
void pic__backup_note(pic_ctx *ctx, const pic__manifest *m, int encrypted);
/* Has the agent do something without arguments, and no other: what nobody would do must not wait in the directory. A
 * file goes along because that is how only an agent that runs is asked. */
int pic__backup_ask(pic_ctx *ctx, const char *verb, int file, pic_error **err);
void pic__backup_remark(pic_ctx *ctx, const char *verb, const char *text);

#endif
