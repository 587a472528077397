/* Owns: making, opening, closing and checking a store. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/copy.h"
#include "store/inner.h"
#include "store/row.h"
#include "store/schema.h"
#include "sys/file.h"

#define CREATE_BUSY_MS 5000

int pic__meta_get(pic__db *db, const char *key, int64_t *ret, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(db, PIC__Q_META_GET, &s, err);

        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, key);
        r = pic__db_step(db, s, err);
        if (r < 0)
                return r;
        if (r > 0 && sqlite3_column_type(s, 0) != SQLITE_INTEGER)
                return pic__fail(err, PIC_CORRUPT, "%s: what is kept as %s is no number", db->path, key);
        *ret = r > 0 ? sqlite3_column_int64(s, 0) : 0;
        return 0;
}

int pic__meta_set(pic__db *db, const char *key, int64_t value, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(db, PIC__Q_META_SET, &s, err);

        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, key);
        (void)sqlite3_bind_int64(s, 2, value);
        return pic__db_run(db, s, err);
}

int pic__store_open(const char *dir, unsigned busy_ms, const pic__clock *clock, pic__store **ret, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = pic__alloc(sizeof(*st));
        pic__auto_free char *path = pic__path_join(dir, PIC__STORE_FILE);
        int r;

        if (st == NULL || path == NULL)
                return pic__nomem(err);
        st->clock = *clock;
        r = pic__db_open(path, busy_ms, &st->db, err);
        if (r >= 0)
                r = pic__schema_open(st->db, err);
        if (r < 0)
                return r;
        pic__stamp_find(st);
        *ret = pic__take(st);
        return 0;
}

/* What is written is in the log still, and closing moves it to the file without saying whether it could. */
static int settle(pic__db *db, pic_error **err)
{
        int rc = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

        return rc == SQLITE_OK ? 0 : pic__db_fail(db, rc, err);
}

/* Built under another name and linked to its own when it is complete: there is no half-made store, and two that are
 * made at the same time do not mix. */
static int build(const char *path, const char *dir, const uint8_t seal_key[32], pic_error **err)
{
        PIC__AUTO(pic__db_unref_p) pic__db *db = NULL;
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), r = 0;

        if (fd < 0)
                return pic__fail_errno(err, errno, "%s: cannot be made", path);
        if (pic__own_like(fd, dir) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot be given to the directory's owner", path);
        (void)close(fd);
        if (r >= 0)
                r = pic__db_open(path, CREATE_BUSY_MS, &db, err);
        if (r >= 0)
                r = pic__schema_create(db, seal_key, err);
        return r < 0 ? r : settle(db, err);
}

static int put_in_place(const char *temp, const char *path, const char *dir, pic_error **err)
{
        int r = 0, fd;

        if (link(temp, path) < 0) {
                r = errno == EEXIST ? pic__fail(err, PIC_EXISTS, "%s: there is a cell here already", path)
                                    : pic__fail_errno(err, errno, "%s: cannot be made", path);
                return r;
        }
        fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fsync(fd) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot be synced", dir);
        if (fd >= 0)
                (void)close(fd);
        return r;
}

static void drop_temp(const char *temp)
{
        char side[4096];

        (void)unlink(temp);
        if (snprintf(side, sizeof(side), "%s-wal", temp) < (int)sizeof(side))
                (void)unlink(side);
        if (snprintf(side, sizeof(side), "%s-shm", temp) < (int)sizeof(side))
                (void)unlink(side);
}

int pic__store_create(const char *dir, const uint8_t seal_key[32], const pic__clock *clock, pic__store **ret,
                      pic_error **err)
{
        pic__auto_free char *path = pic__path_join(dir, PIC__STORE_FILE);
        pic__auto_buf pic__buf temp = PIC__BUF_INIT;
        int r;

        pic__buf_putf(&temp, "%s.new.%d", path != NULL ? path : "", (int)getpid());
        if (path == NULL || temp.failed)
                return pic__nomem(err);
        if (pic__file_exists(path)) {
                r = pic__fail(err, PIC_EXISTS, "%s: there is a cell here already", path);
                pic__hint(err, "name another directory with --dir");
                return r;
        }
        drop_temp(temp.data); /* of a process with our number that was killed here */
        r = build(temp.data, dir, seal_key, err);
        if (r >= 0)
                r = put_in_place(temp.data, path, dir, err);
        drop_temp(temp.data);
        return r < 0 ? r : pic__store_open(dir, CREATE_BUSY_MS, clock, ret, err);
}

pic__store *pic__store_unref(pic__store *st)
{
        if (st == NULL)
                return NULL;
        (void)pic__txn_abort(st->txn);
        (void)pic__db_unref(st->db);
        pic__free(st);
        return NULL;
}

