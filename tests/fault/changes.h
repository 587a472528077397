/* A cell of the fake world, and one change of every kind, by the public calls. */
#ifndef TEST_FAULT_CHANGES_H
#define TEST_FAULT_CHANGES_H

#include <pic/pic.h>

struct change {
        const char *name;
        int (*prepare)(pic_ctx *ctx, pic_error **err); /* on top of the cell; NULL: nothing */
        int (*wish)(pic_edit *edit, pic_error **err);  /* an edit that is then committed; or */
        int (*call)(pic_ctx *ctx, pic_error **err);    /* a call of its own */
        int silent;                                    /* the call's answer does not tell whether it happened */
};

extern const struct change changes[];
extern const unsigned change_count;

/* A context of the fake world, or no test. */
pic_ctx *cell_ctx(const char *dir);
/* Makes the cell in a new directory, prepared for this change, its world as wished. Files are at rest: nobody has them
 * open. */
void cell_for(const struct change *c, const char *dir);
/* *ret_outcome stays NULL for a call of its own. */
int change_make(const struct change *c, pic_ctx *ctx, uint32_t flags, pic_outcome **ret_outcome, pic_error **err);

/* Directories. */
void dir_copy(const char *from, const char *to); /* `to` is made anew */
void dir_drop(const char *dir);
/* A new name for directories of this process, in memory where there is such a place. */
void dir_name(char to[96], const char *what);

void __attribute__((noreturn, format(printf, 1, 2))) stop(const char *fmt, ...);

#endif
