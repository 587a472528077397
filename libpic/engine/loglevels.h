/* How much of what is said comes into the log: a level for all areas, and one for each that has its own. Kept beside
 * the log, so that it outlives the agent. */
#ifndef PIC_ENGINE_LOGLEVELS_H
#define PIC_ENGINE_LOGLEVELS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"

enum { PIC__LOG_AREAS = 19, PIC__LOG_UNSAID = -1 };
#define PIC__LOG_AREAS_HINT                                                                                         \
        "Areas: agent, acme, alert, audit, backup, blocks, certs, dns, doctor, domains, engine, exit, front, nft, " \
        "ntp, "                                                                                                     \
        "route, router, store, wg."

extern const char *const pic__log_areas[PIC__LOG_AREAS]; /* in their order */

/* PIC_LOG_*; PIC__LOG_UNSAID: root as the agent was started, an area as root. */
typedef struct pic__loglevels {
        int8_t root;
        int8_t area[PIC__LOG_AREAS];
} pic__loglevels;

#define PIC__LOGLEVELS_INIT                                          \
        {                                                            \
                PIC__LOG_UNSAID,                                     \
                {                                                    \
                        [0 ... PIC__LOG_AREAS - 1] = PIC__LOG_UNSAID \
                }                                                    \
        }

/* area NULL: root; level: "error", "warning", "info", "debug", NULL: unsaid. PIC_VALUE (details: field, rule). */
int pic__loglevels_set(pic__loglevels *l, const char *area, const char *level, pic_error **err);
/* What counts for an area, which may be none of ours; def: where nothing was said. */
int pic__loglevels_of(const pic__loglevels *l, const char *area, int def);
int pic__loglevels_most(const pic__loglevels *l, int def); /* the highest that counts anywhere */
/* {"root":"info","areas":{"wg":"debug",…},"own":["wg"]} */
void pic__loglevels_json(const pic__loglevels *l, int def, pic__json *out);

/* The file <log>/levels: "wg debug", a line each. One that is not there, and lines that make no sense, say nothing. */
void pic__loglevels_load(const char *log_dir, pic__loglevels *ret);
int pic__loglevels_save(const char *log_dir, const pic__loglevels *l, pic_error **err);

#endif
