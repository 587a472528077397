/* Which backups stay when there is a newer one. Pure. */
#ifndef PIC_BACKUP_RETAIN_H
#define PIC_BACKUP_RETAIN_H

#include <pic/types.h>
#include <stddef.h>

/* How many; all 0: whatever there is. */
typedef struct pic__retention {
        unsigned last;    /* the newest */
        unsigned daily;   /* the newest of each of so many days that have one, */
        unsigned weekly;  /* of weeks (they begin on Monday), */
        unsigned monthly; /* of months: all in UTC */
} pic__retention;

typedef struct pic__held {
        pic_time created;
        int state; /* 1: it was read back and is well; 0: nobody knows; -1: it was found damaged */
        int keep;  /* the answer */
} pic__held;

/* Which week it is in: they ascend. */
int64_t pic__retain_week(pic_time t);
/* In any order. The newest one stays, and the newest one that is well; nothing is taken away while none is known to be
 * well. What is damaged stands for nothing, and goes when a newer one is well. */
void pic__retain(pic__held *list, size_t count, const pic__retention *r);

#endif
