/* What the files of this backend share. */
#ifndef PIC_BACKEND_DNS_INSIDE_H
#define PIC_BACKEND_DNS_INSIDE_H

#include "backend/dns/chooser.h"
#include "backend/dns/conf.h"
#include "backend/dns/dns.h"
#include "model/exit.h"
#include "sys/daemon.h"

#define PIC__DNS_TIMEOUT 5000      /* ms, of one command */
#define PIC__DNS_START_LIMIT 20000 /* ms until a started server has to answer */
#define PIC__DNS_ASK_EVERY 15      /* ticks between two questions whether it still answers: half a minute */
#define PIC__DNS_LOOK_EVERY 150    /* ticks between two looks at all that unbound holds */

struct pic__dns_line {
        enum pic__item_kind kind;
        char *key, *value;
};

/* Block lists, and whom names are told to: sieve.c. */
typedef struct pic__dns_sieve {
        char *dir;   /* <run_dir>/sieve */
        char *rules; /* in it, for filters */
        char *fresh; /* the same while it is written */
        char *kept;  /* <run_dir>/dns/lists: what the rules were made of */
        pic__child *child;
        pic__bell bell; /* inside the backend's */
        pic__map lists, barred, views;
        int looked; /* for one of our former life */
        int dirty;  /* the rules are not as these say */
} pic__dns_sieve;

/* Of a server without upstreams, which asks the root itself: root.c. */
typedef struct pic__dns_root {
        pic__chooser chooser;      /* open once it was doubted */
        int dead;                  /* it does not answer, and unbound does not ask it */
        unsigned quiet;            /* ticks for which nobody need ask again */
        unsigned pause;            /* how many the next time, while it is dead */
        uint64_t answered, failed; /* what unbound had counted at the last tick */
} pic__dns_root;

typedef struct pic__dns {
        pic__backend base;
        PIC__DAEMON(d);                             /* its stamp: digest of unbound.conf and the item's value */
        char *conf;                                 /* unbound.conf */
        char *records;                              /* records.conf */
        char *asked;                                /* asked.conf */
        char *socket;                               /* control.sock */
        char *queries;                              /* <log_dir>/queries.log */
        pic__chooser choosers[PIC__CHOOSER_GROUPS]; /* by zone; their descriptors are the bell's */
        uint64_t failed;                            /* what unbound had counted at the last tick */
        uint64_t asked_before;
        pic__dns_root root;
        pic__dns_server server;
        /* What unbound holds of ours, asked when it is first needed and kept in step: nobody else may use its control
         * socket. No wishes. */
        pic__dns_names names;
        int names_known;
        int begun;      /* it was started and reads its zones: pic__dns_finish waits for its first answer */
        off_t log_from; /* where its log began then */
        pic__dns_sieve sieve;
        void (*share)(void *data);
        void *share_data;
} pic__dns;

/* server.c */
int pic__dns_find(pic__dns *b,
                  pic_error **err); /* 1: a server of ours runs (adopted if need be) and value says which; 0: none */
/* Starts one that has all of b->names from its first answer on. When this returns it has its ports and still reads its
 * zones. PIC_CONFLICT when a port is taken, PIC_BUSY before the back-off is over. */
int pic__dns_begin(pic__dns *b, const char *value, pic_error **err);
/* Waits for what was begun; stops it when it fails. */
int pic__dns_finish(pic__dns *b, pic_error **err);
int pic__dns_change(pic__dns *b, const char *value,
                    pic_error **err); /* from what runs to this, with the same records */
void pic__dns_stop(pic__dns *b);
void pic__dns_forget(pic__dns *b); /* it is gone: nothing is known of it any more */
/* Why it does not start, by what it wrote meanwhile; the code. */
int pic__dns_explain(char *written, const char *log_file, pic_error **err);
int pic__dns_ask(pic__dns *b, const char *command, const pic__buf *body, pic__buf *out, pic_error **err);

/* asked.c */
int pic__dns_choose_among(pic__dns *b, const pic__dns_server *server, pic_error **err); /* of one that runs */
void pic__dns_ask_nobody(pic__dns *b);
int pic__dns_write_asked(pic__dns *b, const pic__dns_server *server, pic_error **err); /* for its configuration */
void pic__dns_heed_upstreams(pic__dns *b);                                             /* after the bell woke us */
void pic__dns_doubt_upstreams(pic__dns *b);                                            /* at each tick */

