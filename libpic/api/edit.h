/* An edit from inside: wishes in order, and the run that turns them into a transaction. */
#ifndef PIC_API_EDIT_H
#define PIC_API_EDIT_H

#include "api/api.h"
#include "base/vec.h"

enum pic__wish {
        PIC__WISH_ADD,    /* an object; it must be new */
        PIC__WISH_HAVE,   /* an object; added when it is not there (documents) */
        PIC__WISH_SET,    /* a field: text, or NULL for absent */
        PIC__WISH_REMOVE, /* an object */
        PIC__WISH_REKEY,  /* new keys of a peer */
        PIC__WISH_PRUNE   /* all objects of the kind that the document (`mark`) does not name */
};

/* Texts live in the edit's arena. */
typedef struct pic__op {
        enum pic__wish wish;
        enum pic__kind kind;
        const char *name; /* NULL for the cell */
        int field;        /* SET: index */
        const char *text;
        unsigned mark;    /* which document it comes from; 0: none */
        const char *file; /* where in it */
        unsigned line;
        unsigned column;
} pic__op;

struct pic_edit {
        pic__handle h;
        pic_ctx *ctx;
        pic__arena arena;
        PIC__VEC(pic__op) ops;
        unsigned documents;
        pic_revision if_revision;
        int used;
};

/* Checks and copies one wish into the edit. `op`'s texts are borrowed for the call. */
int pic__edit_push(pic_edit *e, const pic__op *op, pic_error **err);

/* Everything that an edit's run needs to know. One lives as long as its transaction. */
typedef struct pic__run {
        pic_edit *e;
        pic__store *st;
        pic__txn *t;
        pic_obj *cell; /* as this transaction has it; NULL before init */
        uint8_t seal_key[32];
        int have_seal_key;
        int whole;         /* the check must look at everything */
        const pic__op *op; /* that made `now`, for its place in a document */
        pic_obj *before;   /* the object in work: as it was; NULL when new */
        pic_obj *now;      /* as it shall be; NULL: none in work */
        const char *name;  /* by which the wishes call it */
        int rekey;
        PIC__VEC(struct pic__touched) touched;
        pic_error *errors;
        size_t error_count;
        int code; /* of the first error */
} pic__run;

struct pic__touched {
        enum pic__kind kind;
        pic_id id;
        const pic__op *op;
};

/* Runs all wishes in a transaction that has begun, and checks the result. On success the transaction can be committed.
 * All that is wrong is reported, as followers. */
int pic__edit_run(pic_edit *e, pic__store *st, pic__txn *t, pic_error **err);

/* The parts. Each works on run->now. */
int pic__run_peer(pic__run *run, pic_error **err); /* completes a peer: addresses, keys */
int pic__run_cell(pic__run *run, pic_error **err); /* after a cell was put: moves peers to its new networks */
int pic__run_prune(pic__run *run, const pic__op *op, pic_error **err);
int pic__run_check(pic__run *run); /* rules between objects, at the end; 0, or a fatal code */
int pic__run_seal_key(pic__run *run, pic_error **err);
/* Puts an error and its followers among those to be reported, each with the place of the wish it is about (else of
 * `op`, which may be NULL). 0 when the run may go on, else a code. */
int pic__run_collect(pic__run *run, const pic__op *op, pic_error *err);

#endif
