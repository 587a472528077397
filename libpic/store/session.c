/* Owns: the tables of those who are logged in. A transaction that only writes here leaves the revision as it is. */
#include "store/session.h"

#include <stdio.h>
#include <string.h>

#include "store/inner.h"
#include "store/row.h"

static void bind_hash(sqlite3_stmt *s, int at, const uint8_t hash[32])
{
        (void)sqlite3_bind_blob(s, at, hash, 32, SQLITE_STATIC);
}

static void bind_id(sqlite3_stmt *s, int at, pic_id id)
{
        if (id != 0)
                (void)sqlite3_bind_int64(s, at, id);
        else
                (void)sqlite3_bind_null(s, at);
}

/* A statement of an open transaction. */
static int open_in(pic__txn *t, enum pic__q q, sqlite3_stmt **ret, pic_error **err)
{
        int r = pic__txn_alive(t, err);

        if (r >= 0)
                r = pic__db_stmt(t->st->db, q, ret, err);
        if (r >= 0)
                t->noted = 1;
        return r;
}

/* Runs a statement of three numbers at most, whatever it says. */
static int run_numbers(pic__txn *t, enum pic__q q, int64_t a, int64_t b, int64_t c, pic_error **err)
{
        const int64_t numbers[] = { a, b, c };
        sqlite3_stmt *s = NULL;
        int i, r = open_in(t, q, &s, err);

        if (r < 0)
                return r;
        for (i = 1; i <= sqlite3_bind_parameter_count(s); i++)
                bind_id(s, i, numbers[i - 1]);
        return pic__db_run(t->st->db, s, err);
}

/* --- sessions ------------------------------------------------------------------------------------------------- */

static int tidy(pic__txn *t, pic_id user, pic_error **err)
{
        pic_time now = pic__store_now(t->st);
        int r = run_numbers(t, PIC__Q_SESSION_TIDY, now, now - PIC__SESSION_IDLE, 0, err);

        return r < 0 ? r : run_numbers(t, PIC__Q_SESSION_MANY, user, PIC__SESSIONS_MAX - 1, 0, err);
}

int pic__txn_session_add(pic__txn *t, const pic__session_row *s, const uint8_t hash[32], pic_id *ret_id,
                         pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        int r = tidy(t, s->user, err);

        if (r >= 0)
                r = open_in(t, PIC__Q_SESSION_ADD, &q, err);
        if (r < 0)
                return r;
        bind_hash(q, 1, hash);
        bind_id(q, 2, s->user);
        (void)pic__bind_text(q, 3, s->role);
        (void)sqlite3_bind_int64(q, 4, pic__store_now(t->st));
        (void)sqlite3_bind_int64(q, 5, s->until);
        (void)pic__bind_text(q, 6, s->address);
        (void)pic__bind_text(q, 7, s->agent);
        r = pic__db_step(t->st->db, q, err);
        if (r > 0)
                *ret_id = sqlite3_column_int64(q, 0);
        return r < 0 ? r : 0;
}

static void copy_text(sqlite3_stmt *q, int at, char *to, size_t size)
{
        const char *text = pic__col_text(q, at);

        snprintf(to, size, "%s", text != NULL ? text : "");
}

static void read_session(sqlite3_stmt *q, pic__session_row *s)
{
        *s = (pic__session_row){ .id = sqlite3_column_int64(q, 0), .user = sqlite3_column_int64(q, 1) };
        copy_text(q, 2, s->role, sizeof(s->role));
        s->created = sqlite3_column_int64(q, 3);
        s->seen = sqlite3_column_int64(q, 4);
        s->until = sqlite3_column_int64(q, 5);
        copy_text(q, 6, s->address, sizeof(s->address));
        copy_text(q, 7, s->agent, sizeof(s->agent));
}

int pic__store_session(pic__store *st, const uint8_t hash[32], pic__session_row *ret, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        pic_time now = pic__store_now(st);
        int r = pic__db_stmt(st->db, PIC__Q_SESSION_GET, &q, err);

        if (r < 0)
                return r;
        bind_hash(q, 1, hash);
        r = pic__db_step(st->db, q, err);
        if (r <= 0)
                return r;
        read_session(q, ret);
        return ret->until > now && ret->seen > now - PIC__SESSION_IDLE;
}

