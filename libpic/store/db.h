/* The sqlite handle: opening, errors in our words, statements that are prepared once and kept. */
#ifndef PIC_STORE_DB_H
#define PIC_STORE_DB_H

#include <sqlite3.h>

#include "base/err.h"
#include "store/sql.h"

typedef struct pic__db {
        sqlite3 *handle;
        char *path;
        unsigned busy_ms;
        unsigned waited_us; /* of the present wait for another writer */
        int wal_pages;      /* pages in the log after the last commit */
        sqlite3_stmt *fixed[PIC__Q_COUNT];
        sqlite3_stmt *made[PIC__KINDS][PIC__K_COUNT];
} pic__db;

/* Opens an existing file for reading and writing and sets what every connection needs. */
int pic__db_open(const char *path, unsigned busy_ms, pic__db **ret, pic_error **err);
pic__db *pic__db_unref(pic__db *db);
PIC__CLEANUP(pic__db, pic__db_unref)

/* The last error of the handle: code, message, hint. `code` is sqlite's (extended) result. */
int pic__db_fail(pic__db *db, int code, pic_error **err);

/* A kept statement, fresh: reset, nothing bound. Declare it pic__auto_stmt: an open statement holds a read lock. */
int pic__db_stmt(pic__db *db, enum pic__q q, sqlite3_stmt **ret, pic_error **err);
int pic__db_made(pic__db *db, enum pic__kind kind, enum pic__k k, sqlite3_stmt **ret, pic_error **err);
/* 1 a row, 0 the end, negative an error. */
int pic__db_step(pic__db *db, sqlite3_stmt *s, pic_error **err);
/* Steps to the end and gives the statement back: for statements without rows. Takes s. */
int pic__db_run(pic__db *db, sqlite3_stmt *s, pic_error **err);
/* A kept statement without arguments or rows. */
int pic__db_fixed(pic__db *db, enum pic__q q, pic_error **err);
/* One or more statements of the moment. */
int pic__db_exec(pic__db *db, const char *sql, pic_error **err);
/* First column of the first row as a number; 0 when there is none. */
int pic__db_number(pic__db *db, const char *sql, int64_t *ret, pic_error **err);
/* A statement of the moment, for schema work; freed by pic__auto_once. */
int pic__db_once(pic__db *db, const char *sql, sqlite3_stmt **ret, pic_error **err);

static inline void pic__stmt_back(sqlite3_stmt **s)
{
        if (*s != NULL) {
                (void)sqlite3_reset(*s);
                (void)sqlite3_clear_bindings(*s);
        }
        *s = NULL;
}
#define pic__auto_stmt PIC__AUTO(pic__stmt_back)

static inline void pic__stmt_drop(sqlite3_stmt **s)
{
        (void)sqlite3_finalize(*s);
        *s = NULL;
}
#define pic__auto_once PIC__AUTO(pic__stmt_drop)

/* Borrowed text until the statement is given back. NULL stays NULL. */
static inline int pic__bind_text(sqlite3_stmt *s, int at, const char *text)
{
        return text != NULL ? sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC) : sqlite3_bind_null(s, at);
}

/* No number or time of ours is as large, and sums of some of them still fit. */
#define PIC__NUMBER_MAX ((int64_t)1 << 60)

/* A number that is going to be added to: in -PIC__NUMBER_MAX..PIC__NUMBER_MAX, whatever somebody put there. */
static inline int64_t pic__col_int(sqlite3_stmt *s, int at)
{
        int64_t n = sqlite3_column_int64(s, at);

        return n > PIC__NUMBER_MAX ? PIC__NUMBER_MAX : n < -PIC__NUMBER_MAX ? -PIC__NUMBER_MAX : n;
}

static inline const char *pic__col_text(sqlite3_stmt *s, int at)
{
        const unsigned char *text = sqlite3_column_text(s, at);

        return (const char *)text;
}

#endif
