/* The wishes, in SQLite (cell.db: WAL, synchronous=FULL, STRICT tables, foreign keys). Columns are made from the field
 * tables. All writing goes through one transaction object; each put and remove makes its journal row in the same
 * transaction. */
#ifndef PIC_STORE_STORE_H
#define PIC_STORE_STORE_H

#include "audit/note.h"
#include "base/log.h"
#include "model/snap.h"
#include "sys/clock.h"

typedef struct pic__store pic__store;
typedef struct pic__txn pic__txn;

#define PIC__STORE_FILE "cell.db"

/* Makes a new store in an existing directory: schema of the newest version, file mode 0600. PIC_EXISTS. seal_key: the
 * public half of the agent's key. */
int pic__store_create(const char *dir, const uint8_t seal_key[32], const pic__clock *clock, pic__store **ret,
                      pic_error **err);
/* Opens; migrates forward (a copy of the old file is kept as cell.db.v<N>). PIC_NOTFOUND (hint: pic init),
 * PIC_UNSUPPORTED for a store of a newer version, PIC_CORRUPT, PIC_DENIED, PIC_BUSY. busy_ms: how long a writer waits
 * for another. */
int pic__store_open(const char *dir, unsigned busy_ms, const pic__clock *clock, pic__store **ret, pic_error **err);
pic__store *pic__store_unref(pic__store *st);
PIC__CLEANUP(pic__store, pic__store_unref)

/* Looks for damage: the file's pages and indexes, foreign keys, and each value against its field's rule. PIC_CORRUPT
 * with the first finding. Reads everything: for doctor, not for every open. */
int pic__store_check(pic__store *st, pic_error **err);
/* The same for `ms` at most: 1 when it did not come to an end by then. What it found until then is told. */
int pic__store_check_for(pic__store *st, unsigned ms, pic_error **err);
/* A copy as of one moment, of the read transaction if one is open, to an empty file that is there: a store by itself,
 * without a log. PIC_IO, PIC_NOMEM. */
int pic__store_snapshot(pic__store *st, const char *path, pic_error **err);
/* Keeps everybody else out until the handle goes, and leaves no log: for what puts another store in its place. sqlite
 * removes a log by its name, and whoever had the former store open would remove the new one's. The handle is good for
 * nothing else then. PIC_BUSY: others have it open; PIC_IO. */
int pic__store_shut(pic__store *st, pic_error **err);
/* Copies the write-ahead log into the file, as far as readers allow; never waits. For an idle moment: a commit does it
 * only when the log has grown over 4,000 pages, and then it takes a few milliseconds longer. */
void pic__store_tidy(pic__store *st);

/* What the store was at some moment: another commit by whomever is another stamp. */
enum { PIC__STAMP_WORDS = 6 };
typedef struct pic__stamp {
        uint64_t at[PIC__STAMP_WORDS];
} pic__stamp;
/* As it is now: 0, or -1: not known, ask the store. Of all functions here the only one that any thread may call at any
 * time while the store is open. */
int pic__store_stamp(const pic__store *st, pic__stamp *ret);
int pic__stamp_same(const pic__stamp *a, const pic__stamp *b);

int pic__store_seal_key(pic__store *st, uint8_t key[32], pic_error **err);
/* What is read until the end is as of one moment, and costs less than each by itself. Nothing is written meanwhile. */
int pic__store_read_begin(pic__store *st, pic_error **err);
void pic__store_read_end(pic__store *st);
int pic__store_revision(pic__store *st, pic_revision *ret, pic_error **err); /* cheap: no lock */

/* Reading. Each is one consistent read. */
int pic__store_load(pic__store *st, pic__snap *into, pic_revision *ret_revision,
                    pic_error **err); /* everything; the snapshot must be empty */
int pic__store_get(pic__store *st, enum pic__kind kind, const char *name, pic_obj **ret,
                   pic_error **err); /* PIC_NOTFOUND with near names as hint */
int pic__store_get_id(pic__store *st, enum pic__kind kind, pic_id id, pic_obj **ret, pic_error **err);
/* All objects of a kind, in order of id, from one statement: fn must not use this handle. */
int pic__store_each(pic__store *st, enum pic__kind kind, int (*fn)(const pic_obj *o, void *data), void *data,
                    pic_error **err);
