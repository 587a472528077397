/* Owns: whether the store is as it was, without a lock or a system call.
 *
 * sqlite's processes tell each other what was committed by 48 bytes at the beginning of their shared memory, the
 * wal-index header: a counter, the length of the log, sums and salts. It is there twice; a writer fills the second one
 * first, so that a reader that finds both equal has read neither half-made. That layout is part of the file format
 * (sqlite.org/walformat.html), as all versions have to agree on it. What cannot be understood is no stamp, and then the
 * store has to be asked. */
#include <string.h>

#include "store/inner.h"

enum { REGION = 32768, WORDS = PIC__STAMP_WORDS, VERSION = 3007000, IS_INIT = 12 };

static int has_log(sqlite3 *db, const char *pragma)
{
        sqlite3_stmt *s = NULL;
        int has = sqlite3_prepare_v2(db, pragma, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW &&
                  strcmp((const char *)sqlite3_column_text(s, 0), "wal") == 0;

        (void)sqlite3_finalize(s);
        return has;
}

/* The memory is sqlite's own: who maps it where sqlite does not is left alone with it. A store out of a backup, or one
 * that was put aside, has no log: it gets one, unless it may not be written, and sqlite maps it with its next look. */
static int take_log(sqlite3 *db)
{
        if (has_log(db, "PRAGMA journal_mode"))
                return 1;
        return has_log(db, "PRAGMA journal_mode=WAL") &&
               sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK;
}

void pic__stamp_find(pic__store *st)
{
        sqlite3_file *file = NULL;
        volatile void *at = NULL;

        if (!take_log(st->db->handle) ||
            sqlite3_file_control(st->db->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
            file == NULL || file->pMethods == NULL || file->pMethods->iVersion < 2 || file->pMethods->xShmMap == NULL)
                return;
        if (file->pMethods->xShmMap(file, 0, REGION, 0, &at) == SQLITE_OK)
                st->index = at;
}

/* Others write there at any time: what is half-made is seen, and is no stamp. */
__attribute__((no_sanitize("thread"))) int pic__store_stamp(const pic__store *st, pic__stamp *ret)
{
        const volatile uint64_t *at = st->index;
        unsigned char bytes[sizeof(ret->at)];
        uint32_t version;
        int i, differ = 0;

        if (at == NULL)
                return -1;
        for (i = 0; i < WORDS; i++)
                ret->at[i] = __atomic_load_n(&at[i], __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        for (i = 0; i < WORDS; i++)
                differ |= __atomic_load_n(&at[WORDS + i], __ATOMIC_RELAXED) != ret->at[i];
        memcpy(bytes, ret->at, sizeof(bytes));
        memcpy(&version, bytes, sizeof(version));
        return differ || version != VERSION || bytes[IS_INIT] != 1 ? -1 : 0;
}

int pic__stamp_same(const pic__stamp *a, const pic__stamp *b)
{
        return memcmp(a->at, b->at, sizeof(a->at)) == 0;
}
