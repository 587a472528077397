/* A cell that comes to another machine, or back under another name or address: what has to be asked, and the answers.
 */
#ifndef PIC_ENGINE_MOVED_H
#define PIC_ENGINE_MOVED_H

#include "base/json.h"
#include "store/store.h"

typedef struct pic__moved_opts {
        const pic__clock *clock;
        const char *actor;
        const char *way;
        int fake;                   /* nothing of this machine is in its way */
        const char *const *answers; /* fields of the cell, name, value, …, NULL; or NULL: none */
        const pic_obj *here;        /* the cell that is here now, or NULL */
} pic__moved_opts;

/* 1: the same cell as the one that is here. */
int pic__moved_is_here(const pic_obj *cell, const pic__moved_opts *o);
/* Makes the answers fields of the cell in this store: one change. Codes as a commit's. */
int pic__moved_answer(pic__store *st, const pic__moved_opts *o, pic_error **err);
/* Puts a list of {"field","value","needed","text"}; what was answered is asked no more. *ret_needed: how many of them
 * stand in the way; the first of those is *ret_first. */
int pic__moved_ask(pic__store *st, const pic__moved_opts *o, pic__json *j, size_t *ret_needed, pic_error **ret_first,
                   pic_error **err);

#endif
