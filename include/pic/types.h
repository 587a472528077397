/* <pic/types.h>: the words of this library. One word a thing, everywhere:
 *
 *   new/unref     make a handle, give back a reference (unref takes NULL and returns NULL)
 *   get, list     read one object, read a snapshot of many
 *   put, remove   wish an object to be so, wish it gone
 *   begin/commit/abort   an edit: several wishes that become true together
 *   plan, apply   what would be done, do it
 *   observe       read what is true now
 *
 * Handles are opaque. Values (pic_obj, pic_list, pic_plan, pic_outcome, pic_event, pic_report, pic_session)
 * are immutable and counted; they outlive the context they came from. Handles may be
 * released in any order. A pointer that a function *returns* is borrowed from its first
 * argument; a `ret_…` argument gives the caller a reference of its own. */
#ifndef PIC_TYPES_H
#define PIC_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include <pic/export.h>

PIC_BEGIN_DECLS

typedef int64_t pic_id;       /* identity of an object, never used twice in one cell; 0 is none */
typedef int64_t pic_revision; /* number of a committed change; grows by one a commit; 0 is before any */
typedef int64_t pic_time;     /* microseconds since 1970-01-01 UTC; 0 is never */

typedef struct pic_ctx pic_ctx;
typedef struct pic_error pic_error;
typedef struct pic_cancel pic_cancel;
typedef struct pic_obj pic_obj;
typedef struct pic_list pic_list;
typedef struct pic_edit pic_edit;
typedef struct pic_plan pic_plan;
typedef struct pic_outcome pic_outcome;
typedef struct pic_sub pic_sub;
typedef struct pic_event pic_event;
typedef struct pic_history pic_history;
typedef struct pic_report pic_report;
typedef struct pic_blob pic_blob;
typedef struct pic_session pic_session;

PIC_END_DECLS

#endif
