/* Owns: copies of the store, by sqlite's backup, which sees one moment and takes the log into account (copying the file
 * would not). */
#include "store/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/inner.h"

int pic__own_like(int fd, const char *like)
{
        struct stat st;

        if (geteuid() != 0 || stat(like, &st) < 0)
                return 0;
        return fchown(fd, st.st_uid, st.st_gid);
}

/* An empty file of ours, so that the copy is never readable by others, not even for a moment. */
static int make_empty(const char *path, const char *like, pic_error **err)
{
        int fd, r = 0;

        (void)unlink(path);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
                return pic__fail_errno(err, errno, "%s: cannot be made", path);
        if (pic__own_like(fd, like) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot be given to the cell's owner", path);
        (void)close(fd);
        return r;
}

static int copy_pages(pic__db *from, pic__db *to, pic_error **err)
{
        sqlite3_backup *b = sqlite3_backup_init(to->handle, "main", from->handle, "main");
        int rc;

        if (b == NULL)
                return pic__db_fail(to, sqlite3_extended_errcode(to->handle), err);
        (void)sqlite3_backup_step(b, -1);
        rc = sqlite3_backup_finish(b);
        return rc == SQLITE_OK ? 0 : pic__db_fail(to, rc, err);
}

/* Through a second handle: sqlite does not copy from one that holds the write lock. */
static int copy_to(pic__db *db, const char *path, pic_error **err)
{
        PIC__AUTO(pic__db_unref_p) pic__db *from = NULL;
        PIC__AUTO(pic__db_unref_p) pic__db *to = NULL;
        int r = make_empty(path, db->path, err);

        if (r >= 0)
                r = pic__db_open(db->path, db->busy_ms, &from, err);
        if (r >= 0)
                r = pic__db_open(path, db->busy_ms, &to, err);
        if (r >= 0)
                r = copy_pages(from, to, err);
        /* Out of WAL: one file that holds everything. */
        return r < 0 ? r : pic__db_exec(to, "PRAGMA journal_mode=DELETE", err);
}

int pic__store_copy(pic__db *db, int64_t version, pic_error **err)
{
        pic__auto_buf pic__buf path = PIC__BUF_INIT;
        pic__auto_buf pic__buf temp = PIC__BUF_INIT;
        int r;

        pic__buf_putf(&path, "%s.v%" PRId64, db->path, version);
        pic__buf_putf(&temp, "%s.new", pic__buf_str(&path));
        if (path.failed || temp.failed)
                return pic__nomem(err);
        r = copy_to(db, temp.data, err);
        if (r >= 0 && rename(temp.data, path.data) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot be made", path.data);
        if (r < 0)
                (void)unlink(temp.data);
        return r;
}

/* The same with the handle itself, so that what it reads in the same read transaction is of the same moment. No
 * journal: a copy that is not whole is thrown away. What sqlite leaves is a file that wants a log beside it (bytes 18
 * and 19 of the file format); this one shall stand alone. */
static int copy_alone(pic__db *from, sqlite3 *to, pic_error **err)
{
        sqlite3_backup *b;
        int rc = sqlite3_exec(to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL);

        if (rc == SQLITE_OK) {
                b = sqlite3_backup_init(to, "main", from->handle, "main");
                rc = b == NULL ? sqlite3_extended_errcode(to) : SQLITE_OK;
                if (b != NULL) {
                        (void)sqlite3_backup_step(b, -1);
                        rc = sqlite3_backup_finish(b);
                }
        }
        if (rc == SQLITE_NOMEM)
                return pic__nomem(err);
        return rc == SQLITE_OK ? 0 : pic__fail(err, PIC_IO, "the store cannot be copied: %s", sqlite3_errstr(rc));
}

int pic__store_snapshot(pic__store *st, const char *path, pic_error **err)
{
        static const char alone[2] = { 1, 1 };
        sqlite3 *to = NULL;
        int r, fd, rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL);

        if (rc == SQLITE_OK)
                r = copy_alone(st->db, to, err);
        else
                r = pic__fail(err, PIC_IO, "%s: cannot be written: %s", path, sqlite3_errstr(rc));
        (void)sqlite3_close(to);
        if (r < 0)
                return r;
        fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 || pwrite(fd, alone, sizeof(alone), 18) != (ssize_t)sizeof(alone))
                r = pic__fail_errno(err, errno, "%s: cannot be written", path);
        if (fd >= 0)
                (void)close(fd);
        return r;
}

int pic__store_shut(pic__store *st, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        int r = pic__db_exec(st->db, "PRAGMA locking_mode=EXCLUSIVE", err);

        st->index = NULL; /* it goes with the log */
        if (r == 0)
                r = pic__db_once(st->db, "PRAGMA journal_mode=DELETE", &s, err);
        if (r == 0)
                r = pic__db_step(st->db, s, err);
        if (r < 0)
                return r;
        /* the mode that it has is answered, whichever that is */
        if (r == 0 || strcmp((const char *)sqlite3_column_text(s, 0), "delete") != 0)
                return pic__fail(err, PIC_BUSY, "%s: another program has it open", st->db->path);
        return 0;
}