/* root.c */
void pic__dns_root_set(pic__dns *b, const pic__dns_server *server); /* what runs, or NULL */
void pic__dns_root_take_up(pic__dns *b);                            /* what our former life found, by that file */
void pic__dns_root_put(const pic__dns *b, pic__buf *out);           /* for the file that says who is asked */
void pic__dns_root_heed(pic__dns *b);                               /* after the bell woke us */
void pic__dns_root_doubt(pic__dns *b, const char *stats);           /* at each tick */

/* cache.c: what the server that runs knows of others; left empty when that cannot be told, or is too much */
void pic__dns_cache_take(pic__dns *b, pic__buf *ret);
void pic__dns_cache_give(pic__dns *b, const pic__buf *known); /* for 1 s at most */

/* behind.c: the files behind the zones */
int pic__dns_behind_write(pic__dns *b, const pic__dns_server *server, pic_error **err); /* all, for its start */
int pic__dns_behind_load(pic__dns *b, pic_error **err);                                 /* the same while it runs */
void pic__dns_behind_drop(const pic__dns *b);
/* Names that are going to be taken out and put in again are told there meanwhile, with what they will have. */
typedef struct pic__dns_cover {
        pic__buf lines[PIC__DNS_ZONES];
        uint8_t told[PIC__DNS_ZONES]; /* the file has more than it should when all is done */
        size_t bytes;
} pic__dns_cover;
void pic__dns_cover_add(pic__dns_cover *c, const pic__dns *b, const char *name, size_t len); /* failure is its lines' */
/* These instead of those told before; none: the files are as they should be. */
int pic__dns_cover_tell(pic__dns_cover *c, pic__dns *b, pic_error **err);
void pic__dns_cover_free(pic__dns_cover *c);

/* queries.c */
void pic__dns_queries_begin(const pic__dns *b); /* the file is there, and nobody else's to read */
void pic__dns_queries_end(const pic__dns *b);   /* what was written is gone */

/* counts.c */
int pic__dns_counts(pic__backend *backend, pic__json *out);
int pic__dns_flush(pic__backend *backend, const char *name, pic_error **err);

/* leftover.c */
int pic__dns_adopt_leftover(pic__dns *b); /* 1: there was one, and it is our child now */

/* records.c */
int pic__dns_list_records(pic__dns *b, pic__dns_names *ret, pic_error **err); /* asks unbound */
/* Its answer, taken apart: the records in zones of the server. */
int pic__dns_read_records(const pic__dns_server *server, char *text, pic__dns_names *ret, pic_error **err);
/* Asks only if not known; then what a swap that somebody cut short left behind the zones goes. */
int pic__dns_know_names(pic__dns *b, pic_error **err);
/* Steps of records on a running server. *ret_done as in plan/backend.h. */
int pic__dns_live(pic__dns *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err);
/* One step on the picture alone, with the refusals of the real thing. */
int pic__dns_picture(pic__dns *b, const pic__step *step, pic_error **err);

/* sieve.c */
int pic__dns_sieve_open(pic__dns *b, const pic__dns_opts *opts, pic_error **err);
void pic__dns_sieve_close(pic__dns *b);
int pic__dns_sieve_step(pic__dns *b, const pic__step *step, pic_error **err); /* in force with the next settle */
int pic__dns_sieve_look(pic__dns *b, pic__items *out, pic_error **err);
int pic__dns_sieve_settle(pic__dns *b, pic_error **err); /* files and filter as the server and the lists say */
void pic__dns_sieve_mend(pic__dns *b);                   /* one that died is started again */
int pic__dns_sieve_runs(pic__dns *b);
void pic__dns_sieve_stop(pic__dns *b);
void pic__dns_sieve_forget(pic__dns *b);
void pic__dns_sieve_take_up(pic__dns *b);

/* views.c */
int pic__dns_view_ok(const char *key, const char *value);            /* what may become lines of the rules */
int pic__dns_views_put(pic__dns *b, pic__buf *out, pic_error **err); /* those; none where everybody is told all */

/* doctor.c */
void pic__dns_doctor(pic__backend *backend, pic__finding_fn fn, void *data);
const char *pic__dns_root_key(void); /* NULL: there is none */

#endif
