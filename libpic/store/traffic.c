/* Owns: the tables of traffic: what counters said last, and what came in each hour and day.
 *
 * Bounds: a row is 24 bytes, and only who had traffic in that hour or day has one: a household of twenty has 280 kB.
 * Of hours and days the newest are kept, by their number; a file over PIC__STATS_BYTES loses its oldest hours first,
 * then days: 10,000 devices that are never silent have a day of hours and 260 days. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/stats_i.h"

#define SLACK 2 /* spans that go at a time because they are old: a clock that is wrong costs few */

static uint64_t bounded(uint64_t n)
{
        return n > (uint64_t)PIC__NUMBER_MAX ? (uint64_t)PIC__NUMBER_MAX : n;
}

int pic__stats_boot(pic__stats *st, const char *boot, int *ret_first, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL, *put = NULL;
        int r = pic__db_once(st->db, "SELECT value FROM meta WHERE key = 'boot'", &s, err);

        if (r == 0)
                r = pic__db_step(st->db, s, err);
        if (r < 0)
                return r;
        *ret_first = r == 0;
        if (r > 0 && pic__col_text(s, 0) != NULL && strcmp(pic__col_text(s, 0), boot) == 0)
                return 0;
        r = pic__db_once(st->db, "INSERT OR REPLACE INTO meta (key, value) VALUES ('boot', ?1)", &put, err);
        if (r < 0)
                return r;
        (void)pic__bind_text(put, 1, boot);
        r = pic__db_step(st->db, put, err);
        if (r == 0)
                r = pic__db_exec(st->db, "DELETE FROM last", err);
        return r < 0 ? r : 1;
}

static int last_of(pic__stats *st, enum pic__counted kind, int64_t id, uint64_t ret[2], pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__stats_stmt(st, PIC__STATS_Q_LAST, "SELECT rx, tx FROM last WHERE kind = ?1 AND id = ?2", &s, err);

        ret[0] = ret[1] = 0;
        if (r < 0)
                return r;
        (void)sqlite3_bind_int(s, 1, (int)kind);
        (void)sqlite3_bind_int64(s, 2, id);
        r = pic__db_step(st->db, s, err);
        if (r > 0) {
                ret[0] = (uint64_t)pic__col_int(s, 0);
                ret[1] = (uint64_t)pic__col_int(s, 1);
        }
        return r < 0 ? r : 0;
}

int pic__stats_counter(pic__stats *st, enum pic__counted kind, int64_t id, const uint64_t now[2], int first,
                       uint64_t ret[2], pic_error **err)
{
        const uint64_t is[2] = { bounded(now[0]), bounded(now[1]) };
        sqlite3_stmt *s = NULL;
        uint64_t was[2];
        int r = last_of(st, kind, id, was, err), anew;

        ret[0] = ret[1] = 0;
        if (r < 0 || (is[0] == was[0] && is[1] == was[1]))
                return r;
        r = pic__stats_stmt(st, PIC__STATS_Q_NOW,
                            "INSERT OR REPLACE INTO last (kind, id, rx, tx) VALUES (?1, ?2, ?3, ?4)", &s, err);
        if (r < 0)
                return r;
        (void)sqlite3_bind_int(s, 1, (int)kind);
        (void)sqlite3_bind_int64(s, 2, id);
        (void)sqlite3_bind_int64(s, 3, (int64_t)is[0]);
        (void)sqlite3_bind_int64(s, 4, (int64_t)is[1]);
        r = pic__db_run(st->db, s, err);
        if (r < 0 || first)
                return r < 0 ? r : 1;
        anew = is[0] < was[0] || is[1] < was[1];
        ret[0] = anew ? is[0] : is[0] - was[0];
        ret[1] = anew ? is[1] : is[1] - was[1];
        return 1;
}

