/* <pic/event.h>: changes, pulled. A subscription reads the store's journal: it is complete, it can be resumed from any
 * number, and it sees what other processes do. No thread of the library ever calls your code. */
#ifndef PIC_EVENT_H
#define PIC_EVENT_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* after: the sequence number of the last event you have seen; 0: all from the beginning; -1: only what comes from now
 * on. Belongs to one thread at a time. PIC_INVALID; PIC_NOTFOUND: no cell; PIC_BACKEND: no inotify; PIC_DENIED,
 * PIC_UNSUPPORTED, PIC_CORRUPT, PIC_IO, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_sub_open(pic_ctx *ctx, int64_t after, pic_sub **ret_sub, pic_error **err);
/* A descriptor for poll(2): readable when pic_sub_next() may have something new. Take events until it answers 0 before
 * you wait: what was there before does not make it readable. Borrowed; -1 for a bad handle. */
PIC_API int pic_sub_fd(const pic_sub *sub);
/* 1 with an event, 0 when timeout_ms (0: do not wait; -1: for ever) went by without one, negative on error:
 * PIC_INVALID, PIC_BACKEND, PIC_CORRUPT, PIC_IO, PIC_NOMEM. Wakes up without events are handled inside. */
PIC_API PIC_MUST_USE int pic_sub_next(pic_sub *sub, int timeout_ms, pic_event **ret_event, pic_error **err);
/* Gives the reference back; returns NULL. Takes NULL. */
PIC_API pic_sub *pic_sub_unref(pic_sub *sub);

/* Its number in the journal: give it to pic_sub_open() to go on after it. This and the readers below: texts are
 * borrowed from the event; 0 or "" for NULL. */
PIC_API int64_t pic_event_seq(const pic_event *event);
/* The revision that holds it. */
PIC_API pic_revision pic_event_revision(const pic_event *event);
/* When it was committed. */
PIC_API pic_time pic_event_time(const pic_event *event);
PIC_API const char *pic_event_kind(const pic_event *event);  /* "peer" */
PIC_API const char *pic_event_name(const pic_event *event);  /* "anna" */
PIC_API const char *pic_event_verb(const pic_event *event);  /* "add", "change", "remove", "reveal" */
PIC_API const char *pic_event_actor(const pic_event *event); /* "root" */
PIC_API const char *pic_event_text(const pic_event *event);  /* one line for people */
PIC_API const char *pic_event_json(const pic_event *event);  /* all of it */
/* Gives the reference back; returns NULL. Takes NULL. */
PIC_API pic_event *pic_event_unref(pic_event *event);

PIC_END_DECLS

#endif
