/* The care for alerts from inside: shared by the files alerts*.c. */
#ifndef PIC_ENGINE_ALERTS_I_H
#define PIC_ENGINE_ALERTS_I_H

#include "engine/alert_judge.h"
#include "engine/alert_letter.h"
#include "engine/alert_post.h"
#include "engine/alerts.h"
#include "engine/engine_i.h"

#define PIC__ALERTS_FILE "alerts" /* in the cell's directory: what is known of them */
#define PIC__ALERT_QUEUE 32       /* messages of one alert that wait; then the oldest goes */

/* --- facts ------------------------------------------------------------------------------------------------------ */

typedef struct pic__facts {
        pic__arena arena;
        PIC__VEC(pic__alert_fact) list;
        int failed;
} pic__facts;
void pic__facts_clear(pic__facts *f);
/* Texts are copied, the device is held. */
void pic__fact_put(pic__facts *f, const pic__alert_fact *fact);
/* alerts_facts.c: which event a finding's area is. */
enum pic__alert_event pic__alert_event_of(const char *area);
/* A finding's key: its text without what counts up. */
void pic__finding_key(const char *area, const char *what, char *key, size_t size);

/* A device's far end, as it moves. */
#define PIC__ALERT_MOVES 4
typedef struct pic__alert_peer {
        pic_id id;
        uint32_t at;                      /* a digest of the far end's address; 0: none */
        pic_time moved[PIC__ALERT_MOVES]; /* the last times, monotonic; the newest first */
} pic__alert_peer;
/* 1: it moves so often that something is wrong. Pure. */
int pic__alert_peer_moves(pic__alert_peer *p, const char *endpoint, pic_time now);

/* --- one alert -------------------------------------------------------------------------------------------------- */

typedef struct pic__alert_one {
        pic_id id; /* 0: free */
        pic_revision revision;
        pic__alert_watch watch;
        pic__letter queue[PIC__ALERT_QUEUE]; /* the oldest first */
        size_t queued;
        unsigned lost;      /* messages that never arrived, since the last that did */
        int64_t sent;       /* that arrived, since the alert was added */
        pic_time last_sent; /* by the wall clock, as the next */
        pic_time tried;
        pic_time next; /* monotonic: not before */
        unsigned failures;
        char *error, *hint, *said;
        /* under way */
        pic__alert_post *post; /* of the oldest in the queue */
        pic__alert_post *test;
        pic_time test_at;  /* monotonic */
        char *test_answer; /* JSON; NULL: none */
} pic__alert_one;

struct pic__alerts {
        int epoll;
        pic__alert_one at[PIC__ALERTS_MAX];
        pic__facts devices; /* as of: */
        pic_time devices_at;
        pic_revision devices_of;
        const pic__snap *devices_in;
        PIC__VEC(pic__alert_peer) peers; /* in order of id */
        pic_time round_at;               /* monotonic: when facts are judged next */
        int64_t seq;                     /* rows of the journal up to here were judged; -1: none yet */
        pic_id newest_peer;              /* as of: */
        pic_revision newest_of;
        const pic__snap *newest_in;
        int stopped;     /* the last row of an agent's life was its orderly end */
        uint64_t number; /* of messages */
};

pic__alert_one *pic__alerts_find(const pic__engine *e, pic_id id);
void pic__alert_one_clear(pic__alert_one *a);
void pic__alert_keep(char **to, const char *text); /* a copy; "" is NULL */
/* How long to wait after a failure: pure. */
pic_time pic__alert_patience(unsigned failures);
void pic__alert_drop_letter(pic__alert_one *a, int lost); /* the oldest */

/* alerts_facts.c: devices, from time to time; all, each round. */
void pic__alerts_look_at_devices(pic__engine *e);
void pic__alerts_collect(pic__engine *e, int changed, pic__facts *f); /* 0: wishes are those of the last time */

/* alerts_state.c. Times are kept as how long ago they were. */
void pic__alerts_write(const struct pic__alerts *d, pic_time mono, pic__buf *out);
void pic__alerts_read(char *text, struct pic__alerts *d, pic_time mono); /* the text is taken apart */
int pic__alerts_save(pic__engine *e, pic_error **err);
void pic__alerts_load(pic__engine *e);

#endif
