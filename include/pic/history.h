/* <pic/history.h>: the past. Every revision is kept: who changed what when, what everything was, what separates two
 * states. */
#ifndef PIC_HISTORY_H
#define PIC_HISTORY_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

typedef struct pic_history_opts {
        size_t size;        /* sizeof(pic_history_opts) */
        const char *kind;   /* "peer"; NULL: any */
        const char *name;   /* of an object, now or then: with `kind`, its whole life under all its names; NULL: any */
        const char *actor;  /* exactly, "root"; NULL: any */
        const char *verb;   /* exactly, "reveal"; NULL: any */
        pic_revision first; /* revisions from here; 0: the beginning */
        pic_revision last;  /* to here; 0: the newest */
        pic_time since;     /* made at this time or later; 0: the beginning */
        pic_time until;     /* or before; 0: now */
        int64_t before;     /* only events with a smaller number than this: for the next page; 0: all */
        uint32_t max;       /* so many events, the newest; 0: 100 */
        uint32_t reserved;  /* 0 */
        const char *way;    /* of what front end, exactly, "cli"; NULL: any */
        const char *text;   /* a part of the line for people; letter case does not count; NULL: any */
} pic_history_opts;

#define PIC_HISTORY_OPTS_INIT                                                                     \
        {                                                                                         \
                sizeof(pic_history_opts), NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, NULL, NULL \
        }

/* What happened, the newest first: rows of the journal as events. opts NULL: the newest 100. Reads the store from its
 * end, as far as it must. PIC_INVALID: a bad ctx or opts, an unknown kind; PIC_NOTFOUND: no cell here; PIC_UNSUPPORTED,
 * PIC_CORRUPT, PIC_DENIED, PIC_BUSY, PIC_IO, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_history_get(pic_ctx *ctx, const pic_history_opts *opts, pic_history **ret_history,
                                         pic_error **err);
/* Number of events; 0 for NULL. */
PIC_API size_t pic_history_count(const pic_history *history);
/* Borrowed from the history; NULL past the end. */
PIC_API const pic_event *pic_history_at(const pic_history *history, size_t index);
/* Gives the reference back; returns NULL. Takes NULL. */
PIC_API pic_history *pic_history_unref(pic_history *history);

/* The last revision that was made at this time or before it. PIC_NOTFOUND: there was no cell; PIC_INVALID and codes of
 * the store as pic_history_get(). */
PIC_API PIC_MUST_USE int pic_revision_at(pic_ctx *ctx, pic_time time, pic_revision *ret_revision, pic_error **err);
/* The whole cell as a document, as pic_export_get(), but as it was at a revision. flags: PIC_EXPORT_*. PIC_NOTFOUND: no
 * such revision. */
PIC_API PIC_MUST_USE int pic_export_at(pic_ctx *ctx, pic_revision revision, uint32_t flags, pic_report **ret_report,
                                       pic_error **err);
/* What separates two revisions: fields, steps, reach, as a plan that leads from `from` to `to`. It is judged as of now:
 * who is expired now has no reach in either, and where the machine is now: what it is attached to is "lan", not
 * "internet" (PIC_BACKEND: that cannot be read). PIC_NOTFOUND: no such revision. Else as pic_history_get(). */
PIC_API PIC_MUST_USE int pic_diff_get(pic_ctx *ctx, pic_revision from, pic_revision to, pic_plan **ret_plan,
                                      pic_error **err);

PIC_END_DECLS

#endif
