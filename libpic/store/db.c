/* Owns: the sqlite handle. What sqlite says becomes a code, a line that names the file, and a hint. */
#include "store/db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

/* Naps grow from 0.1 to 5 ms: a writer is done in a millisecond, so sqlite's own steps (up to 100 ms) would only add
 * delay. */
static int wait_turn(void *data, int count)
{
        pic__db *db = data;
        unsigned nap = count < 6 ? 100u << count : 5000u;
        struct timespec ts;

        if (count == 0)
                db->waited_us = 0;
        if (db->waited_us >= db->busy_ms * 1000ull)
                return 0;
        ts.tv_sec = 0;
        ts.tv_nsec = (long)nap * 1000;
        (void)nanosleep(&ts, NULL);
        db->waited_us += nap;
        return 1;
}

static int count_pages(void *data, sqlite3 *handle, const char *name, int pages)
{
        pic__db *db = data;

        (void)handle;
        (void)name;
        db->wal_pages = pages;
        return SQLITE_OK;
}

static int fail_full(pic__db *db, pic_error **err)
{
        int r = pic__fail(err, PIC_IO, "%s: the disk is full", db->path);

        pic__hint(err, "make room on the disk, then try again; nothing was changed");
        return r;
}

static int is_read_only(const char *path)
{
        struct statvfs fs;

        return statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0;
}

static int fail_read_only(pic__db *db, pic_error **err)
{
        int r = pic__fail(err, PIC_DENIED, "%s: the file system is read-only", db->path);

        pic__hint(err, "mount it writable; one that had errors becomes read-only by itself: see dmesg");
        return r;
}

/* Why the system refused, sqlite does not always know: not of a commit that could not be synced. */
static int fail_io(pic__db *db, int code, pic_error **err)
{
        int why = sqlite3_system_errno(db->handle), r;

        if (why == ENOSPC || why == EDQUOT)
                return fail_full(db, err);
        if (is_read_only(db->path))
                return fail_read_only(db, err);
        if (why != 0)
                r = pic__fail(err, PIC_IO, "%s: %s: %s", db->path, sqlite3_errstr(code & 0xff), pic__errno_text(why));
        else
                r = pic__fail(err, PIC_IO, "%s: %s", db->path, sqlite3_errstr(code & 0xff));
        if (why != 0)
                pic__detail_int(err, "errno", why);
        pic__hint(err, "the disk, or its file system, failed or is full: see dmesg and df; nothing was changed");
        return r;
}

/* Nothing there to open. */
static int fail_absent(pic__db *db, int missing, pic_error **err)
{
        int r = pic__fail(err, PIC_NOTFOUND,
                          missing == ENOTDIR ? "%s: there is no such directory" : "%s: there is no cell here",
                          db->path);

        pic__hint(err, "make one with 'pic init', or name its directory with --dir");
        return r;
}

static int may_write_file(const char *path, const char *end)
{
        pic__auto_buf pic__buf name = PIC__BUF_INIT;

        pic__buf_putf(&name, "%s%s", path, end);
        return !name.failed && (eaccess(pic__buf_str(&name), W_OK) == 0 || errno == ENOENT);
}

/* 1: nothing but the disk can be in the way of whoever writes here. */
static int may_write(const char *path)
{
        const char *slash = strrchr(path, '/');
        pic__auto_free char *dir = slash != NULL ? pic__strndup(path, (size_t)(slash - path) + 1) : pic__strdup(".");

        return dir != NULL && eaccess(dir, W_OK | X_OK) == 0 && may_write_file(path, "") &&
               may_write_file(path, "-wal") && may_write_file(path, "-shm");
}