/* Objects changed after `since`: each once, as it is now (NULL when gone), in order of its last change. One read. A
 * non-zero answer of fn ends the walk and is returned, here and in all walks of this room. */
int pic__store_changes(pic__store *st, pic_revision since,
                       int (*fn)(enum pic__kind kind, pic_id id, const pic_obj *now, void *data), void *data,
                       pic_revision *ret_revision, pic_error **err);

/* 1 when an admin can log in: enabled, with a password; 0: the cell is in setup. */
int pic__store_has_admin(pic__store *st, pic_error **err);

/* The past. Everything as it was at a revision, sealed secrets too; the snapshot must be empty. PIC_NOTFOUND: no such
 * revision. */
int pic__store_at(pic__store *st, pic_revision revision, pic__snap *into, pic_error **err);
/* One object as it was then; *ret is NULL when there was none. */
int pic__store_obj_at(pic__store *st, enum pic__kind kind, pic_id id, pic_revision revision, pic_obj **ret,
                      pic_error **err);
/* All that one object was, the newest first, without what it is. */
int pic__store_obj_past(pic__store *st, enum pic__kind kind, pic_id id, int (*fn)(const pic_obj *was, void *data),
                        void *data, pic_error **err);
/* Which object had this name then; *ret is 0 when none had. */
int pic__store_id_at(pic__store *st, enum pic__kind kind, const char *name, pic_revision revision, pic_id *ret,
                     pic_error **err);
/* The last revision that was made at this time or before, in the journal's order. PIC_NOTFOUND: before the first. */
int pic__store_revision_at(pic__store *st, pic_time time, pic_revision *ret, pic_error **err);
/* The number of the first journal row of this revision or of a later one. */
int pic__store_seq_of(pic__store *st, pic_revision revision, int64_t *ret, pic_error **err);

/* One row of the journal. before/after are JSON of the changed fields, without secrets. */
typedef struct pic__journal_row {
        int64_t seq;
        pic_revision revision;
        pic_time time;
        const char *actor; /* "root", "uid 1000", "agent" */
        const char *way;   /* cli, http, tui, api, agent */
        const char *kind;
        pic_id id;
        const char *name;
        const char *verb; /* add, change, remove, reveal, … */
        const char *before;
        const char *after;
        const char *text;    /* one line for people, made from the field tables' diff */
        const uint8_t *leaf; /* 32 bytes: its hash in the audit tree, as stored; NULL: none */
} pic__journal_row;
int pic__store_journal(pic__store *st, int64_t after_seq, size_t max,
                       int (*fn)(const pic__journal_row *row, void *data), void *data, pic_error **err);
/* From the end backwards: rows before this number (0: all), the newest first. */
int pic__store_journal_back(pic__store *st, int64_t before_seq, int (*fn)(const pic__journal_row *row, void *data),
                            void *data, pic_error **err);
int64_t pic__store_last_seq(pic__store *st); /* 0 when empty or on error */
/* A row as a leaf of the audit tree: these very bytes are hashed, so they never change. Numbers and texts as stored;
 * before and after as the JSON they are. -1: out of memory, or a text that is no valid UTF-8. Appends. */
int pic__leaf_text(const pic__journal_row *row, pic__buf *out);

/* A change that goes back by itself unless it is confirmed. There is at most one. */
typedef struct pic__confirm {
        pic_revision revision; /* the change */
        pic_revision back;     /* the revision whose state comes back */
        pic_time until;        /* by the wall clock */
        pic_time until_mono;   /* by the clock that does not jump, in the boot it was made in */
        char boot[40];
        pic_time span; /* how long it had in all */
        char actor[64];
} pic__confirm;
/* 1 with what waits for its confirmation, 0: nothing does. */
int pic__store_confirm(pic__store *st, pic__confirm *ret, pic_error **err);
/* How long it still has, in microseconds; 0: none. `since`: when this process began to look, by the monotonic clock. In
 * another boot only the wall clock is left; as it may be wrong, the whole span from then on is the most. */
