/* What outlives a boot: small texts that a carrier's programs made and will want again, for each exit. */
#ifndef PIC_BACKEND_EXIT_KEEP_H
#define PIC_BACKEND_EXIT_KEEP_H

#include "backend/exit/carrier.h"

/* Remembers own/<file> as `name`, when it has changed. Nothing happens where nothing can be kept or there is no such
 * file. What a program wrote is taken as bytes: at most 256 KiB of a plain file of its own. */
void pic__exit_keep(const pic__carrier_env *env, const char *name, const char *file);
/* Makes own/<dir> with <file> in it, as it was remembered. Nothing happens when own/<dir> is there: what is there is
 * newer. */
int pic__exit_kept(const pic__carrier_env *env, const char *name, const char *dir, const char *file, pic_error **err);
/* Forgets all, and removes the logs, of exits that are not among `slots` (by number: 0 it is not). keep_dir may be
 * NULL.
 */
void pic__exit_forget_others(const char *keep_dir, const char *log_dir, const uint8_t *slots);

#endif
