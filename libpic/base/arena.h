/* Many small things that die together. */
#ifndef PIC_BASE_ARENA_H
#define PIC_BASE_ARENA_H

#include <pic/export.h>
#include <stddef.h>

#include "base/mem.h"

typedef struct pic__arena {
        struct pic__arena_block *blocks;
} pic__arena;

#define PIC__ARENA_INIT \
        {               \
                NULL    \
        }

void *pic__arena_alloc(pic__arena *a, size_t size); /* zeroed, aligned for anything; NULL when out of memory */
char *pic__arena_dup(pic__arena *a, const char *text, size_t len);
char *pic__arena_printf(pic__arena *a, const char *fmt, ...) PIC_PRINTF(2, 3);
void pic__arena_free(pic__arena *a);
void pic__arena_wipe(pic__arena *a); /* zeroes, then frees: for secrets */

#endif