pic_time pic__confirm_left(const pic__confirm *c, const pic__clock *clock, const char *boot, pic_time since);

/* The audit trail: the journal's rows are the leaves of a Merkle tree (RFC 6962); heads are its signed roots. */
typedef struct pic__trail {
        uint64_t size; /* rows */
        uint8_t root[32];
        uint64_t heads;       /* signed heads that fit */
        uint64_t signed_size; /* of the largest of them: this far, rows cannot have been changed unseen */
        int64_t bad;          /* what is wrong begins at this row; 0: nothing is wrong */
        char what[200];       /* and what it is */
} pic__trail;
/* Number of rows and root, as the commits left them. */
int pic__store_root(pic__store *st, uint64_t *ret_size, uint8_t root[32], pic_error **err);
/* Recomputes everything: each row's hash, the tree, each head's root and signature by this key (NULL: heads are not
 * judged). `outside` (or NULL) is a head that somebody kept elsewhere. What does not fit is told in *ret, not an error.
 */
int pic__store_trail(pic__store *st, const uint8_t key[32], const pic__head *outside, pic__trail *ret, pic_error **err);
/* Appends the journal's leaves to `tree`, which is that of its first rows: up to `size` rows; or, with size 0, all, and
 * then the tree must be the one that the file has. PIC_CORRUPT: it is not, or rows are missing. */
int pic__store_grow(pic__store *st, pic__tree *tree, uint64_t size, pic_error **err);
/* The proof that row index + 1 is in the tree of `size` rows: see pic__tree_inclusion(). PIC_CORRUPT. */
int pic__store_inclusion(pic__store *st, uint64_t index, uint64_t size, uint8_t path[][32], size_t *ret_count,
                         pic_error **err);
/* Keeps the signed head of a tree, and the tree's edge; lets old heads go (heads.c says which). A head of that size
 * that is there stays. */
int pic__store_head_put(pic__store *st, const pic__tree *tree, const char *note, pic_error **err);
/* The tree of the newest head, as it was kept; size 0: nothing was. Not to be trusted before its root is that of a
 * signed head. */
int pic__store_signed(pic__store *st, pic__tree *ret, pic_error **err);
/* The newest head's note: 1 with a copy in *ret_note (pic__free) and its size, 0: there is none. */
int pic__store_head_last(pic__store *st, uint64_t *ret_size, char **ret_note, pic_error **err);
/* All heads, smallest first. */
int pic__store_heads(pic__store *st, int (*fn)(uint64_t size, pic_time time, const char *note, void *data), void *data,
                     pic_error **err);
#define PIC__HEADS_RECENT 1000
#define PIC__HEADS_SPAN 100

/* Writing: BEGIN IMMEDIATE … COMMIT. Waits busy_ms for another writer, then PIC_BUSY. */
int pic__txn_begin(pic__store *st, const char *actor, const char *way, pic__txn **ret, pic_error **err);
/* References are judged at commit instead of at each put and remove, so that a document's objects may name each other
 * and come and go in any order. Commit then answers PIC_NOTFOUND or PIC_INUSE. Call it before the first put. */
void pic__txn_defer(pic__txn *t);
/* Judges the references now, as commit would: for a transaction that is going to be taken back. */
int pic__txn_settle(pic__txn *t, pic_error **err);
/* if_revision > 0: PIC_STALE unless it is the present one. */
int pic__txn_if_revision(pic__txn *t, pic_revision revision, pic_error **err);
/* A new id, before the object is put: secrets are sealed to it. */
int pic__txn_new_id(pic__txn *t, enum pic__kind kind, pic_id *ret, pic_error **err);
int pic__txn_get(pic__txn *t, enum pic__kind kind, const char *name, pic_obj **ret,
                 pic_error **err); /* sees this transaction's own writes */
/* Objects of kind `by` that name this one; none when there is no such object. The caller frees *ret with pic__free. */
int pic__txn_named_by(pic__txn *t, enum pic__kind kind, const char *name, enum pic__kind by, pic_id **ret,
                      size_t *ret_count, pic_error **err);