void pic__store_session_seen(pic__store *st, pic_id id)
{
        unsigned patience = st->db->busy_ms;
        sqlite3_stmt *q = NULL;

        if (st->txn != NULL || pic__db_stmt(st->db, PIC__Q_SESSION_SEEN, &q, NULL) < 0)
                return;
        (void)sqlite3_bind_int64(q, 1, id);
        (void)sqlite3_bind_int64(q, 2, pic__store_now(st));
        st->db->busy_ms = 0;
        (void)pic__db_run(st->db, q, NULL);
        st->db->busy_ms = patience;
}

int pic__txn_session_end(pic__txn *t, pic_id id, pic_id *ret_user, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        int r = open_in(t, PIC__Q_SESSION_END, &q, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(q, 1, id);
        r = pic__db_step(t->st->db, q, err);
        *ret_user = r > 0 ? sqlite3_column_int64(q, 0) : 0;
        return r;
}

int pic__store_sessions(pic__store *st, pic_id user, int (*fn)(const pic__session_row *s, void *data), void *data,
                        pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        pic_time now = pic__store_now(st);
        pic__session_row s;
        int r = pic__db_stmt(st->db, PIC__Q_SESSION_LIST, &q, err);

        if (r < 0)
                return r;
        bind_id(q, 1, user);
        (void)sqlite3_bind_int64(q, 2, now);
        (void)sqlite3_bind_int64(q, 3, now - PIC__SESSION_IDLE);
        while ((r = pic__db_step(st->db, q, err)) > 0) {
                read_session(q, &s);
                r = fn(&s, data);
                if (r != 0)
                        break;
        }
        return r;
}

void pic__txn_keep_session(pic__txn *t, pic_id id)
{
        t->keep = id;
}

static int differ(const pic_obj *before, const pic_obj *after, const char *field)
{
        int i = pic__field_find(PIC__USER, field);

        return !pic__val_equal(pic__obj_val(before, i), pic__obj_val(after, i));
}

int pic__session_follow(pic__txn *t, const pic_obj *before, const pic_obj *after, pic_error **err)
{
        int r = 0, admin;

        if (before != NULL && (differ(before, after, "password") || differ(before, after, "role") ||
                               pic__obj_int(before, "enabled") != pic__obj_int(after, "enabled")))
                r = run_numbers(t, PIC__Q_SESSION_END_USER, after->id, t->keep != 0 ? t->keep : -1, 0, err);
        if (r < 0 || strcmp(pic__obj_text(after, "role"), "admin") != 0)
                return r;
        r = admin = pic__store_has_admin(t->st, err);
        if (r > 0)
                r = run_numbers(t, PIC__Q_SETUP_DROP, 0, 0, 0, err);
        if (r >= 0 && admin)
                r = run_numbers(t, PIC__Q_SESSION_END_SETUP, 0, 0, 0, err);
        return r < 0 ? r : 0;
}

/* --- browsers ------------------------------------------------------------------------------------------------- */

int pic__txn_device_put(pic__txn *t, const uint8_t hash[32], pic_id user, pic_error **err)
{
        pic_time now = pic__store_now(t->st);
        sqlite3_stmt *q = NULL;
        int r = run_numbers(t, PIC__Q_DEVICE_TIDY, user, now - PIC__DEVICE_LIFE, PIC__DEVICES_MAX - 1, err);

        if (r >= 0)
                r = open_in(t, PIC__Q_DEVICE_PUT, &q, err);
        if (r < 0)
                return r;
        bind_hash(q, 1, hash);
        (void)sqlite3_bind_int64(q, 2, user);
        (void)sqlite3_bind_int64(q, 3, now);
        return pic__db_run(t->st->db, q, err);
}

int pic__store_device_is(pic__store *st, const uint8_t hash[32], pic_id user, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_DEVICE_IS, &q, err);

        if (r < 0)
                return r;
        bind_hash(q, 1, hash);
        (void)sqlite3_bind_int64(q, 2, user);
        (void)sqlite3_bind_int64(q, 3, pic__store_now(st) - PIC__DEVICE_LIFE);
        return pic__db_step(st->db, q, err);
}

