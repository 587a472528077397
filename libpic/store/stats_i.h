/* stats.db from inside: shared by the files that know its tables. */
#ifndef PIC_STORE_STATS_I_H
#define PIC_STORE_STATS_I_H

#include "store/db.h"
#include "store/stats.h"

/* Statements that are kept: those that are said for each device. */
enum pic__stats_q { PIC__STATS_Q_LAST, PIC__STATS_Q_NOW, PIC__STATS_Q_ADD, PIC__STATS_KEPT };

struct pic__stats {
        pic__db *db;
        sqlite3_stmt *kept[PIC__STATS_KEPT];
};

/* Declare it pic__auto_stmt. */
int pic__stats_stmt(pic__stats *st, enum pic__stats_q q, const char *sql, sqlite3_stmt **ret, pic_error **err);

#endif