/* Objects of a kind as this transaction sees them, in order of id. */
int pic__txn_each(pic__txn *t, enum pic__kind kind, int (*fn)(const pic_obj *o, void *data), void *data,
                  pic_error **err);
/* Adds (id 0: a new one is given) or changes. Object must be complete (pic__obj_check). PIC_EXISTS for a name, key or
 * address that is taken (says by whom), PIC_NOTFOUND for an unknown reference. A rename rewrites the references of
 * others, in this transaction. verb NULL: "add" or "change". Nothing changed: no journal row. *ret_id may be NULL.
 * PIC_STALE when the object was read from the store but is gone. A put or remove that fails leaves nothing behind in
 * the transaction, which may go on (unless PIC_IO or PIC_NOMEM ended it: then PIC_BADSTATE). */
int pic__txn_put(pic__txn *t, const pic_obj *o, const char *verb, pic_id *ret_id, pic_error **err);
/* PIC_INUSE with the users' names when others refer to it. */
int pic__txn_remove(pic__txn *t, enum pic__kind kind, const char *name, pic_error **err);
/* A row that is no change of a field: a secret was shown, a login failed. Notes alone leave the revision as it is. */
int pic__txn_note(pic__txn *t, enum pic__kind kind, pic_id id, const char *name, const char *verb, const char *text,
                  pic_error **err);
/* The change of this transaction goes back by itself after `span`, unless it is confirmed before. PIC_BADSTATE: another
 * one waits. Before commit. */
int pic__txn_confirm(pic__txn *t, pic_time span, const char *boot, pic_error **err);
/* Nothing waits any more: confirmed, or gone back. */
int pic__txn_confirm_end(pic__txn *t, pic_error **err);
/* How many rows with this verb were written in the last `within` by anybody: *ret_all; and with this actor and text
 * too: *ret_same. Looks at the newest 256 rows at most. For rows that must not fill the journal. */
int pic__txn_recent(pic__txn *t, const char *verb, const char *text, pic_time within, unsigned *ret_all,
                    unsigned *ret_same, pic_error **err);
/* A row about an object of what may come as often as a program can do it: at most so many an hour and a day with this
 * verb about this object; what comes more often is counted, and the next row tells the count. 1: a row; 0: counted. */
int pic__txn_note_often(pic__txn *t, const pic_obj *about, const char *verb, const char *text, pic_error **err);
#define PIC__OFTEN_HOUR 30
#define PIC__OFTEN_DAY 200
/* Somebody was refused: a row "refused" about the cell with these words, or, when this actor was refused with the same
 * words in the last hour, or there are enough such rows of the last hour, only counted; the next row tells the count.
 * more: so many others that were counted by the caller; text NULL: only those. 1: a row; 0: counted. Commit either way.
 */
int pic__txn_refused(pic__txn *t, const char *text, unsigned more, pic_error **err);
#define PIC__REFUSED_ALL 20 /* rows an hour */
#define PIC__REFUSED_OWN 10 /* and of one actor */
/* A row for what was counted, when there was none for an hour that could tell it. 1: a row; 0: there was no need. */
int pic__txn_refused_rest(pic__txn *t, pic_error **err);
/* A secret that must not come back: what past rows have of this value in this field is cleared. */
int pic__txn_forget(pic__txn *t, enum pic__kind kind, pic_id id, const char *field, const char *value, pic_error **err);
/* The next free host number for a peer (addresses of both families): constant time, never one that was given back
 * within the quarantine (1 hour) unless none else is left, then PIC_CONFLICT with a hint. Addresses a person set by
 * hand are skipped. */
int pic__txn_alloc_host(pic__txn *t, uint64_t capacity, uint64_t *ret_host, pic_error **err);
/* Ends it. A transaction that changed nothing leaves the revision as it is. Durable when it returns. */
int pic__txn_commit(pic__txn *t, pic_revision *ret_revision, pic_error **err); /* takes t, also on failure */
pic__txn *pic__txn_abort(pic__txn *t);
PIC__CLEANUP(pic__txn, pic__txn_abort)

#endif
