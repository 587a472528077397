/* Door to the clock: a vtable, so that tests own time. */
#ifndef PIC_SYS_CLOCK_H
#define PIC_SYS_CLOCK_H

#include <pic/types.h>

#define PIC__BOOT_TEXT 40

typedef struct pic__clock {
        pic_time (*now)(void *data);  /* wall clock; may jump */
        pic_time (*mono)(void *data); /* never goes back; only differences mean something */
        void *data;
} pic__clock;

extern const pic__clock pic__clock_real;
/* Which boot of the machine this is, as text; "" when the kernel does not say. */
void pic__boot_id(char text[PIC__BOOT_TEXT]);
/* Whether somebody keeps the machine's clock right, as the kernel was told: 1, 0; -1: it does not say. */
int pic__clock_kept(void);
/* Test clock: data is a pic_time that the test moves; both readings answer it. */
pic__clock pic__clock_fake(pic_time *now);

#endif
