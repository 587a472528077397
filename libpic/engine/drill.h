/* Whether a backup comes back as a cell that works: it is restored where nobody is, asked everything, and its agent is
 * started on a machine of its own (namespaces without a link to anywhere), as the wishes say. Nothing of it is left. */
#ifndef PIC_ENGINE_DRILL_H
#define PIC_ENGINE_DRILL_H

#include <pic/cancel.h>

#include "backup/unpack.h"
#include "engine/drill_book.h"
#include "store/store.h"

typedef struct pic__drill_opts {
        const pic__clock *clock;
        int fake;                 /* in a pretend world: without namespaces, and without privilege */
        const char *of;           /* public key of the cell that it has to be; NULL: any */
        const pic_cancel *cancel; /* may be NULL */
} pic__drill_opts;

/* 1: this failure is the backup's, and stands in the book; 0: it is the machine's, or of who asked. */
int pic__drill_judge(pic__drill_book *b, enum pic__drill_check check, const pic_error *err);
/* All of it, with a backup that was opened. 0: the book says how it went; else it could not be tried: PIC_DENIED: this
 * process may make no namespaces; PIC_UNSUPPORTED: the program that does is missing; PIC_IO: there is no room;
 * PIC_CANCELED, PIC_TIMEOUT, PIC_BACKEND, PIC_NOMEM. */
int pic__drill(const pic__drill_opts *o, pic__unpack *backup, pic__drill_book *b, pic_error **err);
/* {"restorable","milliseconds","failed","checks","backup":{manifest, without members}|null} */
void pic__drill_put(const pic__drill_book *b, const pic__manifest *m, pic__json *j);

/* drill_secrets.c: each seal opens, and keys are pairs. *ret_count: seals. */
struct pic__seals;
int pic__drill_secrets(const char *dir, pic__store *st, size_t *ret_count, pic_error **err);
/* drill_certs.c: certificates that the cell has, as of the moment the backup was made. *ret_count: looked at, the root
 * too. */
int pic__drill_certs(const char *dir, pic__store *st, pic_time made, size_t *ret_count, pic_error **err);
/* drill_quiet.c: the copy tells nobody anything, sends nothing anywhere, and sets no clock. Of a drill, and whoever
 * restores one beside the cell (restore.h). */
int pic__drill_quiet(pic__store *st, pic_error **err);
/* drill_run.c: a program of ours that is told `order`, and its last word. */
int pic__drill_run(const char *order, size_t len, const pic_cancel *cancel, pic__doc **ret, pic_error **err);
#define PIC__DRILL_PROGRAM "pic-drill"
/* Where copies lie: in memory, or where there is more room. */
/* Removes copies of those who were killed, wherever they lie: they have the cell's keys. */
void pic__drill_clean(void);
#define PIC__DRILL_PLACES "/dev/shm/pic-drill-", "/var/tmp/pic-drill-", "/tmp/pic-drill-"

#endif