int pic__store_seal_key(pic__store *st, uint8_t key[32], pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_META_GET, &s, err);

        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, "seal_key");
        r = pic__db_step(st->db, s, err);
        if (r < 0)
                return r;
        if (r == 0 || sqlite3_column_type(s, 0) != SQLITE_BLOB || sqlite3_column_bytes(s, 0) != 32)
                return pic__fail(err, PIC_CORRUPT, "%s: the key that secrets are sealed to is gone", st->db->path);
        memcpy(key, sqlite3_column_blob(s, 0), 32);
        return 0;
}

void pic__store_tidy(pic__store *st)
{
        if (sqlite3_get_autocommit(st->db->handle))
                (void)sqlite3_wal_checkpoint_v2(st->db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* ---- check ---- */

static int check_pages(pic__db *db, pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        const char *finding;
        int64_t bad = 0;
        int r = pic__db_once(db, "PRAGMA quick_check(1)", &s, err);

        if (r >= 0)
                r = pic__db_step(db, s, err);
        if (r < 0)
                return r;
        finding = r > 0 ? pic__col_text(s, 0) : NULL;
        if (finding == NULL || strcmp(finding, "ok") != 0) {
                r = pic__fail(err, PIC_CORRUPT, "%s: damaged: %s", db->path, finding != NULL ? finding : "no answer");
                pic__hint(err, "keep the file aside and restore a backup of the cell's directory");
                return r;
        }
        r = pic__db_number(db, "SELECT count(*) FROM pragma_foreign_key_check", &bad, err);
        if (r < 0 || bad == 0)
                return r;
        return pic__fail(err, PIC_CORRUPT, "%s: %" PRId64 " references point at nothing", db->path, bad);
}

/* A value must be what its own text parses to. */
static int check_value(const pic_obj *o, size_t i, pic_error **err)
{
        const pic__field *f = &pic__kinds[o->kind].fields[i];
        const pic__val *v = pic__obj_val(o, (int)i);
        pic__auto_free char *text = NULL;
        pic__val again = PIC__VAL_NONE;
        int r;

        if (v->tag == PIC__V_NONE)
                return 0;
        text = pic__field_print(f, v);
        if (text == NULL)
                return pic__nomem(err);
        r = pic__field_parse(f, text, &again, err);
        if (r >= 0 && !pic__val_equal(v, &again))
                r = pic__fail(err, PIC_CORRUPT, "%s %s: %s is not in canonical form", pic__kinds[o->kind].name,
                              pic__obj_name(o), f->name);
        pic__val_clear(&again);
        return r;
}

static int check_object(const pic_obj *o, void *data)
{
        pic_error **err = data;
        size_t i;
        int r = pic__obj_check(o, err);

        for (i = 0; r >= 0 && i < pic__kinds[o->kind].count; i++)
                r = check_value(o, i, err);
        if (r < 0 && r != PIC_NOMEM) {
                pic__wrap_code(err, PIC_CORRUPT, "%s '%s' as stored breaks a rule", pic__kinds[o->kind].name,
                               pic__obj_name(o));
                return PIC_CORRUPT;
        }
        return r;
}

static int each_object(pic__store *st, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < PIC__KINDS; i++) {
                pic_id last = 0;

                while (r == 0) {
                        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;

                        r = pic__row_by_id(st->db, (enum pic__kind)i, PIC__K_NEXT, last, &o, err);
                        if (r < 0 || o == NULL)
                                break;
                        last = o->id;
                        r = check_object(o, err);
                }
        }
        return r;
}

struct limit {
        pic__store *st;
        pic_time until;
        int over;
};

static int look_at_clock(void *data)
{
        struct limit *l = data;

        l->over |= l->st->clock.mono(l->st->clock.data) >= l->until;
        return l->over;
}

int pic__store_check_for(pic__store *st, unsigned ms, pic_error **err)
{
        struct limit l = { .st = st, .until = st->clock.mono(st->clock.data) + (pic_time)ms * 1000 };
        pic__auto_err pic_error *bad = NULL;
        int r;

        sqlite3_progress_handler(st->db->handle, 1000, look_at_clock, &l);
        r = pic__store_check(st, &bad);
        sqlite3_progress_handler(st->db->handle, 0, NULL, NULL);
        if (r < 0 && l.over)
                return 1;
        if (r < 0 && err != NULL)
                *err = pic__take(bad);
        return r;
}

int pic__store_check(pic__store *st, pic_error **err)
{
        int r = check_pages(st->db, err);

        return r < 0 ? r : each_object(st, err);
}
