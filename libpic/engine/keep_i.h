/* The care for backup targets from inside: shared by the files keep*.c. */
#ifndef PIC_ENGINE_KEEP_I_H
#define PIC_ENGINE_KEEP_I_H

#include "base/vec.h"
#include "codec/doc.h"
#include "engine/engine_i.h"
#include "engine/keep.h"
#include "engine/keep_pace.h"
#include "model/target.h"
#include "sys/job.h"

#define PIC__KEEP_STATE "targets.json" /* in the cell's directory */
#define PIC__KEEP_HELD 512             /* backups of one target that are remembered: the newest */

enum pic__keep_what { PIC__KEEP_RUN, PIC__KEEP_LIST, PIC__KEEP_VERIFY, PIC__KEEP_DRILL, PIC__KEEP_WHATS };
extern const char *const pic__keep_whats[PIC__KEEP_WHATS];

/* A backup at a target, as far as it is known. */
typedef struct pic__keep_held {
        char *name;
        char *sha256; /* of what was sent; NULL: nobody knows */
        char *why;    /* it is damaged */
        int64_t size;
        pic_time created;
        pic_time verified; /* when it was read last; 0: never */
        int state;         /* 1 well, -1 damaged, 0 nobody knows */
} pic__keep_held;

/* Whether its backups come back. */
typedef struct pic__keep_drill {
        pic_time tried, done; /* the last attempt; the last that came to a verdict */
        unsigned failures;    /* attempts since, that could not be made */
        int good;             /* the verdict */
        int64_t milliseconds;
        char *backup;      /* which one */
        char *report;      /* the verdict as it was given: JSON, see pic_backup_drill() */
        char *failed;      /* the check that failed, */
        char *text, *hint; /* and why; or why none could be made */
} pic__keep_drill;

typedef struct pic__keep_target {
        pic_id id; /* 0: free */
        char *url; /* as it was; another one begins anew */
        pic_time since, tried, good, listed;
        unsigned failures;
        int64_t size, milliseconds, removed; /* of the last success */
        char *last;                          /* its name */
        char *error, *hint;
        PIC__VEC(pic__keep_held) held;
        pic__keep_drill drill;
        int wanted[PIC__KEEP_WHATS]; /* a person waits for it */
        char *wanted_name;           /* which one to verify, or to drill */
} pic__keep_target;

struct pic__keep {
        pic__keep_target at[PIC__TARGETS_MAX];
        /* under way */
        pic__job *job;
        pic__keep_target *of;
        enum pic__keep_what what;
        char *name;
        pic_time began; /* monotonic */
        int canceled;
};

/* keep_state.c */
void pic__keep_clear(pic__keep_target *t);
void pic__keep_clear_held(pic__keep_target *t);
void pic__keep_load(const char *dir, pic__keep_target at[PIC__TARGETS_MAX]); /* what cannot be read is forgotten */
int pic__keep_save(const char *dir, const pic__keep_target *at, pic_error **err);
void pic__keep_put_held(const pic__keep_target *t, int brief, pic__json *j); /* [{…}] */
/* What the child says is there; what was known of it stays known. */
void pic__keep_take_held(pic__keep_target *t, const pic__node *list);
pic__keep_held *pic__keep_find_held(pic__keep_target *t, const char *name);
void pic__keep_text(char **to, const char *text); /* a copy; "" and NULL are NULL */

/* keep_drill.c */
void pic__keep_drill_clear(pic__keep_drill *d);
int pic__keep_drill_order(pic__engine *e, const pic_obj *o, const char *name, pic__buf *out, pic_error **err);
pic_time pic__keep_drill_next(const pic__keep_target *t, const pic_obj *o, pic_time now); /* 0: never */
/* said: its answer, or NULL and bad. */
void pic__keep_drilled(pic__engine *e, const pic_obj *o, const pic__node *said, const pic_error *bad);
void pic__keep_drill_put(const pic__keep_target *t, const pic_obj *o, pic_time now, pic__json *j); /* {…} or null */
void pic__keep_drill_brief(const pic__keep_target *t, pic__json *j); /* as members of an open object */
void pic__keep_drill_look(const pic__keep_target *t, const pic_obj *o, pic_time now, pic__findings *f);
void pic__keep_drill_save(const pic__keep_drill *d, pic__json *j);
void pic__keep_drill_load(const pic__node *n, pic__keep_drill *d);
/* keep_end.c: a line of the log, and a row. */
void pic__keep_note(pic__engine *e, const pic_obj *o, int level, const char *verb, const char *text);

/* keep.c */
pic__keep_target *pic__keep_find(const pic__engine *e, pic_id id);
pic__keep_pace pic__keep_pace_of(const pic__keep_target *t, const pic_obj *o);
void pic__keep_finish(pic__engine *e, const pic_obj *o, const char *said, const pic_error *bad); /* keep_end.c */
void pic__keep_watch_over(pic__engine *e);

#endif