/* --- what is told once ---------------------------------------------------------------------------------------- */

int pic__txn_setup_put(pic__txn *t, const uint8_t hash[32], pic_time until, pic_error **err)
{
        sqlite3_stmt *q = NULL;
        int r = open_in(t, PIC__Q_SETUP_PUT, &q, err);

        if (r < 0)
                return r;
        bind_hash(q, 1, hash);
        (void)sqlite3_bind_int64(q, 2, until);
        return pic__db_run(t->st->db, q, err);
}

int pic__store_setup_is(pic__store *st, const uint8_t hash[32], pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_SETUP_IS, &q, err);

        if (r < 0)
                return r;
        bind_hash(q, 1, hash);
        (void)sqlite3_bind_int64(q, 2, pic__store_now(st));
        return pic__db_step(st->db, q, err);
}

int pic__txn_link_put(pic__txn *t, pic_id peer, const uint8_t hash[32], pic_time until, pic_error **err)
{
        sqlite3_stmt *q = NULL;
        int r = open_in(t, PIC__Q_LINK_PUT, &q, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(q, 1, peer);
        bind_hash(q, 2, hash);
        (void)sqlite3_bind_int64(q, 3, until);
        return pic__db_run(t->st->db, q, err);
}

static int find_link(pic__txn *t, const uint8_t hash[32], pic_id *ret_peer, pic_time *ret_until, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        int r = open_in(t, PIC__Q_LINK_GET, &q, err);

        if (r < 0)
                return r;
        bind_hash(q, 1, hash);
        r = pic__db_step(t->st->db, q, err);
        if (r <= 0)
                return r;
        *ret_peer = sqlite3_column_int64(q, 0);
        *ret_until = sqlite3_column_int64(q, 1);
        return 1;
}

int pic__txn_link_take(pic__txn *t, const uint8_t hash[32], pic_id *ret_peer, pic_time *ret_until, pic_error **err)
{
        sqlite3_stmt *q = NULL;
        int r = find_link(t, hash, ret_peer, ret_until, err);

        if (r <= 0)
                return r;
        r = open_in(t, PIC__Q_LINK_DROP, &q, err);
        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(q, 1, *ret_peer);
        bind_hash(q, 2, hash);
        r = pic__db_run(t->st->db, q, err);
        return r < 0 ? r : *ret_until > pic__store_now(t->st);
}

int pic__txn_step(pic__txn *t, pic_id user, int64_t step, pic_error **err)
{
        int r = run_numbers(t, PIC__Q_STEP_PUT, user, step, 0, err);

        return r < 0 ? r : sqlite3_changes(t->st->db->handle) > 0;
}

/* --- what is asked of users and tokens ------------------------------------------------------------------------ */

int pic__store_has_admin(pic__store *st, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_ADMIN, &q, err);

        return r < 0 ? r : pic__db_step(st->db, q, err);
}

static int token_id(pic__store *st, const char *hash, pic_id *ret, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_TOKEN, &q, err);

        if (r < 0)
                return r;
        (void)pic__bind_text(q, 1, hash);
        r = pic__db_step(st->db, q, err);
        if (r > 0)
                *ret = sqlite3_column_int64(q, 0);
        return r;
}

int pic__store_token(pic__store *st, const char *hash, pic_obj **ret, pic_error **err)
{
        pic_id id = 0;
        int r = token_id(st, hash, &id, err);

        *ret = NULL;
        return r <= 0 ? r : pic__row_by_id(st->db, PIC__TOKEN, PIC__K_GET, id, ret, err);
}

int pic__store_nobody(pic__store *st, uint8_t secret[32], pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_META_GET, &q, err);

        if (r < 0)
                return r;
        (void)pic__bind_text(q, 1, PIC__META_NOBODY);
        r = pic__db_step(st->db, q, err);
        if (r < 0)
                return r;
        if (r == 0 || sqlite3_column_bytes(q, 0) != 32)
                return pic__fail(err, PIC_CORRUPT, "%s: the secret of those who are nobody is gone", st->db->path);
        memcpy(secret, sqlite3_column_blob(q, 0), 32);
        return 0;
}
