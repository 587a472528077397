/* The asking of public CAs from inside: shared by the files acme*.c. */
#ifndef PIC_ENGINE_ACME_I_H
#define PIC_ENGINE_ACME_I_H

#include "engine/acme.h"
#include "engine/acme_ask.h"
#include "engine/acme_state.h"
#include "engine/acme_wish.h"
#include "engine/engine_i.h"
#include "engine/provider.h"

enum pic__proof { PIC__PROOF_NONE, PIC__PROOF_SETTING, PIC__PROOF_SETTLING, PIC__PROOF_CLEARING };

struct pic__acme {
        pic__engine *e;
        pic__acme_opts opts;
        int allowed; /* also in a world that is not real */
        int epoll;   /* all descriptors below */
        int timer;   /* a record settles */
        char *path;  /* of the state */
        pic__acme_state state;
        pic_revision seen; /* the store as it was looked at last; -1: not yet */
        uint64_t sum;      /* of what it was then */
        pic_time looked;
        pic_time due;
        pic_id asked; /* somebody wants this one renewed; 0: nobody */
        /* the try under way */
        pic__acme_ask *ask; /* NULL: none */
        pic_id cert;
        enum pic__acme_where where;
        char *directory;
        char *subjects;
        int renewal;
        pic_revision kept; /* by then it was still wished so */
        /* the errand of acme_owed.c under way instead */
        pic__acme_wait *told;   /* NULL: none */
        pic__acme_paper *paper; /* that is withdrawn; NULL: an address is told */
        /* the proof under way */
        enum pic__proof proof;
        pic__acme_answer *answer;
        pic__provider *txt;
        pic_obj *zone; /* whose record is set; NULL: none is */
        char record[300], value[256];
        pic_error *why; /* why a proof could not be given; NULL */
};

/* acme_prove.c: what the hook says; what goes on of it; and the end of it. */
void pic__acme_prove(const pic__acme_word *w, void *acme);
void pic__acme_prove_on(struct pic__acme *a);
void pic__acme_prove_end(struct pic__acme *a);
int pic__acme_proving(const struct pic__acme *a); /* 1: something is still to be cleared */
/* Clears a record that nobody is asked about any more; the end of it is acme_left.c's. */
int pic__acme_prove_clear(struct pic__acme *a, const pic_obj *domain, const pic__acme_left *left, pic_error **err);

/* acme_left.c: records that are set, in the state: written down before, crossed out when they are cleared. */
int pic__acme_left_note(struct pic__acme *a, pic_error **err);       /* of the proof under way */
void pic__acme_left_done(struct pic__acme *a, const pic_error *bad); /* the same; NULL: it is cleared */
int pic__acme_left_turn(struct pic__acme *a, pic_time now);          /* 1: clearing one was begun */
pic_time pic__acme_left_due(const struct pic__acme *a);              /* 0: nothing is left */

/* acme_put.c: judges what a CA sent, and makes it the certificate, in one transaction. PIC_BACKEND: it is not what was
 * asked for; PIC_STALE: something else is wished by now. */
int pic__acme_put(struct pic__acme *a, pic_error **err);
/* 0: it is of that key, for those names, good now, and each vouches for the one before. `public`: the system's list has
 * its root, too. Pure but for that list. */
int pic__acme_judge(const char *pem, size_t len, const pic__x509_key *key, const char *subjects, pic_time now,
                    const char *roots, pic__buf *chain, pic__x509_info *info, pic_error **err);
#define PIC__ACME_ROOTS "/etc/ssl/certs/ca-certificates.crt"

/* acme_owed.c: what is owed to public CAs. Looks, and begins one errand when it may (1), not before that moment; takes
 * up its end. */
int pic__acme_tell(struct pic__acme *a, pic_time now, pic_time not_before);
void pic__acme_told(struct pic__acme *a, int r, pic_error *bad);      /* takes bad */
void pic__acme_keep_former(struct pic__acme *a, const pic_obj *cert); /* it is exchanged, and good until it ends */
int pic__acme_is_revoked(const pic_obj *cert);                        /* of a public CA */
int pic__acme_owes(const pic__snap *s, pic_id id); /* 1: that one is, or was, revoked, and a CA does not know it yet */
int pic__acme_owes_any(const pic__snap *s);
const char *pic__acme_owed_list(const pic__snap *s); /* of those that were removed: see change/ca.h; "": none */
/* Of the domains that ask there, the first that has one; "": none has; NULL: none asks there. */
const char *pic__acme_email(const struct pic__acme *a, const char *directory);

/* 1: that CA has not heard yet which address its account has. */
int pic__acme_has_news(const struct pic__acme *a, const pic__acme_account *account, const char **ret_email);
void pic__acme_sooner(struct pic__acme *a, pic_time at);
/* The account's key: made once for each CA, sealed, and written before it is used. */
int pic__acme_account_key(struct pic__acme *a, const char *directory, pic__buf *der, int *ret_known, pic_error **err);
pic__acme_entry *pic__acme_entry_of(const pic__engine *e, pic_id cert);
pic_time pic__acme_now(const pic__engine *e);
/* Whom to ask for it next, and when that may be: `now` at once. */
enum pic__acme_where pic__acme_plan(struct pic__acme *a, const pic__acme_wish *w, const pic__acme_track *t,
                                    pic_time now, pic_time *ret_at, const pic__acme_limit **ret_held);
const char *pic__acme_url(const struct pic__acme *a, const pic_obj *domain, enum pic__acme_where where);

#endif
