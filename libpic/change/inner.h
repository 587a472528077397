/* What the files of this room share: a run, and its parts. */
#ifndef PIC_CHANGE_INNER_H
#define PIC_CHANGE_INNER_H

#include "change/run.h"

struct pic__touched {
        enum pic__kind kind;
        pic_id id;
        const pic__op *op;
};

typedef PIC__VEC(struct pic__touched) pic__touched_vec;

#define PIC__RUN_ERRORS 100 /* are told; then the run ends */

/* Everything that a run needs to know. One lives as long as its transaction. */
typedef struct pic__run {
        const pic__wishes *w;
        const pic__run_opts *opts;
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
        int by_document; /* `now` is new, and a document's: nothing is made up for it */
        uint64_t needs;  /* bits of secret fields that must be there */
        int64_t step;    /* of a user's second factor: see pic__op */
        uint64_t said;   /* bits of fields that the wishes speak of */
        int had_admin;   /* somebody could log in as admin, and users may change */
        pic__touched_vec touched;
        pic_error *errors;
        size_t error_count;
        int cell_failed;     /* a wish about the cell was refused */
        int lenient;         /* some object could not be taken: that one is not there tells nothing */
        int code;            /* of the first error */
        int judged;          /* assertions count: the view is up to date */
        pic_revision waited; /* for its confirmation, and this takes it back; 0: none */
} pic__run;

/* The parts. Each works on run->now. */
int pic__run_peer(pic__run *run, pic_error **err);      /* completes a peer: addresses, keys */
int pic__run_addresses(pic__run *run, pic_error **err); /* of a peer, or a service */
int pic__run_service(pic__run *run, pic_error **err);   /* completes a service: addresses, door */
/* A door for a service that has none, or whose own is another's by now. */
int pic__run_door(pic__run *run, pic_obj *o, pic_error **err);
int pic__run_connection(pic__run *run, pic_error **err); /* completes a connection: slot, keys */
/* A slot for a connection that has none, or whose own is another's by now. */
int pic__run_slot(pic__run *run, pic_obj *o, pic_error **err);
int pic__run_user(pic__run *run, pic_error **err);        /* completes a user, or a token: times */
int pic__run_certificate(pic__run *run, pic_error **err); /* completes a certificate; its names are the cell's */
/* A certificate goes: what it vouched for is revoked. Before it is removed. */
int pic__run_uncertify(pic__run *run, const char *name, pic_error **err);
/* A domain comes, is renamed, or goes: so does its own certificate. The first looks whether `now` is one. */
int pic__run_domain_put(pic__run *run, pic_error **err);
int pic__run_domain_removed(pic__run *run, const char *name, pic_error **err);
/* 1: it is a domain's own, and the domain stays: a document need not name it. */
int pic__run_is_of_domain(const pic__run *run, const pic_obj *cert);
/* Removes an object; users do not hold their devices and exits. */
int pic__run_remove(pic__run *run, enum pic__kind kind, const char *name, pic_error **err);
/* Before and after: an admin who can log in is left. */
int pic__run_admins_before(pic__run *run, pic_error **err);
void pic__run_admins(pic__run *run);
int pic__run_cell(pic__run *run, pic_error **err); /* after a cell was put: moves peers to its new networks */
int pic__run_prune(pic__run *run, const pic__op *op, pic_error **err);
int pic__run_back(pic__run *run, const pic__op *op, pic_error **err); /* back.c: UNDO and RETURN */
int pic__run_stays(enum pic__kind kind, const pic__field *f);         /* what never goes back */
int pic__run_pending(pic__run *run, pic_error **err); /* confirm.c: what waits, and whether this may be */
int pic__run_touch(pic__run *run, enum pic__kind kind, pic_id id, const pic__op *op, pic_error **err);
int pic__run_check(pic__run *run); /* rules between objects, at the end; 0, or a fatal code */
/* told.c: what is secret is told nobody else than before without being given anew. At the end; 0, or a fatal code. */
int pic__run_told(pic__run *run);
/* assert.c: first, whether assertions count; then, whether they hold. */
int pic__run_read_assertions(pic__run *run, pic_error **err);
int pic__run_assertions(pic__run *run);
/* Asks about the host when this makes an object's networks others. */
int pic__run_check_host(const pic__run *run, const pic_obj *before, const pic_obj *now, pic_error **err);
int pic__run_seal_key(pic__run *run, pic_error **err);
/* Puts an error and its followers among those to be reported, each with the place of the wish it is about (else of
 * `op`, which may be NULL). 0 when the run may go on, else a code. */
int pic__run_collect(pic__run *run, const pic__op *op, pic_error *err);

#endif
