/* The directories of filters: only they and the agent may read them. */
#ifndef PIC_SIEVE_SHARE_H
#define PIC_SIEVE_SHARE_H

#include "base/err.h"
#include "sieve/counts.h"

/* With an empty file of counts; one that is there stays. PIC_BACKEND. */
int pic__sieve_dir_make(const char *dir, pic_error **err);
/* Table and rules of one directory are those of another too, from one moment to the next; what is not there yet is
 * passed over. */
void pic__sieve_share(const char *from, const char *to);
/* Puts a file that was written beside it in place: readable for filters. PIC_BACKEND. */
int pic__sieve_publish(const char *written, const char *dir, const char *name, pic_error **err);

/* Adds what the filter of a directory has counted; nothing when there is none. */
void pic__sieve_counts_add(const char *dir, pic__sieve_counts *to);

#endif
