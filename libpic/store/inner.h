/* What the files of this room share: the handles, and the parts of a transaction. */
#ifndef PIC_STORE_INNER_H
#define PIC_STORE_INNER_H

#include "audit/tree.h"
#include "base/vec.h"
#include "model/net.h"
#include "store/db.h"
#include "store/store.h"

struct pic__store {
        pic__db *db;
        pic__clock clock;
        pic__txn *txn;                  /* the open one, or NULL */
        const volatile uint64_t *index; /* see stamp.c; NULL: there is none */
};

typedef struct pic__store_key {
        enum pic__kind kind;
        pic_id id;
} pic__store_key;

typedef struct pic__store_gone {
        enum pic__kind kind;
        char *name;
} pic__store_gone;

struct pic__txn {
        pic__store *st;
        char *actor;
        char *way;
        pic_revision was; /* before this transaction */
        int changed;      /* an object was written: the revision will be was + 1 */
        int noted;        /* a row without a change was written */
        int deferred;     /* references are judged at commit */
        pic_id keep;      /* the session that goes on: see pic__txn_keep_session() */
        PIC__VEC(pic__store_key) pending;
        PIC__VEC(pic__store_gone) gone;
        int nets_known;
        pic__prefix net4; /* of the cell; family 0: none */
        pic__prefix net6;
        int tree_known;
        pic__tree tree; /* of the journal, with the rows of this transaction */
};

static inline pic_time pic__store_now(const pic__store *st)
{
        return st->clock.now(st->clock.data);
}

/* PIC_BADSTATE when sqlite has taken the transaction back by itself (disk full): nothing may be written after that. */
int pic__txn_alive(const pic__txn *t, pic_error **err);

/* Where stamps are read, for as long as the store is open. */
void pic__stamp_find(pic__store *st);

int pic__tree_load(pic__db *db, pic__tree *ret, pic_error **err);
int pic__tree_save(pic__db *db, const pic__tree *tree, pic_error **err);
/* Writes a row as the next leaf; seq and leaf of it do not count. */
int pic__journal_add(pic__db *db, pic__tree *tree, const pic__journal_row *row, pic_error **err);

/* The read transaction of one call that sees one moment; db is NULL when there was no need for one. */
int pic__read_begin(pic__store *st, pic__db **ret, pic_error **err);
void pic__read_end(pic__db **db);
#define pic__auto_read PIC__AUTO(pic__read_end)

int pic__meta_get(pic__db *db, const char *key, int64_t *ret, pic_error **err); /* 0 when absent */
int pic__meta_set(pic__db *db, const char *key, int64_t value, pic_error **err);

#endif
