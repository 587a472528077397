/* When what is wrong began and ended: findings as the agent's look each minute has them, kept in stats.db. */
#ifndef PIC_ENGINE_HEALTHLOG_H
#define PIC_ENGINE_HEALTHLOG_H

#include "base/json.h"
#include "engine/findings.h"
#include "store/stats.h"

/* Errors and warnings of a look, inside of no transaction. *digest: of what was noted last, 0: nothing; the same again
 * is not written. */
int pic__healthlog_note(pic__stats *st, const pic__findings *f, pic_time now, uint64_t *digest, pic_error **err);
/* 1: a look found something else than what was noted last. */
int pic__healthlog_news(const pic__findings *f, uint64_t digest);
/* {"findings":[{"level","area","what","fix","began","ended"},…]}; the file in that directory may not be there. */
int pic__healthlog_read(const char *dir, pic_time since, pic_time until, uint32_t max, pic__json *out, pic_error **err);

#endif