/* Who may not write, sqlite says the same of as of a disk that cannot be written. */
static int fail_denied(pic__db *db, int code, pic_error **err)
{
        int why = sqlite3_system_errno(db->handle), r;

        if ((code & 0xff) == SQLITE_CANTOPEN && access(db->path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
                return fail_absent(db, errno, err);
        if ((code & 0xff) == SQLITE_CANTOPEN && (why == EMFILE || why == ENFILE || why == ENOSPC))
                return fail_io(db, code, err);
        if (is_read_only(db->path))
                return fail_read_only(db, err);
        if (((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY) && may_write(db->path))
                return fail_io(db, code, err);
        r = pic__fail(err, PIC_DENIED, "%s: not permitted to write here", db->path);
        pic__hint(err, "run this as root or as the owner of the cell's directory; the directory must be writable");
        return r;
}

static int fail_corrupt(pic__db *db, int code, pic_error **err)
{
        int r = pic__fail(err, PIC_CORRUPT, "%s: %s", db->path,
                          (code & 0xff) == SQLITE_NOTADB ? "this is no cell's store" : sqlite3_errmsg(db->handle));

        pic__hint(err, "keep the file aside and restore a backup of the cell's directory");
        return r;
}

static int fail_busy(pic__db *db, pic_error **err)
{
        int r = pic__fail(err, PIC_BUSY, "%s: another program is changing the cell", db->path);

        pic__hint(err, "try again in a moment; waited %u ms for it", db->busy_ms);
        return r;
}

int pic__db_fail(pic__db *db, int code, pic_error **err)
{
        int in_use;

        switch (code & 0xff) {
        case SQLITE_NOMEM: return pic__nomem(err);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL: return fail_busy(db, err);
        case SQLITE_FULL: return fail_full(db, err);
        case SQLITE_ERROR: /* our statements are right, so it is the schema that is not */
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return fail_corrupt(db, code, err);
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
        case SQLITE_CANTOPEN: return fail_denied(db, code, err);
        case SQLITE_IOERR: return code == SQLITE_IOERR_NOMEM ? pic__nomem(err) : fail_io(db, code, err);
        case SQLITE_CONSTRAINT:
                /* ON DELETE RESTRICT is a trigger to sqlite; there are no other triggers. */
                in_use = code == SQLITE_CONSTRAINT_FOREIGNKEY || code == SQLITE_CONSTRAINT_TRIGGER;
                return pic__fail(err, in_use ? PIC_INUSE : PIC_INVALID, "%s: the store refuses this: %s", db->path,
                                 sqlite3_errmsg(db->handle));
        default: return pic__fail(err, PIC_IO, "%s: %s", db->path, sqlite3_errmsg(db->handle));
        }
}

int pic__db_exec(pic__db *db, const char *sql, pic_error **err)
{
        int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

        return rc == SQLITE_OK ? 0 : pic__db_fail(db, rc, err);
}

/* SQL in the schema of a file that somebody else may have made is not trusted; broken cells are noticed early. */
static int configure(pic__db *db, pic_error **err)
{
        sqlite3 *h = db->handle;

        sqlite3_extended_result_codes(h, 1);
        sqlite3_busy_handler(h, wait_turn, db);
        sqlite3_wal_hook(h, count_pages, db);
        sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
        sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
        sqlite3_db_config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        return pic__db_exec(db,
                            "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON;"
                            "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=8388608",
                            err);
}

int pic__db_open(const char *path, unsigned busy_ms, pic__db **ret, pic_error **err)
{
        PIC__AUTO(pic__db_unref_p) pic__db *db = pic__alloc(sizeof(*db));
        int rc, r;

        if (db == NULL)
                return pic__nomem(err);
        db->path = pic__strdup(path);
        if (db->path == NULL)
                return pic__nomem(err);
        db->busy_ms = busy_ms;
        rc = sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
        if (rc != SQLITE_OK)
                return pic__db_fail(db, rc, err);
        r = configure(db, err);
        if (r < 0)
                return r;
        *ret = pic__take(db);
        return 0;
}

pic__db *pic__db_unref(pic__db *db)
{
        size_t i, k;

        if (db == NULL)
                return NULL;
        for (i = 0; i < PIC__Q_COUNT; i++)
                (void)sqlite3_finalize(db->fixed[i]);
        for (k = 0; k < PIC__KINDS; k++)
                for (i = 0; i < PIC__K_COUNT; i++)
                        (void)sqlite3_finalize(db->made[k][i]);
        (void)sqlite3_close(db->handle);
        pic__free(db->path);
        pic__free(db);
        return NULL;
}

static int prepare(pic__db *db, const char *sql, sqlite3_stmt **ret, pic_error **err)
{
        int rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL);

        return rc == SQLITE_OK ? 0 : pic__db_fail(db, rc, err);
}

int pic__db_stmt(pic__db *db, enum pic__q q, sqlite3_stmt **ret, pic_error **err)
{
        int r;

        if (db->fixed[q] == NULL) {
                r = prepare(db, pic__sql_fixed[q], &db->fixed[q], err);
                if (r < 0)
                        return r;
        }
        *ret = db->fixed[q];
        return 0;
}

int pic__db_made(pic__db *db, enum pic__kind kind, enum pic__k k, sqlite3_stmt **ret, pic_error **err)
{
        pic__auto_buf pic__buf sql = PIC__BUF_INIT;
        int r;

        if (db->made[kind][k] == NULL) {
                pic__sql_made(kind, k, &sql);
                if (sql.failed)
                        return pic__nomem(err);
                r = prepare(db, pic__buf_str(&sql), &db->made[kind][k], err);
                if (r < 0)
                        return r;
        }
        *ret = db->made[kind][k];
        return 0;
}

int pic__db_step(pic__db *db, sqlite3_stmt *s, pic_error **err)
{
        int rc = sqlite3_step(s);

        if (rc == SQLITE_ROW)
                return 1;
        return rc == SQLITE_DONE ? 0 : pic__db_fail(db, rc, err);
}

int pic__db_run(pic__db *db, sqlite3_stmt *s, pic_error **err)
{
        int r = pic__db_step(db, s, err);

        pic__stmt_back(&s);
        return r < 0 ? r : 0;
}

int pic__db_fixed(pic__db *db, enum pic__q q, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(db, q, &s, err);

        return r < 0 ? r : pic__db_run(db, s, err);
}

int pic__db_once(pic__db *db, const char *sql, sqlite3_stmt **ret, pic_error **err)
{
        int rc = sqlite3_prepare_v2(db->handle, sql, -1, ret, NULL);

        return rc == SQLITE_OK ? 0 : pic__db_fail(db, rc, err);
}

int pic__db_number(pic__db *db, const char *sql, int64_t *ret, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        int r = pic__db_once(db, sql, &s, err);

        if (r < 0)
                return r;
        r = pic__db_step(db, s, err);
        if (r < 0)
                return r;
        *ret = r > 0 ? sqlite3_column_int64(s, 0) : 0;
        return 0;
}
