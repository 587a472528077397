/* Owns: the table of findings: when each began and ended. Few are written, 5,000 are kept. */
#include <string.h>

#include "store/stats_i.h"

#define KEPT "5000"

static int is_among(const char *area, const char *key, const pic__health_row *rows, size_t count)
{
        size_t i;

        if (area == NULL || key == NULL) /* of a file that somebody wrote into: it ends */
                return 0;
        for (i = 0; i < count; i++)
                if (strcmp(rows[i].area, area) == 0 && strcmp(rows[i].key, key) == 0)
                        return 1;
        return 0;
}

/* Of those that are open, which are not found any more. A clock that was put back ends nothing before it began. */
static int end_others(pic__stats *st, const pic__health_row *rows, size_t count, pic_time now, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL, *end = NULL;
        int r = pic__db_once(st->db, "SELECT id, area, key FROM finding WHERE ended IS NULL", &s, err);

        if (r == 0)
                r = pic__db_once(st->db, "UPDATE finding SET ended = max(began, ?2) WHERE id = ?1", &end, err);
        while (r == 0 && (r = pic__db_step(st->db, s, err)) > 0) {
                r = 0;
                if (is_among(pic__col_text(s, 1), pic__col_text(s, 2), rows, count))
                        continue;
                (void)sqlite3_bind_int64(end, 1, sqlite3_column_int64(s, 0));
                (void)sqlite3_bind_int64(end, 2, now);
                r = pic__db_step(st->db, end, err);
                (void)sqlite3_reset(end);
        }
        return r;
}

static int begin_one(pic__stats *st, sqlite3_stmt *s, const pic__health_row *row, pic_time now, pic_error **err)
{
        int r;

        (void)sqlite3_bind_int(s, 1, row->level);
        (void)pic__bind_text(s, 2, row->area);
        (void)pic__bind_text(s, 3, row->key);
        (void)pic__bind_text(s, 4, row->what);
        (void)pic__bind_text(s, 5, row->fix);
        (void)sqlite3_bind_int64(s, 6, now);
        r = pic__db_step(st->db, s, err);
        (void)sqlite3_reset(s);
        return r < 0 ? r : 0;
}

int pic__stats_found(pic__stats *st, const pic__health_row *rows, size_t count, pic_time now, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        size_t i;
        int r = end_others(st, rows, count, now, err);

        if (r == 0)
                r = pic__db_once(
                        st->db,
                        "INSERT INTO finding (level, area, key, what, fix, began) SELECT ?1, ?2, ?3, ?4, ?5, ?6"
                        " WHERE NOT EXISTS (SELECT 1 FROM finding WHERE ended IS NULL AND area = ?2 AND key = ?3)",
                        &s, err);
        for (i = 0; r == 0 && i < count; i++)
                r = begin_one(st, s, &rows[i], now, err);
        if (r == 0)
                r = pic__db_exec(
                        st->db,
                        "DELETE FROM finding WHERE ended IS NOT NULL AND id <= (SELECT max(id) FROM finding) - " KEPT,
                        err);
        return r;
}

int pic__stats_health(pic__stats *st, pic_time since, pic_time until, uint32_t max, pic__health_fn fn, void *data,
                      pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        int r = pic__db_once(
                st->db,
                "SELECT level, area, what, fix, began, ended FROM finding WHERE (ended IS NULL OR ended >= ?1)"
                " AND (?2 = 0 OR began <= ?2) ORDER BY ended IS NOT NULL, began DESC, id DESC LIMIT ?3",
                &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, since);
        (void)sqlite3_bind_int64(s, 2, until);
        (void)sqlite3_bind_int64(s, 3, max);
        while (r == 0 && (r = pic__db_step(st->db, s, err)) > 0) {
                const pic__health_row row = { .level = sqlite3_column_int(s, 0),
                                              .area = pic__col_text(s, 1),
                                              .what = pic__col_text(s, 2),
                                              .fix = pic__col_text(s, 3),
                                              .began = pic__col_int(s, 4),
                                              .ended = pic__col_int(s, 5) };

                r = row.area != NULL && row.what != NULL ? fn(&row, data) : 0;
        }
        return r;
}
