/* Owns: the table of passkeys. A transaction that only writes here leaves the revision as it is. */
#include "store/passkey.h"

#include <stdio.h>
#include <string.h>

#include "store/inner.h"
#include "store/row.h"
#include "store/session.h"
#include "sys/crypto.h"
#include "sys/hash.h"

static int open_in(pic__txn *t, enum pic__q q, sqlite3_stmt **ret, pic_error **err)
{
        int r = pic__txn_alive(t, err);

        if (r >= 0)
                r = pic__db_stmt(t->st->db, q, ret, err);
        if (r >= 0)
                t->noted = 1;
        return r;
}

static void bind_bytes(sqlite3_stmt *s, int at, const uint8_t *data, size_t len)
{
        (void)sqlite3_bind_blob(s, at, data, (int)len, SQLITE_STATIC);
}

/* Runs a statement of three values at most, the third of which may be a text: how many rows it changed. */
static int change(pic__txn *t, enum pic__q q, const int64_t numbers[3], const char *text, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int i, r = open_in(t, q, &s, err);

        if (r < 0)
                return r;
        for (i = 1; i <= sqlite3_bind_parameter_count(s); i++) {
                if (i == 3 && text != NULL)
                        (void)pic__bind_text(s, i, text);
                else
                        (void)sqlite3_bind_int64(s, i, numbers[i - 1]);
        }
        r = pic__db_run(t->st->db, s, err);
        return r < 0 ? r : sqlite3_changes(t->st->db->handle);
}

int pic__txn_passkey_add(pic__txn *t, const pic__passkey *p, pic_id *ret_id, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        int r = open_in(t, PIC__Q_PASSKEY_ADD, &q, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(q, 1, p->user);
        (void)pic__bind_text(q, 2, p->name);
        (void)pic__bind_text(q, 3, p->rp);
        bind_bytes(q, 4, p->credential, p->credential_len);
        (void)sqlite3_bind_int64(q, 5, p->alg);
        bind_bytes(q, 6, p->key, p->key_len);
        (void)sqlite3_bind_int64(q, 7, p->count);
        (void)sqlite3_bind_int64(q, 8, pic__store_now(t->st));
        r = pic__db_step(t->st->db, q, err);
        if (r > 0)
                *ret_id = sqlite3_column_int64(q, 0);
        return r;
}

static void copy_text(sqlite3_stmt *q, int at, char *to, size_t size)
{
        const char *text = pic__col_text(q, at);

        snprintf(to, size, "%s", text != NULL ? text : "");
}

/* What is longer than it can be is nothing, which fits nobody's. */
static size_t copy_bytes(sqlite3_stmt *q, int at, uint8_t *to, size_t size)
{
        int len = sqlite3_column_bytes(q, at);

        if (len <= 0 || (size_t)len > size)
                return 0;
        memcpy(to, sqlite3_column_blob(q, at), (size_t)len);
        return (size_t)len;
}

static void read_passkey(sqlite3_stmt *q, pic__passkey *p)
{
        memset(p, 0, sizeof(*p));
        p->id = sqlite3_column_int64(q, 0);
        p->user = sqlite3_column_int64(q, 1);
        copy_text(q, 2, p->name, sizeof(p->name));
        copy_text(q, 3, p->rp, sizeof(p->rp));
        p->credential_len = copy_bytes(q, 4, p->credential, sizeof(p->credential));
        p->alg = sqlite3_column_int64(q, 5);
        p->key_len = copy_bytes(q, 6, p->key, sizeof(p->key));
        p->count = (uint32_t)sqlite3_column_int64(q, 7);
        p->created = sqlite3_column_int64(q, 8);
        p->used = sqlite3_column_int64(q, 9);
        p->suspect = sqlite3_column_int64(q, 10);
}

int pic__store_passkey(pic__store *st, const uint8_t *credential, size_t len, pic__passkey *ret, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        int r = pic__db_stmt(st->db, PIC__Q_PASSKEY_FIND, &q, err);

        if (r < 0)
                return r;
        bind_bytes(q, 1, credential, len);
        r = pic__db_step(st->db, q, err);
        if (r > 0)
                read_passkey(q, ret);
        return r;
}

int pic__store_passkeys(pic__store *st, pic_id user, int (*fn)(const pic__passkey *p, void *data), void *data,
                        pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *q = NULL;
        pic__passkey p;
        int r = pic__db_stmt(st->db, PIC__Q_PASSKEY_LIST, &q, err);

        if (r < 0)
                return r;
        if (user != 0)
                (void)sqlite3_bind_int64(q, 1, user);
        else
                (void)sqlite3_bind_null(q, 1);
        while ((r = pic__db_step(st->db, q, err)) > 0) {
                read_passkey(q, &p);
                r = fn(&p, data);
                if (r != 0)
                        break;
        }
        return r;
}

int pic__txn_passkey_used(pic__txn *t, pic_id id, uint32_t count, pic_error **err)
{
        const int64_t numbers[] = { id, count, pic__store_now(t->st) };
        int r = change(t, PIC__Q_PASSKEY_USED, numbers, NULL, err);

        return r < 0 ? r : 0;
}

int pic__txn_passkey_suspect(pic__txn *t, pic_id id, pic_error **err)
{
        const int64_t numbers[] = { id, pic__store_now(t->st), 0 };
        int r = change(t, PIC__Q_PASSKEY_SUSPECT, numbers, NULL, err);

        return r < 0 ? r : 0;
}

int pic__txn_passkey_name(pic__txn *t, pic_id user, pic_id id, const char *name, pic_error **err)
{
        const int64_t numbers[] = { id, user, 0 };

        return change(t, PIC__Q_PASSKEY_NAME, numbers, name, err);
}

int pic__txn_passkey_end(pic__txn *t, pic_id user, pic_id id, pic_error **err)
{
        const int64_t numbers[] = { id, user, 0 };

        return change(t, PIC__Q_PASSKEY_END, numbers, NULL, err);
}

int pic__store_handle(pic__store *st, pic_id user, uint8_t ret[PIC__PASSKEY_HANDLE], pic_error **err)
{
        uint8_t secret[32], number[8];
        size_t i;
        int r = pic__store_nobody(st, secret, err);

        for (i = 0; i < sizeof(number); i++)
                number[i] = (uint8_t)((uint64_t)user >> (8 * i));
        if (r == 0)
                pic__sha256_tagged('h', secret, sizeof(secret), number, sizeof(number), ret);
        pic__wipe(secret, sizeof(secret));
        return r;
}
