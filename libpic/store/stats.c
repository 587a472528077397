/* Owns: the file stats.db: making it, throwing away what is damaged, transactions. Its log is synced by checkpoints
 * alone: what a power cut takes is five minutes of counting. */
#include "store/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/copy.h"
#include "store/stats_i.h"
#include "sys/file.h"

#define BUSY_MS 1000
#define VERSION 2

static const char schema[] =
        "BEGIN IMMEDIATE;"
        "CREATE TABLE IF NOT EXISTS bucket (span INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL,"
        " id INTEGER NOT NULL, rx INTEGER NOT NULL, tx INTEGER NOT NULL, PRIMARY KEY (span, at, kind, id))"
        " STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS last (kind INTEGER NOT NULL, id INTEGER NOT NULL, rx INTEGER NOT NULL,"
        " tx INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS finding (id INTEGER PRIMARY KEY AUTOINCREMENT, level INTEGER NOT NULL,"
        " area TEXT NOT NULL, key TEXT NOT NULL, what TEXT NOT NULL, fix TEXT, began INTEGER NOT NULL, ended INTEGER)"
        " STRICT;"
        "PRAGMA user_version=2;"
        "COMMIT";

static int make_file(const char *path, const char *dir, pic_error **err)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), r = 0;

        if (fd < 0)
                return errno == EEXIST ? 0 : pic__fail_errno(err, errno, "%s: cannot be made", path);
        if (pic__own_like(fd, dir) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot be given to the directory's owner", path);
        close(fd);
        return r;
}

static int set_up(pic__db *db, pic_error **err)
{
        int64_t version = 0;
        int r = pic__db_number(db, "PRAGMA user_version", &version, err);

        if (r == 0 && version > VERSION)
                return pic__fail(err, PIC_UNSUPPORTED, "%s: of a newer version", db->path);
        if (r == 0 && version < VERSION)
                r = pic__db_exec(db, "PRAGMA journal_mode=WAL", err);
        if (r == 0 && version < VERSION)
                r = pic__db_exec(db, schema, err);
        return r == 0 ? pic__db_exec(db, "PRAGMA synchronous=NORMAL", err) : r;
}

static int open_one(const char *path, pic__stats **ret, pic_error **err)
{
        PIC__AUTO(pic__stats_unref_p) pic__stats *st = pic__alloc(sizeof(*st));
        int r;

        if (st == NULL)
                return pic__nomem(err);
        r = pic__db_open(path, BUSY_MS, &st->db, err);
        if (r == 0)
                r = set_up(st->db, err);
        if (r < 0)
                return r;
        *ret = pic__take(st);
        return 0;
}

static int put_aside(const char *path, pic_error **err)
{
        pic__auto_buf pic__buf name = PIC__BUF_INIT;
        static const char *const beside[] = { "-wal", "-shm" };
        size_t i;

        pic__buf_putf(&name, "%s.bad", path);
        if (name.failed)
                return pic__nomem(err);
        if (rename(path, pic__buf_str(&name)) < 0)
                return pic__fail_errno(err, errno, "%s: cannot be put aside", path);
        for (i = 0; i < PIC__COUNT(beside); i++) {
                pic__buf_clear(&name);
                pic__buf_putf(&name, "%s%s", path, beside[i]);
                (void)unlink(pic__buf_str(&name));
        }
        return 0;
}

int pic__stats_open(const char *dir, int make, pic__stats **ret, int *ret_anew, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(dir, PIC__STATS_FILE);
        pic__auto_err pic_error *bad = NULL;
        int r, anew = 0;

        if (path == NULL)
                return pic__nomem(err);
        if (!make && !pic__file_exists(path))
                return pic__fail(err, PIC_NOTFOUND, "%s: nothing was counted here yet", path);
        r = make ? make_file(path, dir, err) : 0;
        if (r < 0)
                return r;
        r = open_one(path, ret, make ? &bad : err);
        if (r == PIC_CORRUPT && make) {
                r = put_aside(path, err);
                r = r == 0 ? make_file(path, dir, err) : r;
                r = r == 0 ? open_one(path, ret, err) : r;
                anew = r == 0;
        } else if (r < 0 && make && err != NULL) {
                *err = pic__take(bad);
        }
        if (ret_anew != NULL)
                *ret_anew = anew;
        return r;
}

pic__stats *pic__stats_unref(pic__stats *st)
{
        size_t i;

        if (st == NULL)
                return NULL;
        for (i = 0; i < PIC__STATS_KEPT; i++)
                (void)sqlite3_finalize(st->kept[i]);
        pic__db_unref(st->db);
        pic__free(st);
        return NULL;
}

int pic__stats_stmt(pic__stats *st, enum pic__stats_q q, const char *sql, sqlite3_stmt **ret, pic_error **err)
{
        int rc = SQLITE_OK;

        if (st->kept[q] == NULL)
                rc = sqlite3_prepare_v3(st->db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->kept[q], NULL);
        *ret = st->kept[q];
        return rc == SQLITE_OK ? 0 : pic__db_fail(st->db, rc, err);
}

int pic__stats_begin(pic__stats *st, pic_error **err)
{
        return pic__db_exec(st->db, "BEGIN IMMEDIATE", err);
}

int pic__stats_end(pic__stats *st, pic_error **err)
{
        return pic__db_exec(st->db, "COMMIT", err);
}

void pic__stats_abort(pic__stats *st)
{
        if (!sqlite3_get_autocommit(st->db->handle))
                (void)pic__db_exec(st->db, "ROLLBACK", NULL);
}
