/* What wg-easy keeps: version 14 a JSON file, wg0.json; version 15 an SQLite file, wg-easy.db. */
#ifndef PIC_HOUSEHOLD_WGEASY_H
#define PIC_HOUSEHOLD_WGEASY_H

#include "household/household.h"

#define PIC__WGEASY_DB ((size_t)64 << 20)

/* wg0.json. PIC_SYNTAX (with its place): no JSON, or not that. */
int pic__wgeasy_json(pic__household *h, const char *text, size_t len, const char *file, pic_error **err);
/* The text of wg0.conf beside it: what only stands there (port, commands). */
void pic__wgeasy_conf(pic__household *h, const char *text, size_t len, const char *file);
/* The database at `path`, a copy that nobody else uses and that may be written to (its log is folded in). `file` is its
 * name for messages. PIC_SYNTAX: not that; PIC_NOMEM. */
int pic__wgeasy_db(pic__household *h, const char *path, const char *file, pic_error **err);

#endif
