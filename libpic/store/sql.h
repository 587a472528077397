/* SQL texts. What speaks of a kind's fields is made from its field table; the rest is written out. */
#ifndef PIC_STORE_SQL_H
#define PIC_STORE_SQL_H

#include "base/buf.h"
#include "model/field.h"

#define PIC__STORE_APP 0x70696331 /* application_id: "pic1" */
#define PIC__STORE_VERSION 2      /* user_version */

/* Statements that name no field table. */
enum pic__q {
        PIC__Q_BEGIN,
        PIC__Q_COMMIT,
        PIC__Q_ROLLBACK,
        PIC__Q_SAVE,
        PIC__Q_RELEASE,
        PIC__Q_BACK,
        PIC__Q_READ,
        PIC__Q_META_GET,
        PIC__Q_META_SET,
        PIC__Q_NEXT_ID,
        PIC__Q_JOURNAL_ADD,
        PIC__Q_JOURNAL_LIST,
        PIC__Q_JOURNAL_DOWN,
        PIC__Q_JOURNAL_LAST,
        PIC__Q_JOURNAL_BACK,
        PIC__Q_JOURNAL_AT,
        PIC__Q_JOURNAL_TIME,
        PIC__Q_HEAD_ADD,
        PIC__Q_HEAD_LIST,
        PIC__Q_HEAD_LAST,
        PIC__Q_CONFIRM_GET,
        PIC__Q_CONFIRM_PUT,
        PIC__Q_CONFIRM_DROP,
        PIC__Q_HEAD_OLD,
        PIC__Q_HEAD_DROP,
        PIC__Q_LEAVES,
        PIC__Q_REF_DROP,
        PIC__Q_FREED_PUT,
        PIC__Q_FREED_DROP,
        PIC__Q_FREED_HAS,
        PIC__Q_FREED_FUTURE,
        PIC__Q_FREED_OLDEST,
        PIC__Q_FREED_FIRST,
        PIC__Q_PEER_AT,
        PIC__Q_ADMIN,
        PIC__Q_TOKEN,
        PIC__Q_SESSION_ADD,
        PIC__Q_SESSION_GET,
        PIC__Q_SESSION_SEEN,
        PIC__Q_SESSION_LIST,
        PIC__Q_SESSION_END,
        PIC__Q_SESSION_END_USER,
        PIC__Q_SESSION_END_SETUP,
        PIC__Q_SESSION_TIDY,
        PIC__Q_SESSION_MANY,
        PIC__Q_DEVICE_PUT,
        PIC__Q_DEVICE_IS,
        PIC__Q_DEVICE_TIDY,
        PIC__Q_SETUP_PUT,
        PIC__Q_SETUP_IS,
        PIC__Q_SETUP_DROP,
        PIC__Q_LINK_PUT,
        PIC__Q_LINK_GET,
        PIC__Q_LINK_DROP,
        PIC__Q_STEP_PUT,
        PIC__Q_PASSKEY_ADD,
        PIC__Q_PASSKEY_FIND,
        PIC__Q_PASSKEY_LIST,
        PIC__Q_PASSKEY_USED,
        PIC__Q_PASSKEY_SUSPECT,
        PIC__Q_PASSKEY_NAME,
        PIC__Q_PASSKEY_END,
        PIC__Q_COUNT
};
extern const char *const pic__sql_fixed[PIC__Q_COUNT];

/* Statements of which each kind has its own. Rows are: id, revision, then the fields in the table's order. */
enum pic__k {
        PIC__K_GET,       /* ?1 id → row */
        PIC__K_NAMED,     /* ?1 name → row */
        PIC__K_ID,        /* ?1 name → id */
        PIC__K_NEXT,      /* ?1 id → the row with the next higher one */
        PIC__K_ALL,       /* → rows in order of id */
        PIC__K_NAMES,     /* → names */
        PIC__K_INSERT,    /* a row */
        PIC__K_UPDATE,    /* a row */
        PIC__K_DELETE,    /* ?1 id */
        PIC__K_REF_ADD,   /* ?1 from_kind, ?2 from_id, ?3 field, ?4 id of this kind */
        PIC__K_REF_USERS, /* ?1 id of this kind → from_kind, from_id */
        PIC__K_REF_CUT,   /* ?1 id of this kind: forgets who refers to it */
        PIC__K_PAST_PUT,  /* ?1 id, ?2 revision: the row becomes past, as of then */
        PIC__K_PAST_AT,   /* ?1 revision → rows that were in force then and are not now */
        PIC__K_PAST_GET,  /* ?1 revision, ?2 id → the one row of them */
        PIC__K_PAST_ALL,  /* ?1 id → what it was, the newest first */
        PIC__K_SINCE,     /* ?1 revision → rows that were in force then and are still */
        PIC__K_COUNT
};
void pic__sql_made(enum pic__kind kind, enum pic__k k, pic__buf *out);

/* Tables that are no kind's: meta, journal, freed, head. */
extern const char *const pic__sql_base;
/* Tables beside the journal: who is logged in, and what is told once. Made after those of kinds, to which they refer.
 */
extern const char *const pic__sql_login;
void pic__sql_table(enum pic__kind kind, const char *name, pic__buf *out); /* CREATE TABLE "name" for a kind */
/* CREATE TABLE IF NOT EXISTS for what rows of a kind were: the same columns without rules, in force from revision
 * `since` until before revision `until`. Rules change; what was, was. */
void pic__sql_past(enum pic__kind kind, pic__buf *out);
void pic__sql_indexes(enum pic__kind kind, pic__buf *out); /* CREATE UNIQUE INDEX …; … */
void pic__sql_ref(pic__buf *out);                          /* CREATE TABLE ref and its indexes */
const char *pic__sql_type(const pic__field *f);            /* INTEGER or TEXT */
/* One column as CREATE TABLE or ALTER TABLE ADD COLUMN has it. */
void pic__sql_column(const pic__field *f, int added_later, pic__buf *out);

#endif