static int add_one(pic__stats *st, enum pic__span span, int64_t at, enum pic__counted kind, int64_t id,
                   const uint64_t bytes[2], pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int r = pic__stats_stmt(st, PIC__STATS_Q_ADD,
                                "INSERT INTO bucket (span, at, kind, id, rx, tx) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                                " ON CONFLICT (span, at, kind, id) DO UPDATE SET rx = min(rx + ?5, ?7),"
                                " tx = min(tx + ?6, ?7)",
                                &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int(s, 1, (int)span);
        (void)sqlite3_bind_int64(s, 2, at);
        (void)sqlite3_bind_int(s, 3, (int)kind);
        (void)sqlite3_bind_int64(s, 4, id);
        (void)sqlite3_bind_int64(s, 5, (int64_t)bounded(bytes[0]));
        (void)sqlite3_bind_int64(s, 6, (int64_t)bounded(bytes[1]));
        (void)sqlite3_bind_int64(s, 7, PIC__NUMBER_MAX);
        return pic__db_run(st->db, s, err);
}

int pic__stats_add(pic__stats *st, enum pic__counted kind, int64_t id, const uint64_t bytes[2], pic_time now,
                   pic_error **err)
{
        int64_t seconds = now < 0 ? 0 : now / PIC__SECOND;
        int r = add_one(st, PIC__SPAN_HOUR, seconds / 3600, kind, id, bytes, err);

        return r < 0 ? r : add_one(st, PIC__SPAN_DAY, seconds / 86400, kind, id, bytes, err);
}

/* --- bounds ----------------------------------------------------------------------------------------------------- */

/* Hours or days that there are, one seek each, however many rows they have. */
#define SPANS                                                                                                 \
        "WITH RECURSIVE spans (at) AS (SELECT (SELECT min(at) FROM bucket WHERE span = %d)"                   \
        " UNION ALL SELECT (SELECT min(b.at) FROM bucket b WHERE b.span = %d AND b.at > spans.at) FROM spans" \
        " WHERE spans.at IS NOT NULL) "

static int drop_to(pic__stats *st, enum pic__span span, int64_t at, pic_error **err)
{
        char sql[128];

        (void)snprintf(sql, sizeof(sql), "DELETE FROM bucket WHERE span = %d AND at <= %" PRId64, (int)span, at);
        return pic__db_exec(st->db, sql, err);
}

/* The n-th newest; 0 where there are not so many. */
static int newest(pic__stats *st, enum pic__span span, int n, int64_t *ret, pic_error **err)
{
        char sql[512];

        (void)snprintf(sql, sizeof(sql),
                       SPANS "SELECT at FROM spans WHERE at IS NOT NULL ORDER BY at DESC LIMIT 1 OFFSET %d", (int)span,
                       (int)span, n);
        return pic__db_number(st->db, sql, ret, err);
}

static int oldest(pic__stats *st, enum pic__span span, int n, int64_t *ret, pic_error **err)
{
        char sql[512];

        (void)snprintf(sql, sizeof(sql),
                       SPANS "SELECT at FROM spans WHERE at IS NOT NULL ORDER BY at LIMIT 1 OFFSET %d", (int)span,
                       (int)span, n);
        return pic__db_number(st->db, sql, ret, err);
}

static int prune_span(pic__stats *st, enum pic__span span, int keep, pic_time now, pic_error **err)
{
        int64_t limit = now / PIC__SECOND / pic__span_seconds(span) - keep, at = 0;
        int r = newest(st, span, keep, &at, err);

        if (r == 0 && at > 0)
                r = drop_to(st, span, at, err);
        if (r == 0)
                r = oldest(st, span, SLACK - 1, &at, err);
        if (r == 0 && (at == 0 || at > limit)) /* the two oldest are not both too old: is the oldest one? */
                r = oldest(st, span, 0, &at, err);
        return r == 0 && at > 0 && at <= limit ? drop_to(st, span, at, err) : r;
}

static int used(pic__stats *st, int64_t *ret, pic_error **err)
{
        int64_t pages = 0, spare = 0, size = 0;
        int r = pic__db_number(st->db, "PRAGMA page_count", &pages, err);

        if (r == 0)
                r = pic__db_number(st->db, "PRAGMA freelist_count", &spare, err);
        if (r == 0)
                r = pic__db_number(st->db, "PRAGMA page_size", &size, err);
        *ret = (pages - spare) * size;
        return r;
}

/* An hour's rows, or where few hours are left a day's. */
static int drop_oldest(pic__stats *st, pic_error **err)
{
        int64_t at = 0, enough = 0;
        int r = newest(st, PIC__SPAN_HOUR, 24, &enough, err);

        if (r == 0)
                r = oldest(st, enough > 0 ? PIC__SPAN_HOUR : PIC__SPAN_DAY, 0, &at, err);
        return r < 0 ? r : drop_to(st, enough > 0 ? PIC__SPAN_HOUR : PIC__SPAN_DAY, at, err);
}

static int prune_size(pic__stats *st, pic_error **err)
{
        int64_t bytes = 0;
        int i, r = used(st, &bytes, err);

        for (i = 0; r == 0 && bytes > PIC__STATS_BYTES && i < PIC__STATS_HOURS + PIC__STATS_DAYS; i++) {
                r = drop_oldest(st, err);
                if (r == 0)
                        r = used(st, &bytes, err);
        }
        return r;
}

static int prune_last(pic__stats *st, int (*there)(enum pic__counted kind, int64_t id, void *data), void *data,
                      pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL, *drop = NULL;
        int r = pic__db_once(st->db, "SELECT kind, id FROM last", &s, err);

        if (r == 0)
                r = pic__db_once(st->db, "DELETE FROM last WHERE kind = ?1 AND id = ?2", &drop, err);
        while (r == 0 && (r = pic__db_step(st->db, s, err)) > 0) {
                enum pic__counted kind = (enum pic__counted)sqlite3_column_int(s, 0);
                int64_t id = sqlite3_column_int64(s, 1);

                r = 0;
                if (there(kind, id, data))
                        continue;
                (void)sqlite3_bind_int(drop, 1, (int)kind);
                (void)sqlite3_bind_int64(drop, 2, id);
                r = pic__db_step(st->db, drop, err);
                (void)sqlite3_reset(drop);
        }
        return r;
}

int pic__stats_prune(pic__stats *st, pic_time now, int (*there)(enum pic__counted kind, int64_t id, void *data),
                     void *data, pic_error **err)
{
        int r = prune_span(st, PIC__SPAN_HOUR, PIC__STATS_HOURS, now, err);

        if (r == 0)
                r = prune_span(st, PIC__SPAN_DAY, PIC__STATS_DAYS, now, err);
        if (r == 0)
                r = prune_size(st, err);
        return r < 0 ? r : prune_last(st, there, data, err);
}

/* --- asking ----------------------------------------------------------------------------------------------------- */

static int walk(pic__stats *st, sqlite3_stmt *s, int64_t unit, pic__traffic_fn fn, void *data, pic_error **err)
{
        int r = 0;

        while (r == 0 && (r = pic__db_step(st->db, s, err)) > 0) {
                const pic__traffic_row row = { pic__col_int(s, 0) * unit, pic__col_int(s, 1), pic__col_int(s, 2) };

                r = fn(&row, data);
        }
        return r;
}

static const char of_all[] =
        "SELECT at, sum(rx), sum(tx) FROM bucket WHERE span = ?1 AND at >= ?2 AND at < ?3 AND kind = ?4 GROUP BY at";

/* A seek for each hour or day instead of a walk over what all others had in it. */
static const char of_one[] =
        "WITH RECURSIVE spans (at) AS (SELECT (SELECT min(at) FROM bucket WHERE span = ?1 AND at >= ?2)"
        " UNION ALL SELECT (SELECT min(b.at) FROM bucket b WHERE b.span = ?1 AND b.at > spans.at) FROM spans"
        " WHERE spans.at < ?3)"
        " SELECT b.at, b.rx, b.tx FROM spans JOIN bucket b ON b.span = ?1 AND b.at = spans.at AND b.kind = ?4"
        " AND b.id = ?5 WHERE spans.at < ?3";

static const char by_whom[] =
        "SELECT id, sum(rx), sum(tx) FROM bucket WHERE span = ?1 AND at >= ?2 AND at < ?3 AND kind = ?4"
        " GROUP BY id ORDER BY sum(rx) + sum(tx) DESC, id";

static int prepare(pic__stats *st, const char *sql, enum pic__span span, enum pic__counted kind,
                   const int64_t from_to[2], sqlite3_stmt **ret, pic_error **err)
{
        int64_t unit = pic__span_seconds(span);
        int r = pic__db_once(st->db, sql, ret, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int(*ret, 1, (int)span);
        (void)sqlite3_bind_int64(*ret, 2, from_to[0] / unit);
        (void)sqlite3_bind_int64(*ret, 3, (from_to[1] + unit - 1) / unit);
        (void)sqlite3_bind_int(*ret, 4, (int)kind);
        return 0;
}

int pic__stats_traffic(pic__stats *st, enum pic__span span, enum pic__counted kind, int64_t id,
                       const int64_t from_to[2], pic__traffic_fn fn, void *data, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        int r = prepare(st, id != 0 ? of_one : of_all, span, kind, from_to, &s, err);

        if (r < 0)
                return r;
        if (id != 0)
                (void)sqlite3_bind_int64(s, 5, id);
        return walk(st, s, pic__span_seconds(span), fn, data, err);
}

int pic__stats_totals(pic__stats *st, enum pic__span span, enum pic__counted kind, const int64_t from_to[2],
                      pic__traffic_fn fn, void *data, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        int r = prepare(st, by_whom, span, kind, from_to, &s, err);

        return r < 0 ? r : walk(st, s, 1, fn, data, err);
}
