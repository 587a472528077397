/* What was: traffic by hour and day, findings of health. A file of its own beside the store, stats.db: what is in it is
 * no wish and no evidence, it is written often and thrown away when it is damaged; none of that shall touch cell.db,
 * its log, or the stamp by which readers know that nothing changed. Bounded: stats.c says by what. */
#ifndef PIC_STORE_STATS_H
#define PIC_STORE_STATS_H

#include <stddef.h>

#include "base/err.h"
#include "base/time.h"

#define PIC__STATS_FILE "stats.db"
#define PIC__STATS_HOURS 192 /* eight days of hours, */
#define PIC__STATS_DAYS 400  /* and so many days, by UTC, in which anything was */
#define PIC__STATS_BYTES ((int64_t)64 << 20)

typedef struct pic__stats pic__stats;

enum pic__span { PIC__SPAN_HOUR, PIC__SPAN_DAY };
enum pic__counted { PIC__COUNTED_PEER, PIC__COUNTED_EXIT, PIC__COUNTED_SLOT /* an exit's counters; no traffic */ };

static inline int64_t pic__span_seconds(enum pic__span span)
{
        return span == PIC__SPAN_HOUR ? 3600 : 86400;
}

/* `make`: makes it when it is not there, and anew when it is damaged (*ret_anew, which may be NULL, says so; the other
 * is kept as stats.db.bad). Without: PIC_NOTFOUND. PIC_UNSUPPORTED: a newer version's. */
int pic__stats_open(const char *dir, int make, pic__stats **ret, int *ret_anew, pic_error **err);
pic__stats *pic__stats_unref(pic__stats *st);
PIC__CLEANUP(pic__stats, pic__stats_unref)

/* One transaction; what was begun and not ended is as if it had not been. */
int pic__stats_begin(pic__stats *st, pic_error **err);
int pic__stats_end(pic__stats *st, pic_error **err);
void pic__stats_abort(pic__stats *st);

/* --- traffic: inside of a transaction -------------------------------------------------------------------------- */

/* Before any count: since this boot of the machine counters have begun anew. 1: it is another one than last time (or
 * the first time of all, *ret_first). */
int pic__stats_boot(pic__stats *st, const char *boot, int *ret_first, pic_error **err);
/* What a counter says now. *ret_rx, *ret_tx: what came since it was asked last; one that says less than it did began
 * anew, so all that it says came since. Never negative. `first`: nobody knows since when it counts: nothing came. 1: it
 * is another one than last time. */
int pic__stats_counter(pic__stats *st, enum pic__counted kind, int64_t id, const uint64_t now[2], int first,
                       uint64_t ret[2], pic_error **err);
/* Puts so much to the hour and the day of a moment. */
int pic__stats_add(pic__stats *st, enum pic__counted kind, int64_t id, const uint64_t bytes[2], pic_time now,
                   pic_error **err);
/* Takes away what is over the bounds. By number, not by the clock alone: one that was wrong for an hour must not cost
 * the past. `there` says whether a device is still: counters of others go. */
int pic__stats_prune(pic__stats *st, pic_time now, int (*there)(enum pic__counted kind, int64_t id, void *data),
                     void *data, pic_error **err);

/* --- asking ---------------------------------------------------------------------------------------------------- */

typedef struct pic__traffic_row {
        int64_t at; /* seconds: when the hour or day began; or whose it is */
        int64_t rx, tx;
} pic__traffic_row;

typedef int (*pic__traffic_fn)(const pic__traffic_row *row, void *data);

/* By hours or days from..to (seconds, to is outside), oldest first: of one (id), or of all of that kind (0). */
int pic__stats_traffic(pic__stats *st, enum pic__span span, enum pic__counted kind, int64_t id,
                       const int64_t from_to[2], pic__traffic_fn fn, void *data, pic_error **err);
/* By whose it is, most first. */
int pic__stats_totals(pic__stats *st, enum pic__span span, enum pic__counted kind, const int64_t from_to[2],
                      pic__traffic_fn fn, void *data, pic_error **err);

/* --- findings of health ---------------------------------------------------------------------------------------- */

typedef struct pic__health_row {
        int level; /* PIC_LOG_* */
        const char *area;
        const char *key; /* by which it is known again, though it is said with other numbers */
        const char *what;
        const char *fix;       /* or NULL */
        pic_time began, ended; /* ended 0: not yet */
} pic__health_row;

typedef int (*pic__health_fn)(const pic__health_row *row, void *data);

/* All that is found now, inside of a transaction: what is new begins, what is not there any more ends. */
int pic__stats_found(pic__stats *st, const pic__health_row *rows, size_t count, pic_time now, pic_error **err);
/* What was wrong between two moments (until 0: now): what still is, then the newest first. Without key. */
int pic__stats_health(pic__stats *st, pic_time since, pic_time until, uint32_t max, pic__health_fn fn, void *data,
                      pic_error **err);

#endif
