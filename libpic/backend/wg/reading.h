/* One reading of the cell's device, kept until it is known whether anybody wants items of it: to make their texts takes
 * as long as to read. */
#ifndef PIC_BACKEND_WG_READING_H
#define PIC_BACKEND_WG_READING_H

#include "backend/wg/state.h"
#include "base/arena.h"

typedef struct pic__wg_kept pic__wg_kept;

typedef struct pic__wg_reading {
        pic__arena arena;
        char name[IF_NAMESIZE];
        pic__wg_device device;
        int there;           /* a device was read */
        pic__wg_kept *first; /* its peers */
        pic__wg_kept *last;
        uint64_t sum; /* of all that was read (value.h) */
} pic__wg_reading;

#define PIC__WG_READING_INIT             \
        {                                \
                .arena = PIC__ARENA_INIT \
        }

/* Finds the device and reads it, once more while it changes; w->known and w->sum are then of this reading. */
int pic__wg_reading_take(pic__wg *w, pic__wg_reading *ret, pic_error **err);
int pic__wg_reading_items(const pic__wg_reading *reading, pic__items *out, pic_error **err);
void pic__wg_reading_free(pic__wg_reading *reading); /* wiped */
#define pic__auto_wg_reading PIC__AUTO(pic__wg_reading_free)

#endif
